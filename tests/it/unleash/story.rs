//! A rollout on the real Unleash, from its declaration to 100 and back, with its SDK counting who gets the flag.

use super::world::{admin, flexible, here, make, once, strategies};
use super::{Desk, down, name, up, wait};
use flagctl::backend::remote::Mark;
use flagctl::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[test]
fn a_rollout_goes_up_step_by_step_and_down_at_once() {
    let desk = Desk::real();
    desk.declare("story");
    assert_eq!(desk.read("story").flag.exposure().to_string(), "0%");
    let mut before = BTreeSet::new();
    for (percent, sent) in [
        (5, vec!["set `rollout` to 5", "switch it on in `development`"]),
        (25, vec!["set `rollout` to 25"]),
        (50, vec!["set `rollout` to 50"]),
        (100, vec!["set `rollout` to 100"]),
    ] {
        assert_eq!(desk.drive("story", &up(percent)), sent);
        assert_eq!(desk.read("story").flag.exposure().to_string(), format!("{percent}%"));
        let users = once("story", percent);
        assert!(users.is_superset(&before), "at {percent}% somebody has lost it");
        before = users;
    }
    assert_eq!(desk.drive("story", &down(0)), ["switch it off in `development`", "set `rollout` to 0"]);
    once("story", 0);
    assert_eq!(desk.drive("story", &down(0)), [""; 0]);
    let backend = desk.backend();
    let writers = backend.writers(&name("story"), &Mark::default(), &wait()).unwrap();
    let done: Vec<&str> = writers.iter().map(|writer| writer.what.as_str()).collect();
    let update = "feature-strategy-update";
    let right = [
        "feature-created",
        "feature-strategy-add",
        update,
        "feature-environment-enabled",
        update,
        update,
        update,
        "feature-environment-disabled",
        update,
    ];
    assert_eq!(done, right);
    assert!(writers.iter().all(|writer| writer.name == "admin" && writer.at.is_some()));
    let newest = desk.read("story").mark;
    assert_eq!(newest, writers.last().unwrap().mark);
    assert_eq!(backend.writers(&name("story"), &newest, &wait()).unwrap(), []);
    assert!(backend.skew().is_some_and(|ahead| ahead.abs() < 30.0));
}

/// Without the order of our writes the flag would be on for everybody.
#[test]
fn a_flag_without_strategies_gets_one_before_it_is_switched_on() {
    make("eager", &[]);
    assert_eq!(Desk::real().read("eager").flag.exposure().to_string(), "100%");
    once("eager", 100);

    let desk = Desk::real();
    admin(Method::Post, "/projects/default/features", &json!({ "name": "patient", "type": "release" }));
    assert_eq!(desk.read("patient").flag.exposure().to_string(), "0%");
    let sent = ["add the strategy `flexibleRollout` at 0%", "set `rollout` to 5", "switch it on in `development`"];
    assert_eq!(desk.drive("patient", &up(5)), sent);
    assert_eq!(strategies("patient").as_array().unwrap().len(), 1);
    once("patient", 5);
}

#[test]
fn only_the_percentage_changes() {
    let variants = json!([{ "name": "blue", "weight": 1000, "weightType": "variable", "stickiness": "userId", "payload": { "type": "string", "value": "x" } }]);
    let whole = json!({
        "name": "flexibleRollout", "title": "The \"big\" one", "constraints": [], "segments": [], "variants": variants,
        "parameters": { "rollout": "25", "stickiness": "userId", "groupId": "shared group", "note": "ours" },
    });
    make("kept", std::slice::from_ref(&whole));
    let production = "/projects/default/features/kept/environments/production";
    admin(Method::Post, &format!("{production}/strategies"), &whole);
    let elsewhere = || admin(Method::Get, production, &Value::Null);
    let (before, there) = (strategies("kept"), elsewhere());
    let desk = Desk::real();
    let stored = ["enabled: true", "rollout: 25", "stickiness: userId", "groupId: shared group"];
    assert_eq!(desk.read("kept").stored, stored);
    for (goal, text) in [(up(50), "50"), (down(5), "5"), (down(0), "0")] {
        assert!(!desk.drive("kept", &goal).is_empty());
        let mut right = before.clone();
        right[0]["parameters"]["rollout"] = json!(text);
        assert_eq!(strategies("kept").to_string(), right.to_string());
        assert_eq!(elsewhere().to_string(), there.to_string());
    }
}

#[test]
fn zero_is_certain_with_many_strategies_too() {
    let narrow = json!({
        "name": "flexibleRollout", "parameters": { "rollout": "100", "stickiness": "userId" },
        "constraints": [{ "contextName": "userId", "operator": "IN", "values": ["u1", "u2"] }],
    });
    make("many", &[flexible("10"), narrow, flexible("30")]);
    let desk = Desk::real();
    let seen = desk.read("many");
    assert_eq!(seen.flag.exposure().to_string(), "at least 30%");
    // Strategies of one group draw the same numbers: the smaller ones are within the largest.
    assert!(once("many", 30).is_superset(&BTreeSet::from([1, 2])));
    assert_eq!(desk.next("many", &up(50)).unwrap_err().exit.code(), 3);
    assert_eq!(desk.next("many", &down(5)).unwrap_err().exit.code(), 3);
    let set = "set `rollout` to 0";
    assert_eq!(desk.drive("many", &down(0)), ["switch it off in `development`", set, set, set]);
    once("many", 0);
    let left = strategies("many");
    assert_eq!(left[1]["constraints"][0]["values"], json!(["u1", "u2"]));
    // Also somebody who switches it on again exposes nobody.
    admin(Method::Post, &format!("{}/on", here("many")), &Value::Null);
    assert_eq!(desk.read("many").flag.enabled.value(), Some(&true));
    once("many", 0);
}

#[test]
fn the_list_tells_what_reading_each_would() {
    make("listed-a", &[flexible("25")]);
    make("listed-b", &[flexible("25"), flexible("abc")]);
    make("listed-gone", &[]);
    super::world::archive("listed-gone");
    let desk = Desk::real();
    let list = desk.backend().list(&wait()).unwrap();
    for flag in ["listed-a", "listed-b"] {
        let one = desk.read(flag);
        let listed = list.iter().find(|seen| seen.flag.name == name(flag)).unwrap();
        assert!(listed.flag.same_values(&one.flag), "{listed:?}");
        assert_eq!((&listed.stored, &listed.held_back, &listed.findings), (&one.stored, &one.held_back, &one.findings));
    }
    assert!(list.iter().all(|seen| seen.flag.name != name("listed-gone")));
    assert!(list.is_sorted_by(|one, two| one.flag.name < two.flag.name));
}
