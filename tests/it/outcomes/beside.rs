//! What else a file says of a flag, beside the place where it is looked for; and names that are no names to every reader.

use crate::console::Console;

fn run(text: &str, line: &str) -> (i32, String, String) {
    let console = Console::empty().with("flags.yaml", text);
    let outcome = console.run(&format!("-f flags.yaml {line}"));
    (outcome.code.unwrap(), outcome.stderr, console.read("flags.yaml"))
}

const BELOW: &str = "flags:\n  alpha: {enabled: true, rollout: 25}\n  beta: {enabled: true, rollout: 5}\n";

#[test]
fn a_flag_at_the_top_too_is_brought_down_with_the_other() {
    let (code, told, text) = run(&format!("alpha:\n  enabled: true\n  rollout: 50\n{BELOW}"), "rollback alpha");
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("`alpha` stands also at the top, outside `flags` (line 1): it was set there too"), "{told}");
    assert!(
        text.starts_with("alpha:\n  enabled: false\n  rollout: 0\nflags:\n  alpha: {enabled: false, rollout: 0}\n")
    );
    // Also where the recognised one is down already.
    let down = BELOW.replace("true, rollout: 25", "false, rollout: 0");
    let (_, told, text) = run(&format!("alpha:\n  enabled: true\n  rollout: 50\n{down}"), "rollback alpha");
    assert!(told.contains("it was set there too") && text.starts_with("alpha:\n  enabled: false\n  rollout: 0\n"));
}

#[test]
fn what_is_no_flag_beyond_doubt_is_told_with_its_line() {
    for (more, place) in [
        ("alpha: 50\n", "in line 4"),
        ("old:\n  alpha: {percentage: 50}\n", "in line 5, below `old`"),
        ("old:\n  - {name: alpha, on: true}\n", "in line 5, below `old`"),
        ("x: &x alpha\nold: [{key: *x, rollout: 5}]\n", "as an alias in line 5, below `old`"),
    ] {
        let (code, told, text) = run(&format!("{BELOW}{more}"), "rollback alpha");
        let note = format!("`alpha` stands also {place}, where no flag was recognised: it was left as it is there");
        assert!(code == 0 && told.contains(&note), "{more}: {told}");
        assert!(text.ends_with(more), "{text}");
    }
    for more in ["alpha: {owner: ada}\n", "old: {alpha: {enabled: false, rollout: 50}}\n", "notes: {alpha: text}\n"] {
        let (_, told, _) = run(&format!("{BELOW}{more}"), "rollback alpha");
        assert!(!told.contains("stands also"), "{more}: {told}");
    }
}

#[test]
fn a_flag_that_only_an_alias_names_is_pointed_at() {
    let text = "x: &x alpha\nflags:\n- {name: *x, rollout: 25}\n- {name: beta, rollout: 25}\n";
    let (code, told, after) = run(text, "rollback alpha");
    assert_eq!((code, after.as_str()), (3, text));
    assert!(told.contains("`alpha` stands here as an alias") && told.contains("flags.yaml:3:10"), "{told}");
}

#[test]
fn names_that_readers_take_for_something_else_are_explained() {
    for (name, taken) in [
        ("null", "null, which is nothing"),
        ("~", "null, which is nothing"),
        ("True", "a boolean"),
        ("0x1", "a hexadecimal number"),
    ] {
        let text = format!("{name}: {{enabled: true, rollout: 5}}\nother: {{enabled: true, rollout: 5}}\n");
        let (code, told, after) = run(&text, &format!("advance {name} --yes --override gates,soak --reason so"));
        assert_eq!((code, after), (3, text));
        assert!(told.contains(&format!("readers of the file take `{name}` for {taken}")), "{told}");
        assert!(told.contains(&format!("write the name in quotes: `\"{name}\"`")), "{told}");
    }
}

