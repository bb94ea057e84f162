//! Node, with the sample's packages, and generated modules at work in it.

use crate::process;
use flagctl::codegen::typescript;
use flagctl::document;
use flagctl::model::Mapping;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A question to a module.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Ask {
    pub(super) flag: String,
    pub(super) user: String,
}

/// A module, and the text of the flags file that it is to read.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) module: String,
    pub(super) text: String,
    pub(super) asks: Vec<Ask>,
}

/// What a module said.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    pub(super) exposures: BTreeMap<String, f64>,
    pub(super) problems: Vec<String>,
    pub(super) answers: Vec<Answer>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) bucket: u32,
    pub(super) on: bool,
}

impl Said {
    /// True if the module took the file as a whole for doubtful.
    pub(super) fn doubts(&self) -> bool {
        self.problems.iter().any(|problem| problem.ends_with("; what was last known stays"))
    }
}

/// Returns the folder in which the sample is built, with its packages.
pub(super) fn sample() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/build-holograph.sh");
    let output = process::output(&mut Command::new(script));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().into()
}

/// Returns the module of a text whose flags are spelled so.
pub(super) fn module(text: &str, mapping: &Mapping) -> String {
    typescript(mapping, &document::listing(text, mapping).flags)
}

/// Lets every module read its file and answer.
pub(super) fn ask(jobs: &[Job]) -> Vec<Said> {
    let folder = tempfile::tempdir().unwrap();
    let mut modules: Vec<&str> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut written = Vec::new();
    for (index, job) in jobs.iter().enumerate() {
        let file = folder.path().join(format!("{index}.yaml"));
        fs::write(&file, &job.text).unwrap();
        let module = *known.entry(&job.module).or_insert_with(|| {
            modules.push(&job.module);
            modules.len() - 1
        });
        written.push(serde_json::json!({ "module": module, "file": file, "asks": job.asks }));
    }
    let list = folder.path().join("jobs.json");
    fs::write(&list, serde_json::json!({ "modules": modules, "jobs": written }).to_string()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/codegen/ask.mjs");
    let output = process::output(Command::new("node").arg(script).arg(&list).arg(sample()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Vec<Said> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said.len(), jobs.len());
    said
}
