//! What a backend stores of a flag after a drill, held against what it stored before. Pure.

use crate::backend::remote::Seen;
use crate::model::Shown;
use serde_json::Value;

/// What services count and time by themselves: it differs after any change, and decides nothing.
const COUNTED: [&str; 6] = ["version", "lastModified", "lastSeenAt", "updatedAt", "_links", "_site"];

/// How much of a value is shown.
const SHOWN: usize = 60;

/// Returns what is stored otherwise than before in an environment, as fragments; empty where nothing is.
pub(super) fn differences(before: &Seen, after: &Seen, environment: &str) -> Vec<String> {
    let mut found = Vec::new();
    compare("", settings(&before.answer, environment), settings(&after.answer, environment), &mut found);
    if found.is_empty() && before.stored != after.stored {
        found.push(format!("`{}` was `{}`", shown(&after.stored.join(", ")), shown(&before.stored.join(", "))));
    }
    found
}

/// Returns what an answer holds of one environment: services list them by name, or each with its name.
fn settings<'a>(answer: &'a Value, environment: &str) -> Option<&'a Value> {
    match answer.get("environments")? {
        Value::Object(all) => all.get(environment),
        Value::Array(all) => all.iter().find(|one| one.get("name").and_then(Value::as_str) == Some(environment)),
        _ => None,
    }
}

fn compare(path: &str, before: Option<&Value>, after: Option<&Value>, found: &mut Vec<String>) {
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let added = new.keys().filter(|key| !old.contains_key(*key));
            for key in old.keys().chain(added).filter(|key| !COUNTED.contains(&key.as_str())) {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                compare(&path, old.get(key), new.get(key), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            for at in 0..old.len().max(new.len()) {
                compare(&format!("{path}[{at}]"), old.get(at), new.get(at), found);
            }
        }
        // What is absent and what is null mean the same.
        _ if before.unwrap_or(&Value::Null) == after.unwrap_or(&Value::Null) => {}
        _ => found.push(format!("`{}` was {}, and is {}", Shown(path), told(before), told(after))),
    }
}

/// Returns a value as people tell it: a thing that has a name by its name.
fn told(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "not there".to_owned(),
        Some(Value::Object(object)) if object.get("name").is_some_and(Value::is_string) => {
            format!("`{}`", shown(object["name"].as_str().unwrap_or_default()))
        }
        Some(value) => format!("`{}`", shown(&value.to_string())),
    }
}

fn shown(text: &str) -> String {
    let short: String = text.chars().take(SHOWN).collect();
    let end = if short.len() < text.len() { "…" } else { "" };
    format!("{}{end}", Shown(&short))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::remote::Mark;
    use crate::model::{Flag, FlagName};
    use serde_json::json;

    fn seen(answer: Value) -> Seen {
        let flag = Flag::bare(FlagName::new("checkout").unwrap());
        let (stored, findings) = (Vec::new(), Vec::new());
        Seen { flag, stored, held_back: None, findings, mark: Mark::default(), answer }
    }

    #[test]
    fn each_difference_is_named_by_where_it_stands() {
        let environment = |fields: Value| json!({"environments": {"production": fields, "test": {"on": false}}});
        let before = environment(json!({"on": true, "version": 3, "offVariation": 0, "rules": [],
            "fallthrough": {"rollout": {"variations": [{"variation": 0, "weight": 25}]}}}));
        let after =
            environment(json!({"on": true, "version": 6, "offVariation": 1, "rules": [], "prerequisites": null,
            "fallthrough": {"rollout": {"contextKind": "user", "variations": [{"variation": 0, "weight": 25}]}}}));
        let found = differences(&seen(before.clone()), &seen(after.clone()), "production");
        assert_eq!(
            found,
            [
                "`offVariation` was `0`, and is `1`",
                "`fallthrough.rollout.contextKind` was not there, and is `\"user\"`"
            ]
        );
        assert!(differences(&seen(before.clone()), &seen(before), "production").is_empty());
        let unleash = |strategies: Value| {
            json!({"environments": [
            {"name": "test", "strategies": [{"name": "other"}]}, {"name": "production", "strategies": strategies}]})
        };
        let (before, after) = (unleash(json!([])), unleash(json!([{"name": "flexibleRollout", "id": "1"}])));
        let found = differences(&seen(before), &seen(after), "production");
        assert_eq!(found, ["`strategies[0]` was not there, and is `flexibleRollout`"]);
    }
}
