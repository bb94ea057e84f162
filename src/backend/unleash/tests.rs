//! The pure part, over answers as the server gives them.

use super::meaning;
use super::place::Place;
use super::steps;
use crate::backend::remote::{Goal, Mark, Seen, Write};
use crate::http::Method;
use crate::model::{FlagName, Mode, Percent};
use serde_json::{Value, json};

const PLACE: Place<'static> = Place { project: "default", environment: "development" };

fn feature(enabled: bool, strategies: &Value) -> Value {
    json!({
        "name": "checkout", "description": "The new checkout", "type": "release", "project": "default", "stale": false,
        "archived": false, "dependencies": [], "children": [], "variants": [], "somethingNew": { "a": [1] },
        "environments": [
            { "name": "development", "enabled": enabled, "type": "development", "strategies": strategies },
            { "name": "production", "enabled": true, "type": "production", "strategies": [flexible("100")] },
        ],
    })
}

fn flexible(rollout: &str) -> Value {
    json!({
        "id": "5f91e1c9", "name": "flexibleRollout", "title": null, "disabled": false, "constraints": [],
        "segments": [], "variants": [], "sortOrder": 0,
        "parameters": { "groupId": "checkout", "rollout": rollout, "stickiness": "default" },
    })
}

fn with(mut strategy: Value, key: &str, value: Value) -> Value {
    strategy[key] = value;
    strategy
}

fn named(name: &str) -> Value {
    json!({ "id": name, "name": name, "parameters": {} })
}

fn constrained(rollout: &str) -> Value {
    with(flexible(rollout), "constraints", json!([{ "contextName": "country", "operator": "IN", "values": ["de"] }]))
}

fn seen(answer: Value) -> Seen {
    meaning::seen(answer, &PLACE, Mark(None)).unwrap()
}

fn goal(mode: Mode, percent: u32, enabled: Option<bool>) -> Goal {
    Goal { rollout: Percent::from_milli(percent * 1000).unwrap(), enabled, mode }
}

/// Writes a write in one line.
fn line(write: &Write) -> String {
    let path = write.path.strip_prefix("/api/admin/projects/default/features/checkout/environments/development/");
    let tidying = if write.tidying { " (tidying)" } else { "" };
    let sent = match &write.body {
        Value::Null => String::new(),
        Value::Array(operations) => {
            let operation = |one: &Value| format!(" {}={}", one["op"].as_str().unwrap(), one["value"]);
            operations.iter().map(operation).collect()
        }
        body => format!(" rollout={}", body["parameters"]["rollout"]),
    };
    format!("{} {}{sent}{tidying}", write.method.word(), path.unwrap_or(&write.path))
}

fn next(answer: Value, goal: &Goal) -> String {
    match steps::next(&PLACE, &seen(answer), goal) {
        Ok(Some(write)) => line(&write),
        Ok(None) => "there".to_owned(),
        Err(error) => format!("{}: {error}", error.exit.code()),
    }
}

#[test]
fn the_one_percentage_is_exact() {
    let on = seen(feature(true, &json!([flexible("25")])));
    assert_eq!(on.flag.exposure().to_string(), "25%");
    assert_eq!(on.stored, ["enabled: true", "rollout: 25", "stickiness: default", "groupId: checkout"]);
    assert_eq!((on.held_back, on.findings), (None, vec![]));
    assert_eq!(on.flag.description.as_deref(), Some("The new checkout"));
    let off = seen(feature(false, &json!([flexible("25")])));
    assert_eq!(off.flag.exposure().to_string(), "0%");
    assert_eq!(off.flag.rollout.value(), Percent::from_whole(25).as_ref());
}

/// Each: what stands there, what users get of it while it is on, and why it can't go forward.
#[test]
fn what_is_not_one_percentage_says_so() {
    let disabled = || with(flexible("50"), "disabled", json!(true));
    for (strategies, exposure, held) in [
        (json!([]), "100%", ""),
        (json!([disabled()]), "100%", "has no strategy that is enabled"),
        (json!([disabled(), flexible("5")]), "5%", ""),
        (json!([named("default")]), "100%", "the strategy `default`"),
        (json!([flexible("25"), named("default")]), "100%", "has 2 strategies"),
        (json!([flexible("25"), flexible("50")]), "at least 50%", "has 2 strategies"),
        (json!([flexible("25"), flexible("abc")]), "at least 25%", "has 2 strategies"),
        (json!([flexible("25"), flexible("100")]), "100%", "has 2 strategies"),
        (json!([flexible("abc"), flexible("")]), "unknown", "has 2 strategies"),
        (json!([constrained("25")]), "unknown", "constraints on `country`"),
        (json!([constrained("25"), flexible("5")]), "at least 5%", "constraints on `country`"),
        (json!([with(flexible("25"), "segments", json!([3, 4]))]), "unknown", "the segment 3 and 4 only"),
        (json!([named("userWithId")]), "unknown", "the strategy `userWithId`"),
        (json!([named("gradualRolloutUserId")]), "unknown", "the strategy `gradualRolloutUserId`"),
        (json!([named("remoteAddress"), flexible("5")]), "at least 5%", "the strategy `remoteAddress`"),
        (json!([named("applicationHostname")]), "unknown", "the strategy `applicationHostname`"),
        (json!([named("our\u{1b}own")]), "unknown", "the strategy `our\\u{1b}own`"),
        (json!([with(flexible("25"), "milestoneId", json!("01M8"))]), "25%", "is led by a release plan"),
        (json!([flexible("12.5")]), "unknown", "has `rollout: 12.5`, which is no whole percentage"),
        (json!([with(flexible("5"), "parameters", json!({}))]), "unknown", "is no whole percentage"),
    ] {
        let seen = seen(feature(true, &strategies));
        assert_eq!(seen.flag.exposure().to_string(), exposure, "{strategies}");
        let why = seen.held_back.unwrap_or_default();
        assert!(if held.is_empty() { why.is_empty() } else { why.contains(held) }, "{strategies}: {why}");
    }
}

