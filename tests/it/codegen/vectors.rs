//! Vectors for any language: what they cover, and that a second consumer agrees with them.

use crate::console::Console;
use crate::process;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const FLAGS: &str = "\
checkout-v3: {enabled: true, rollout: 12.5}
\"größe:x\": {enabled: true, rollout: 100, salt: checkout-v3}
dark_mode: {enabled: false, rollout: 25}
odd: {enabled: true, rollout: 5%}
fifth: {enabled: true}
";

#[test]
fn vectors_cover_what_goes_wrong() {
    let console = Console::empty().with("flags.yaml", FLAGS);
    let (code, answer) = console.json("-f flags.yaml codegen json-vectors");
    assert_eq!(code, 0);
    assert_eq!(console.json("-f flags.yaml codegen json-vectors").1, answer, "the same file gives the same vectors");
    let flags: Vec<_> =
        answer["flags"].as_array().unwrap().iter().map(|flag| (&flag["salt"], &flag["exposure"])).collect();
    let expected = serde_json::json!([
        ["checkout-v3", 12.5],
        ["checkout-v3", 100],
        ["dark_mode", 0],
        ["odd", null],
        ["fifth", 100]
    ]);
    let expected: Vec<_> = expected.as_array().unwrap().iter().map(|pair| (pair[0].clone(), pair[1].clone())).collect();
    assert_eq!(flags, expected.iter().map(|(salt, exposure)| (salt, exposure)).collect::<Vec<_>>());

    let vectors = answer["vectors"].as_array().unwrap();
    let of = |name: &str| vectors.iter().filter(|vector| vector["flag"] == name).cloned().collect::<Vec<Value>>();
    let buckets: BTreeSet<u64> = of("checkout-v3").iter().map(|vector| vector["bucket"].as_u64().unwrap()).collect();
    for edge in [0, 4_999, 5_000, 24_999, 25_000, 49_999, 50_000, 99_999] {
        assert!(buckets.contains(&edge), "no user in bucket {edge}");
    }
    let users: BTreeSet<String> = vectors.iter().map(|vector| vector["user"].as_str().unwrap().to_owned()).collect();
    for user in ["", "Zoë", "用户123", "😀", "é", "e\u{301}"] {
        assert!(users.contains(user), "no user {user:?}");
    }
    let lengths: BTreeSet<usize> = users.iter().map(|user| user.len() % 4).collect();
    assert_eq!(lengths.len(), 4);
    assert!(of("odd").iter().all(|vector| vector["on"].is_null()));
    assert!(of("fifth").iter().all(|vector| vector["on"] == true));
}

#[test]
fn a_name_that_acts_on_a_terminal_is_escaped() {
    let console = Console::empty().with("flags.yaml", "\"a\\u202e\\u009b\": {enabled: true, rollout: 5}\n");
    let outcome = console.run("-f flags.yaml codegen json-vectors");
    assert!(outcome.stdout.contains("\"a\\u202e\\u009b\"") && !outcome.stdout.contains(['\u{202e}', '\u{9b}']));
    assert_eq!(serde_json::from_str::<Value>(&outcome.stdout).unwrap()["flags"][0]["name"], "a\u{202e}\u{9b}");
    let module = console.run("-f flags.yaml codegen typescript").stdout;
    assert!(module.contains("\"a\\u202e\\u009b\"") && !module.contains(['\u{202e}', '\u{9b}']));
}

#[test]
fn a_second_consumer_agrees() {
    let console = Console::empty().with("flags.yaml", FLAGS);
    let (_, answer) = console.json("-f flags.yaml codegen json-vectors");
    let file = console.path("vectors.json");
    fs::write(&file, answer.to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/codegen/second.py");
    let output = process::output(Command::new("python3").arg(script).arg(file));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let held: usize = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
    assert_eq!(held, answer["vectors"].as_array().unwrap().len());
}
