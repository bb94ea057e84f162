//! What a flag means, and what is sent for it, over answers as LaunchDarkly's are.

mod held;
mod meaning;
mod moves;

use super::patch::next;
use super::place::Place;
use super::sight::seen;
use crate::backend::remote::{Goal, Seen, Write};
use crate::model::{Mode, Percent};
use serde_json::{Value, json};

const PLACE: Place<'static> = Place { project: "shop", environment: "production" };

/// A boolean flag whose environment is changed by `there`, and itself by `own`.
fn flag(there: &Value, own: &Value) -> Value {
    let mut environment = json!({
        "on": true, "archived": false, "salt": "s", "sel": "x", "lastModified": 1_700_000_000_000_i64, "version": 3,
        "targets": [], "contextTargets": null, "rules": [], "prerequisites": [], "offVariation": 1,
        "fallthrough": {"rollout": {"contextKind": "user", "variations": [
            {"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]}},
    });
    let mut flag = json!({
        "key": "checkout", "name": "Checkout", "kind": "boolean", "archived": false, "temporary": true,
        "variations": [{"_id": "t", "value": true}, {"_id": "f", "value": false}],
    });
    let merge = |into: &mut Value, from: &Value| {
        let object = into.as_object_mut().unwrap();
        for (key, value) in from.as_object().unwrap() {
            object.insert(key.clone(), value.clone());
        }
    };
    merge(&mut environment, there);
    merge(&mut flag, own);
    flag["environments"] = json!({ "production": environment });
    flag
}

fn look(there: &Value, own: &Value) -> Seen {
    seen(flag(there, own), "production").unwrap()
}

fn exposure(there: &Value, own: &Value) -> String {
    let exposure = look(there, own).flag.exposure();
    exposure.doubt().map_or_else(|| exposure.to_string(), |why| format!("{exposure}: {why}"))
}

fn goal(percent: u32, enabled: Option<bool>, mode: Mode) -> Goal {
    Goal { rollout: Percent::from_whole(percent).unwrap(), enabled, mode }
}

/// What a write does and sends, on one line each; or why there is none.
fn told(outcome: crate::error::Result<Option<Write>>) -> String {
    match outcome {
        Ok(None) => "nothing".to_owned(),
        Ok(Some(write)) => {
            assert_eq!((write.path.as_str(), write.tidying), ("/api/v2/flags/shop/checkout", false));
            assert_eq!(write.body["environmentKey"], "production");
            format!("{} | {} | {}", write.what, write.body["comment"].as_str().unwrap(), write.body["instructions"])
        }
        Err(error) => format!("{}: {error}", error.exit.code()),
    }
}

fn down(percent: u32, there: &Value, own: &Value) -> String {
    let enabled = (percent == 0).then_some(false);
    told(next(PLACE, &look(there, own), &goal(percent, enabled, Mode::Urgent)))
}

fn up(percent: u32, there: &Value, own: &Value) -> String {
    told(next(PLACE, &look(there, own), &goal(percent, Some(true), Mode::Careful)))
}

fn weights(pairs: &[(usize, u64)]) -> Value {
    let variations: Vec<_> = pairs.iter().map(|(at, weight)| json!({"variation": at, "weight": weight})).collect();
    json!({"fallthrough": {"rollout": {"variations": variations}}})
}

fn three() -> Value {
    json!({"kind": "multivariate", "variations": [{"_id": "a", "value": "a"}, {"_id": "b", "value": "b"}, {"_id": "c", "value": "c"}]})
}
