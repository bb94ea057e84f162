//! Arguments that are no UTF-8: what needs a text says so, and nothing else minds.

use crate::console::{Console, FLAGS, Outcome, TEXT};
use crate::process;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

fn run(console: &Console, words: &[&[u8]]) -> Outcome {
    let words = words.iter().map(|word| OsStr::from_bytes(word));
    Outcome::of(&process::output(console.command(&[]).args(words)))
}

#[test]
fn a_name_that_is_no_text_is_told() {
    let console = Console::new();
    for verb in ["status", "plan", "advance", "rollback", "check", "log"] {
        let outcome = run(&console, &[verb.as_bytes(), b"checkout\xe9"]);
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(
            outcome.stderr.starts_with("error: the argument `checkout\u{fffd}` is not UTF-8\nhelp: "),
            "{outcome:?}"
        );
        assert!(outcome.stderr.ends_with("note: nothing was changed\n"), "{outcome:?}");
    }
    let outcome = run(&console, &[b"-o", b"json", b"rollback", b"checkout\xe9"]);
    let answer = outcome.json();
    assert_eq!((outcome.code, &answer["error"]["code"]), (Some(2), &"usage".into()));
    assert_eq!((&answer["changed"], &answer["changes"]), (&false.into(), &serde_json::json!([])));
    assert_eq!(outcome.stderr, "");
    assert_eq!(run(&console, &[b"\xff"]).code, Some(2));
}

#[test]
fn a_reason_of_any_encoding_is_taken() {
    let console = Console::new();
    let outcome = run(&console, &[b"rollback", b"checkout_v2", b"--reason", b"caf\xe9"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(fs::read_to_string(console.path(FLAGS)).unwrap().contains("enabled: false\n  rollout: 0 # since June"));
    assert_eq!(console.json("log").1["entries"][0]["reason"], "caf\u{fffd}");
}

/// Not every file system has such names.
#[cfg(target_os = "linux")]
#[test]
fn a_path_of_any_encoding_is_taken_and_can_be_typed_again() {
    let console = Console::new();
    let path = console.path(".").join(OsStr::from_bytes(b"f\xe9.yaml"));
    fs::write(&path, TEXT).unwrap();
    let outcome = run(&console, &[b"-f", b"f\xe9.yaml", b"rollback", b"checkout_v2"]);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let undo = "undo: flagctl -f $'f\\351.yaml' advance checkout_v2 --to 25 ";
    assert!(outcome.stderr.contains(undo), "{outcome:?}");
}

#[test]
fn a_variable_that_is_no_text_leads_nowhere_else() {
    let console = Console::new();
    for name in ["FLAGCTL_FILE", "FLAGCTL_CONFIG", "FLAGCTL_ENV"] {
        let mut command = console.command(&["rollback", "checkout_v2"]);
        let outcome = Outcome::of(&process::output(command.env(name, OsStr::from_bytes(b"f\xe9.yaml"))));
        assert_eq!(outcome.code, Some(2), "{outcome:?}");
        assert!(outcome.stderr.contains(&format!("`{name}` is not UTF-8")), "{outcome:?}");
    }
    assert_eq!(console.read(FLAGS), TEXT);
}
