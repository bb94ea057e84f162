//! A rollout from its declaration to 100 and back, with the official SDK counting who gets the flag.

use super::super::world::{admin, age, flexible, once, url};
use super::{ADMIN, UP, at, exposure, site, there};
use flagctl::http::Method;
use serde_json::{Value, json};

#[test]
fn a_flag_is_declared_and_goes_up_and_down() {
    let console = site(url(), "");
    let (code, answer) = console.json("new binary-story --description words");
    assert_eq!((code, &answer["changed"], there("binary-story").0), (0, &json!(true), false), "{answer}");
    assert_eq!(console.run("new binary-story --description words").code, Some(2));
    once("binary-story", 0);
    let (code, answer) = console.json("plan binary-story");
    assert_eq!((code, &answer["from"], &answer["to"]), (0, &json!(0), &json!(5)), "{answer}");
    for (from, to) in [(0, 5), (5, 25), (25, 50), (50, 100)] {
        let line = "advance binary-story --yes --override gates --reason test";
        let (code, answer) = console.json(&format!("{line} -n"));
        assert_eq!((code, &answer["changed"]), (0, &json!(false)), "{answer}");
        assert_eq!(exposure("binary-story"), from);
        let (code, answer) = console.json(line);
        let change = &answer["changes"][0];
        assert_eq!((code, &answer["changed"], &answer["recorded"]), (0, &json!(true), &json!(true)), "{answer}");
        assert_eq!((&change["from"], &change["to"]), (&json!(from), &json!(to)), "{answer}");
        once("binary-story", to.try_into().unwrap());
    }
    let (_, status) = console.json("status binary-story");
    assert_eq!((&status["flags"][0]["exposure"], &status["flags"][0]["next"]), (&json!(100), &json!(null)), "{status}");
    let (code, answer) = console.json("rollback binary-story");
    assert_eq!(
        (code, &answer["changed"], there("binary-story")),
        (0, &json!(true), (false, "0".to_owned())),
        "{answer}"
    );
    once("binary-story", 0);
    let (code, answer) = console.json("rollback binary-story");
    assert_eq!((code, &answer["changed"]), (0, &json!(false)), "{answer}");
    let (_, log) = console.json("log binary-story");
    let told: Vec<String> = log["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| format!("{} {}→{} {}", entry["action"], entry["from"], entry["to"], entry["environment"]))
        .collect();
    assert_eq!(told.len(), 6, "{log}");
    assert!(told.iter().all(|entry| entry.ends_with("\"production\"")), "{told:?}");
    let (code, answer) = console.json("log --verify");
    assert_eq!(code, 0, "{answer}");
}

/// What is said to undo a change undoes it, typed as it is.
#[test]
fn what_undoes_a_change_can_be_pasted() {
    at("binary-undo", "0");
    let console = site(url(), "");
    let (code, answer) = console.json(&format!("advance binary-undo --to 25 {UP}"));
    assert_eq!(code, 0, "{answer}");
    let undo = answer["changes"][0]["undo"].as_str().unwrap().trim_start_matches("flagctl ").to_owned();
    assert_eq!(console.run(&undo).code, Some(0), "{undo}");
    assert_eq!(exposure("binary-undo"), 0);
    let (_, answer) = console.json(&format!("advance binary-undo --to 25 {UP}"));
    assert_eq!(answer["changed"], true, "{answer}");
    let (_, answer) = console.json("rollback binary-undo --step");
    assert_eq!((&answer["changes"][0]["to"], exposure("binary-undo")), (&json!(5), 5), "{answer}");
    let undo = answer["changes"][0]["undo"].as_str().unwrap().trim_start_matches("flagctl ").to_owned();
    // The dots are for a reason of one's own.
    assert_eq!(console.run(&format!("{} --yes", undo.replace("\"…\"", "back"))).code, Some(0), "{undo}");
    assert_eq!(exposure("binary-undo"), 25);
    let (_, answer) = console.json("rollback binary-undo --to 50");
    assert_eq!((&answer["changed"], exposure("binary-undo")), (&json!(false), 25), "{answer}");
}

#[test]
fn latch_and_soak_hold_as_for_a_file() {
    at("binary-latch", "5");
    let console = site(url(), "");
    let config = console.read("flagctl.toml").replace("\"0s\"", "\"1h\"");
    console.write("flagctl.toml", &config);
    // Changed by somebody else a moment ago, by Unleash's own record.
    let (code, answer) = console.json("advance binary-latch --yes --override gates --reason test");
    assert_eq!((code, &answer["refusals"][0]["refusal"]), (6, &json!("soak")), "{answer}");
    assert!(answer.to_string().contains("the backend's record"), "{answer}");
    assert_eq!(console.run("rollback binary-latch").code, Some(0));
    let (code, answer) = console.json("advance binary-latch --yes --override gates --reason test");
    assert_eq!(
        (code, &answer["changed"], &answer["refusals"][0]["refusal"]),
        (6, &json!(false), &json!("latch")),
        "{answer}"
    );
    let (_, status) = console.json("status binary-latch");
    assert_eq!(status["flags"][0]["latched"], true, "{status}");
    assert_eq!(exposure("binary-latch"), 0);
}

#[test]
fn each_request_is_told_and_no_secret_is() {
    at("binary-told", "25");
    let console = site(url(), "");
    for line in ["-vv status", "-vv plan binary-told", "-vv rollback binary-told -n", "-vv rollback binary-told"] {
        let outcome = console.run(line);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.stderr.contains("/features/binary-told → 200 in "), "{line}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains(ADMIN) && !outcome.stdout.contains(ADMIN), "{outcome:?}");
        assert_eq!(outcome.stderr.contains("POST http"), line == "-vv rollback binary-told", "{}", outcome.stderr);
    }
    let outcome = console.run("rollback binary-tolt");
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("`binary-told`"), "{}", outcome.stderr);
}

