//! Which place is meant where several could be: environments that share a file, names that stand twice, copies elsewhere.

use crate::console::{Console, FLAGS, Outcome};

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

fn shared(staging: &str, production: &str) -> Console {
    let environment = |name: &str, more: &str| format!("[environments.{name}]\nflags = \"flags.yaml\"\n{more}\n");
    let text = format!("version = 1\n{}{}", environment("staging", staging), environment("production", production));
    with("a:\n  enabled: true\n  rollout: 25\n").with("flagctl.toml", &text)
}

#[test]
fn environments_with_the_same_flags_in_one_file_are_one_place() {
    let native = "[environments.production.flags-file]\ndialect = \"native\"";
    for (staging, production) in [("", ""), ("soak = \"5m\"", ""), ("", native)] {
        let console = shared(staging, production);
        let outcome = console.run("rollback a");
        ended(&outcome, 0, &["`staging` and `production` have the same flags, in one file: recorded under `staging`"]);
        assert!(outcome.stderr.contains("undo: flagctl -e staging advance a --to 25"), "{outcome:?}");
        assert_eq!(console.read("flags.yaml"), "a:\n  enabled: false\n  rollout: 0\n");
        // It is latched in both.
        for name in ["staging", "production"] {
            assert!(console.run(&format!("-e {name} status")).stdout.contains("latched"), "{name}");
        }
        ended(&console.run("rollback a"), 0, &[]);
        ended(&console.run("rollback --all"), 0, &[]);
    }
}

#[test]
fn environments_with_flags_of_their_own_in_one_file_are_asked_for() {
    let blocks = "staging:\n  a: {enabled: true, rollout: 25}\nproduction:\n  a: {enabled: true, rollout: 5}\n";
    let of = |name: &str| {
        format!(
            "[environments.{name}.flags-file]\ndialect = \"mapped\"\nroot = [\"{name}\"]\nrollout = [\"rollout\"]\nenabled = [\"enabled\"]"
        )
    };
    let console = shared(&of("staging"), &of("production")).with("flags.yaml", blocks);
    ended(&console.run("rollback a"), 2, &["flagctl -e staging rollback a", "flagctl -e production rollback a"]);
    ended(&console.run("-e production rollback a"), 0, &[]);
    ended(&console.run("rollback a"), 0, &[]);
    assert_eq!(console.read("flags.yaml").matches("rollout: 0").count(), 2);
}

#[test]
fn init_makes_an_environment_of_each_block_of_a_file() {
    let blocks = "staging:\n  a: {enabled: true, rollout: 25}\n  b: {enabled: true, rollout: 5}\n\
                  prod:\n  a: {enabled: true, rollout: 5}\n  b: {enabled: false, rollout: 0}\n";
    let inside = "flags:\n  a:\n    staging: {enabled: true, rollout: 25}\n    prod: {enabled: true, rollout: 5}\n  \
                  b:\n    staging: {enabled: true, rollout: 5}\n    prod: {enabled: false, rollout: 0}\n";
    for text in [blocks, inside] {
        for path in [FLAGS, "deploy/toggles.yaml"] {
            let console = Console::empty().with(path, text);
            // Without it nobody knows which is meant, and the lines to write are told.
            let told = console.run(&format!("-f {path} status"));
            ended(&told, 3, &["each is an environment of its own; write in flagctl.toml:"]);
            ended(&console.run(&format!("-f {path} init")), 0, &["for prod\n", "for staging\n"]);
            assert!(console.read("flagctl.toml").contains("default-environment = \"prod\"\n"));
            for (name, exposure) in [("staging", "25%"), ("prod", "5%")] {
                let outcome = console.run(&format!("-e {name} status a"));
                assert!(outcome.code == Some(0) && outcome.stdout.contains(exposure), "{outcome:?}");
            }
            ended(&console.run("validate"), 0, &["0 errors, 0 warnings in flagctl.toml, "]);
            for line in ["advance a --yes --override gates,soak --reason test", "-e staging rollback a"] {
                let outcome = console.run(line);
                ended(&outcome, 0, &[]);
                assert!(!outcome.stderr.contains("no flag was recognised"), "{outcome:?}");
            }
            let after = text.replacen("rollout: 25", "rollout: 0", 1).replacen(
                "enabled: true, rollout: 0",
                "enabled: false, rollout: 0",
                1,
            );
            let prod = after.find("prod").unwrap();
            let after = format!("{}{}", &after[..prod], after[prod..].replacen("rollout: 5", "rollout: 25", 1));
            assert_eq!(console.read(path), after);
            // What it tells is as good.
            let lines = told.stderr.lines().filter_map(|line| line.strip_prefix("    "));
            console.write("flagctl.toml", &lines.collect::<Vec<_>>().join("\n"));
            ended(&console.run("-e prod status a"), 0, &[]);
            ended(&console.run("validate"), 0, &[]);
        }
    }
}

