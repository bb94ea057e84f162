//! What the real Unleash takes and stores that is not one percentage of all users.

use super::world::{admin, archive, flexible, here, make, near, once, strategies, users};
use super::{Desk, down, name, told, up, wait};
use flagctl::backend::remote::Goal;
use flagctl::http::Method;
use flagctl::model::Percent;
use serde_json::{Value, json};

/// The server takes any text. What its users get of it is what the official SDK gives them.
#[test]
fn a_text_that_is_no_percentage_tells_what_the_sdk_makes_of_it() {
    let texts = [
        "101", "abc", "", "12.5", " 5", "5 ", "5e1", "1e2", "-5", "0x19", "Infinity", "0.5", "5.0", "99.9", "+5", "5%",
        "nan", "inf", "٥", "0b101", "1_0",
    ];
    let flags: Vec<String> = (0..texts.len()).map(|number| format!("text-{number}")).collect();
    for (flag, text) in flags.iter().zip(texts) {
        make(flag, &[flexible(text)]);
    }
    make("text-last", &[flexible("50")]);
    once("text-last", 50);
    let counted = users(&flags.iter().map(String::as_str).collect::<Vec<_>>());
    let desk = Desk::real();
    for (flag, text) in flags.iter().zip(texts) {
        let seen = desk.read(flag);
        let reason = &seen.flag.rollout.unreadable().unwrap().reason;
        let percent = reason.split_once("gives the flag to ").unwrap().1.split_once('%').unwrap().0;
        assert!(near(counted[flag].len(), percent.parse().unwrap()), "{text:?}: {}, {reason}", counted[flag].len());
        assert_eq!(seen.flag.exposure().to_string(), "unknown", "{text:?}");
        assert!(seen.held_back.is_some_and(|why| why.contains(reason)), "{text:?}");
        for goal in [up(50), down(5)] {
            assert_eq!(desk.next(flag, &goal).unwrap_err().exit.code(), 3, "{text:?}");
        }
        assert_eq!(desk.drive(flag, &down(0)).len(), 2, "{text:?}");
        assert_eq!(strategies(flag)[0]["parameters"]["rollout"], "0", "{text:?}");
    }
    let half = Goal { rollout: Percent::from_milli(12_500).unwrap(), ..up(0) };
    assert_eq!(
        told(&desk.next("text-last", &half).unwrap_err()),
        "3 unchanged: Unleash can't serve 12.5%: its SDKs know whole percents only | take 12% or 13%"
    );
}

#[test]
fn what_else_decides_is_named() {
    admin(Method::Post, "/strategies", &json!({ "name": "ours", "parameters": [] }));
    let segment = admin(Method::Post, "/segments", &json!({ "name": "beta", "constraints": [] }));
    let with = |key: &str, value: Value| {
        let mut strategy = flexible("25");
        strategy[key] = value;
        strategy
    };
    let countries = json!([{ "contextName": "country", "operator": "IN", "values": ["de"] }]);
    for (flag, strategy, exposure, held) in [
        (
            "odd-ours",
            json!({ "name": "ours" }),
            "unknown",
            "has the strategy `ours`, which has no percentage of its own",
        ),
        ("odd-address", json!({ "name": "remoteAddress" }), "unknown", "has the strategy `remoteAddress`, which"),
        ("odd-default", json!({ "name": "default" }), "100%", "has the strategy `default`, which"),
        ("odd-country", with("constraints", countries), "unknown", "has a strategy with constraints on `country`"),
        ("odd-segment", with("segments", json!([segment["id"]])), "unknown", "has a strategy for the segment 1 only"),
    ] {
        make(flag, &[strategy]);
        let desk = Desk::real();
        let seen = desk.read(flag);
        assert_eq!(seen.flag.exposure().to_string(), exposure, "{flag}");
        let why = seen.held_back.unwrap();
        assert!(why.starts_with(held), "{flag}: {why}");
        assert!(!desk.drive(flag, &down(0)).is_empty());
        assert_eq!(desk.read(flag).flag.exposure().to_string(), "0%");
    }
    make(
        "odd-random",
        &[json!({ "name": "flexibleRollout", "parameters": { "rollout": "25", "stickiness": "random" } })],
    );
    let random = Desk::real().read("odd-random");
    assert_eq!((random.held_back, random.findings.len()), (None, 1));
    make("odd-child", &[flexible("25")]);
    admin(Method::Post, "/projects/default/features/odd-child/dependencies", &json!({ "feature": "odd-random" }));
    let child = Desk::real().read("odd-child");
    assert_eq!(child.flag.exposure().doubt(), Some("it depends on `odd-random`"));
}

