//! The commands that are suggested: typed as they are printed, they do what they say.

use crate::console::{CONFIG, Console, FLAGS};
use crate::process;
use std::process::Command;

/// Names that a shell, or the command line itself, could take for something else.
const NAMES: [&str; 7] = ["plain", "my flag", "it's", "-x", "--all", "$HOME", "a\nb"];

/// A folder whose own name has a blank in it.
fn console(exposure: u32) -> Console {
    let mut flags = String::new();
    for name in NAMES {
        let key = serde_json::to_string(name).unwrap();
        flags += &format!("{key}:\n  enabled: true\n  rollout: {exposure}\n");
    }
    Console::empty().with("the place/config/feature_flags.yaml", &flags).with("the place/flagctl.toml", CONFIG)
}

/// Runs a command line by a shell, as it is pasted: `flagctl` is the binary.
fn paste(console: &Console, line: &str) -> (i32, String) {
    let mut shell = Command::new("bash");
    let script = format!("flagctl() {{ '{}' \"$@\"; }}\n{line}", crate::console::BINARY);
    shell.args(["-c", &script]).current_dir(console.path(".")).env("FLAGCTL_ACTOR", "ada");
    let output = process::output(&mut shell);
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

fn run(console: &Console, words: &[&str]) -> String {
    let words = [&["-C", "the place"], words].concat();
    String::from_utf8(process::output(&mut console.command(&words)).stderr).unwrap()
}

/// Returns what stands behind the first of these words.
fn after<'a>(told: &'a str, word: &str) -> &'a str {
    told.lines().find_map(|line| line.split_once(word)).unwrap_or_else(|| panic!("no {word:?} in {told}")).1
}

#[test]
fn nobody_to_ask_leads_to_the_same_step_with_yes() {
    for name in NAMES {
        let console = console(5);
        let told = run(
            &console,
            &[
                "advance",
                "--to",
                "50",
                "--override",
                "ladder,gates",
                "--reason",
                "it's so",
                "--lock-timeout",
                "3s",
                "--",
                name,
            ],
        );
        let line = format!("flagctl {}", after(&told, "help: flagctl "));
        for word in ["-C 'the place'", "--to 50", "--override ladder,gates", "--lock-timeout 3s", "--yes"] {
            assert!(line.contains(word), "{line}");
        }
        let (code, told) = paste(&console, &line);
        assert_eq!(code, 0, "{line}\n{told}");
        let text = console.read("the place/config/feature_flags.yaml");
        assert_eq!(text.matches("rollout: 50").count(), 1, "{line}\n{text}");
        // And back, by what undoes it.
        let undo = after(&told, "undo: ");
        assert_eq!(paste(&console, undo).0, 0, "{undo}");
        assert_eq!(console.read("the place/config/feature_flags.yaml").matches("rollout: 50").count(), 0, "{undo}");
    }
}

#[test]
fn the_ad_hoc_gate_is_repeated() {
    let told = run(
        &console(5),
        &[
            "advance",
            "plain",
            "--metrics-url",
            "http://127.0.0.1:9/m",
            "--max-error-rate",
            "1%",
            "--errors",
            "a{b=\"c\"}",
            "--total",
            "d",
            "--window",
            "1s",
        ],
    );
    let line = after(&told, "help: ");
    let gate =
        "--metrics-url http://127.0.0.1:9/m --max-error-rate 1% --errors 'a{b=\"c\"}' --total d --window 1s --yes";
    assert!(line.ends_with(gate), "{line}");
}

#[test]
fn what_undoes_a_rollback_can_be_typed() {
    for name in NAMES {
        let console = console(25);
        let told = run(&console, &["rollback", "--", name]);
        let undo = format!("{} --yes", after(&told, "undo: ").replace("…", "meant"));
        // What stands behind `--` is a name.
        let undo = undo
            .strip_suffix(" --yes")
            .filter(|line| line.contains(" -- "))
            .map_or(undo.clone(), |line| line.replacen(" -- ", " --yes -- ", 1));
        let (code, told) = paste(&console, &undo);
        assert_eq!(code, 0, "{undo}\n{told}");
        assert_eq!(console.read("the place/config/feature_flags.yaml").matches("rollout: 25").count(), NAMES.len());
    }
}

/// What undoes a rollback names what stands in the way, no more and no less.
#[test]
fn what_undoes_a_rollback_sets_nothing_aside_that_is_not_in_the_way() {
    let gate = |more: &str| crate::console::gate("http://127.0.0.1:9") + more;
    let cases = [
        (5, "", String::new(), "latch,gates"),
        (25, "", String::new(), "latch,ladder,gates"),
        (5, "", gate(""), "latch"),
        (25, "", gate(""), "latch,ladder"),
        (25, " --to 5", gate(""), "latch,soak,gates"),
        (5, "", gate("applies = \"always\"\n"), "latch,gates"),
        (5, "", gate("[flags.plain]\ngates = []\n"), "latch,gates"),
        (25, "", gate("[flags.plain]\nsteps = [0, 25, 100]\n"), "latch"),
        (37, " --to 25", gate(""), "latch,soak,ladder,gates"),
    ];
    for (from, to, more, words) in cases {
        let console = console(from);
        console.write("the place/flagctl.toml", &format!("{CONFIG}{more}"));
        let told =
            run(&console, &[&["rollback", "plain"], to.split_whitespace().collect::<Vec<_>>().as_slice()].concat());
        let undo = after(&told, "undo: ").replace("…", "meant");
        assert!(undo.contains(&format!("--to {from} --override {words} --reason")), "{undo}");
        let (code, told) = paste(&console, &format!("{undo} --yes"));
        assert_eq!(code, 0, "{undo}\n{told}");
    }
    // Where not all of the configuration can be read, it may hold more.
    let console = console(5);
    console.write("the place/flagctl.toml", &format!("{CONFIG}{}[rollout\n", gate("")));
    let told = run(&console, &["rollback", "plain"]);
    assert!(after(&told, "undo: ").contains("--override latch,ladder,gates --reason"), "{told}");
}

