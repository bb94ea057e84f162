//! What the binary answers a shell.

use super::{BINARY, World, stub};
use crate::process;
use snapbox::{IntoData as _, assert_data_eq, str};
use std::process::{Command, Output};

/// Asks as fish does, which is told the help too.
fn ask(world: &World, words: &[&str]) -> String {
    let output = run(world, "fish", &[&["--", "flagctl"], words].concat());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "a complaint in the middle of a line");
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn run(world: &World, shell: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(BINARY);
    command.args(arguments).current_dir(world.folder.path()).env("FLAGCTL_COMPLETE", shell);
    for name in ["FLAGCTL_CONFIG", "FLAGCTL_FILE", "FLAGCTL_ENV"] {
        command.env_remove(name);
    }
    process::output(&mut command)
}

/// Keeps the names: those of options are the parser's concern.
fn names(answer: &str) -> Vec<&str> {
    let names = answer.lines().map(|line| line.split('\t').next().unwrap_or(line));
    names.filter(|name| !name.starts_with('-')).collect()
}

#[test]
fn flags_come_with_exposure_and_description() {
    let answer = ask(&World::new(), &["advance", ""]);
    let flags: String = answer.split_inclusive('\n').filter(|line| !line.starts_with('-')).collect();
    assert_data_eq!(
        flags,
        str![[r#"
holograph_reality_enabled	 25% Enables: holographs
my flag: 50% of $HOME's	  0%
ns:one:alpha	  0%
star*?[x]	  0%
quo"te`x`	  0%
Zoë	  0% a description

"#]]
        .raw()
    );
}

#[test]
fn a_flag_is_offered_once() {
    let answer = ask(&World::new(), &["rollback", "ns:one:alpha", "Zoë", ""]);
    assert!(!answer.contains("ns:one:alpha") && !answer.contains("Zoë") && answer.contains("star*?[x]"), "{answer}");
}

#[test]
fn only_the_first_word_of_bucket_is_a_flag() {
    let world = World::new();
    assert!(ask(&world, &["bucket", "Zo"]).contains("Zoë"));
    assert_eq!(names(&ask(&world, &["bucket", "Zoë", ""])), [""; 0]);
    assert_eq!(
        names(&ask(&world, &["bucket", "Zoë", "u1", "--scheme", "growthbook"])),
        ["growthbook", "growthbook-v2"]
    );
}

#[test]
fn the_line_says_where_the_flags_are() {
    let world = World::new();
    for words in [
        &["-e", "staging", "advance", ""][..],
        &["--env=staging", "rollback", ""],
        &["advance", "--file", "config/staging.yaml", ""],
        &["-C", "config", "advance", "-fstaging.yaml", ""],
    ] {
        assert_eq!(names(&ask(&world, words)), ["staged_flag"], "{words:?}");
    }
}

#[test]
fn environments_refusals_and_gates_have_names() {
    let world = World::new();
    assert_eq!(names(&ask(&world, &["status", "--env", ""])), ["production", "staging"]);
    assert_eq!(
        names(&ask(&world, &["advance", "Zoë", "--override", ""])),
        ["gates", "breach", "soak", "freeze", "ladder", "latch", "order", "drill", "error-rate"]
    );
}

#[test]
fn keys_have_names_and_meanings() {
    let world = World::new();
    assert_eq!(names(&ask(&world, &["config", "show", "rollout.so"])), ["rollout.soak"]);
    assert!(ask(&world, &["config", "set", "rollout.so"]).contains("rollout.soak\tThe least time"));
}

#[test]
fn keys_of_tables_that_the_file_names_are_offered() {
    let world = World::new();
    let keys = ask(&world, &["config", "set", ""]);
    for key in ["sources.prod.url", "environments.staging.flags", "gates.error-rate.max", "rollout.soak"] {
        assert!(names(&keys).contains(&key), "{key}: {keys}");
    }
    assert!(!keys.contains('*'), "{keys}");
}

#[test]
fn the_steps_of_the_flag_are_offered() {
    let world = World::new();
    let settings = format!("{}\n[flags.\"Zoë\"]\nsteps = [0, 1, 10, 100]\n", super::SETTINGS);
    world.write("flagctl.toml", &settings);
    for (words, steps) in [
        (&["advance", "holograph_reality_enabled", "--to", ""][..], &["50", "100"][..]),
        (&["advance", "--to", ""], &["0", "5", "25", "50", "100"]),
        (&["plan", "Zoë", "--to", ""], &["1", "10", "100"]),
        (&["rollback", "holograph_reality_enabled", "--to", ""], &["0", "5"]),
        (&["rollback", "Zoë", "--to", ""], &[]),
        (&["-e", "staging", "rollback", "staged_flag", "--to", ""], &["0"]),
    ] {
        assert_eq!(names(&ask(&world, words)), steps, "{words:?}");
    }
    world.write("config/feature_flags.yaml", "<<<<<<< ours\n");
    assert_eq!(names(&ask(&world, &["advance", "Zoë", "--to", "5"])), ["5", "50"]);
}

#[test]
fn a_broken_configuration_still_leads_to_flags() {
    let world = World::new();
    world.write("flagctl.toml", &format!("{}\n[rollout]\nsoak = nonsense\n", super::SETTINGS));
    assert!(ask(&world, &["rollback", ""]).contains("Zoë"));
}

#[test]
fn nothing_to_read_is_nothing_to_say() {
    let world = World::new();
    for (path, text) in [
        ("config/feature_flags.yaml", "\u{0}\u{1}"),
        ("config/feature_flags.yaml", "a: [b"),
        ("config/feature_flags.yaml", "<<<<<<< ours\n"),
        ("flagctl.toml", "flags = "),
    ] {
        world.write(path, text);
        assert_eq!(names(&ask(&world, &["advance", ""])), [""; 0], "{path}: {text:?}");
    }
    assert_eq!(names(&ask(&world, &["-C", "nowhere", "advance", ""])), [""; 0]);
    assert_eq!(ask(&world, &["advance", "--nonsense="]), "");
    assert_eq!(ask(&world, &["no-such-verb", "x", "--file", "no/such/folder/"]), "");
}

#[test]
fn the_variable_alone_stops_no_verb() {
    let world = World::new();
    for shell in ["bash", "fish", "tcsh", "1"] {
        let output = run(&world, shell, &["completions", "bash"]);
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            include_str!("../../../completions/flagctl.bash"),
            "{shell}"
        );
    }
}

#[test]
fn each_shell_has_its_stub_and_its_script() {
    let world = World::new();
    for (shell, name, registers) in [
        ("bash", "flagctl.bash", "complete -o nosort -F _flagctl flagctl"),
        ("zsh", "_flagctl", "compdef _flagctl flagctl"),
        ("fish", "flagctl.fish", "complete --command flagctl"),
        ("elvish", "flagctl.elv", "set edit:completion:arg-completer[flagctl]"),
        ("powershell", "flagctl.ps1", "Register-ArgumentCompleter -Native -CommandName flagctl"),
    ] {
        let printed = run(&world, "", &["completions", shell]);
        let stub = std::fs::read_to_string(stub(name)).unwrap();
        assert_eq!(String::from_utf8_lossy(&printed.stdout), stub, "{shell}");
        assert!(stub.contains("FLAGCTL_COMPLETE") && stub.contains(shell), "{stub}");

        let script = String::from_utf8(run(&world, shell, &[]).stdout).unwrap();
        assert!(script.contains(registers), "{script}");
        assert!(script.contains(BINARY), "a script that asks another binary: {script}");
    }
}
