//! Files as real teams write them: what looking finds, and what every edit of every flag changes.
//!
//! Beside each document stands `NAME.seen`: the mapping that is found, or what is said instead; then for every flag the
//! lines that `advance --to 37` and the rollback after it change. `SNAPSHOTS=overwrite` writes what comes now.

use flagctl::backend::file::{Detection, detect};
use flagctl::document;
use flagctl::model::{FlagName, Mapping, Mode, Percent, Values};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn mapped_files_are_found_and_only_their_scalars_change() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/mapped");
    let mut documents: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension != "seen"))
        .collect();
    documents.sort();
    assert!(documents.len() >= 60, "the corpus is there");
    let mut wrong = Vec::new();
    for path in documents {
        let text = fs::read_to_string(&path).unwrap();
        let actual = seen(&text);
        let file = path.with_file_name(format!("{}.seen", path.file_name().unwrap().to_str().unwrap()));
        if fs::read_to_string(&file).unwrap_or_default() == actual {
            continue;
        }
        if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
            fs::write(&file, actual).unwrap();
        } else {
            wrong.push(format!("--- {}\n{actual}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn seen(text: &str) -> String {
    match detect(text) {
        Detection::Found(mapping) => format!("{}{}", spelled(&mapping), edits(text, &mapping)),
        Detection::Ambiguous(seen) => {
            let line = |seen: &flagctl::backend::file::Seen| {
                format!("  {} flags, as {}: {}", seen.flags, seen.example, spelled(&seen.mapping))
            };
            format!("ambiguous:\n{}", seen.iter().map(line).collect::<String>())
        }
        Detection::Nothing { keys, hint, .. } => format!("nothing: {hint}; keys: {}\n", keys.join(", ")),
        Detection::OtherDialect(dialect) => format!("other dialect: {}\n", dialect.name()),
    }
}

fn spelled(mapping: &Mapping) -> String {
    let enabled = mapping.enabled.iter().map(|key| match &key.words {
        Some(words) => format!("{} ({}/{})", key.path.join("."), words.on.join("|"), words.off.join("|")),
        None => key.path.join("."),
    });
    format!(
        "root `{}`, rollout `{}`, enabled `{}`, {:?}\n",
        mapping.root.join("."),
        mapping.rollout.iter().map(|path| path.join(".")).collect::<Vec<_>>().join("` `"),
        enabled.collect::<Vec<_>>().join("` `"),
        mapping.scale
    )
}

fn edits(text: &str, mapping: &Mapping) -> String {
    let listing = document::listing(text, mapping).sound().unwrap();
    let mut said = String::new();
    for flag in &listing.flags {
        let _ = writeln!(said, "\n{} at {}", flag.name, flag.exposure());
        let advance = Values { rollout: Percent::from_whole(37).unwrap(), enabled: Some(true) };
        let advanced = step(&mut said, "advance", text, mapping, &flag.name, advance, Mode::Careful);
        let rollback = Values { rollout: Percent::ZERO, enabled: Some(false) };
        let back = step(&mut said, "rollback", &advanced, mapping, &flag.name, rollback, Mode::Urgent);
        let read = document::look_up(&back, mapping, &flag.name).sound().unwrap();
        assert_eq!(read.get(&flag.name).unwrap().exposure().known(), Some(Percent::ZERO), "{back}");
    }
    said
}

/// Edits, writes down the lines that changed, and returns the text as it is then.
fn step(
    said: &mut String,
    verb: &str,
    text: &str,
    mapping: &Mapping,
    name: &FlagName,
    values: Values,
    mode: Mode,
) -> String {
    match document::edit(text, mapping, name, values, mode) {
        Ok(edited) => {
            let old: Vec<&str> = text.split('\n').collect();
            let new: Vec<&str> = edited.text.split('\n').collect();
            if old.len() == new.len() {
                for (line, (old, new)) in old.iter().zip(&new).enumerate().filter(|(_, (old, new))| old != new) {
                    let _ = writeln!(said, "  {verb} {}: {} -> {}", line + 1, old.trim(), new.trim());
                }
            } else {
                let added = new.iter().filter(|line| !old.contains(line)).map(|line| line.trim());
                let _ = writeln!(said, "  {verb} adds: {}", added.collect::<Vec<_>>().join(" | "));
            }
            for note in &edited.notes {
                let _ = writeln!(said, "  {verb} note: {note}");
            }
            edited.text
        }
        Err(refusal) => {
            let _ = writeln!(said, "  {verb} refused at {}:{}: {}", refusal.line, refusal.column, refusal.reason);
            text.to_owned()
        }
    }
}

#[test]
fn a_boolean_stays_one_whatever_the_words_say() {
    let words = flagctl::model::OnOff::one("active", "inactive");
    let mut mapping = Mapping::native();
    mapping.enabled[0].words = Some(words);
    let name = FlagName::new("a").unwrap();
    for mode in [Mode::Urgent, Mode::Careful] {
        let values = Values { rollout: Percent::ZERO, enabled: Some(false) };
        let edited = document::edit("a:\n  rollout: 5\n  enabled: true\n", &mapping, &name, values, mode).unwrap();
        assert_eq!(edited.text, "a:\n  rollout: 0\n  enabled: false\n");
    }
}
