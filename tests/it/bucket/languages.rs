//! The rule as `docs/bucketing.md` shows it in other languages, run by them.

use crate::process;
use std::process::Command;

/// Returns the one block of a language.
fn block(language: &str) -> &'static str {
    let paper = include_str!("../../../docs/bucketing.md");
    let (_, rest) = paper.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

/// Runs a program that prints how many of the vectors its `bucket` agrees with.
fn agrees(program: &str, option: &str, script: &str) {
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/bucketing.json");
    let output = process::output(Command::new(program).args([option, script, vectors]));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "26\n", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn python_agrees() {
    let check = "
import json, sys
file = json.load(open(sys.argv[1], encoding='utf-8'))
print(sum(bucket(v['salt'], v['unit']) == v['bucket'] for v in file['vectors'] + file['boundary_vectors']))
";
    agrees("python3", "-c", &(block("python").to_owned() + check));
}

#[test]
fn javascript_agrees() {
    let check = "
const file = JSON.parse(require('fs').readFileSync(process.argv[1], 'utf8'));
console.log([...file.vectors, ...file.boundary_vectors].filter((v) => bucket(v.salt, v.unit) === v.bucket).length);
";
    agrees("node", "-e", &(block("js").to_owned() + check));
}
