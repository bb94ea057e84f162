//! Every tricky document, edited forward and back, byte for byte.
//!
//! `NAME.yaml` is the document. Beside it stands what becomes of it: `NAME.advance.yaml` or `NAME.advance.refused`, and
//! the same for `rollback`. `SNAPSHOTS=overwrite` writes what comes now; read every byte of the diff before it is kept.

use flagctl::backend::file::{Detection, detect};
use flagctl::document::{self, Refusal};
use flagctl::model::{FlagName, Mapping, Mode, Percent, Values};
use std::fs;
use std::path::{Path, PathBuf};

const FLAG: &str = "holograph_reality_enabled";

/// Returns the mapping that is found by looking; the native one where a configuration has to name it.
fn mapping_of(text: &str) -> Mapping {
    match detect(text) {
        Detection::Found(mapping) => mapping,
        _ => Mapping::native(),
    }
}

fn flag_of(document: &str) -> FlagName {
    FlagName::new(match document {
        "key-dot-decoy" => "a.b",
        "unicode-keys" => "флаг_✨",
        _ => FLAG,
    })
    .unwrap()
}

#[test]
fn tricky_documents_are_exact_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/tricky");
    let mut documents: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.file_name().unwrap().to_str().unwrap().matches('.').count() == 1)
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml" || extension == "json"))
        .collect();
    documents.sort();
    assert!(documents.len() > 30, "the corpus is there");
    let mut wrong = Vec::new();
    for path in documents {
        let advance = Values { rollout: Percent::from_whole(37).unwrap(), enabled: Some(true) };
        let rollback = Values { rollout: Percent::ZERO, enabled: Some(false) };
        wrong.extend(outcome(&path, "advance", advance, Mode::Careful));
        wrong.extend(outcome(&path, "rollback", rollback, Mode::Urgent));
    }
    assert!(wrong.is_empty(), "{} outcomes differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Returns what differs from the recorded outcome.
fn outcome(path: &Path, verb: &str, values: Values, mode: Mode) -> Option<String> {
    let document = path.file_stem().unwrap().to_str().unwrap();
    let extension = path.extension().unwrap().to_str().unwrap();
    let bytes = fs::read(path).unwrap();
    let text = document::text(&bytes);
    let result = text.and_then(|text| document::edit(text, &mapping_of(text), &flag_of(document), values, mode));
    let edited = path.with_file_name(format!("{document}.{verb}.{extension}"));
    let refused = path.with_file_name(format!("{document}.{verb}.refused"));
    let (there, absent, actual) = match result {
        Ok(edit) => {
            let notes: String = edit.notes.iter().map(|note| format!("{note}\n")).collect();
            assert_eq!(edit.text.as_bytes() == bytes, edit.after.is_empty(), "{document} {verb}: {edit:?}");
            match record(&path.with_file_name(format!("{document}.{verb}.notes")), notes.as_bytes()) {
                None => (edited, refused, edit.text.into_bytes()),
                wrong => return wrong,
            }
        }
        Err(refusal) => (refused, edited, said(&refusal).into_bytes()),
    };
    if overwrite() {
        let _ = fs::remove_file(&absent);
    }
    if absent.exists() {
        return Some(format!("{document} {verb}: {} should not be the outcome", there.display()));
    }
    record(&there, &actual)
}

fn said(refusal: &Refusal) -> String {
    let Refusal { line, column, width, reason, help } = refusal;
    format!(
        "{line}:{column}+{width}: {reason}\n{}",
        help.iter().map(|help| format!("help: {help}\n")).collect::<String>()
    )
}

/// Compares with a file, of which an empty one need not exist; writes it where that is asked for.
fn record(file: &Path, actual: &[u8]) -> Option<String> {
    let recorded = fs::read(file).ok();
    if recorded.as_deref().unwrap_or_default() == actual && (recorded.is_some() || actual.is_empty()) {
        return None;
    }
    if overwrite() {
        if actual.is_empty() {
            fs::remove_file(file).unwrap()
        } else {
            fs::write(file, actual).unwrap()
        }
        return None;
    }
    let recorded = String::from_utf8_lossy(recorded.as_deref().unwrap_or(b"(no such file)")).into_owned();
    Some(format!("--- {}\n{recorded}\n+++\n{}", file.display(), String::from_utf8_lossy(actual)))
}

fn overwrite() -> bool {
    std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite")
}
