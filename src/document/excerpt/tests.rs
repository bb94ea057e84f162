use super::super::events::{Events, Feed as _, Kind};
use super::super::found;
use super::entry;
use crate::model::{EnabledKey, FlagName, Mapping, Percent, Values};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

/// Cuts out the flag `f`, at the top or below `flags`.
fn cut<'t>(text: &'t str, root: &[&str]) -> Option<&'t str> {
    let root: Vec<String> = root.iter().map(|key| (*key).to_owned()).collect();
    entry(text, &root, "f").map(|part| &text[part])
}

#[test]
fn an_entry_reaches_from_its_key_to_the_next() {
    let entry = "f: # here\n  enabled: true\n  rollout: 5\n\n# of g\n";
    let text = format!("# top\n---\na: {{x: 1}}\nb:\n- 1\n- two\nc: |\n  f:\n    rollout: 9\n\n{entry}g: 5\n");
    assert_eq!(cut(&text, &[]), Some(entry));
    assert_eq!(cut("f: 5", &[]), Some("f: 5"));
    let entry = "  f:\r\n    rollout: 5\r\n";
    let text = format!("f: 1\r\nflags:\r\n  a:\r\n    f: 1\r\n{entry}  z: 1\r\nother:\r\n  f: 2\r\n");
    assert_eq!(cut(&text, &["flags"]), Some(entry));
    assert_eq!(cut("flags:\n f: 1\nz: 2\n", &["flags"]), Some(" f: 1\n"));
    assert_eq!(cut("a:\n  - id: 1\n    f: 2\n  - note: >-\n      f: 2\nf: 3\n", &[]), Some("f: 3\n"));
}

#[test]
fn what_is_not_plain_is_left_to_the_parser() {
    for text in [
        "f: 5\nf: 6\n",
        "a: 1\n f: 5\n",
        "a:\n    b: 1\n  c: 2\nf: 5\n",
        "a: \"text\nf: 5\n\"\n",
        "a: [1,\nf: 5]\n",
        "a: text\n  f: 5\nf: 5\n",
        "a: &x 1\nf: 5\n",
        "a: *x\nf: 5\n",
        "a: !!int 1\nf: 5\n",
        "<<: 1\nf: 5\n",
        "? f\n: 5\n",
        "a: 'it''s'\nf: 5\n",
        "a: \"\\n\"\nf: 5\n",
        "a:\t1\nf: 5\n",
        "a: |\n\n   \n  text\nf: 5\n",
        "a: |2\n   text\nf: 5\n",
        "a: 1\n---\nf: 5\n",
        "---\n---\nf: 5\n",
        "f: 5\n...\n",
        "\u{feff}f: 5\n",
        "a: \u{85}\nf: 5\n",
        "a: {b: 1, b}\nf: 5\n",
        "a:\n- 1\n b: 2\nf: 5\n",
        "- f: 5\n",
        "a: b: c\nf: 5\n",
        "a: - b\nf: 5\n",
        "a:\r  b\nf: 5\n",
    ] {
        assert_eq!(cut(text, &[]), None, "{text:?}");
    }
    for text in ["flags:\n- f: 1\n", "flags:\n  - f: 1\n", "flags: {f: 1}\n", "flags:\n  f: 1\nflags:\n  a: 1\n"] {
        assert_eq!(cut(text, &["flags"]), None, "{text:?}");
    }
}

fn mappings() -> Vec<Mapping> {
    let path = |key: &str| vec![key.to_owned()];
    let below = |root: &[&str]| root.iter().map(|key| (*key).to_owned()).collect();
    let bare = Mapping { rollout: vec![vec![]], enabled: Vec::new(), ..Mapping::native() };
    let odd = Mapping {
        root: below(&["flags"]),
        rollout: vec![path("rollout_percentage"), path("rollout"), vec!["rollout".into(), "value".into()]],
        enabled: vec![EnabledKey { path: path("on"), words: None }, EnabledKey { path: path("enabled"), words: None }],
        ..Mapping::native()
    };
    vec![Mapping { root: below(&["feature_flags"]), ..Mapping::native() }, odd, bare, Mapping::native()]
}

