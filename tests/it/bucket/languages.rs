//! The rule as `docs/bucketing.md` shows it in other languages, run by them.

use crate::console::{BINARY, Console, alone};
use crate::process;
use flagctl::bucket::{Bucketing, Scheme};
use flagctl::model::Percent;
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

/// The lines that count who changes sides, with ids that CSV has to quote.
#[test]
fn those_who_change_sides_are_counted() {
    let paper = include_str!("../../../docs/bucketing.md");
    let start = paper.find("flagctl bucket checkout_v2 - --csv --scheme unleash").unwrap();
    let script = paper[start..].split_once("```").unwrap().0;
    let console = Console::new();
    let ids: Vec<String> = (0..200).map(|user| format!("\"in,out\", {user}")).collect();
    std::fs::write(console.path("ids.txt"), ids.join("\n")).unwrap();
    let script = format!("flagctl() {{ \"$0\" \"$@\"; }}\n{script}");
    let counted = process::output(alone("bash", &console.path(".")).args(["-c", &script, BINARY]));
    let [mut old, mut new] =
        [Scheme::Unleash, Scheme::Native].map(|scheme| Bucketing::new(scheme, "checkout_v2", None, None).unwrap());
    let exposure = Percent::from_whole(25).unwrap();
    let sides = |bucketing: &mut Bucketing, id: &str| {
        let bucket = bucketing.bucket(id);
        bucketing.is_in(bucket, id, exposure)
    };
    let moved = ids.iter().filter(|id| sides(&mut old, id) != sides(&mut new, id)).count();
    assert!(moved > 0);
    assert_eq!(
        String::from_utf8_lossy(&counted.stdout),
        format!("{moved}\n"),
        "{}",
        String::from_utf8_lossy(&counted.stderr)
    );
}
