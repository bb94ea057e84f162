//! `init` in a folder of a project: there is one world, whichever folder one stands in.

use crate::console::{Console, FLAGS, Outcome, alone};
use crate::process;

const FLAG: &str = "checkout:\n  enabled: true\n  rollout: 25\n";

/// A Git repository with flags at the conventional place, and a folder of sources.
fn project() -> Console {
    let console = Console::empty().with(FLAGS, FLAG).with("src/main.txt", "");
    assert!(process::output(alone("git", &console.path("")).args(["init", "--quiet"])).status.success());
    console
}

fn inside(console: &Console, folder: &str, words: &str) -> Outcome {
    let mut command = console.command(&words.split_whitespace().collect::<Vec<_>>());
    Outcome::of(&process::output(command.current_dir(console.path(folder))))
}

fn is_latched(console: &Console, folder: &str) -> bool {
    inside(console, folder, "status").stdout.contains("latched")
}

#[test]
fn the_configuration_above_is_there_already() {
    let console = project();
    assert_eq!(console.run("init").code, Some(0));
    let written = console.read("flagctl.toml");
    for words in ["init", "-f ../config/feature_flags.yaml init"] {
        let outcome = inside(&console, "src", words);
        assert_eq!(outcome.code, Some(0), "{outcome:?}");
        assert!(outcome.stdout.starts_with("../flagctl.toml is there already: left as it is\n"), "{outcome:?}");
        let own = "it rules here too; for one of this folder's own: flagctl --config flagctl.toml init";
        assert!(outcome.stderr.contains(own), "{outcome:?}");
    }
    assert!(!console.path("src/flagctl.toml").exists());
    assert_eq!(console.read("flagctl.toml"), written);
    let outcome = console.run("-C src init");
    assert!(outcome.stdout.starts_with("flagctl.toml is there already"), "{outcome:?}");
    assert!(outcome.stderr.contains("own: flagctl -C src --config flagctl.toml init"), "{outcome:?}");
}

#[test]
fn a_flags_file_above_is_set_up_where_it_is_found_from_everywhere() {
    for (folder, words) in
        [("src", "init"), ("src", "-f ../config/feature_flags.yaml init"), ("config", "init"), ("", "-C src init")]
    {
        let console = project();
        assert_eq!(console.run("rollback checkout").code, Some(0));
        let outcome = inside(&console, folder, words);
        assert_eq!(outcome.code, Some(0), "{folder} {words}: {outcome:?}");
        assert!(console.read("flagctl.toml").contains("flags = \"config/feature_flags.yaml\"\n"), "{words}");
        assert!(console.path(".gitattributes").exists());
        for other in ["src/flagctl.toml", "src/.gitattributes", "config/flagctl.toml"] {
            assert!(!console.path(other).exists(), "{folder} {words}: {other}");
        }
        for folder in ["", "src", "config"] {
            assert!(is_latched(&console, folder), "{folder} {words}");
        }
    }
}

#[test]
fn a_configuration_of_a_folders_own_keeps_the_ledger_that_is_kept() {
    let console = project().with("svc/config/feature_flags.yaml", FLAG);
    assert_eq!(inside(&console, "svc", "rollback checkout").code, Some(0));
    assert!(is_latched(&console, "svc"));
    let outcome = inside(&console, "svc", "init");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let text = console.read("svc/flagctl.toml");
    assert!(text.contains("flags = \"config/feature_flags.yaml\"\n"), "{text}");
    assert!(text.contains("[ledger]\npath = \"../.flagctl/ledger.jsonl\"\n"), "{text}");
    assert!(console.path(".gitattributes").exists() && !console.path("svc/.gitattributes").exists());
    assert!(is_latched(&console, "svc"));
    // A file with a usual name of its own is meant, whatever stands above.
    let console = project().with("app/config/features.yml", FLAG);
    assert_eq!(inside(&console, "app", "init").code, Some(0));
    assert!(console.read("app/flagctl.toml").contains("flags = \"config/features.yml\"\n"));
}

#[test]
fn a_named_configuration_names_its_flags_file_from_where_it_is() {
    let console = project();
    let outcome = console.run("--config deploy/flagctl.toml -f config/feature_flags.yaml init -n");
    assert!(outcome.stdout.contains("flags = \"../config/feature_flags.yaml\"\n"), "{outcome:?}");
    let mut command = console.command(&["init"]);
    let outcome = Outcome::of(&process::output(command.env("FLAGCTL_CONFIG", "src/flags.toml")));
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(console.read("src/flags.toml").contains("flags = \"../config/feature_flags.yaml\"\n"));
    assert!(console.path("src/.gitattributes").exists(), "the ledger is kept beside the configuration");
}

#[test]
fn what_no_verb_finds_is_looked_for_in_all_of_the_repository() {
    let console = project().with("deploy/toggles.yaml", FLAG);
    std::fs::remove_file(console.path(FLAGS)).unwrap();
    let outcome = inside(&console, "src", "init");
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    assert!(outcome.stderr.contains("help: look in all of the repository: flagctl -C .. init\n"), "{outcome:?}");
    assert_eq!(inside(&console, "src", "-C .. init").code, Some(0));
    assert!(console.read("flagctl.toml").contains("flags = \"deploy/toggles.yaml\"\n"));
}

#[test]
fn without_git_no_folder_above_is_taken() {
    let console = Console::empty().with(FLAGS, FLAG).with("src/main.txt", "");
    let outcome = inside(&console, "src", "init");
    assert_eq!(outcome.code, Some(3), "{outcome:?}");
    let outcome = inside(&console, "src", "-f ../config/feature_flags.yaml init");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(console.read("src/flagctl.toml").contains("flags = \"../config/feature_flags.yaml\"\n"));
    assert_eq!(inside(&console, "src", "status").code, Some(0));
}
