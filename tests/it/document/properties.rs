//! Properties: any file of any style, any edit; and nothing at all may panic.

use flagctl::backend::file::{Detection, detect};
use flagctl::check;
use flagctl::document::{self, Language};
use flagctl::model::{EnabledKey, Flag, FlagName, KeyPath, Ladder, Mapping, Mode, Percent, Scale, Values};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How a generated file writes.
#[derive(Clone, Debug)]
struct Style {
    root: Option<&'static str>,
    shape: Shape,
    eol: &'static str,
    indent: usize,
    rollout: &'static str,
    enabled: &'static str,
    number: Number,
    bom: bool,
    final_eol: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Block,
    List,
    Flow,
    Json,
}

#[derive(Clone, Copy, Debug)]
enum Number {
    Plain,
    Decimal,
    Quoted,
}

/// A generated flag: what it holds, and what stands around that.
#[derive(Clone, Debug)]
struct Spec {
    name: String,
    enabled: bool,
    rollout: u32,
    description: String,
    decoy: usize,
    anchor: bool,
    gap: bool,
    rollout_first: bool,
}

fn style() -> impl Strategy<Value = Style> {
    let shape = prop_oneof![Just(Shape::Block), Just(Shape::List), Just(Shape::Flow), Just(Shape::Json)];
    let number = prop_oneof![Just(Number::Plain), Just(Number::Decimal), Just(Number::Quoted)];
    (
        prop::sample::select(vec![None, Some("flags"), Some("feature_flags")]),
        shape,
        prop::sample::select(vec!["\n", "\r\n"]),
        1..6_usize,
        prop::sample::select(vec!["rollout", "rollout_percentage", "percent"]),
        prop::sample::select(vec!["enabled", "active", "on"]),
        number,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(root, shape, eol, indent, rollout, enabled, number, bom, final_eol)| Style {
            root,
            shape,
            eol,
            indent,
            rollout,
            enabled,
            number,
            bom,
            final_eol,
        })
}

fn spec() -> impl Strategy<Value = Spec> {
    let text = "[a-zA-Zäß日🎉 #:\"'{}\\[\\],&*!%-]{0,24}";
    ("[a-z][a-zé_]{0,8}", any::<bool>(), 0..=100_u32, text, 0..6_usize, any::<bool>(), any::<bool>(), any::<bool>())
        .prop_map(|(name, enabled, rollout, description, decoy, anchor, gap, rollout_first)| Spec {
            name,
            enabled,
            rollout,
            description,
            decoy,
            anchor,
            gap,
            rollout_first,
        })
}

