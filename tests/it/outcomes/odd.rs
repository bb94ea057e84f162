//! Files that are odd in one place: what is written all the same, what is refused, and in which words.

use crate::console::{Console, FLAGS, Outcome};
use std::fs;

const FORWARD: &str = "--override gates,soak --reason test -n";

fn with(text: &str) -> Console {
    Console::empty().with("flags.yaml", text)
}

fn ended(outcome: &Outcome, code: i32, said: &[&str]) {
    assert_eq!(outcome.code, Some(code), "{outcome:?}");
    for part in said {
        assert!(outcome.stderr.contains(part), "{part}: {outcome:?}");
    }
}

#[test]
fn a_key_with_an_invisible_letter_is_another_key() {
    for (letter, code) in [('\u{a0}', "U+00A0"), ('\u{200b}', "U+200B"), ('\u{3000}', "U+3000"), ('\u{ad}', "U+00AD")] {
        let text =
            format!("x: {{enabled: true, rollout: 5}}\na:\n  enabled: true\n  rollout: 5\n  rollout{letter}: 25\n");
        let console = with(&text);
        let said = format!("holds an invisible {code}");
        ended(&console.run(&format!("-f flags.yaml advance a {FORWARD}")), 3, &[&said, "flags.yaml:5:3"]);
        ended(&console.run(&format!("-f flags.yaml advance x {FORWARD}")), 0, &[]);
        let found = console.run("validate flags.yaml");
        assert!(found.code == Some(3) && found.stdout.contains("error[invisible-letter]"), "{found:?}");
        assert!(found.stdout.contains("flags.yaml:5:3") && !found.stdout.contains("misspelt"), "{found:?}");
        ended(&console.run("-f flags.yaml rollback a"), 0, &[&said, "line 5"]);
        let down = text.replace("  enabled: true\n  rollout: 5", "  enabled: false\n  rollout: 0");
        assert_eq!(console.read("flags.yaml"), down);
    }
    // Alone it is no percentage.
    let console = with("x: {enabled: true, rollout: 5}\na:\n  \u{a0}rollout: 25\n  enabled: true\n");
    ended(&console.run("-f flags.yaml rollback a"), 0, &[]);
    assert!(console.read("flags.yaml").ends_with("a:\n  \u{a0}rollout: 25\n  enabled: false\n"));
}

#[test]
fn a_key_is_inserted_below_a_comment_that_some_readers_end_earlier() {
    let text = "x: {enabled: true, rollout: 5}\na:\n  enabled: false # one\r  # two\nb: {enabled: true, rollout: 5}\n";
    let console = with(text);
    ended(&console.run("-f flags.yaml advance a --override gates,soak --reason test --yes"), 0, &[]);
    let raised = text.replace("enabled: false # one\r  # two\n", "enabled: true # one\r  # two\n  rollout: 5\n");
    assert_eq!(console.read("flags.yaml"), raised);
}

#[test]
fn bytes_that_are_no_utf_8_do_not_keep_a_flag_up() {
    let old = b"# caf\xe9\na:\n  enabled: true\n  rollout: 25\n  description: \"na\xefve\"\nb:\n  enabled: true # \xff\n  rollout: 5\n";
    let console = Console::empty();
    fs::write(console.path("flags.yaml"), old).unwrap();
    let dry = console.run("-f flags.yaml rollback a -n");
    ended(&dry, 0, &["is not UTF-8: byte 0xe9"]);
    assert!(dry.stdout.contains("description: \"na\u{fffd}ve\""), "{dry:?}");
    let outcome = console.run("-f flags.yaml rollback a b");
    ended(&outcome, 0, &["is not UTF-8: byte 0xe9 at line 1, column 6", "such bytes were left as they are"]);
    let new = b"# caf\xe9\na:\n  enabled: false\n  rollout: 0\n  description: \"na\xefve\"\nb:\n  enabled: false # \xff\n  rollout: 0\n";
    assert_eq!(fs::read(console.path("flags.yaml")).unwrap(), new);
    ended(&console.run("-f flags.yaml rollback a"), 0, &[]);
    ended(&console.run("-f flags.yaml rollback --all"), 0, &[]);
    let forward = console.run(&format!("-f flags.yaml advance a {FORWARD}"));
    ended(
        &forward,
        3,
        &["flags.yaml:1:6", "iconv -f LATIN1 -t UTF-8 flags.yaml > flags.yaml.utf8 && mv flags.yaml.utf8 flags.yaml"],
    );
    assert_eq!(fs::read(console.path("flags.yaml")).unwrap(), new);
    // Also where a value itself is one.
    fs::write(console.path("flags.yaml"), b"a:\n  enabled: true\n  rollout: 2\xb5\n").unwrap();
    ended(&console.run("-f flags.yaml rollback a"), 0, &[]);
    assert_eq!(console.read("flags.yaml"), "a:\n  enabled: false\n  rollout: 0\n");
}

