//! The generated module as a text: the same for the same file, and TypeScript whatever flags are called.

use super::node::{Job, ask, sample};
use crate::console::{BINARY, Console, Outcome, alone};
use crate::process;
use flagctl::codegen::{MARK, typescript};
use flagctl::model::{EnabledKey, Field, Flag, FlagName, Mapping, OnOff, Percent, Scale};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Names that would mean something if they were written as they are.
const HOSTILE: [&str; 22] = [
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "class",
    "await",
    "1",
    "-1",
    "a b",
    "a\"; process.exit(1); \"",
    "a'b`${process.exit(1)}`",
    "*/ process.exit(1); /*",
    "\n// @ts-nocheck",
    "@ts-ignore",
    "\\",
    "\\\"",
    "\u{2028}process.exit(1)",
    "\u{202e}gnp.elif",
    "e\u{301}",
    "Zoë",
    "用户",
    "😀",
];

fn flag(name: &str, description: Option<&str>, milli: u32) -> Flag {
    Flag {
        enabled: Field::Is(milli > 0),
        rollout: Field::Is(Percent::from_milli(milli).unwrap()),
        description: description.map(str::to_owned),
        ..Flag::bare(FlagName::new(name).unwrap())
    }
}

fn module(mapping: &Mapping, flags: &[Flag]) -> String {
    typescript(mapping, flags)
}

/// A mapping with everything that a mapping can have, spelled badly.
fn odd() -> Mapping {
    let text = |text: &str| text.to_owned();
    let words = OnOff { on: vec![text("\"; on")], off: vec![text("*/ off"), text("\u{2028}")] };
    Mapping {
        root: vec![text("*"), text("flags\"]; ")],
        rollout: vec![vec![text("a\n"), text("b")], Vec::new()],
        enabled: vec![EnabledKey { path: vec![text("state")], words: Some(words) }],
        name: Some(text("\"na\nme")),
        scale: Scale::Fraction,
    }
}

proptest! {
    #[test]
    fn what_is_stored_does_not_change_a_module(
        names in prop::collection::btree_set("\\PC{1,12}|[a-z_]{1,9}", 1..8), one in 0..=100_000_u32, two in 0..=100_000_u32,
        about in prop::option::of(".{0,30}"),
    ) {
        let flags = |milli| names.iter().map(|name| flag(name, about.as_deref(), milli)).collect::<Vec<_>>();
        let text = module(&Mapping::native(), &flags(one));
        prop_assert_eq!(&text, &module(&Mapping::native(), &flags(two)));
        prop_assert!(text.starts_with(MARK));
        // The same engine stands below whatever the flags are called: nothing of a name is code.
        let engine = |text: &str| text.split_once("\n// --- Who is in").map(|(_, engine)| engine.to_owned());
        prop_assert_eq!(engine(&text), engine(&module(&Mapping::native(), &[])));
        // Every line of the head that holds a name or a description is one line of a known form.
        prop_assert!(text.lines().all(|line| !line.contains(|c: char| c.is_control() && c != '\t')));
    }
}

#[test]
fn hostile_names_are_names() {
    let mut runner = TestRunner::deterministic();
    let any = (".{1,10}", prop::option::of(".{0,20}"));
    let mut names: BTreeSet<String> = HOSTILE.into_iter().map(str::to_owned).collect();
    let mut flags: Vec<Flag> = HOSTILE.into_iter().map(|name| flag(name, Some(name), 5_000)).collect();
    for _ in 0..300 {
        let (name, about) = any.new_tree(&mut runner).unwrap().current();
        if names.insert(name.clone()) {
            flags.push(flag(&name, about.as_deref(), 5_000));
        }
    }
    compiles(&[
        ("hostile.ts", &module(&Mapping::native(), &flags)),
        ("odd.ts", &module(&odd(), &flags[..3])),
        ("none.ts", &module(&Mapping::native(), &[])),
    ]);
    let job = Job { module: module(&Mapping::native(), &flags), text: String::new(), asks: Vec::new() };
    let said = ask(&[job]).remove(0);
    assert_eq!(said.exposures.into_keys().collect::<BTreeSet<_>>(), names);
}

