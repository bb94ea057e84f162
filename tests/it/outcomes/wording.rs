//! What is said fits what is known: about a file, a ledger and a commit.

use crate::console::{Console, FLAGS, alone};
use crate::process;

const FLAG: &str = "checkout:\n  enabled: true\n  rollout: 25\n";

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