/// Where an excerpt is made, the parser reads the whole text without complaint and without anchors, and the excerpt
/// gives what the whole text gives.
fn holds(text: &str) -> Result<usize, TestCaseError> {
    let mut cut = 0;
    for mapping in mappings() {
        let names: Vec<FlagName> =
            super::super::listing(text, &mapping).flags.into_iter().map(|flag| flag.name).collect();
        for name in names {
            let Some(part) = entry(text, &mapping.root, name.as_str()) else { continue };
            cut += 1;
            sound(text)?;
            let (found, all) = (found::find(text, &mapping, &name), found::find_in_all(text, &mapping, &name));
            prop_assert!(all.broken().is_none(), "{text:?}");
            let (one, other) = (format!("{:?}", found.flag()), format!("{:?}", all.flag()));
            prop_assert_eq!(one, other, "{:?} of {:?}", &text[part], text);
            for values in [
                Values { rollout: Percent::ZERO, enabled: Some(false) },
                Values { rollout: Percent::ZERO, enabled: None },
                Values { rollout: Percent::from_whole(3).unwrap(), enabled: None },
            ] {
                prop_assert_eq!(found.lead_back(values), all.lead_back(values), "{:?}", text);
            }
        }
    }
    Ok(cut)
}

fn sound(text: &str) -> Result<(), TestCaseError> {
    let mut events = Events::new(text);
    loop {
        match events.next() {
            Ok(event) if event.kind == Kind::StreamEnd => return Ok(()),
            Ok(event) => {
                let bare = event.anchor == 0 && event.tag.is_none() && !matches!(event.kind, Kind::Alias(_));
                prop_assert!(bare, "{event:?} in {text:?}");
            }
            Err(broken) => return Err(TestCaseError::fail(format!("{broken:?} in {text:?}"))),
        }
    }
}

fn documents() -> Vec<String> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let folders = ["tricky", "mapped"].map(|folder| fs::read_dir(corpus.join(folder)).unwrap());
    let mut files: Vec<_> = folders.into_iter().flatten().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().filter_map(|file| String::from_utf8(fs::read(file).unwrap()).ok()).collect()
}

#[test]
fn an_excerpt_of_a_document_says_what_the_document_says() {
    let cut: usize = documents().iter().map(|text| holds(text).unwrap()).sum();
    assert!(cut > 100, "{cut}");
}

/// Lines that mean this or that beside others.
fn line() -> impl Strategy<Value = String> {
    let indent = prop::sample::select(vec!["", "", " ", "  ", "  ", "    ", "      "]);
    let dash = prop::sample::select(vec!["", "", "", "- ", "-", "- - "]);
    let key = prop::sample::select(vec![
        "",
        "f:",
        "g:",
        "flags:",
        "feature_flags:",
        "enabled:",
        "on:",
        "rollout:",
        "rollout_percentage:",
        "value:",
        "\"f\":",
        "'h':",
        "h :",
        "f:g:",
        "-a:",
        "k.v-w:",
        "<<:",
        "? ",
        "é:",
    ]);
    let value = prop::sample::select(vec![
        "",
        "",
        " 5",
        " true",
        " false",
        " 5 # five",
        " # none",
        " |",
        " >-",
        " |2",
        " text",
        " a: b",
        " a:",
        " \"q\"",
        " \"q",
        " 'q'",
        " 'q''s'",
        " [a, b]",
        " [a",
        " {a: 1, \"b\": c}",
        " {a: 1",
        " []",
        " {}",
        " - x",
        " -",
        " -5",
        " &a x",
        " *a",
        " !t x",
        " @",
        " `",
        " %",
        " é",
        " a#b",
        " #",
        "x",
        " ---",
        " ...",
        " ~",
        " \"a\" b",
        " [a] # c",
        " {a}",
        " 5 ",
        " a  #c",
        " \"\\\"\"",
        " ,",
        " a, b",
        " {a: [1, {b: 2}]}",
        " [a, ]",
        " [,]",
    ]);
    (indent, dash, key, value).prop_map(|(indent, dash, key, value)| format!("{indent}{dash}{key}{value}"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_excerpt_of_any_lines_says_what_they_say(lines in prop::collection::vec(line(), 1..9), end in prop::sample::select(vec!["\n", "\r\n", "\n\n", ""])) {
        let text = lines.join(if end.is_empty() { "\n" } else { end }) + end;
        holds(&text)?;
    }

    #[test]
    fn an_excerpt_of_a_mutated_document_says_what_it_says(document in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), put in line(), take in 0..3_usize) {
        let documents = documents();
        let text = &documents[document.index(documents.len())];
        let lines: Vec<&str> = text.split('\n').collect();
        let at = at.index(lines.len() + 1);
        let rest = lines.iter().skip(at + take).copied();
        let lines: Vec<&str> = lines.iter().take(at).copied().chain([put.as_str()]).chain(rest).collect();
        holds(&lines.join("\n"))?;
    }
}