#[test]
fn wide_encodings_are_called_by_their_names() {
    let wide = |size: usize, big: bool, mark: bool| -> Vec<u8> {
        let text = if mark { "\u{feff}a: 5\n" } else { "a: 5\n" };
        let unit = |letter: char| {
            let mut bytes = u32::from(letter).to_le_bytes()[..size].to_vec();
            if big {
                bytes.reverse();
            }
            bytes
        };
        text.chars().flat_map(unit).collect()
    };
    for (size, name) in [(2, "UTF-16"), (4, "UTF-32")] {
        for (big, mark) in [(false, false), (false, true), (true, false), (true, true)] {
            let console = Console::empty();
            std::fs::write(console.path("a b.yaml"), wide(size, big, mark)).unwrap();
            let output = crate::process::output(&mut console.command(&["-f", "a b.yaml", "rollback", "a"]));
            let told = String::from_utf8(output.stderr).unwrap();
            let order = match (mark, big) {
                (true, _) => "",
                (false, true) => "BE",
                (false, false) => "LE",
            };
            assert_eq!(output.status.code(), Some(3), "{told}");
            assert!(told.contains(&format!("`a b.yaml` is {name}, and")), "{told}");
            assert!(told.contains(&format!("iconv -f {name}{order} -t UTF-8 'a b.yaml' > 'a b.yaml.utf8'")), "{told}");
        }
    }
}

#[test]
fn a_description_without_a_place_is_not_dropped_in_silence() {
    let (_, told, text) = run("a: 25\nb: 5\n", "new c --description what");
    assert!(told.contains("the file's flags are bare numbers: the description has no place there"), "{told}");
    assert_eq!(text, "a: 25\nb: 5\nc: 0\n");
    let (_, told, text) = run("# one\na: 25\n# two\nb: 5\n", "new c --description what --owner ada");
    assert!(!told.contains("warning"), "{told}");
    assert_eq!(text, "# one\na: 25\n# two\nb: 5\n# what (owner: ada)\nc: 0\n");
}

#[test]
fn status_knows_since_when_a_change_by_hand_stands() {
    let console = Console::new();
    let (code, answer) = console.json("status");
    assert_eq!(code, 0);
    let (_, plan) = console.json("plan checkout_v2");
    assert!(plan["since"].is_string(), "{plan}");
    assert_eq!(answer["flags"][0]["since"], plan["since"]);
    assert!(answer["flags"][1]["since"].is_null(), "nobody is exposed, and nothing is recorded: {answer}");
}

#[test]
fn one_native_flag_decides_nothing_for_the_others() {
    let text = "f0:\n  enabled: true\n  rollout: 5\nf1:\n  active: true\n  rollout_percentage: 70\n";
    let down = "f0:\n  enabled: false\n  rollout: 0\nf1:\n  active: false\n  rollout_percentage: 0\n";
    for line in ["rollback f0 f1", "rollback f1 f0", "rollback --all"] {
        let (code, told, after) = run(text, line);
        assert_eq!((code, after.as_str()), (0, down), "{line}: {told}");
    }
    assert!(run(text, "rollback f1").2.ends_with("active: false\n  rollout_percentage: 0\n"));
    let text = "H: {enabled: true, rollout: 5}\nI: {enabled: true, rollout: 5}\nG: {enabled: true, percentage: 8}\n";
    let down = "H: {enabled: false, rollout: 0}\nI: {enabled: true, rollout: 5}\nG: {enabled: false, percentage: 0}\n";
    assert_eq!(run(&run(text, "rollback H").2, "rollback G").2, down);
    assert_eq!(run(text, "rollback H G").2, down);
    assert_eq!(run(text, "rollback G H").2, down);
}

#[test]
fn a_boolean_among_texts_stays_a_boolean() {
    let text = |on: &str| {
        format!("A: {{enabled: \"true\", rollout: 5}}\nF: {{enabled: {on}}}\nG: {{enabled: \"true\", rollout: 4}}\n")
    };
    let line = |on: &str| format!("\nF: {{enabled: {on}}}\n");
    let (_, told, after) = run(&text("true, rollout: [25]"), "rollback F");
    assert!(after.contains(&line("false, rollout: [25]")), "{told}: {after}");
    let (_, told, after) = run(&text("true, rollout: 25"), "rollback --all");
    assert!(after.contains(&line("false, rollout: 0")), "{told}: {after}");
    assert!(after.starts_with("A: {enabled: \"false\", rollout: 0}\n"), "{after}");
    let (_, told, after) =
        run(&text("false, rollout: 0"), "advance F --to 5 --yes --override gates,soak,ladder --reason so");
    assert!(after.contains(&line("true, rollout: 5")), "{told}: {after}");
}

