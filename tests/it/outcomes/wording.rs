//! What is said fits what is known: about a file, a ledger and a commit.

use crate::console::{Console, FLAGS, alone};
use crate::process;

const FLAG: &str = "checkout:\n  enabled: true\n  rollout: 25\n";
const LEDGER: &str = ".flagctl/ledger.jsonl";

#[test]
fn of_a_file_that_is_broken_at_its_top_nothing_is_claimed() {
    let text = "old:\n\tenabled: true\nnew_checkout:\n  enabled: true\n  rollout: 50\n";
    let console = Console::empty().with("flags.yaml", text);
    let outcome = console.run("-f flags.yaml rollback");
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert_eq!(outcome.stdout, "no flag could be read in flags.yaml: nothing was done\n");
    let help = "help: mend it there, then run this again\n\
                help: or bring one down by its name, where it can be read alone: flagctl -f flags.yaml rollback FLAG\n\
                help: or by hand: `enabled: false` and `rollout: 0`\n";
    assert!(outcome.stderr.contains(help), "{outcome:?}");
    let outcome = console.run("-f flags.yaml rollback new_checkout");
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    let help = "help: mend it there, then run this again\n\
                help: or bring `new_checkout` down by hand: `enabled: false` and `rollout: 0`\n";
    assert!(outcome.stderr.contains(help), "{outcome:?}");
    let console = Console::empty().with("flags.yaml", &format!("{}{text}", FLAG.replace("25", "0")));
    let outcome = console.run("-f flags.yaml rollback");
    assert_eq!(outcome.stdout, "no flag is in rollout in what could be read of flags.yaml: nothing was done\n");
}

#[test]
fn status_tells_of_a_ledger_that_can_not_be_read() {
    let environments = "version = 1\n[environments.one]\nflags = \"config/feature_flags.yaml\"\n[environments.two]\nflags = \"two.yaml\"\n";
    let console = Console::empty().with(FLAGS, FLAG).with(LEDGER, "garbage\n").with("two.yaml", FLAG);
    let warned = "warning: the ledger can't tell all: its line 1 is not JSON";
    let outcome = console.run("status");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(outcome.stderr.matches(warned).count(), 1, "{outcome:?}");
    assert!(console.run("-q status").stderr.starts_with(warned));
    let note = |line: &str| console.json(line).1["notes"][0].as_str().map(|note| format!("warning: {note}"));
    assert!(note("status").is_some_and(|note| note.starts_with(warned)));
    console.write("flagctl.toml", environments);
    let outcome = console.run("status");
    assert_eq!(outcome.stderr.matches(warned).count(), 1, "{outcome:?}");
    assert!(note("status").is_some_and(|note| note.starts_with(warned)));
    console.write(LEDGER, &"garbage\n".repeat(9));
    let outcome = console.run("status");
    assert_eq!(outcome.stderr.matches("the ledger can't tell all").count(), 4, "{outcome:?}");
    assert!(outcome.stderr.contains("6 more lines, which `flagctl log --verify` shows"), "{outcome:?}");
    // Where nothing at all can be read, that is an error.
    let console = Console::empty().with(FLAGS, FLAG).with(&format!("{LEDGER}/file"), "");
    let outcome = console.run("status");
    assert!(outcome.code == Some(1) && outcome.stderr.contains("it is a directory"), "{outcome:?}");
}

#[test]
fn other_edits_are_told_without_the_commit_that_was_not_shown() {
    let console = Console::empty().with(FLAGS, &format!("{FLAG}# a note\n"));
    let git = |words: &[&str]| {
        let who = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"];
        let output = process::output(alone("git", &console.path("")).args(who).args(words));
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=flags"]);
    console.write(FLAGS, &format!("{FLAG}# another note\n"));
    let outcome = console.run("-q rollback checkout");
    let told = "warning: config/feature_flags.yaml has other edits that are not committed, and a commit of it takes them \
                too: git diff -- config/feature_flags.yaml\n";
    assert_eq!(outcome.stderr, told, "{outcome:?}");
}

#[test]
fn a_ledger_with_a_torn_line_is_not_called_whole() {
    let console = Console::empty().with(FLAGS, FLAG);
    assert_eq!(console.run("rollback checkout").code, Some(0));
    let torn = console.read(LEDGER) + "{\"v\":1,\"id\":\"12";
    console.write(LEDGER, &torn);
    console.write(FLAGS, FLAG);
    assert_eq!(console.run("advance checkout --override gates,soak,latch --reason test --yes").code, Some(0));
    let outcome = console.run("log --verify");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains(":2: torn by an interrupted write, and closed by the next one\n"), "{outcome:?}");
    let told = format!("{LEDGER} has no error and 1 warning: every other line is as it was written");
    assert_eq!(outcome.stderr, format!("{told}\n"));
    let doctor = console.run("doctor");
    assert!(doctor.stdout.contains(&told), "{doctor:?}");
}
