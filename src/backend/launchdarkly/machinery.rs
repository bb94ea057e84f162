//! What LaunchDarkly may move a flag by itself: experiments, guarded and progressive rollouts, migrations. What they hold
//! stands in fields that the public specification names in part; a field that is not known counts as one of them.

use crate::model::Shown;
use serde_json::{Map, Value};

/// What a default rule holds, by the specification.
const SERVING: &[&str] = &["variation", "rollout"];

/// What one share holds.
const SHARE: &[&str] = &["variation", "weight", "_untracked"];

/// What an environment of a flag holds.
const ENVIRONMENT: &[&str] = &[
    "on",
    "archived",
    "salt",
    "sel",
    "lastModified",
    "version",
    "targets",
    "contextTargets",
    "rules",
    "fallthrough",
    "offVariation",
    "prerequisites",
    "_site",
    "_access",
    "_environmentName",
    "trackEvents",
    "trackEventsFallthrough",
    "_debugEventsUntilDate",
    "_summary",
    "evaluation",
];

/// Names what LaunchDarkly may move the flag by, if anything does: a fragment.
pub(super) fn found(answer: &Value, environment: &str) -> Option<String> {
    let there = answer.get("environments")?.get(environment)?;
    let fallthrough = there.get("fallthrough").unwrap_or(&Value::Null);
    let mut shares = fallthrough.pointer("/rollout/variations").and_then(Value::as_array).into_iter().flatten();
    let share = shares.find_map(|share| {
        let untracked = share.get("_untracked").is_some_and(|value| *value == Value::Bool(true));
        let unknown =
            stranger(share, SHARE, |_, value| is_there(value)).map(|key| format!("the `{key}` of its weights"));
        if untracked { Some("an experiment".to_owned()) } else { unknown }
    });
    let legacy = answer.pointer("/experiments/items").and_then(Value::as_array).is_some_and(|items| !items.is_empty());
    let migration = is_there(answer.get("migrationSettings").unwrap_or(&Value::Null));
    share
        .or_else(|| {
            stranger(fallthrough, SERVING, |_, value| is_there(value))
                .map(|key| format!("the `{key}` of its default rule"))
        })
        .or_else(|| stranger(there, ENVIRONMENT, is_more).map(|key| format!("the `{key}` of its environment")))
        .or_else(|| legacy.then(|| "an experiment".to_owned()))
        .or_else(|| migration.then(|| "`migrationSettings`".to_owned()))
}

/// Returns the first field that is not known and means something, as it may be shown.
fn stranger(value: &Value, known: &[&str], means: fn(&str, &Value) -> bool) -> Option<String> {
    let empty = Map::new();
    let fields = value.as_object().unwrap_or(&empty);
    let strange = fields.iter().find(|(key, value)| !known.contains(&key.as_str()) && means(key, value));
    strange.map(|(key, _)| Shown(key).to_string())
}

/// True if a field holds anything at all.
fn is_there(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => true,
    }
}

/// True if a field of an environment may be machinery: it holds more than one plain value, or is called so.
fn is_more(key: &str, value: &Value) -> bool {
    let key = key.to_lowercase();
    let called = ["rollout", "experiment", "guard", "measured", "release"].iter().any(|word| key.contains(word));
    is_there(value) && (called || matches!(value, Value::Array(_) | Value::Object(_)))
}