/// Flags of which no two have the same name.
fn specs() -> impl Strategy<Value = Vec<Spec>> {
    vec(spec(), 1..8).prop_map(|mut specs| {
        for (index, spec) in specs.iter_mut().enumerate() {
            let _ = write!(spec.name, "_{index}");
        }
        specs
    })
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl Style {
    fn number(&self, rollout: u32) -> String {
        match self.number {
            Number::Plain => rollout.to_string(),
            Number::Decimal => format!("{rollout}.0"),
            Number::Quoted => quoted(&rollout.to_string()),
        }
    }

    fn mapping(&self) -> Mapping {
        Mapping {
            root: self.root.map(str::to_owned).into_iter().collect(),
            name: None,
            rollout: vec![vec![self.rollout.to_owned()]],
            enabled: vec![EnabledKey { path: vec![self.enabled.to_owned()], words: None }],
            scale: Scale::Percent,
        }
    }

    fn render(&self, specs: &[Spec]) -> String {
        let text = match self.shape {
            Shape::Block | Shape::List => self.block(specs),
            Shape::Flow | Shape::Json => self.flow(specs),
        };
        let text = if self.final_eol { text } else { text.trim_end().to_owned() };
        let text = text.replace('\n', self.eol);
        if self.bom { format!("\u{feff}{text}") } else { text }
    }

    fn block(&self, specs: &[Spec]) -> String {
        let mut text = "# flags: é 🎉\nversion: 1\n".to_owned();
        let mut outer = String::new();
        if let Some(root) = self.root {
            let _ = writeln!(text, "{root}: # here");
            outer = " ".repeat(self.indent);
        } else if self.shape == Shape::List {
            text = "# flags: é 🎉\n".to_owned();
        }
        let inner =
            format!("{outer}{}", if self.shape == Shape::List { "  ".to_owned() } else { " ".repeat(self.indent) });
        for spec in specs {
            if spec.gap {
                text.push('\n');
            }
            match self.shape {
                Shape::List => {
                    let _ = writeln!(text, "{outer}- name: {}", spec.name);
                }
                _ => {
                    let anchor = if spec.anchor { format!(" &{}", spec.name.len()) } else { String::new() };
                    let _ = writeln!(text, "{outer}{}:{anchor} # {}: 9", spec.name, self.rollout);
                }
            }
            let enabled = format!("{inner}{}: {} # {}\n", self.enabled, spec.enabled, spec.description);
            let rollout = format!("{inner}{}:   {}\n", self.rollout, self.number(spec.rollout));
            let (first, second) = if spec.rollout_first { (rollout, enabled) } else { (enabled, rollout) };
            text.push_str(&first);
            text.push_str(&self.decoy(spec, &inner));
            text.push_str(&second);
            let _ = writeln!(text, "{inner}description: {}", quoted(&spec.description));
        }
        if self.root.is_some() {
            text.push_str("after: {rollout: 9}\n");
        }
        text
    }

    /// Returns what looks like the values and is none.
    fn decoy(&self, spec: &Spec, indent: &str) -> String {
        let key = self.rollout;
        match spec.decoy {
            0 => format!("{indent}note: |\n{indent}  {key}: 9\n\n{indent}  {}: true\n", self.enabled),
            1 => format!("{indent}nested:\n{indent}  {key}: 9\n{indent}  list:\n{indent}  - {key}: 8\n"),
            2 => format!("{indent}# {key}: 9\n"),
            3 => format!("{indent}folded: >-\n{indent}  {key}: 9\n"),
            4 => format!("{indent}note: \"{key}: 9\n{indent}  {key}: 8\"\n"),
            _ => String::new(),
        }
    }

    fn flow(&self, specs: &[Spec]) -> String {
        let json = self.shape == Shape::Json;
        let key = |key: &str| if json { quoted(key) } else { key.to_owned() };
        let entry = |spec: &Spec| {
            let enabled = format!("{}: {}", key(self.enabled), spec.enabled);
            let rollout = format!("{}: {}", key(self.rollout), self.number(spec.rollout));
            let (first, second) = if spec.rollout_first { (&rollout, &enabled) } else { (&enabled, &rollout) };
            let decoy = format!("{}: {{{}: 9}}", key("more"), key(self.rollout));
            let description = format!("{}: {}", key("description"), quoted(&spec.description));
            format!("{}: {{{first}, {decoy}, {second}, {description}}}", key(&spec.name))
        };
        let entries: Vec<String> = specs.iter().map(entry).collect();
        let inside = entries.join(",\n  ");
        match self.root {
            Some(root) => format!("{{{}: {{\n  {inside}\n}}, {}: 1}}\n", key(root), key("version")),
            None => format!("{{\n  {inside}\n}}\n"),
        }
    }
}

fn percent(whole: u32) -> Percent {
    Percent::from_whole(whole).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// An edit gives exactly the file that would have been written with the new values, and reads back as that.
    #[test]
    fn only_the_values_of_the_flag_change(style in style(), mut specs in specs(), target in any::<prop::sample::Index>(), to in 0..=100_u32, urgent in any::<bool>()) {
        let text = style.render(&specs);
        let target = target.index(specs.len());
        let name = FlagName::new(specs[target].name.clone()).unwrap();
        let mapping = style.mapping();
        let values = if urgent { Values { rollout: Percent::ZERO, enabled: Some(false) } } else { Values { rollout: percent(to), enabled: Some(true) } };
        let mode = if urgent { Mode::Urgent } else { Mode::Careful };
        let edited = document::edit(&text, &mapping, &name, values, mode);
        let edited = edited.map_err(|refusal| TestCaseError::fail(format!("{refusal:?} in\n{text}")))?;
        specs[target].rollout = if urgent { 0 } else { to };
        specs[target].enabled = !urgent;
        prop_assert_eq!(&edited.text, &style.render(&specs));
        let listing = document::listing(&edited.text, &mapping).sound().unwrap();
        prop_assert_eq!(listing.flags.len(), specs.len());
        for (flag, spec) in listing.flags.iter().zip(&specs) {
            prop_assert_eq!(flag.name.as_str(), &spec.name);
            prop_assert_eq!(flag.rollout.value(), Some(&percent(spec.rollout)));
            prop_assert_eq!(flag.enabled.value(), Some(&spec.enabled));
        }
        prop_assert!(edited.notes.is_empty(), "{:?}", edited.notes);
        if urgent {
            let again = document::edit(&edited.text, &mapping, &name, values, mode).unwrap();
            prop_assert_eq!(again.text, edited.text, "twice is once");
        }
    }

    /// Looking finds the mapping that the file was made with.
    #[test]
    fn looking_finds_how_it_is_spelled(style in style(), specs in specs()) {
        let text = style.render(&specs);
        let mut expected = style.mapping();
        let detected = detect(&text);
        if let Detection::Found(mapping) = &detected {
            expected.scale = mapping.scale;
        }
        // A file with values up to one, and decimals, may hold shares of one.
        prop_assert_eq!(detected, Detection::Found(expected), "{}", text);
    }

    /// A new flag changes no other, and is off.
    #[test]
    fn a_new_flag_is_one_more(style in style(), specs in specs(), description in "[ -~é日]{0,30}") {
        let text = style.render(&specs);
        let mapping = style.mapping();
        let name = FlagName::new("brand new: é").unwrap();
        let edited = document::declare(&text, &mapping, &name, &description, None);
        let edited = edited.map_err(|refusal| TestCaseError::fail(format!("{refusal:?} in\n{text}")))?;
        let old = document::listing(&text, &mapping);
        let new = document::listing(&edited.text, &mapping).sound().unwrap();
        prop_assert_eq!(new.flags.len(), old.flags.len() + 1);
        let (last, rest) = new.flags.split_last().unwrap();
        prop_assert!(old.flags.iter().zip(rest).all(|(old, new)| old.same_values(new)), "{}", edited.text);
        prop_assert_eq!(last.exposure().known(), Some(Percent::ZERO));
        prop_assert_eq!(last.description.as_deref(), Some(description.as_str()));
    }

    /// Nothing panics, whatever stands in the file; and what is edited reads as was asked.
    #[test]
    fn arbitrary_text_is_survived(bytes in vec(any::<u8>(), 0..200), yaml in "[a-c :\n\r\t{}\\[\\],&*!|>%#'\"?<~0-9.-]{0,80}") {
        if let Ok(text) = document::text(&bytes) {
            survive(text);
        }
        survive(&yaml);
        survive(&yaml.replace('a', "rollout").replace('b', "enabled"));
    }

    /// The same for the tricky documents with bytes taken out, put in, or cut off.
    #[test]
    fn mutations_are_survived(document in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), put in prop::sample::select(vec!["", "\n", " ", "{", "}", "*a", "&a ", "\"", ":", "- ", "\t", "rollout: 9", "#", "---\n", "|", "\r"]), take in 0..4_usize, end in any::<bool>()) {
        let documents = corpus();
        let text = &documents[document.index(documents.len())];
        let at = (0..=cut.index(text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let rest = if end { "" } else { text[at..].char_indices().nth(take).map_or("", |(skip, _)| &text[at + skip..]) };
        survive(&format!("{}{put}{rest}", &text[..at]));
    }
}

/// Returns every tricky document that is text.
fn corpus() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/tricky");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().filter_map(|file| String::from_utf8(fs::read(file).unwrap()).ok()).collect()
}

/// Does everything to a text, with the mapping that is found and with the native one.
fn survive(text: &str) {
    let nested = |path: &[&str]| -> KeyPath { path.iter().map(|key| (*key).to_owned()).collect() };
    let odd = Mapping {
        root: nested(&["*"]),
        name: Some("title".to_owned()),
        rollout: vec![nested(&[]), nested(&["rollout", "value"]), nested(&["rollout"])],
        enabled: vec![EnabledKey { path: nested(&[]), words: None }],
        scale: Scale::Fraction,
    };
    let found = match detect(text) {
        Detection::Found(mapping) => mapping,
        _ => Mapping::native(),
    };
    for mapping in [found, Mapping::native(), odd] {
        let listing = document::listing(text, &mapping);
        let _ = check::run(text, Language::Yaml, &mapping, &|_| Ladder::default());
        let fresh = FlagName::new("fresh").unwrap();
        let _ = document::declare(text, &mapping, &fresh, "d", Some("o"));
        let _ = document::edit(text, &mapping, &fresh, Values { rollout: Percent::FULL, enabled: None }, Mode::Careful);
        for flag in listing.flags.iter().take(3) {
            let name = &flag.name;
            let values = Values { rollout: percent(37), enabled: Some(true) };
            if let Ok(edited) = document::edit(text, &mapping, name, values, Mode::Careful) {
                let read = document::look_up(&edited.text, &mapping, name).sound().unwrap();
                assert_eq!(read.get(name).unwrap().rollout.value(), Some(&percent(37)), "{text:?} -> {edited:?}");
                others_are_the_same(text, &edited.text, &mapping, name);
            }
            let values = Values { rollout: Percent::ZERO, enabled: Some(false) };
            if let Ok(edited) = document::edit(text, &mapping, name, values, Mode::Urgent) {
                let read = document::look_up(&edited.text, &mapping, name);
                assert_eq!(read.get(name).unwrap().exposure().known(), Some(Percent::ZERO), "{text:?} -> {edited:?}");
                if !edited.notes.iter().any(|note| note.contains("goes down with")) {
                    others_are_the_same(text, &edited.text, &mapping, name);
                }
                // Of a damaged text a second rollback may set what the first left alone; it never takes anything back.
                let again = document::edit(&edited.text, &mapping, name, values, Mode::Urgent).unwrap();
                let read = document::look_up(&again.text, &mapping, name);
                assert_eq!(read.get(name).unwrap().exposure().known(), Some(Percent::ZERO), "{text:?} -> {again:?}");
                if read.broken.is_none() {
                    assert_eq!(again.text, edited.text, "twice is once: {text:?}");
                }
            }
        }
    }
}

#[track_caller]
fn others_are_the_same(old: &str, new: &str, mapping: &Mapping, name: &FlagName) {
    let (before, after) = (document::listing(old, mapping), document::listing(new, mapping));
    // What stands right at a break is read as far as it goes, and that may be another way now.
    let at_break = |listing: &document::Listing| {
        listing.flags.iter().max_by_key(|flag| flag.line).filter(|_| listing.broken.is_some()).map(|flag| flag.line)
    };
    let (one, other) = (at_break(&before), at_break(&after));
    let kept = |flags: &[Flag], line: Option<usize>| {
        let kept = flags.iter().filter(|flag| flag.name != *name && Some(flag.line) != line);
        kept.map(|flag| (flag.name.clone(), flag.exposure().known(), flag.rollout.value().copied())).collect::<Vec<_>>()
    };
    let (before, after) = (kept(&before.flags, one), kept(&after.flags, other));
    // The flag itself may have stood at the break, and another does now.
    let broken = one.is_some() || other.is_some();
    let same = if broken {
        after.iter().all(|flag| before.contains(flag)) || before.iter().all(|flag| after.contains(flag))
    } else {
        before == after
    };
    assert!(same, "{old:?} -> {new:?}");
}