#[test]
fn a_percentage_below_a_key_of_its_own_is_not_taken_for_the_share_of_users() {
    for text in [
        "a:\n  enabled: true\n  targeting: {rollout: 9}\n",
        "x: {enabled: true, rollout: 5}\na:\n  enabled: true\n  targeting: {rollout: 9}\n",
    ] {
        let outcome = with(text).run(&format!("-f flags.yaml advance a {FORWARD}"));
        let pin = "rollout = [[\"targeting\", \"rollout\"]]";
        ended(
            &outcome,
            3,
            &["`a` has a percentage below `targeting` alone", "write `rollout` beside", pin, "flags.yaml:"],
        );
        ended(&with(text).run("-f flags.yaml rollback a"), 0, &[]);
        let pinned = format!(
            "version = 1\n[environments.p]\nflags = \"flags.yaml\"\n[flags-file]\ndialect = \"mapped\"\n{pin}\nenabled = [\"enabled\"]\n"
        );
        ended(&with(text).with("flagctl.toml", &pinned).run(&format!("advance a {FORWARD}")), 0, &[]);
    }
    for text in [
        "a: {enabled: true, targeting: {rollout: 9}}\nb: {enabled: true, targeting: {rollout: 5}}\n",
        "a: {enabled: true, rollout: {percentage: 5}}\n",
    ] {
        ended(&with(text).run(&format!("-f flags.yaml advance a {FORWARD}")), 0, &[]);
    }
}

#[test]
fn a_mark_of_the_byte_order_inside_a_file_is_named() {
    let console = with("x: {enabled: true, rollout: 5}\n\u{feff}a: {enabled: true, rollout: 5}\n");
    for verb in ["advance a -n", "rollback a"] {
        ended(&console.run(&format!("-f flags.yaml {verb}")), 3, &["invisible U+FEFF", "flags.yaml:2:1"]);
    }
    ended(
        &console.run("-f flags.yaml rollback a"),
        3,
        &["or bring `a` down by hand: `enabled: false` and `rollout: 0`"],
    );
    ended(&console.run("-f flags.yaml rollback x"), 0, &[]);
}

#[test]
fn a_flag_that_is_null_is_given_its_keys() {
    for (old, new) in [
        (
            "{\"F\": null, \"G\": {\"enabled\": true, \"rollout\": 5}}\n",
            "{\"F\": {\"enabled\": false, \"rollout\": 0}, \"G\": {\"enabled\": true, \"rollout\": 5}}\n",
        ),
        ("F: ~\nG: {enabled: true, rollout: 5}\n", "F: {enabled: false, rollout: 0}\nG: {enabled: true, rollout: 5}\n"),
    ] {
        let console = with(old);
        ended(&console.run("-f flags.yaml rollback F"), 0, &[]);
        assert_eq!(console.read("flags.yaml"), new);
        ended(&console.run("-f flags.yaml rollback F"), 0, &[]);
    }
}

#[cfg(unix)]
#[test]
fn what_is_not_there_failed_and_what_is_no_file_is_invalid() {
    for at in ["flags.yaml", FLAGS] {
        let make = |kind: &str| {
            let console = Console::empty();
            let path = console.path(at);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match kind {
                "folder" => fs::create_dir(&path).unwrap(),
                "pipe" => assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success()),
                "dangling" => std::os::unix::fs::symlink("nowhere", &path).unwrap(),
                _ => {}
            }
            console
        };
        for (kind, code) in [("folder", 3), ("pipe", 3), ("dangling", 1), ("missing", 1)] {
            let console = make(kind);
            for verb in ["status", "plan a", "advance a --yes", "rollback a", "rollback --all"] {
                // Where nobody names a file and none is there, the command line lacks one.
                let code = if kind == "missing" && at == FLAGS { 2 } else { code };
                let named = if at == FLAGS { String::new() } else { format!("-f {at} ") };
                ended(&console.run(&format!("{named}{verb}")), code, &["nothing was changed"]);
            }
        }
    }
}