#[test]
fn what_is_inherited_in_another_spelling_is_overridden() {
    let text = "base: &base {rollout: 25, enabled: true}\nflags:\n  s:\n    <<: *base\n  x:\n    percentage: 8\n";
    let (code, told, after) = run(text, "rollback s");
    assert_eq!(code, 0, "{told}");
    let own = after.split("  s:\n").nth(1).unwrap().split("  x:\n").next().unwrap();
    assert!(own.contains("    rollout: 0\n") && own.contains("    enabled: false\n"), "{told}: {after}");
    assert!(after.starts_with("base: &base {rollout: 25, enabled: true}\n") && after.ends_with("percentage: 8\n"));
    let (code, _, again) = run(&after, "rollback s");
    assert_eq!((code, again), (0, after));
    let (_, told, after) = run(&text.replace(", enabled: true", ""), "rollback s");
    assert!(after.contains("  s:\n") && after.contains("    rollout: 0\n"), "{told}: {after}");
}

#[test]
fn other_spellings_that_go_down_too_are_told() {
    let (code, told, after) = run("F: {Rollout: 50, rollout: 25, ROLLOUT: 10}\nG: {rollout: 25}\n", "rollback F");
    assert_eq!((code, after.as_str()), (0, "F: {Rollout: 0, rollout: 0, ROLLOUT: 0}\nG: {rollout: 25}\n"), "{told}");
    let note = "warning: `Rollout: 50` and `ROLLOUT: 10` of `F` went down too, which no undo brings back\n";
    assert!(told.contains(note), "{told}");
    assert!(!run("F: {rollout: 25}\nG: {rollout: 25}\n", "rollback F").1.contains("went down too"));
}

#[test]
fn a_flag_that_is_given_in_other_words_is_not_called_down() {
    let among = |entry: &str| format!("flags:\n  F: {entry}\n  G: {{rollout: 25, enabled: true}}\n");
    for (entry, word) in [
        ("{default: true}", "default: true"),
        ("{strategy: \"on\"}", "strategy: on"),
        ("{mode: percentage, share: 5}", "mode: percentage"),
        ("{targeting: [{segment: a}]}", "targeting: …"),
        ("{environments: {production: true}}", "environments: …"),
    ] {
        let text = among(entry).replace("  G: {rollout: 25, enabled: true}\n", "  G: {rollout: 25}\n");
        let (code, told, after) = run(&text, "rollback F");
        assert_eq!((code, after.as_str()), (3, text.as_str()), "{entry}: {told}");
        let lacks = format!("`F` has no `rollout` and no `enabled`, but `{word}`: what brings it down is not known\n");
        assert!(told.contains(&lacks) && told.contains(" --> flags.yaml:2:3\n"), "{entry}: {told}");
    }
    // What says nothing of that is brought down as ever.
    for entry in ["{description: text}", "{}", "null", "{priority: 1, owner: ada}", "{tags: [a]}"] {
        let (code, told, after) = run(&among(entry), "rollback F");
        assert_eq!(code, 0, "{entry}: {told}");
        assert!(after.contains("rollout: 0"), "{entry}: {after}");
    }
}

#[test]
fn a_file_of_simple_flags_of_another_tool_is_brought_down_by_its_percentage() {
    let text = "F:\n  percentage: 50\n  true: \"new\"\n  false: \"old\"\n  default: \"old\"\n";
    let (code, told, after) = run(text, "rollback F");
    assert_eq!((code, after), (0, text.replace("50", "0")), "{told}");
    // Version 1 spells it in its own way: no key of ours means anything there.
    let text = "F:\n  variations: {a: true, b: false}\n  defaultRule: {percentage: {a: 50, b: 50}}\n";
    let (code, told, after) = run(text, "rollback F");
    assert_eq!((code, after.as_str()), (3, text), "{told}");
}