#[test]
fn a_flag_that_is_not_declared_does_not_compile() {
    let service = r#"
import { bucket, exposures, featureFlags, isEnabled, onDecision, open, withUser, type FlagName } from "./flags.js";
open("flags.yaml");
const name: FlagName = "dark-mode";
const shares: Record<FlagName, number> = exposures();
export const shown: boolean = withUser("ada", () => featureFlags.checkout && featureFlags[name]);
export const all: [boolean, number, number] = [isEnabled("checkout", undefined), bucket(name, "ada"), shares.checkout];
onDecision(({ flag, variant, on }) => console.log(flag satisfies FlagName, variant satisfies "on" | "off", on));
// @ts-expect-error
isEnabled("chekout", "ada");
// @ts-expect-error
featureFlags.chekout;
// @ts-expect-error
featureFlags.checkout = true;
"#;
    let flags = [flag("checkout", None, 0), flag("dark-mode", None, 0)];
    compiles(&[("flags.ts", &module(&Mapping::native(), &flags)), ("service.ts", service)]);
}

/// Compiles files with everything that the compiler can be strict about, and with no types but those a file asks for.
fn compiles(files: &[(&str, &str)]) {
    let (folder, sample) = (tempfile::tempdir().unwrap(), sample());
    fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).unwrap();
    std::os::unix::fs::symlink(sample.join("node_modules"), folder.path().join("node_modules")).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let strict = [
        "strict",
        "noUncheckedIndexedAccess",
        "exactOptionalPropertyTypes",
        "noUnusedLocals",
        "noUnusedParameters",
        "noImplicitReturns",
        "noImplicitOverride",
        "noPropertyAccessFromIndexSignature",
        "isolatedModules",
        "verbatimModuleSyntax",
        "erasableSyntaxOnly",
        "isolatedDeclarations",
        "declaration",
        "noEmit",
        "skipLibCheck",
    ];
    for target in ["es2020", "esnext"] {
        let mut options = serde_json::json!({ "target": target, "module": "node16", "types": [] });
        strict.iter().for_each(|option| options[option] = true.into());
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let settings = serde_json::json!({ "compilerOptions": options, "files": names });
        fs::write(folder.path().join("tsconfig.json"), settings.to_string()).unwrap();
        let mut node = Command::new("node");
        node.arg(sample.join("node_modules/typescript/bin/tsc")).current_dir(folder.path());
        let output = process::output(&mut node);
        assert!(output.status.success(), "{target}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn what_is_written_is_counted() {
    for (text, counted) in [("f: {rollout: 5}\n", "1 flag"), ("f: {rollout: 5}\ng: {rollout: 5}\n", "2 flags")] {
        let console = Console::empty().with("flags.yaml", text);
        let answer = console.run("-f flags.yaml codegen typescript --out flags.ts").stdout;
        assert_eq!(answer, format!("flags.ts is written, with {counted}\n"));
    }
    // Where the anchor stands, not what it is on.
    let console = Console::empty().with("flags.yaml", "co: &a\n  rollout: 5\n");
    assert!(console.run("-f flags.yaml codegen typescript").stderr.contains("flags.yaml:1:5\n"));
}

#[test]
fn the_sample_has_what_would_be_written_now() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/holograph");
    let flagctl = |words: &[&str]| Outcome::of(&process::output(alone(BINARY, &folder).args(words)));
    let check = flagctl(&["codegen", "typescript", "--out", "server/feature_flags.ts", "--check"]);
    assert_eq!(check.code, Some(0), "in examples/holograph: {}", check.stderr);
    let vectors = fs::read_to_string(folder.join("server/test/vectors.json")).unwrap();
    let now = flagctl(&["codegen", "json-vectors"]).stdout;
    assert_eq!(vectors, now, "in examples/holograph: flagctl codegen json-vectors > server/test/vectors.json");
}

#[test]
fn the_sample_passes_its_own_tests() {
    let tests = fs::read_dir(sample().join("dist/test")).unwrap().map(|file| file.unwrap().path());
    let mut tests: Vec<_> = tests.filter(|path| path.to_string_lossy().ends_with(".test.js")).collect();
    tests.sort();
    assert_eq!(tests.len(), 5);
    let output = process::output(Command::new("node").arg("--test").args(tests).current_dir(sample()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