/// A disabled strategy does not count, and switching on what has no other would give the flag to everybody.
#[test]
fn a_disabled_strategy_stays_disabled() {
    make("disabled", &[flexible("25")]);
    let id = strategies("disabled")[0]["id"].as_str().unwrap().to_owned();
    let path = format!("{}/strategies/{id}", here("disabled"));
    admin(Method::Patch, &path, &json!([{ "op": "replace", "path": "/disabled", "value": true }]));
    let desk = Desk::real();
    let seen = desk.read("disabled");
    // The server has switched it off by itself.
    assert_eq!(seen.stored, ["enabled: false"]);
    assert_eq!(
        told(&desk.next("disabled", &up(5)).unwrap_err()),
        "3 unchanged: `disabled` has no strategy that is enabled: to switch it on would give it to everybody | flagctl \
         raises only a flag that is one percentage of all users; change this one in Unleash"
    );
    assert_eq!(desk.drive("disabled", &down(0)), [""; 0]);
    admin(Method::Post, &format!("{}/strategies", here("disabled")), &flexible("0"));
    assert_eq!(desk.drive("disabled", &up(5)), ["set `rollout` to 5", "switch it on in `development`"]);
    assert_eq!(strategies("disabled")[0]["parameters"]["rollout"], "25");
    once("disabled", 5);
}

#[test]
fn somebody_else_is_noticed() {
    make("contested", &[flexible("5")]);
    let desk = Desk::real();
    let seen = desk.read("contested");
    let write = desk.backend().next(&seen, &up(25)).unwrap().unwrap();
    let path = format!("{}/strategies/{}", here("contested"), strategies("contested")[0]["id"].as_str().unwrap());
    admin(Method::Patch, &path, &json!([{ "op": "replace", "path": "/parameters/rollout", "value": "6" }]));
    let said = told(&desk.send(&write).unwrap_err());
    assert!(said.starts_with("7 unchanged: somebody else has changed the flag in Unleash meanwhile"), "{said}");
    assert_eq!(strategies("contested")[0]["parameters"]["rollout"], "6");
    let writers = desk.backend().writers(&name("contested"), &seen.mark, &wait()).unwrap();
    assert_eq!(writers.iter().map(|writer| writer.what.as_str()).collect::<Vec<_>>(), ["feature-strategy-update"]);
    admin(Method::Delete, &path, &Value::Null);
    let said = told(&desk.send(&write).unwrap_err());
    assert!(said.starts_with("7 unchanged: Unleash answered 404: Could not find strategy with id"), "{said}");
}

#[test]
fn an_archived_flag_is_called_that() {
    make("archived", &[flexible("5")]);
    let desk = Desk::real();
    let write = desk.next("archived", &down(0)).unwrap().unwrap();
    archive("archived");
    let said = told(&desk.unread("archived"));
    assert!(said.starts_with("2 unchanged: `archived` is archived in the project `default` of Unleash | "), "{said}");
    let said = told(&desk.send(&write).unwrap_err());
    assert!(said.starts_with("2 unchanged: Unleash answered 400: Cannot perform this operation on archived"), "{said}");
    let again = desk.backend().declare(&name("archived"), "");
    let said = told(&desk.send(&again[0]).unwrap_err());
    assert!(said.starts_with("2 unchanged: Unleash answered 409: An archived flag with that name"), "{said}");
}