/// In the environment in which no other test's flags are on.
#[test]
fn bare_and_all_take_what_is_in_rollout() {
    let path = |flag: &str| format!("/projects/default/features/{flag}/environments/production");
    for (flag, rollout) in [("bare-one", "25"), ("bare-two", "5"), ("bare-done", "100"), ("bare-new", "100")] {
        admin(Method::Post, "/projects/default/features", &json!({ "name": flag, "type": "release" }));
        admin(Method::Post, &format!("{}/strategies", path(flag)), &flexible(rollout));
        admin(Method::Post, &format!("{}/on", path(flag)), &Value::Null);
    }
    let console = site(url(), "");
    console.write("flagctl.toml", &console.read("flagctl.toml").replace("\"development\"", "\"production\""));
    age("bare-done", 8);
    // Somebody has brought it to 100 just now, past flagctl.
    let (code, answer) = console.json("rollback --all -n");
    let would: Vec<&str> =
        answer["would_change"].as_array().unwrap().iter().map(|to| to["flag"].as_str().unwrap()).collect();
    assert_eq!((code, would), (0, vec!["bare-new", "bare-one", "bare-two"]), "{answer}");
    admin(Method::Post, &format!("{}/off", path("bare-new")), &Value::Null);
    let (code, answer) = console.json("rollback");
    let help = answer["error"]["help"].to_string();
    assert_eq!((code, &answer["changed"]), (2, &json!(false)), "{answer}");
    assert!(help.contains("flagctl rollback bare-one") && help.contains("flagctl rollback --all"), "{help}");
    let (code, answer) = console.json("rollback --all --step");
    let changes: Vec<String> = answer["changes"].as_array().unwrap().iter().map(|to| to["to"].to_string()).collect();
    assert_eq!((code, changes), (0, vec!["5".to_owned(), "0".to_owned()]), "{answer}");
    let (code, answer) = console.json("rollback");
    let on = |flag: &str| admin(Method::Get, &path(flag), &Value::Null)["enabled"] == true;
    assert_eq!((code, &answer["changes"][0]["flag"], on("bare-one")), (0, &json!("bare-one"), false), "{answer}");
    assert!(on("bare-done"));
    let (code, answer) = console.json("rollback --all");
    assert_eq!((code, &answer["changed"]), (0, &json!(false)), "{answer}");
    let (code, answer) = console.json("rollback --all --released");
    assert_eq!((code, on("bare-done")), (0, false), "{answer}");
}
