//! The JSON Schema of `flagctl.toml`, for editors; from the same table as everything else.

use super::keys::{Key, Kind};
use super::table::KEYS;
use serde_json::{Map, Value, json};

/// Returns the JSON Schema (draft 2020-12) of `flagctl.toml`.
#[must_use]
pub fn schema() -> Value {
    let mut top = table();
    for key in KEYS {
        let steps: Vec<&str> = key.path.split('.').collect();
        insert(&mut top, &steps, key);
    }
    let flags_file = top["properties"]["flags-file"].clone();
    top["properties"]["environments"]["additionalProperties"]["properties"]["flags-file"] = flags_file;
    top["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    top["title"] = json!("flagctl.toml");
    top
}

fn table() -> Value {
    json!({ "type": "object", "properties": {}, "additionalProperties": false })
}

fn insert(node: &mut Value, steps: &[&str], key: &Key) {
    match steps {
        [] => {}
        [last] => *child(node, last, || Value::Null) = value(key),
        [step, rest @ ..] => {
            let list = rest.first() == Some(&"[]");
            if list {
                let items = child(node, step, || json!({ "type": "array", "items": table() }));
                insert(&mut items["items"], &rest[1..], key);
            } else {
                insert(child(node, step, table), rest, key);
            }
        }
    }
}

fn child<'v>(node: &'v mut Value, step: &str, new: impl FnOnce() -> Value) -> &'v mut Value {
    if step == "*" {
        if !node["additionalProperties"].is_object() {
            node["additionalProperties"] = new();
        }
        return &mut node["additionalProperties"];
    }
    if node["properties"].get(step).is_none() {
        node["properties"][step] = new();
    }
    &mut node["properties"][step]
}

fn value(key: &Key) -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let one_or_many = |one: Value| json!({ "anyOf": [one.clone(), { "type": "array", "items": one }] });
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let mut schema = match key.kind {
        Kind::Version => json!({ "const": 1 }),
        Kind::Text | Kind::Path | Kind::Variable | Kind::Zone | Kind::Question | Kind::Moment => {
            json!({ "type": "string", "minLength": 1 })
        }
        Kind::Url => pattern("^[Hh][Tt][Tt][Pp][Ss]?://"),
        Kind::Duration | Kind::Pause => pattern("^([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"),
        Kind::Rate => pattern("^[0-9]*[.]?[0-9]*%$"),
        Kind::Truth => json!({ "type": "boolean" }),
        Kind::Count => json!({ "type": "integer", "minimum": 1 }),
        Kind::Word(words, _) => json!({ "enum": words }),
        Kind::Steps => json!({ "type": "array", "items": { "type": "number", "minimum": 0, "maximum": 100 } }),
        Kind::Names | Kind::KeyPath => texts,
        Kind::KeyPaths => one_or_many(texts),
        Kind::Enabled => {
            let word = one_or_many(json!({ "type": "string" }));
            let words = json!({
                "type": "object",
                "properties": { "path": texts, "on": word, "off": word },
                "required": ["path"],
                "additionalProperties": false,
            });
            one_or_many(json!({ "anyOf": [texts, words] }))
        }
        Kind::Header => {
            let kept = |name: &str| {
                let mut properties = Map::new();
                properties.insert(name.to_owned(), json!({ "type": "string" }));
                json!({ "type": "object", "properties": properties, "required": [name], "additionalProperties": false })
            };
            json!({ "anyOf": [{ "type": "string" }, kept("env"), kept("file")] })
        }
    };
    schema["description"] = json!(key.about);
    if let Some(Ok(default)) = key.default.map(str::parse::<toml_edit::Value>) {
        schema["default"] = json_of(&default);
    }
    schema
}

/// Returns a default of the table as JSON; only texts, integers, booleans and lists of these occur.
fn json_of(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::Integer(number) => json!(number.value()),
        toml_edit::Value::Boolean(truth) => json!(truth.value()),
        toml_edit::Value::Array(list) => list.iter().map(json_of).collect(),
        value => json!(value.as_str()),
    }
}