#[test]
fn what_init_says_of_several_places_is_enough() {
    let text = "web:\n  checkout: {enabled: true, rollout: 25}\n  search: {enabled: true, rollout: 100}\n\
                mobile:\n  - {name: swipe, active: false, percentage: 0}\n  - {name: tilt, active: true, percentage: 5}\n";
    let console = Console::empty().with("deploy/toggles.yaml", text);
    let outcome = console.run("-f deploy/toggles.yaml init");
    ended(&outcome, 3, &["say which in flagctl.toml, one of these:"]);
    let first = outcome.stderr.lines().skip_while(|line| !line.starts_with("    "));
    let first = first.map_while(|line| line.strip_prefix("    ")).collect::<Vec<_>>().join("\n");
    console.write("flagctl.toml", &first);
    let outcome = console.run("status");
    assert!(outcome.code == Some(0) && outcome.stdout.contains("25%"), "{first}\n{outcome:?}");
}

#[test]
fn an_entry_with_two_names_is_not_raised_and_goes_down_by_either() {
    let text = "flags:\n  - name: a\n    name: b\n    enabled: true\n    rollout: 25\n  - name: c\n    enabled: true\n    rollout: 5\n";
    for (name, other) in [("a", "b"), ("b", "a")] {
        let console = with(text);
        let outcome = console.run(&format!("-f flags.yaml advance {name} {FORWARD}"));
        ended(&outcome, 3, &[&format!("is called `{other}` too: readers differ in which counts"), "flags.yaml:"]);
        let outcome = console.run(&format!("-f flags.yaml rollback {name}"));
        ended(&outcome, 0, &[&format!("`{name}` is called `{other}` too, in the same entry")]);
        let down = text.replacen("true", "false", 1).replace("25", "0");
        assert_eq!(console.read("flags.yaml"), down);
        ended(&console.run("-f flags.yaml advance c --override gates,soak --reason test -n"), 0, &[]);
        let found = console.run("validate flags.yaml");
        assert!(found.stdout.contains("error[duplicate-key]") && found.stdout.contains("flags.yaml:3:5"), "{found:?}");
    }
}

#[test]
fn a_flag_at_the_top_too_is_not_raised_below() {
    let below = "flags:\n  a:\n    enabled: true\n    rollout: 5\n  b: {enabled: true, rollout: 5}\n";
    let console = with(&format!("a:\n  enabled: true\n  rollout: 25\n{below}"));
    let outcome = console.run(&format!("-f flags.yaml advance a {FORWARD}"));
    ended(&outcome, 3, &["`a` stands at the top too, outside `flags`", "flags.yaml:1:1"]);
    // Half of a flag is no flag beyond doubt.
    let console = with(&format!("a:\n  rollout: 25\n{below}"));
    let outcome = console.run(&format!("-f flags.yaml advance a {FORWARD}"));
    ended(&outcome, 0, &["`a` stands also in line 1, where no flag was recognised"]);
    ended(&console.run(&format!("-f flags.yaml advance b {FORWARD}")), 0, &[]);
}

#[test]
fn a_copy_inside_another_flag_is_told() {
    let console = with(
        "x: {enabled: true, rollout: 5}\nc:\n  enabled: true\n  rollout: 25\n  child:\n    x: {enabled: true, rollout: 50}\n",
    );
    let said = "`x` stands also in line 6, below `c.child`, where no flag was recognised";
    ended(&console.run(&format!("-f flags.yaml advance x {FORWARD}")), 0, &[said]);
    ended(&console.run("-f flags.yaml rollback x"), 0, &[said]);
    // A key that is called as a flag is none.
    let console = with("x: {enabled: true, rollout: 5}\nc: {enabled: true, rollout: 25, needs: {x: true}}\n");
    assert!(!console.run("-f flags.yaml rollback x").stderr.contains("stands also"));
}

#[test]
fn blocks_inside_of_flags_may_guard_each_other() {
    let text = "flags:\n  a:\n    staging: {enabled: true, rollout: 25}\n    production: {enabled: true, rollout: 5}\n";
    let console = Console::empty().with(FLAGS, text);
    ended(&console.run("init"), 0, &[]);
    let config = console.read("flagctl.toml").replace("# after =", "after =").replace("# protected =", "protected =");
    console.write("flagctl.toml", &config);
    ended(&console.run("validate"), 0, &["0 errors, 0 warnings"]);
}