#[test]
fn a_selector_that_cant_be_read_is_a_wrong_command_line() {
    let console = Console::new();
    let gate = "--metrics-url http://127.0.0.1:9/metrics --max-error-rate 1%";
    for verb in ["advance checkout_v2 -n", "check checkout_v2", "plan checkout_v2"] {
        ended(
            &console.run(&format!("{verb} {gate} --errors foo{{a=}} --total b")),
            2,
            &["`--errors`: `foo{a=}` can't be read"],
        );
        ended(
            &console.run(&format!("{verb} {gate} --errors a --total sum(b)")),
            2,
            &["`--total`: `sum(b)` is an expression"],
        );
    }
}

#[test]
fn a_status_that_can_tell_nothing_is_invalid() {
    let console = with("a: {enabled: true, rollout: zz}\n");
    let outcome = console.run("-f flags.yaml status");
    ended(&outcome, 3, &["what users get can't be told of any flag"]);
    assert!(outcome.stdout.contains("problem: `a`: `rollout: zz`"), "{outcome:?}");
    let console = with("a: {enabled: true, rollout: zz}\nb: {enabled: true, rollout: 5}\n");
    ended(&console.run("-f flags.yaml status"), 0, &[]);
}

#[test]
fn an_undo_works_during_a_freeze() {
    let freeze =
        "[freeze]\nwindows = [{ from = \"2020-01-01 00:00\", to = \"2099-01-01 00:00\", time-zone = \"UTC\" }]\n";
    let console = Console::new().with("flagctl.toml", &format!("{}{freeze}", crate::console::CONFIG));
    let outcome = console.run("rollback checkout_v2");
    let undo = "advance checkout_v2 --to 25 --override latch,ladder,gates,freeze --reason";
    ended(&outcome, 0, &[&format!("undo: flagctl {undo}")]);
    let again = console.run(&format!("{undo} test --yes"));
    ended(&again, 0, &[]);
}

#[test]
fn a_rollback_to_more_than_there_is_says_so() {
    let outcome = Console::new().run("rollback checkout_v2 --to 80");
    assert!(
        outcome.stdout.contains("checkout_v2 is at 25% in production, which is below 80%: nothing to do"),
        "{outcome:?}"
    );
    let outcome = Console::new().run("rollback checkout_v2 --to 25");
    assert!(outcome.stdout.contains("checkout_v2 is at 25% already in production: nothing to do"), "{outcome:?}");
}

#[test]
fn an_advance_in_a_file_with_errors_says_so() {
    let console =
        with("a: {enabled: true, rollout: 5}\nb: {enabled: true, rollout: 500}\nc: {enabled: maybe, rollout: 5}\n");
    let outcome = console.run(&format!("-f flags.yaml advance a {FORWARD}"));
    ended(
        &outcome,
        0,
        &["`flags.yaml` has 2 errors, the first in line 2: `flagctl -f flags.yaml validate` shows them"],
    );
}

#[test]
fn an_undo_by_hand_names_its_flag() {
    let console = with("a: {enabled: false, rollout: 25}\nb: {enabled: false, rollout: 5}\n");
    let outcome = console.run("-f flags.yaml rollback a b");
    ended(&outcome, 0, &["undo: by hand, `a` was rollout: 25", "undo: by hand, `b` was rollout: 5"]);
}

#[test]
fn a_switch_that_stays_on_for_others_is_told() {
    let console = with("base: &base\n  enabled: true\n  rollout: 25\na:\n  <<: *base\n  rollout: 5\nb:\n  <<: *base\n");
    let said = "`enabled` of `base` stays as it is, since others take it too: its percentage is 0";
    ended(&console.run("-f flags.yaml rollback base"), 0, &[said]);
    assert!(console.read("flags.yaml").starts_with("base: &base\n  enabled: true\n  rollout: 0\n"));
    assert!(!console.run("-f flags.yaml rollback a").stderr.contains("stays as it is"));
}
