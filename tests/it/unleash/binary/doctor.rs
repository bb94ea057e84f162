//! What a doctor finds before the night does.

use super::super::world::{admin, here, token, url};
use super::{UP, at, lives, site};
use crate::console::Console;
use crate::metrics::server::Server;
use flagctl::http::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io::Write as _;

/// Runs it for a flag, and returns how it ended and every finding that is none of the shell's.
fn findings(console: &Console, flag: &str) -> (i32, Vec<String>) {
    let (code, answer) = console.json(&format!("doctor {flag} --no-sources"));
    let told = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let fix: Vec<&str> = finding["help"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        format!("{} {}: {} → {}", text("severity"), text("what"), text("message"), fix.join(" | "))
    };
    let all = answer["findings"].as_array().unwrap().iter();
    let others = all.filter(|finding| finding["what"] != "completions");
    (code, others.map(told).collect())
}

#[track_caller]
fn has((code, found): &(i32, Vec<String>), exit: i32, wanted: &str, fix: &str) {
    let there = found.iter().any(|finding| finding.contains(wanted) && finding.contains(fix));
    assert!(*code == exit && there, "{code}: {found:#?}");
}

#[test]
fn all_is_well() {
    at("healthy", "25");
    let console = site(url(), "");
    let (code, found) = findings(&console, "healthy");
    assert_eq!(code, 0, "{found:#?}");
    assert!(found.iter().all(|finding| finding.starts_with("ok ")), "{found:#?}");
    has(&(code, found), 0, "ok rights: the token may switch a flag on and off in `development`", "");
}

#[test]
fn what_would_not_work_is_found_with_its_fix() {
    at("ill", "25");
    let console = site(url(), "");
    let config = console.read("flagctl.toml");
    let with = |from: &str, to: &str| {
        console.write("flagctl.toml", &config.replace(from, to));
        findings(&console, "ill")
    };
    has(&with("\"development\"", "\"prod\""), 3, "no environment `prod`", "it has: `development`, `production`");
    has(&with("\"default\"", "\"shop\""), 3, "Unleash has no project `shop`", "URL of Unleash");
    has(&with(url(), "http://127.0.0.1:9"), 3, "could not be reached", "can it be reached from here?");
    has(
        &with("\"token\"", "\"nowhere\""),
        3,
        "Unleash was not asked",
        "put the token, and nothing else, into `nowhere`",
    );
    console.write("flagctl.toml", &config.replace("token-file = \"token\"\n", ""));
    let (code, answer) = console.json("doctor");
    assert!(code == 3 && answer["error"]["message"].to_string().contains("has no `token-env`"), "{answer}");
    console.write("flagctl.toml", &config);
    for (token, wanted, fix) in [
        ("default:development.sdk-secret", "expected a different token type", "this token is for SDKs"),
        ("user:nobody", "our token is not known", "make one for a service account"),
    ] {
        console.write("token", token);
        has(&findings(&console, "ill"), 3, wanted, fix);
    }
    console.write("token", &token("viewer-of-the-ill", 3));
    let found = findings(&console, "ill");
    has(
        &found,
        3,
        "error rights: the token may not switch a flag on and off in `development`",
        "UPDATE_FEATURE_ENVIRONMENT",
    );
    let (code, answer) = console.json("rollback ill");
    assert_eq!((code, &answer["changed"]), (1, &json!(false)), "{answer}");
    assert!(answer["error"]["help"].to_string().contains("UPDATE_FEATURE_ENVIRONMENT"), "{answer}");
}

#[test]
fn ledger_and_mirror_out_of_step_name_who_wrote_last() {
    at("drifted", "0");
    let console = site(url(), "mirror = \"file\"\nflags = \"mirror.yaml\"\n");
    assert_eq!(console.run(&format!("advance drifted --to 5 {UP}")).code, Some(0));
    admin(Method::Post, &format!("{}/off", here("drifted")), &Value::Null);
    let (code, found) = findings(&console, "drifted");
    let last = "last: feature-environment-disabled by admin at ";
    has(&(code, found.clone()), 0, "warning ledger: `drifted` is at 0%, and the ledger says 5% since", last);
    has(&(code, found), 0, "warning mirror: `drifted` is at 0%, and at 5% in the mirror", last);
    console.write("mirror.yaml", "drifted: [\n");
    has(&findings(&console, "drifted"), 0, "warning mirror: `mirror.yaml` can't be read", "no rollback needs it");
}

/// Its clock is an hour ahead.
#[test]
fn a_clock_that_differs_is_told() {
    let server = Server::start(|asked, stream| {
        let strategy = json!({ "id": "1", "name": "flexibleRollout", "parameters": { "rollout": "25" } });
        let body = match asked.target.as_str() {
            "/api/admin/user" => json!({ "permissions": [{ "permission": "ADMIN" }] }),
            target if target.ends_with("/features") => json!({ "features": [{ "name": "f" }] }),
            target if target.ends_with("/strategies") => json!([strategy]),
            target if target.ends_with("/features/f") => {
                json!({ "name": "f", "environments": [{ "name": "development", "enabled": true, "strategies": [strategy] }] })
            }
            _ => json!({ "events": [] }),
        };
        let ahead = Timestamp::now() + SignedDuration::from_hours(1);
        let (body, date) = (body.to_string(), ahead.strftime("%a, %d %b %Y %H:%M:%S GMT"));
        let length = body.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        let _ = stream.write_all(format!("{head}{body}").as_bytes());
    });
    let config = format!("version = 1\n[environments.production]\n{}", lives(&server.url()));
    let console = Console::empty().with("flagctl.toml", &config).with("token", "a-token");
    let (code, found) = findings(&console, "f");
    let told =
        found.iter().find(|finding| finding.starts_with("warning clock: ")).unwrap_or_else(|| panic!("{found:#?}"));
    assert!(told.contains("s ahead of ours") && told.contains("set the clock of this machine"), "{told}");
    assert_eq!(code, 0, "{found:#?}");
}
