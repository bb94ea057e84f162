//! The manual of the configuration, held to the table of keys.

use super::{Desk, told};
use flagctl::config::{KEYS, Key, Kind, schema};
use std::path::Path;

/// Returns a key as its own line of a table's section.
fn line(key: &Key) -> String {
    let name = key.path.rsplit('.').next().unwrap();
    let name = if name == "*" { "NAME" } else { name };
    format!("{name} = {}", key.example)
}

fn shown(path: &str) -> String {
    path.replace(".[]", "[]").replace('*', "NAME")
}

/// Returns the reference as Markdown.
fn reference() -> String {
    let mut text = String::new();
    for key in KEYS {
        let words = match key.kind {
            Kind::Word(words, _) => words.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", "),
            kind => kind.noun().to_owned(),
        };
        let default = key.default.map_or(String::new(), |default| format!(" Default: `{default}`."));
        text.push_str(&format!("\n### `{}`\n\n{}\n\n", shown(key.path), key.about));
        text.push_str(&format!("Holds {words}.{default}\n\n```toml\n{}\n```\n", line(key)));
    }
    text
}

#[test]
fn the_manual_holds_every_key() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    let manual = std::fs::read_to_string(&path).unwrap();
    let mark = "<!-- The rest is written by a test from the table of keys: SNAPSHOTS=overwrite cargo test manual -->\n";
    let (head, _) = manual.split_once(mark).unwrap();
    let right = format!("{head}{mark}{}", reference());
    if std::env::var("SNAPSHOTS").is_ok_and(|how| how == "overwrite") {
        std::fs::write(&path, right).unwrap();
    } else {
        assert_eq!(manual, right);
    }
}

#[test]
fn the_whole_file_of_the_manual_is_right() {
    let manual = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md")).unwrap();
    let whole = manual.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let settings = Desk::new(whole).load().unwrap_or_else(|error| panic!("{}", told(&error)));
    assert!(settings.warnings.is_empty());
    assert_eq!(settings.gate_names(), ["error-rate"]);
}

#[test]
fn every_example_and_default_is_right() {
    for key in KEYS {
        for value in [Some(key.example), key.default].into_iter().flatten() {
            let (table, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
            let header = match table.strip_suffix(".[]") {
                Some(list) => format!("[[{list}]]\n"),
                None if table.is_empty() => "\n".to_owned(),
                None => format!("[{}]\n", table.replace('*', "x")),
            };
            let text = format!("{header}{} = {value}\n", name.replace('*', "x"));
            let wrong = Desk::new(&text).with("", flagctl::config::load_all).err().unwrap_or_default();
            // What one key alone can't have: the names that it leads to, and the keys beside it.
            let known = ["there is no ", "doesn't say", "without a", "but no `backend`", "but no `flags`"];
            let at_value = |error: &&flagctl::error::Error| {
                error.spot.as_ref().is_some_and(|spot| spot.line == 2)
                    && !known.iter().any(|part| error.message.contains(part))
            };
            let wrong: Vec<String> = wrong.iter().filter(at_value).map(told).collect();
            assert!(wrong.is_empty(), "{text}{}", wrong.concat());
        }
    }
}

#[test]
fn the_schema_knows_every_key_and_no_other() {
    let schema = schema();
    for key in KEYS {
        let mut node = &schema;
        for step in key.path.split('.') {
            node = match step {
                "*" => &node["additionalProperties"],
                "[]" => &node["items"],
                name => &node["properties"][name],
            };
        }
        assert_eq!(node["description"], key.about, "{}", key.path);
    }
    let closed = &schema["properties"]["rollout"]["additionalProperties"];
    assert_eq!(closed, false);
    let nested = &schema["properties"]["environments"]["additionalProperties"]["properties"]["flags-file"];
    assert_eq!(nested, &schema["properties"]["flags-file"]);
}
