//! Several environments, and what others do to a flag meanwhile.

use super::super::world::{admin, flexible, here, make, near, once, strategies, url};
use super::{UP, at, exposure, lives, site, stand, there};
use crate::console::{Console, gate};
use crate::metrics::server::{Server, healthy};
use flagctl::http::Method;
use serde_json::{Value, json};
use std::sync::Once;

/// Staging in a file, production in Unleash.
fn both() -> Console {
    let config = format!(
        "version = 1\n[rollout]\nsoak = \"0s\"\n[environments.staging]\nflags = \"staging.yaml\"\n[environments.production]\n\
         after = \"staging\"\n{}",
        lives(url())
    );
    Console::empty().with("flagctl.toml", &config).with("token", super::ADMIN)
}

fn staged(console: &Console, flag: &str, enabled: bool, rollout: u32) {
    console.write("staging.yaml", &format!("{flag}:\n  enabled: {enabled}\n  rollout: {rollout}\n"));
}

#[test]
fn one_comes_after_the_other() {
    at("ordered", "0");
    let console = both();
    staged(&console, "ordered", false, 0);
    let (code, answer) = console.json("-e production advance ordered --yes --override gates --reason test");
    assert_eq!((code, &answer["refusals"][0]["refusal"]), (6, &json!("order")), "{answer}");
    staged(&console, "ordered", true, 100);
    let (code, answer) = console.json("-e production advance ordered --yes --override gates --reason test");
    assert_eq!((code, exposure("ordered")), (0, 5), "{answer}");
    let outcome = console.run("status ordered --everywhere");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("100%") && outcome.stdout.contains("  5%"), "{outcome:?}");
    // It may be meant in both, and is asked for.
    let (code, answer) = console.json("rollback ordered");
    let help = answer["error"]["help"].to_string();
    assert_eq!(code, 2, "{answer}");
    assert!(
        help.contains("flagctl -e staging rollback ordered") && help.contains("flagctl -e production rollback"),
        "{help}"
    );
    staged(&console, "ordered", false, 0);
    let outcome = console.run("-vv rollback ordered -n");
    assert!(!outcome.stderr.contains("/features → "), "all flags were asked for: {}", outcome.stderr);
    let (code, answer) = console.json("rollback ordered");
    assert_eq!((code, &answer["environment"], exposure("ordered")), (0, &json!("production"), 0), "{answer}");
    // Nobody answers there: which one is meant can't be told, and nothing is guessed.
    console.write("flagctl.toml", &console.read("flagctl.toml").replace(url(), "http://127.0.0.1:9"));
    staged(&console, "ordered", true, 25);
    let (code, answer) = console.json("rollback ordered");
    assert_eq!((code, &answer["changed"]), (1, &json!(false)), "{answer}");
    assert!(answer["error"]["help"].to_string().contains("flagctl -e staging rollback ordered"), "{answer}");
    assert_eq!(console.run("-e staging rollback ordered").code, Some(0));
}

/// The scheme is Unleash's own, and its answer is what the official SDK gives.
#[test]
fn a_bucket_is_unleashs_own() {
    let strategy = |group: &str, stickiness: &str| json!({ "name": "flexibleRollout", "parameters": { "rollout": "25", "stickiness": stickiness, "groupId": group } });
    make("sticky", &[strategy("shared", "userId")]);
    make("sticky-session", &[strategy("", "sessionId")]);
    let console = site(url(), "");
    let users: Vec<String> = (1..=200).map(|number| format!("u{number}")).collect();
    let (code, answer) = console.json(&format!("bucket sticky {}", users.join(" ")));
    assert_eq!((code, &answer["scheme"], &answer["salt"]), (0, &json!("unleash"), &json!("shared")), "{answer}");
    let counted = once("sticky", 25);
    for (number, user) in (1..=200).zip(answer["users"].as_array().unwrap()) {
        assert_eq!(user["in"], counted.contains(&number), "{user}");
    }
    assert!(near(counted.len(), 25));
    let outcome = console.run("bucket sticky-session s1");
    assert!(outcome.stderr.contains("its stickiness is `sessionId`"), "{outcome:?}");
    let (code, answer) = console.json("bucket sticky u1 --scheme native");
    assert_eq!((code, &answer["scheme"], &answer["salt"]), (0, &json!("native"), &json!("sticky")), "{answer}");
}

#[test]
fn what_needs_a_file_says_so() {
    at("no-file", "5");
    let console = site(url(), "");
    let outcome = console.run("codegen typescript");
    let told = "error: environment `production` lives in Unleash, and this needs a flags file";
    assert!(outcome.code == Some(2) && outcome.stderr.contains(told), "{outcome:?}");
    let outcome = console.run("validate");
    let told = "environment `production` lives in Unleash: to look there: flagctl -e production doctor";
    assert!(outcome.code == Some(0) && outcome.stderr.contains(told), "{outcome:?}");
    let outcome = console.run("plan no-file");
    assert!(outcome.stdout.contains("/default/development\n"), "no line where there is none: {}", outcome.stdout);
}

/// What others do between the plan and the change is a conflict, and never written over.
#[test]
fn what_others_did_is_left_alone() {
    let narrow = json!({
        "name": "flexibleRollout", "parameters": { "rollout": "100", "stickiness": "userId" },
        "constraints": [{ "contextName": "userId", "operator": "IN", "values": ["u1"] }],
    });
    let off = |flag: &str| drop(admin(Method::Post, &format!("{}/off", here(flag)), &Value::Null));
    let more = |flag: &str, body: &Value| drop(admin(Method::Post, &format!("{}/strategies", here(flag)), body));
    type Act = Box<dyn Fn() + Send + Sync>;
    let acts: [(&'static str, Act); 4] = [
        ("others-off", Box::new(move || off("others-off"))),
        ("others-up", Box::new(|| stand("others-up", "50"))),
        ("others-more", Box::new(move || more("others-more", &flexible("10")))),
        ("others-narrow", Box::new(move || more("others-narrow", &narrow))),
    ];
    for (flag, act) in acts {
        at(flag, "5");
        // It happens while a source is asked.
        let first = Once::new();
        let source = Server::saying(move |asked| {
            first.call_once(&act);
            healthy(asked, "0", "1000")
        });
        let console = site(url(), "");
        console.write("flagctl.toml", &format!("{}{}", console.read("flagctl.toml"), gate(&source.url())));
        let (code, answer) = console.json(&format!("advance {flag} --to 25 {UP}"));
        assert_eq!((code, &answer["changed"]), (7, &json!(false)), "{flag}: {answer}");
        let before = strategies(flag);
        assert_eq!(before[0]["parameters"]["rollout"], if flag == "others-up" { "50" } else { "5" }, "{flag}");
        let (code, answer) = console.json(&format!("rollback {flag}"));
        assert_eq!((code, there(flag).0), (0, false), "{flag}: {answer}");
        once(flag, 0);
    }
    let console = site(url(), "");
    let (code, answer) = console.json(&format!("advance others-more --to 5 {UP}"));
    assert_eq!((code, &answer["changed"]), (3, &json!(false)), "{answer}");
}