#[test]
fn a_parent_can_only_narrow_it() {
    let mut answer = feature(true, &json!([flexible("25")]));
    answer["dependencies"] = json!([{ "feature": "parent", "enabled": true, "variants": [] }]);
    let child = seen(answer);
    assert_eq!(child.flag.exposure().doubt(), Some("it depends on `parent`"));
    assert_eq!(child.held_back.as_deref(), Some("depends on `parent`"));
}

#[test]
fn what_is_odd_is_told() {
    let mut random = flexible("25");
    random["parameters"]["stickiness"] = json!("random");
    random["parameters"]["groupId"] = json!("other");
    let random = seen(feature(true, &json!([random])));
    assert_eq!(random.findings, ["its stickiness is `random`: nobody keeps it from one request to the next"]);
    assert_eq!((random.held_back, random.flag.salt.as_deref()), (None, Some("other")));
    assert_eq!(seen(feature(true, &json!([flexible("101")]))).findings, [""; 0]);
    let garbled = seen(feature(true, &json!([flexible("101"), flexible("5")])));
    assert!(garbled.findings[0].starts_with("`rollout: 101` is no whole percentage: "), "{:?}", garbled.findings);
    let bare = seen(feature(true, &json!([])));
    assert_eq!(bare.findings, ["it is on without a strategy that is enabled: everybody gets it"]);
    let mut unread = feature(true, &json!([flexible("25")]));
    unread[super::feature::PLAN_UNREAD] = json!(true);
    assert!(seen(unread).held_back.unwrap().starts_with("may be led by a release plan"));
    let mut archived = feature(false, &json!([flexible("0")]));
    archived["archived"] = json!(true);
    assert_eq!(seen(archived).held_back.as_deref(), Some("is archived"));
}

#[test]
fn a_careful_change_switches_on_last() {
    let up = goal(Mode::Careful, 5, Some(true));
    for (enabled, strategies, write) in [
        (false, json!([]), "POST strategies rollout=\"0\""),
        (false, json!([flexible("0")]), "PATCH strategies/5f91e1c9 test=\"0\" replace=\"5\""),
        (false, json!([flexible("25")]), "PATCH strategies/5f91e1c9 test=\"25\" replace=\"5\""),
        (false, json!([flexible("5")]), "POST on"),
        (true, json!([flexible("5")]), "there"),
        (true, json!([flexible("0")]), "PATCH strategies/5f91e1c9 test=\"0\" replace=\"5\""),
        // On without a strategy is on for everybody: no stop at 0 on the way down from there.
        (true, json!([]), "POST strategies rollout=\"5\""),
        (false, json!([with(flexible("5"), "disabled", json!(true)), flexible("5")]), "POST on"),
    ] {
        assert_eq!(next(feature(enabled, &strategies), &up), write, "{strategies}");
    }
    assert_eq!(next(feature(true, &json!([])), &goal(Mode::Careful, 100, Some(true))), "there");
    assert_eq!(next(feature(true, &json!([flexible("5")])), &goal(Mode::Careful, 5, Some(false))), "POST off");
    assert_eq!(next(feature(false, &json!([flexible("5")])), &goal(Mode::Careful, 5, None)), "there");
    assert_eq!(next(feature(false, &json!([])), &goal(Mode::Careful, 0, Some(false))), "there");
}

#[test]
fn a_careful_change_is_refused_where_it_could_mean_something_else() {
    let up = goal(Mode::Careful, 50, Some(true));
    for strategies in [
        json!([named("default")]),
        json!([flexible("5"), flexible("5")]),
        json!([constrained("5")]),
        json!([flexible("abc")]),
        json!([with(flexible("5"), "milestoneId", json!("01M8"))]),
        json!([with(flexible("5"), "disabled", json!(true))]),
    ] {
        for enabled in [true, false] {
            let said = next(feature(enabled, &strategies), &up);
            assert!(said.starts_with("3: `checkout` "), "{strategies}: {said}");
        }
    }
    let fine = Goal { rollout: Percent::from_milli(12_500).unwrap(), ..up };
    let error = steps::next(&PLACE, &seen(feature(true, &json!([flexible("5")]))), &fine).unwrap_err();
    assert_eq!(error.to_string(), "Unleash can't serve 12.5%: its SDKs know whole percents only");
    assert_eq!((error.exit.code(), error.help), (3, vec!["take 12% or 13%".to_owned()]));
}

