//! Flags as LaunchDarkly keeps and answers them.

use super::contract::{ENVIRONMENTS, PROJECT, Refused};
use serde_json::{Value, json};

/// When the first change was made, in milliseconds.
const BEGAN: i64 = 1_700_000_000_000;

/// Returns the time of the change with this number.
pub(crate) fn time(change: i64) -> i64 {
    BEGAN + change * 1000
}

/// Makes a boolean flag that is off everywhere; once it is on, everybody would get it.
pub(crate) fn boolean(key: &str) -> Value {
    let environment = |name: &str| {
        json!({
            "on": false, "archived": false, "salt": format!("salt of {key}"), "sel": "sel", "lastModified": BEGAN,
            "version": 1, "targets": [], "contextTargets": [], "rules": [], "prerequisites": [],
            "fallthrough": {"variation": 0}, "offVariation": 1,
            "_site": {"href": format!("/{PROJECT}/{name}/features/{key}"), "type": "text/html"},
            "_environmentName": name, "trackEvents": false, "trackEventsFallthrough": false,
        })
    };
    let [first, second] = ENVIRONMENTS;
    json!({
        "name": key, "kind": "boolean", "description": "", "key": key, "_version": 1, "creationDate": BEGAN,
        "includeInSnippet": false, "clientSideAvailability": {"usingMobileKey": false, "usingEnvironmentId": false},
        "variations": [
            {"_id": format!("{key}-t"), "value": true},
            {"_id": format!("{key}-f"), "value": false},
        ],
        "temporary": true, "tags": [],
        "_links": {"self": {"href": format!("/api/v2/flags/{PROJECT}/{key}"), "type": "application/json"}},
        "experiments": {"baselineIdx": 0, "items": []}, "customProperties": {}, "archived": false,
        "deprecated": false, "defaults": {"onVariation": 0, "offVariation": 1},
        "environments": {first: environment(first), second: environment(second)},
    })
}

/// Makes the flag of a body that [`super::contract`] took.
pub(crate) fn created(body: &Value) -> Value {
    let mut flag = boolean(body["key"].as_str().unwrap());
    for field in ["name", "description", "temporary"] {
        if let Some(value) = body.get(field) {
            flag[field] = value.clone();
        }
    }
    flag
}

/// Returns a flag with the environments that were asked for.
pub(crate) fn shown(flag: &Value, environment: &str, summary: bool) -> Value {
    let mut flag = flag.clone();
    let object = flag.as_object_mut().unwrap();
    if environment.is_empty() {
        object.remove("environments");
        return flag;
    }
    let environments = object["environments"].as_object_mut().unwrap();
    environments.retain(|name, _| name == environment);
    if summary {
        let there = environments[environment].as_object_mut().unwrap();
        there.retain(|key, _| !matches!(key.as_str(), "targets" | "contextTargets" | "rules" | "prerequisites"));
    }
    flag
}

/// Applies a patch, whole or not at all, and returns the actions that it takes.
pub(crate) fn patched(flag: &Value, body: &Value, change: i64) -> Result<(Value, String, Vec<&'static str>), Refused> {
    let mut flag = flag.clone();
    let mut actions = Vec::new();
    let name = body["environmentKey"].as_str().map_or_else(
        || body["patch"][0]["path"].as_str().unwrap().split('/').nth(2).unwrap().to_owned(),
        str::to_owned,
    );
    let ids: Vec<String> =
        flag["variations"].as_array().unwrap().iter().map(|v| v["_id"].as_str().unwrap().to_owned()).collect();
    let before = flag["environments"][&name].clone();
    let there = &mut flag["environments"][&name];
    for instruction in body["instructions"].as_array().into_iter().flatten() {
        actions.push(instructed(there, instruction, &ids)?);
    }
    for operation in body["patch"].as_array().into_iter().flatten() {
        there["fallthrough"] = operation["value"].clone();
        actions.push("updateFallthrough");
    }
    if *there != before {
        there["lastModified"] = time(change).into();
        there["version"] = (there["version"].as_i64().unwrap() + 1).into();
        flag["_version"] = (flag["_version"].as_i64().unwrap() + 1).into();
    }
    Ok((flag, name, actions))
}

fn instructed(there: &mut Value, instruction: &Value, ids: &[String]) -> Result<&'static str, Refused> {
    let index = |id: &str| {
        let known = ids.iter().position(|known| known == id);
        known.ok_or_else(|| (400, "invalid_request", format!("there is no variation `{id}`")))
    };
    let id = || index(instruction["variationId"].as_str().unwrap());
    match instruction["kind"].as_str().unwrap() {
        "turnFlagOn" => there["on"] = true.into(),
        "turnFlagOff" => there["on"] = false.into(),
        "updateOffVariation" => {
            there["offVariation"] = id()?.into();
            return Ok("updateOffVariation");
        }
        _ => {
            there["fallthrough"] = match instruction["rolloutWeights"].as_object() {
                None => json!({"variation": id()?}),
                Some(weights) => {
                    let mut shares: Vec<(usize, &Value)> =
                        weights.iter().map(|(id, weight)| Ok((index(id)?, weight))).collect::<Result<_, Refused>>()?;
                    shares.sort_by_key(|(index, _)| *index);
                    let shares: Vec<_> =
                        shares.iter().map(|(index, weight)| json!({"variation": index, "weight": weight})).collect();
                    let kind = instruction.get("rolloutContextKind").cloned().unwrap_or_else(|| "user".into());
                    let mut rollout = json!({"contextKind": kind, "variations": shares});
                    if let Some(by) = instruction.get("rolloutBucketBy") {
                        rollout["bucketBy"] = by.clone();
                    }
                    json!({ "rollout": rollout })
                }
            };
            return Ok("updateFallthrough");
        }
    }
    Ok("updateOn")
}
