//! What a file says: a generated module reads what flagctl reads, or takes it for doubtful.

use super::node::{Job, Said, ask, module};
use flagctl::backend::file::{Detection, detect};
use flagctl::document::{self, Listing};
use flagctl::model::{FlagName, Mapping, Scale};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::fs;
use std::path::Path;

fn documents(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let is_document = |path: &Path| path.extension().is_some_and(|end| end == "yaml" || end == "json");
    let mut paths: Vec<_> = files.filter(|path| is_document(path)).collect();
    paths.sort();
    let read = |path: &Path| Some((path.display().to_string(), fs::read_to_string(path).ok()?));
    paths.iter().filter_map(|path| read(path)).collect()
}

/// Returns what is wrong with what a module said of a text; `None` if all is right.
fn wrong(text: &str, mapping: &Mapping, said: &Said) -> Option<String> {
    let listing: Listing = document::listing(text, mapping);
    if !said.doubts() && listing.broken.is_some() {
        return Some("a broken text is taken for sound".to_owned());
    }
    for (name, exposure) in &said.exposures {
        let named = FlagName::new(name.as_str()).unwrap();
        let known = listing.get(&named).and_then(|flag| flag.exposure().known());
        let known = known.map_or(0.0, |percent| f64::from(percent.milli()) / 1000.0);
        let told = said.doubts() || said.problems.iter().any(|problem| problem.starts_with(&format!("\"{name}\"")));
        if (exposure - known).abs() > 1e-9 && !(*exposure == 0.0 && told) {
            return Some(format!("`{name}` is at {exposure}, not at {known}"));
        }
    }
    None
}

fn hold(cases: &[(String, String, Mapping)], said: &[Said]) -> Vec<String> {
    let judged = cases.iter().zip(said).filter_map(|((name, text, mapping), said)| {
        wrong(text, mapping, said).map(|wrong| format!("--- {name}: {wrong}; {:?}\n{text}", said.problems))
    });
    judged.collect()
}

#[test]
fn files_of_all_kinds_are_read_as_flagctl_reads_them() {
    let mut cases = Vec::new();
    for (name, text) in [documents("mapped"), documents("tricky")].concat() {
        let found = match detect(&text) {
            Detection::Found(mapping) => vec![mapping],
            Detection::Ambiguous(seen) => seen.into_iter().map(|seen| seen.mapping).collect(),
            Detection::Nothing { .. } | Detection::OtherDialect(_) => vec![Mapping::native()],
        };
        cases.extend(
            found
                .into_iter()
                .filter(|found| found.scale != Scale::Doubtful)
                .map(|found| (name.clone(), text.clone(), found)),
        );
    }
    let job = |(_, text, mapping): &(String, String, Mapping)| Job {
        module: module(text, mapping),
        text: text.clone(),
        asks: Vec::new(),
    };
    let said = ask(&cases.iter().map(job).collect::<Vec<_>>());
    let wrong = hold(&cases, &said);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let timid = timid(&cases, &said);
    assert!(timid.is_empty(), "plain, and doubted all the same:\n{}", timid.join("\n"));
}

/// Returns the texts that codegen takes and the module doubts.
fn timid(cases: &[(String, String, Mapping)], said: &[Said]) -> Vec<String> {
    let sound = |text: &str, mapping: &Mapping| {
        document::plain(text).is_ok() && document::listing(text, mapping).broken.is_none()
    };
    let doubted = cases.iter().zip(said).filter(|((_, text, mapping), said)| said.doubts() && sound(text, mapping));
    doubted.map(|((name, text, _), said)| format!("{name}: {:?}\n{text}", said.problems)).collect()
}

/// Changes a text here and there, in ways that matter to YAML.
fn spoilt(text: &str, changes: &[(prop::sample::Index, usize)]) -> String {
    const PIECES: &str = "____ _  _\n_\n  _:_: _- _-_#_ # _\"_'_{_}_[_]_, _|_>\n    x_&a _*a_!!int _?_? _<<: _---\n_...\n_\t_%_@_true_5\
                          _0.5_05_rollout: 7_enabled: true_\\_\r\n_~_a: {b: c}";
    let pieces: Vec<&str> = PIECES.split('_').collect();
    let mut letters: Vec<String> = text.chars().map(String::from).collect();
    for (index, piece) in changes {
        let at = index.index(letters.len());
        match piece % 3 {
            0 => letters[at] = pieces[piece % pieces.len()].to_owned(),
            1 => letters[at].insert_str(0, pieces[piece % pieces.len()]),
            _ => letters[at].push_str(pieces[piece % pieces.len()]),
        }
    }
    letters.concat()
}

#[test]
fn spoilt_files_are_read_as_flagctl_reads_them_or_doubted() {
    let sound = |(name, text): (String, String)| match detect(&text) {
        Detection::Found(mapping) if mapping.scale != Scale::Doubtful && document::plain(&text).is_ok() => {
            // The module is that of the sound text.
            Some((name, module(&text, &mapping), text, mapping))
        }
        _ => None,
    };
    let texts: Vec<_> = [documents("mapped"), documents("tricky")].concat().into_iter().filter_map(sound).collect();
    let change = || (any::<prop::sample::Index>(), 0..1_000_usize);
    let (mut runner, any) =
        (TestRunner::deterministic(), (any::<prop::sample::Index>(), prop::collection::vec(change(), 1..4)));
    let mut cases = Vec::new();
    let mut jobs = Vec::new();
    for _ in 0..1_500 {
        let (index, changes) = any.new_tree(&mut runner).unwrap().current();
        let (name, module, text, mapping) = index.get(&texts);
        let changed = spoilt(text, &changes);
        jobs.push(Job { module: module.clone(), text: changed.clone(), asks: Vec::new() });
        cases.push((name.clone(), changed, mapping.clone()));
    }
    let said = ask(&jobs);
    let wrong = hold(&cases, &said);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong[..wrong.len().min(20)].join("\n"));
    let read = said.iter().filter(|said| !said.doubts()).count();
    let timid = timid(&cases, &said);
    // Oddities that one reader takes and others don't are doubted. That most are read shows that something was compared.
    assert!(timid.len() * 20 < cases.len(), "{} of {}:\n{}", timid.len(), cases.len(), timid.join("\n"));
    assert!(read * 3 > cases.len(), "only {read} of {} were read", cases.len());
}
