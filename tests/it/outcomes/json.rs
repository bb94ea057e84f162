//! Flags files that are called `.json`: what their services can't read goes nowhere but down.

use crate::console::Console;

const COMMENTED: &str =
    "{\n  \"a\": {\"enabled\": true, \"rollout\": 5}, // soon\n  \"b\": {\"enabled\": true, \"rollout\": 5}\n}\n";
const FORCE: &str = "--yes --override gates,soak --reason test";

#[test]
fn a_file_that_is_no_json_goes_down_and_not_up() {
    let console = Console::empty().with("flags.json", COMMENTED);
    for line in ["validate", "status", "plan a", "new c --description d", &format!("advance a {FORCE}")] {
        let outcome = console.run(&format!("-f flags.json {line}"));
        assert_eq!(outcome.code, Some(3), "{line}: {outcome:?}");
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(
            told.contains("the file is not valid JSON: it has no comments\n --> flags.json:2:41\n"),
            "{line}: {told}"
        );
    }
    assert_eq!(console.read("flags.json"), COMMENTED);
    let outcome = console.run("-f flags.json rollback a");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let down = COMMENTED.replacen("true, \"rollout\": 5", "false, \"rollout\": 0", 1);
    assert_eq!(console.read("flags.json"), down);
}

#[test]
fn what_was_cut_off_is_called_json_by_every_verb() {
    let console = Console::empty().with("flags.json", "{\n  \"a\": {\"enabled\": true, \"rollout\": 5},\n  \"b\": {\n");
    for line in ["validate", "status", "init", "new c --description d", "rollback", "rollback a"] {
        let outcome = console.run(&format!("-f flags.json {line}"));
        let told = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(told.contains("the file is not valid JSON: ") && !told.contains("YAML:"), "{line}: {told}");
        assert_eq!(outcome.code, Some(3), "{line}: {told}");
    }
}

#[test]
fn a_new_flag_makes_a_file_of_json() {
    let flag = |name: &str| format!("\"{name}\": {{\"enabled\": false, \"rollout\": 0, \"description\": \"d\"}}");
    for console in
        [Console::empty(), Console::empty().with("flags.json", ""), Console::empty().with("flags.json", "\n")]
    {
        for name in ["a", "b"] {
            let outcome = console.run(&format!("-f flags.json new {name} --description d"));
            assert_eq!(outcome.code, Some(0), "{outcome:?}");
        }
        assert_eq!(console.read("flags.json"), format!("{{{}, {}}}\n", flag("a"), flag("b")));
        assert_eq!(console.run("-f flags.json validate").code, Some(0));
    }
    let below = "version = 1\n[environments.production]\nflags = \"flags.json\"\n[flags-file]\ndialect = \"mapped\"\n\
                 root = [\"app\", \"flags\"]\nrollout = [\"rollout\"]\nenabled = [\"enabled\"]\n";
    let console = Console::empty().with("flagctl.toml", below);
    let outcome = console.run("new a --description d");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert_eq!(console.read("flags.json"), format!("{{\"app\": {{\"flags\": {{{}}}}}}}\n", flag("a")));
}
