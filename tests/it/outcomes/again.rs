//! A rollback that changes no byte is none, and says so; many at once are what each alone would be.

use crate::console::{BINARY, Console, FLAGS, Outcome, alone};
use crate::process;
use serde_json::json;

/// Returns an environment-less console with one file.
fn console(text: &str) -> Console {
    Console::empty().with("flags.yaml", text)
}

#[test]
fn what_was_left_alone_is_no_second_change() {
    for text in [
        "a:\n  enabled: true\n  rollout: [5]\n",
        "a: {enabled: true, rollout: [5]}\n",
        "a:\n  enabled: [true]\n  rollout: 5\n",
        "a: {enabled: true, rollout: &r 5}\nb: {enabled: true, rollout: *r}\n",
        "r: &r 5\na:\n  enabled: true\n  rollout: *r\n",
        "x: &x {enabled: true, rollout: 5}\na: *x\nb: *x\n",
        "x: &x\n  enabled: true\n  rollout: 5\na:\n  <<: *x\n",
        "a:\n  enabled: true\n  rollout: 5\na:\n  rollout: [7]\n  enabled: true\n",
        "a:\n  enabled: true\n  rollout: [5]\nb: ]\n",
    ] {
        let console = console(text);
        let (code, first) = console.json("-f flags.yaml rollback a");
        assert_eq!((code, &first["changed"]), (0, &json!(true)), "{text}{first}");
        let (down, recorded) = (console.read("flags.yaml"), console.read(".flagctl/ledger.jsonl"));
        let (code, again) = console.json("-f flags.yaml rollback a");
        assert_eq!((code, &again["changed"], &again["changes"]), (0, &json!(false), &json!([])), "{down}{again}");
        assert_eq!((&again["unchanged"][0]["flag"], &again["recorded"]), (&json!("a"), &json!(null)), "{down}{again}");
        assert_eq!((console.read("flags.yaml"), console.read(".flagctl/ledger.jsonl")), (down, recorded));
    }
}

#[test]
fn what_was_left_alone_is_told_again() {
    let console = console("a:\n  enabled: true\n  rollout: [5]\n");
    console.run("-f flags.yaml rollback a");
    let again = console.run("-f flags.yaml rollback a");
    assert_eq!(again.stdout, "a is at 0% already: nothing to do\n");
    assert_eq!(again.stderr, "warning: `rollout` is not a value and was left as it is\n");
    let tried = console.run("-f flags.yaml rollback a --dry-run");
    assert_eq!((tried.code, tried.stdout.as_str()), (Some(0), "a is at 0% already: nothing to do\n"));
}

/// All flags of a file, each of which is one that can be told apart from the others, or is not.
#[test]
fn all_at_once_are_as_each_alone() {
    let plain = "  one:\n    enabled: true\n    rollout: 5 # of all\n    note: x\n\n  # two\n  two: {enabled: true, rollout: 25}\n  \"three\":\n    rollout: 50\n    enabled: true\n  four:\n    rollout: 7\n  five:\n    enabled: true\n  six:\n    enabled: yes\n    rollout: '9'\n  seven:\n    enabled: true\n    rollout: [5]\n  eight:\n    enabled: false\n    rollout: 25\n";
    let top = plain.replace("\n  ", "\n").replacen("  ", "", 1);
    for text in [
        top.clone(),
        format!("flags:\n{plain}"),
        format!("flags:\n{plain}two:\n  enabled: true\n  rollout: 70\nother: 1\n"),
        format!("version: 1\nflags:\n{plain}after: {{rollout: 9}}\n"),
        format!("flags:\n{plain}  two:\n    enabled: true\n    rollout: 3\n"),
        format!("flags:\n{plain}  nine: &n {{enabled: true, rollout: 3}}\n  ten: *n\n"),
        format!("{top}eleven:\n  enabled: true\n  percentage: 20\n  rollout: 4\n"),
        top.replace('\n', "\r\n"),
    ] {
        let (all, each) = (console(&text), console(&text));
        let tried = all.run("-f flags.yaml -o json rollback --all --released --dry-run").json();
        let done = all.run("-f flags.yaml -o json rollback --all --released").json();
        assert_eq!(tried["would_change"], done["changes"], "{text}");
        for change in done["changes"].as_array().unwrap() {
            let flag = change["flag"].as_str().unwrap();
            let alone = each.run(&format!("-f flags.yaml -o json rollback {flag}")).json();
            assert_eq!(alone["changes"][0], *change, "{text}");
        }
        assert_eq!(all.read("flags.yaml"), each.read("flags.yaml"), "{text}");
        assert_ne!(all.read("flags.yaml"), text);
        let recorded = all.read(".flagctl/ledger.jsonl").lines().count();
        assert_eq!(recorded, done["changes"].as_array().unwrap().len());
    }
}

/// A process that may write no large file fails, and is not ended, in the middle of its write.
#[test]
fn a_file_that_may_not_be_so_large_is_left_whole() {
    let text = format!("a:\n  enabled: true\n  rollout: 5\n# {}\n", "x".repeat(4096));
    let console = console(&text);
    let mut command = alone("sh", &console.path(""));
    command.args(["-c", &format!("ulimit -f 1; exec '{BINARY}' -f flags.yaml rollback a")]);
    let outcome = Outcome::of(&process::output(&mut command));
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert_eq!(
        outcome.stderr,
        "error: `flags.yaml` can't be replaced: no file may grow so large here\nhelp: let files grow larger: `ulimit -f unlimited`\nnote: nothing was changed\n"
    );
    assert_eq!(console.read("flags.yaml"), text);
    assert_eq!(std::fs::read_dir(console.path("")).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn what_somebody_else_brought_down_is_not_said_to_be_latched() {
    let console = Console::new();
    let up = console.run("advance checkout_v2 --to 50 --override gates --reason test --yes");
    assert_eq!(up.code, Some(0), "{up:?}");
    console.write(FLAGS, &console.read(FLAGS).replace("true\n  rollout: 50", "false\n  rollout: 0"));
    let outcome = console.run("rollback checkout_v2");
    let told = "warning: `checkout_v2` is not latched: by the ledger here it is at 50%, and who brought it down is not told (does `git pull` bring that?)\n";
    assert_eq!((outcome.code, outcome.stdout.contains("at 0% already")), (Some(0), true), "{outcome:?}");
    assert!(outcome.stderr.contains(told), "{outcome:?}");
    let up = console.run("advance checkout_v2 --override gates --reason test --yes");
    assert_eq!(up.code, Some(0), "{up:?}");
    // Latched, it says nothing of it.
    console.run("rollback checkout_v2");
    let outcome = console.run("rollback checkout_v2");
    assert!(!outcome.stderr.contains("latched"), "{outcome:?}");
}
