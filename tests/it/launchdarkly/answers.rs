//! Answers that are none of LaunchDarkly's, or too long, or that repeat our token.

use super::desk::{Desk, FLAG, name, wait};
use super::fake::contract::{PROJECT, TOKEN};
use super::fake::{Fake, Fault, flags};
use super::verbs::{console, hasty};
use crate::console::Console;
use flagctl::backend::open;
use flagctl::backend::remote::Goal;
use flagctl::model::{Auth, Mode, Percent, Remote, RemoteKind, Secret};
use serde_json::json;
use std::time::Duration;

#[test]
fn what_is_not_its_own_counts_for_nothing() {
    for body in ["<html>Sign in</html>", "", "[]", "{}", "{\"key\":\"other\",\"variations\":[]}"] {
        for status in [200, 201, 204] {
            let desk = Desk::new();
            desk.fake.configure(FLAG, "on", json!(true));
            let goal = Goal { rollout: Percent::ZERO, enabled: Some(false), mode: Mode::Urgent };
            let off = desk.backend.next(&desk.read(), &goal).unwrap().unwrap();
            let made = &desk.backend.declare(&name("new-flag"), "")[0];
            for write in [&off, made] {
                desk.fake.state().faults.push_back(Fault::Answer(status, body));
                let error = desk.backend.send(write, &wait()).unwrap_err();
                assert_eq!((error.exit.code(), error.changed, error.passing), (1, None, true), "{body}");
                assert!(error.message.contains(&format!("the answer {status} is not LaunchDarkly's")), "{error}");
            }
            desk.fake.state().faults.push_back(Fault::Answer(status, body));
            let error = desk.backend.rehearse(&off, &wait()).unwrap().unwrap_err();
            assert_eq!((error.exit.code(), error.changed), (1, Some(false)), "{body}");
            desk.fake.state().faults.push_back(Fault::Answer(status, body));
            assert_eq!(desk.backend.rights(Some(&name(FLAG)), &wait()).unwrap_err().exit.code(), 1);
        }
    }
}

#[test]
fn a_server_that_repeats_the_token_is_not_repeated() {
    const REPEATS: &str = "{\"message\":\"Invalid access token api-0000-secret\",\"code\":\"api-0000-secret\"}";
    let fake = Fake::with([flags::boolean(FLAG)]);
    let console = hasty(&fake);
    for (line, status) in [("status", 401), ("plan checkout", 403), ("doctor", 401)] {
        for json in ["", " -o json"] {
            fake.state().blind = (0..9).map(|_| Fault::Answer(status, REPEATS)).collect();
            let outcome = console.run(&format!("{line}{json}"));
            let told = format!("{}{}", outcome.stdout, outcome.stderr);
            assert!(!told.contains(TOKEN) && told.contains("Invalid access token ***"), "{line}: {told}");
        }
    }
    fake.state().blind.clear();
    fake.configure(FLAG, "on", json!(true));
    for status in [400, 401] {
        fake.state().faults = (0..40).map(|_| Fault::Answer(status, REPEATS)).collect();
        let outcome = console.run("rollback checkout");
        assert!(!outcome.stderr.contains(TOKEN) && outcome.stderr.contains("***"), "{}", outcome.stderr);
    }
    // What came in good order, and is no flag.
    fake.state().blind = (0..9).map(|_| Fault::Answer(200, "\"api-0000-secret\"")).collect();
    let outcome = console.run("plan checkout");
    assert!(!outcome.stderr.contains(TOKEN) && outcome.stderr.contains("***"), "{}", outcome.stderr);
    fake.state().blind.clear();
    unleash(&fake, REPEATS);
}

/// The other backend goes the same way.
fn unleash(fake: &Fake, repeats: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, TOKEN).unwrap();
    let remote = Remote {
        kind: RemoteKind::Unleash,
        url: fake.url(),
        project: PROJECT.to_owned(),
        environment: "production".to_owned(),
        auth: Some(Auth::Token(Secret::File(path))),
        client_token: None,
        ca_file: None,
        proxy: None,
        timeout: Duration::from_secs(10),
        mirror: None,
    };
    let backend = open(&remote, |_: &str| {}).unwrap();
    fake.state().blind.push_back(Fault::Answer(403, repeats));
    let error = backend.list(&wait()).unwrap_err();
    let told = format!("{error:?}");
    assert!(!told.contains(TOKEN) && told.contains("***"), "{told}");
}

