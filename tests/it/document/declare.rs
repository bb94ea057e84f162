//! New flags, in the style of the file that gets them.

use flagctl::backend::file::{Detection, detect};
use flagctl::document::{self, Refusal};
use flagctl::model::{Field, FlagName, Mapping, Percent};

fn declared(text: &str, mapping: &Mapping) -> Result<String, Refusal> {
    let name = FlagName::new("new_flag").unwrap();
    let edited = document::declare(text, mapping, &name, "What it's for: \"x\"", None)?;
    let listing = document::listing(&edited.text, mapping).sound().unwrap();
    let flag = listing.get(&name).expect("the new flag is there");
    assert_eq!(flag.rollout, Field::Is(Percent::ZERO), "{}", edited.text);
    assert_eq!(flag.exposure().known(), Some(Percent::ZERO));
    Ok(edited.text)
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let Detection::Found(mapping) = detect(text) else { panic!("no mapping") };
    let actual = declared(text, &mapping).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    assert_eq!(actual, expected, "\n--- is:\n{actual}\n--- should be:\n{expected}");
}

const KEYS: &str = "enabled: false\n  rollout: 0\n  description: \"What it's for: \\\"x\\\"\"";

#[test]
fn into_a_text_without_anything() {
    check("", &format!("new_flag:\n  {KEYS}\n"));
    check("# c\n", &format!("# c\nnew_flag:\n  {KEYS}\n"));
    check("# c", &format!("# c\nnew_flag:\n  {KEYS}\n"));
    check("# c\r\n", &format!("# c\r\nnew_flag:\r\n  {}\r\n", KEYS.replace('\n', "\r\n")));
    check("---\n", &format!("---\nnew_flag:\n  {KEYS}\n"));
    check("\u{feff}", &format!("\u{feff}new_flag:\n  {KEYS}\n"));
}

#[test]
fn after_the_last_flag_with_its_indentation_and_gap() {
    check("a:\n  rollout: 5\n", &format!("a:\n  rollout: 5\n\nnew_flag:\n  {KEYS}\n"));
    check("a:\n  rollout: 5\nb:\n  rollout: 1", &format!("a:\n  rollout: 5\nb:\n  rollout: 1\nnew_flag:\n  {KEYS}"));
    check(
        "a:\n  rollout: 5 # x\n\nb:\n    rollout: 1 # y\n# end\n",
        &format!(
            "a:\n  rollout: 5 # x\n\nb:\n    rollout: 1 # y\n\nnew_flag:\n    {}\n# end\n",
            KEYS.replace("\n  ", "\n    ")
        ),
    );
    check(
        "a:\r\n  rollout: 5\r\n  description: |\r\n    t\r\n\r\n    u\r\n",
        &format!(
            "a:\r\n  rollout: 5\r\n  description: |\r\n    t\r\n\r\n    u\r\n\r\nnew_flag:\r\n  {}\r\n",
            KEYS.replace('\n', "\r\n")
        ),
    );
}

#[test]
fn where_the_flags_stand() {
    check(
        "version: 1\nflags:\n  a:\n    rollout: 3\nother: 1\n",
        "version: 1\nflags:\n  a:\n    rollout: 3\n\n  new_flag:\n    enabled: false\n    rollout: 0\n    description: \"What it's for: \\\"x\\\"\"\nother: 1\n",
    );
    let mapping = Mapping { root: vec!["flags".to_owned()], ..Mapping::native() };
    let expected = "flags: # none\n  new_flag:\n    enabled: false\n    rollout: 0\n    description: \"What it's for: \\\"x\\\"\"\nx: 1\n";
    assert_eq!(declared("flags: # none\nx: 1\n", &mapping).unwrap(), expected);
    let expected =
        "flags:\n  new_flag:\n    enabled: false\n    rollout: 0\n    description: \"What it's for: \\\"x\\\"\"\n";
    assert_eq!(declared("", &mapping).unwrap(), expected);
    let expected = "flags: {\"new_flag\": {\"enabled\": false, \"rollout\": 0, \"description\": \"What it's for: \\\"x\\\"\"}}\nx: 1\n";
    assert_eq!(declared("flags: {}\nx: 1\n", &mapping).unwrap(), expected);
    let refusal = declared("x: 1\n", &mapping).unwrap_err();
    assert_eq!(refusal.reason, "the file has no `flags`, where its flags should stand");
}