#[test]
fn a_flag_that_goes_by_no_percentage_is_given_none() {
    let text = "flags:\n  F: {type: percentage, percentage: 5, enabled: true}\n  G: {type: boolean, enabled: true}\n";
    let advance = "advance G --to 37 --override ladder,gates,soak,latch --reason t --yes";
    for (line, text) in [
        (advance, text.replace("boolean, enabled: true", "boolean, enabled: false")),
        ("rollback G --to 37", text.to_owned()),
    ] {
        let (code, told, after) = run(&text, line);
        assert_eq!((code, after), (3, text), "{line}: {told}");
        let why =
            "`G` has no percentage and says `type: boolean`, where all flags with a percentage say `type: percentage`";
        assert!(told.contains(why) && told.contains("flags.yaml:3:3"), "{line}: {told}");
    }
    let (code, told, after) = run(text, "rollback G");
    assert_eq!((code, after), (0, text.replace("boolean, enabled: true", "boolean, enabled: false")), "{told}");
    let switched = "flags:\n  F: {strategy: percent, percent: 5}\n  G: {strategy: 'off'}\n  H: {strategy: 'on'}\n";
    let (code, told, after) = run(switched, advance);
    assert_eq!((code, after), (0, switched.replace("'off'", "'percent', percent: 37")), "{told}");
    assert_eq!(run(switched, "rollback H --to 37").0, 3);
    assert!(run(switched, "rollback H").2.contains("H: {strategy: 'off'"));
    // Those of one kind, of which no word says how they are given, may be given one.
    let kinds = text.replace("type: percentage", "type: release");
    assert_eq!(run(&kinds, "rollback G --to 37").0, 0);
}

#[test]
fn a_flag_where_none_was_recognised_is_pointed_at() {
    let text = "flags:\n  F:\n    standard: false\n    targeting:\n    - {segment: eu, percentage: 50}\n";
    let (code, told, after) = run(text, "rollback F");
    assert_eq!((code, after.as_str()), (3, text), "{told}");
    assert!(told.contains("`F`") && told.contains("flags.yaml:2:3"), "{told}");
    assert_eq!(run(text, "advance F --to 5 --yes").0, 3);
}

#[test]
fn blocks_of_a_flag_are_environments_only_where_all_are_called_so() {
    for text in [
        "a: {eu: {enabled: true, percentage: 50}, us: {enabled: true, percentage: 5}}\nb: {enabled: true, rollout: 5}\n",
        "flags:\n  a: {staging: {enabled: true, percentage: 50}, eu-prod: {enabled: true, percentage: 5}}\n",
        "flags:\n  a: {canary: {enabled: true, percentage: 5}, production: {enabled: true, percentage: 5}}\n",
        "flags:\n  a: {enabled: true, percentage: 5}\nlive: {flags: {a: {enabled: true, percentage: 6}}}\n",
    ] {
        let (code, told, after) = run(text, "rollback a");
        assert_eq!((code, after.as_str()), (3, text), "{told}");
        assert!(told.contains("`a`") && told.contains("nothing was changed"), "{text}: {told}");
    }
}

#[test]
fn what_users_get_by_default_is_no_switch_beside_one() {
    let text = "a: {enabled: true, rollout: 50}\nb: {rollout: 5, default: false}\n";
    assert_eq!(run(text, "rollback --all").2, "a: {enabled: false, rollout: 0}\nb: {rollout: 0, default: false}\n");
    let simple = "a: {percentage: 50, true: true, false: false, default: false}\nb: {disable: true}\n";
    let (code, told, after) = run(simple, "rollback a");
    assert_eq!((code, after), (0, simple.replace("50", "0")), "{told}");
    // A schedule, or values the other way round: its percentage says not who gets it.
    for (part, other) in [
        ("percentage: 50, true: true", "percentage: 50, true: false"),
        ("default: false}", "default: false, rollout: {progressive: {}}}"),
    ] {
        let odd = simple.replacen(part, other, 1).replace("b: {disable: true}\n", "");
        let (code, told, after) = run(&odd, "rollback a");
        assert_eq!((code, after), (3, odd), "{told}");
        assert!(told.contains("`a` is a flag of go-feature-flag"), "{told}");
    }
}

#[test]
fn a_text_that_only_looks_like_json_is_given_no_key() {
    let text = "{\"a\": {\"description\": \"x\",\n // on\n \"percentage\": 50}, \"b\": {\"percentage\": 5}}\n";
    let console = Console::empty().with("flags.json", text);
    let outcome = console.run("-f flags.json rollback a");
    assert_eq!((outcome.code, console.read("flags.json").as_str()), (Some(3), text), "{outcome:?}");
    // What is there is replaced all the same.
    assert_eq!(console.run("-f flags.json rollback b").code, Some(0));
    assert_eq!(console.read("flags.json"), text.replace("\"percentage\": 5}", "\"percentage\": 0}"));
}