#[test]
fn a_list_of_long_flags_is_read_in_smaller_pages() {
    let long = "x".repeat(150_000);
    let all = (0..120).map(|number| {
        let mut flag = flags::boolean(&format!("flag-{number:03}"));
        flag["description"] = json!(long);
        flag
    });
    let desk = Desk::at(Fake::with(all), PROJECT, "production", TOKEN);
    assert_eq!(desk.backend.list(&wait()).unwrap().len(), 120);
    let limits: Vec<String> = desk.fake.state().asked.iter().map(|asked| asked.parameter("limit").to_owned()).collect();
    assert_eq!(limits, ["100", "20", "20", "20", "20", "20", "20"]);
}

#[test]
fn a_flag_that_can_not_be_read_keeps_no_others_up() {
    let fake = Fake::with([flags::boolean(FLAG), flags::boolean("odd")]);
    let shares = json!([{"variation": 0, "weight": -5}, {"variation": 1, "weight": 100_005}]);
    for (flag, fallthrough) in [("odd", json!({"rollout": {"variations": shares}})), (FLAG, json!({"variation": 0}))] {
        fake.configure(flag, "fallthrough", fallthrough);
        fake.configure(flag, "on", json!(true));
    }
    let console = console(&fake);
    let (code, answer) = console.json("status");
    assert_eq!((code, &answer["flags"][0]["exposure"]), (0, &json!(100)), "{answer}");
    assert!(answer["flags"][1]["problems"].to_string().contains("can't be read"), "{answer}");
    let (code, answer) = console.json("rollback --all --released");
    assert_eq!((code, &answer["changes"][0]["to"]), (1, &json!(0)), "{answer}");
    assert!(answer["failed"].to_string().contains("`odd` is off, and what off serves can't be read"), "{answer}");
    for flag in [FLAG, "odd"] {
        assert_eq!(fake.state().flags[flag]["environments"]["production"]["on"], false);
    }
}

fn at(url: &str) -> Console {
    let config = format!(
        "version = 1\n[environments.production]\nbackend = \"launchdarkly\"\nurl = \"{url}\"\nproject = \"shop\"\n\
         environment = \"production\"\ntoken-file = \"token\"\n"
    );
    Console::empty().with("flagctl.toml", &config).with("token", TOKEN)
}

#[test]
fn an_address_that_goes_too_far_is_told() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    for (path, told) in [("/api/v2", "`/api/v2`"), ("/api/", "`/api`"), ("/api", "`/api`")] {
        let console = at(&format!("{}{path}", fake.url()));
        for line in ["status", "plan checkout", "rollback checkout"] {
            let outcome = console.run(line);
            let wanted = format!("`url` is the address without {told}");
            assert!(outcome.code == Some(2) && outcome.stderr.contains(&wanted), "{line}: {}", outcome.stderr);
        }
    }
}

#[test]
fn a_new_flag_that_is_not_finished_exists() {
    let fake = Fake::with([]);
    let console = console(&fake);
    fake.state().faults.push_back(Fault::Refuse(400, "invalid_request", Vec::new()));
    let (code, answer) = console.json("new checkout-v2 --description words");
    let help = answer["failed"][0]["error"]["help"].to_string() + &answer["error"]["help"].to_string();
    assert_eq!((code, &answer["changed"]), (2, &json!(false)), "{answer}");
    assert!(help.contains("a flag's key in LaunchDarkly is made of letters"), "{answer}");
    fake.state().denied = vec!["updateFallthrough"];
    let (code, answer) = console.json("new checkout-v2 --description words");
    assert_eq!((code, &answer["changed"]), (1, &json!(true)), "{answer}");
    assert!(answer["error"]["message"].to_string().contains("`checkout-v2` is made, and off; could not"), "{answer}");
    assert!(answer["error"]["help"].to_string().contains("it exists now"), "{answer}");
}