#[test]
fn in_the_spelling_of_the_file() {
    check(
        "features:\n  - name: \"a\"\n    status: active\n    rollout_percentage: 10.0\n  - name: \"b\"\n    status: inactive\n    rollout_percentage: 0.0\n",
        "features:\n  - name: \"a\"\n    status: active\n    rollout_percentage: 10.0\n  - name: \"b\"\n    status: inactive\n    rollout_percentage: 0.0\n  - name: \"new_flag\"\n    status: inactive\n    rollout_percentage: 0.0\n    description: \"What it's for: \\\"x\\\"\"\n",
    );
    check("rollouts:\n  a: 5\n  b: 10\n", "rollouts:\n  a: 5\n  b: 10\n  new_flag: 0\n");
    check(
        "a: {on: true, percent: 5}\nb: {on: true, percent: 5}\n",
        "a: {on: true, percent: 5}\nb: {on: true, percent: 5}\nnew_flag: {on: false, percent: 0, description: \"What it's for: \\\"x\\\"\"}\n",
    );
    check(
        "a:\n  rollout:\n    enabled: true\n    value: 5\n",
        "a:\n  rollout:\n    enabled: true\n    value: 5\n\nnew_flag:\n  rollout:\n    enabled: false\n    value: 0\n  description: \"What it's for: \\\"x\\\"\"\n",
    );
    check(
        "'a':\n  'rollout': '5'\n",
        "'a':\n  'rollout': '5'\n\n'new_flag':\n  'enabled': false\n  'rollout': '0'\n  'description': \"What it's for: \\\"x\\\"\"\n",
    );
}

#[test]
fn in_json() {
    check(
        "{\n  \"flags\": {\n    \"a\": {\n      \"enabled\": true,\n      \"rollout\": 5\n    }\n  }\n}\n",
        "{\n  \"flags\": {\n    \"a\": {\n      \"enabled\": true,\n      \"rollout\": 5\n    },\n    \"new_flag\": {\n      \"enabled\": false,\n      \"rollout\": 0,\n      \"description\": \"What it's for: \\\"x\\\"\"\n    }\n  }\n}\n",
    );
    check(
        "{\"a\":{\"enabled\":true,\"rollout\":5}}",
        "{\"a\":{\"enabled\":true,\"rollout\":5},\"new_flag\":{\"enabled\":false,\"rollout\":0,\"description\":\"What it's for: \\\"x\\\"\"}}",
    );
    check(
        "{\"flags\": [\n  {\"key\": \"a\", \"status\": \"on\", \"percentage\": 5},\n  {\"key\": \"b\", \"status\": \"off\", \"percentage\": 5}\n]}",
        "{\"flags\": [\n  {\"key\": \"a\", \"status\": \"on\", \"percentage\": 5},\n  {\"key\": \"b\", \"status\": \"off\", \"percentage\": 5},\n  {\"key\": \"new_flag\", \"status\": \"off\", \"percentage\": 0, \"description\": \"What it's for: \\\"x\\\"\"}\n]}",
    );
    check("{}", "{\"new_flag\": {\"enabled\": false, \"rollout\": 0, \"description\": \"What it's for: \\\"x\\\"\"}}");
}

#[test]
fn names_and_owners_are_quoted_where_yaml_needs_it() {
    for name in ["on", "null", "5", "a: b", "- x", "#x", "é ü", "{{x}}", "a\nb", "*x", "%", "@a", "~", "a'b\"c"] {
        let name = FlagName::new(name).unwrap();
        for text in ["", "a:\n  rollout: 5\n", "{\"a\":{\"rollout\":5}}", "flags:\n- name: a\n  rollout: 5\n"] {
            let Detection::Found(mapping) = detect(text) else { panic!("no mapping") };
            let edited = document::declare(text, &mapping, &name, "d", Some("@team: x")).unwrap();
            let listing = document::listing(&edited.text, &mapping).sound().unwrap();
            assert!(listing.get(&name).is_some(), "{}", edited.text);
        }
    }
}

#[test]
fn refuses_what_exists_and_what_is_broken() {
    let native = Mapping::native();
    let refusal = declared("a:\n  <<: *nope\n  rollout: 5\n", &native).unwrap_err();
    assert_eq!((refusal.line, refusal.column), (2, 7));
    assert_eq!(refusal.reason, "the file is not valid YAML: `*nope` is an alias of nothing");
    let refusal = declared("a: 1\nnew_flag:\n  rollout: 5\n", &native).unwrap_err();
    assert_eq!((refusal.line, refusal.column, refusal.reason.as_str()), (2, 1, "`new_flag` exists already"));
    assert!(declared("a:\n  rollout: [\n", &native).is_err());
}