#[test]
fn an_urgent_zero_is_the_switch_and_then_the_rest() {
    let zero = goal(Mode::Urgent, 0, Some(false));
    for strategies in [
        json!([]),
        json!([flexible("25")]),
        json!([constrained("25"), flexible("abc"), named("ours")]),
        json!([with(flexible("5"), "milestoneId", json!("01M8"))]),
    ] {
        assert_eq!(next(feature(true, &strategies), &zero), "POST off", "{strategies}");
    }
    for (strategies, write) in [
        (json!([flexible("25")]), "PATCH strategies/5f91e1c9 replace=\"0\" (tidying)"),
        (json!([flexible("0"), constrained("abc")]), "PATCH strategies/5f91e1c9 replace=\"0\" (tidying)"),
        (json!([with(flexible("5"), "parameters", json!({}))]), "PATCH strategies/5f91e1c9 add=\"0\" (tidying)"),
        (json!([flexible("0"), named("default")]), "there"),
        (json!([with(flexible("5"), "milestoneId", json!("01M8"))]), "there"),
        (json!([with(flexible("5"), "disabled", json!(true))]), "there"),
        (json!([]), "there"),
    ] {
        assert_eq!(next(feature(false, &strategies), &zero), write, "{strategies}");
    }
}

#[test]
fn an_urgent_share_only_goes_down() {
    let five = goal(Mode::Urgent, 5, None);
    for (strategies, write) in [
        (json!([flexible("25")]), "PATCH strategies/5f91e1c9 test=\"25\" replace=\"5\""),
        (json!([constrained("25")]), "PATCH strategies/5f91e1c9 test=\"25\" replace=\"5\""),
        (json!([flexible("5")]), "there"),
        (json!([flexible("1")]), "there"),
        (json!([constrained("1")]), "there"),
        (json!([]), "POST strategies rollout=\"5\""),
        (
            json!([flexible("abc")]),
            "3: `checkout` can't be set to a share of its users: what it stands at can't be read",
        ),
        (
            json!([flexible("25"), flexible("5")]),
            "3: `checkout` can't be set to a share of its users: it has 2 strategies",
        ),
        (
            json!([named("default")]),
            "3: `checkout` can't be set to a share of its users: its strategy has no percentage",
        ),
    ] {
        assert_eq!(next(feature(true, &strategies), &five), write, "{strategies}");
        assert_eq!(next(feature(false, &strategies), &five), "there", "{strategies}");
    }
}

#[test]
fn a_declared_flag_begins_at_0_and_off() {
    let flag = FlagName::new("checkout").unwrap();
    let writes = steps::declare(&PLACE, &flag, "The new checkout");
    assert_eq!(writes[0].path, "/api/admin/projects/default/features");
    assert_eq!(writes[0].body, json!({ "name": "checkout", "type": "release", "description": "The new checkout" }));
    assert_eq!((writes.len(), line(&writes[1])), (2, "POST strategies rollout=\"0\"".to_owned()));
    assert_eq!(
        writes[1].body,
        json!({
            "name": "flexibleRollout", "constraints": [], "segments": [],
            "parameters": { "rollout": "0", "stickiness": "default", "groupId": "checkout" },
        })
    );
    assert!(writes.iter().all(|write| write.method == Method::Post && !write.tidying));
}

#[test]
fn what_is_missing_in_an_answer_is_an_error() {
    let whole = feature(true, &json!([flexible("5")]));
    for (pointer, key, said) in [
        ("", "name", "missing field `name`"),
        ("", "environments", "missing field `environments`"),
        ("/environments/0", "enabled", "missing field `enabled`"),
        ("/environments/0", "strategies", "missing field `strategies`"),
        ("/environments/0/strategies/0", "id", "missing field `id`"),
        ("/environments/0/strategies/0", "name", "missing field `name`"),
    ] {
        let mut answer = whole.clone();
        answer.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key);
        let error = meaning::seen(answer, &PLACE, Mark(None)).unwrap_err();
        assert_eq!(error.exit.code(), 1);
        assert!(error.to_string().ends_with(said), "{error}");
    }
    for enabled in [json!("true"), json!(1), json!(null)] {
        let mut answer = whole.clone();
        answer["environments"][0]["enabled"] = enabled;
        assert!(meaning::seen(answer, &PLACE, Mark(None)).is_err());
    }
    for answer in [json!(null), json!([]), json!({}), json!("<html>")] {
        assert!(meaning::seen(answer, &PLACE, Mark(None)).is_err());
    }
    let elsewhere = Place { environment: "staging", ..PLACE };
    let error = meaning::seen(whole, &elsewhere, Mark(None)).unwrap_err();
    assert_eq!(error.to_string(), "the project `default` of Unleash has no environment `staging`");
    assert_eq!((error.exit.code(), error.help), (2, vec!["it has: `development`, `production`".to_owned()]));
}