#[test]
fn several_in_rollout_are_each_given_their_command() {
    let console = console(25);
    let told = run(&console, &["rollback"]);
    let lines: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("help: ")).collect();
    assert_eq!(lines.len(), NAMES.len() + 1, "{told}");
    for (line, left) in lines.iter().zip((0..NAMES.len()).rev()) {
        assert_eq!(paste(&console, line).0, 0, "{line}");
        let text = console.read("the place/config/feature_flags.yaml");
        assert_eq!(text.matches("rollout: 25").count(), left, "{line}\n{text}");
    }
}

/// What the inner rooms suggest leads to the same place, too.
#[test]
fn suggestions_keep_the_place() {
    let console = console(25);
    for (words, suggested) in [
        (&["advance", "nothing"][..], "flagctl -C 'the place' status"),
        (&["plan", "plain", "--to", "5"], "flagctl -C 'the place' rollback plain --to 5"),
        (&["new", "plain", "--description", "x"], "flagctl -C 'the place' advance plain"),
        (&["config", "set", "rollout.soak", "soon"], "flagctl -C 'the place' config show rollout.soak"),
        (&["advance", "plain", "--yes"], "flagctl -C 'the place' advance plain --to 50 --override gates --reason"),
        (&["plan", ""], "flagctl -C 'the place' status"),
    ] {
        let told = run(&console, words);
        assert!(told.contains(suggested), "{words:?}: {told}");
    }
    console.write("the place/flagctl.toml", "version = 1\nnonsense = 1\nmore = 2\nagain = 3\n");
    let told = run(&console, &["status"]);
    assert!(told.contains("`flagctl -C 'the place' validate` shows all"), "{told}");
}

/// Whoever is told what went wrong is told what to do.
#[test]
fn every_failure_has_a_next_step() {
    for line in [
        "-C config/feature_flags.yaml status",
        "-C nowhere rollback checkout_v2",
        "-C nowhere status",
        "--config nowhere status",
        "--config config status",
        "-f nowhere status",
        "-f config status",
        "-f config/feature_flags.yaml/ status",
        "-e nowhere status",
        "status nothing",
        "rollback nothing",
        "plan nothing",
        "advance checkout_v2",
        "advance checkout_v2 --to 5",
        "advance checkout_v2 --yes",
        "advance checkout_v2 --yes --override soak",
        "advance checkout_v2 --yes --override nothing",
        "advance checkout_v2 --yes --metrics-url nonsense --max-error-rate 1%",
        "advance checkout_v2 --yes --metrics-url http://127.0.0.1:9/m --max-error-rate 1",
        "advance checkout_v2 --yes --metrics-url http://127.0.0.1:9/m --max-error-rate 1% --window 0s",
        "check checkout_v2",
        "new checkout_v2 --description x",
        "new a\u{200b}b --description x",
        "config show nothing",
        "config set nothing 5",
        "config set rollout 5",
        "config set rollout.soak soon",
        "validate nowhere",
        "completions tcsh",
        "nonsense",
    ] {
        let (code, answer) = Console::new().json(line);
        assert!(code != 0 && answer["error"]["help"].is_string(), "{line}: {answer}");
    }
    let console = Console::new();
    std::fs::create_dir_all(console.path(".flagctl/ledger.jsonl")).unwrap();
    for line in ["status", "log", "log --verify", "plan checkout_v2", "advance checkout_v2 --yes"] {
        let (_, answer) = console.json(line);
        assert!(answer["error"]["help"].is_string(), "{line}: {answer}");
    }
}

/// The folder that a shell stands in may be gone; what is named by its whole path is there all the same.
#[test]
fn a_folder_that_is_gone_blocks_no_rollback() {
    for by_folder in [true, false] {
        let console = Console::new();
        let (root, flags) = (console.path("."), console.path(FLAGS));
        let place = if by_folder { format!("-C '{}'", root.display()) } else { format!("-f '{}'", flags.display()) };
        let line = format!("mkdir gone && cd gone && rmdir ../gone && flagctl {place} rollback checkout_v2");
        let (code, told) = paste(&console, &line);
        assert_eq!(code, 0, "{told}");
        assert!(console.read(FLAGS).contains("rollout: 0 # since June"), "{told}");
        let (code, told) = paste(&console, "mkdir gone && cd gone && rmdir ../gone && flagctl status");
        assert!(code == 1 && told.contains("help: go to a folder that is there"), "{told}");
    }
}
