//! What `validate` finds, as whole outputs.

use flagctl::check::{self, Finding};
use flagctl::document::Language;
use flagctl::model::{Ladder, Mapping};

fn said(text: &str, mapping: &Mapping) -> String {
    let line = |finding: Finding| {
        let Finding { code, severity, line, column, width, message, help } = finding;
        let help = help.map(|help| format!("; {help}")).unwrap_or_default();
        format!("{severity:?} {code} {line}:{column}+{width} {message}{help}\n")
    };
    check::run(text, Language::Yaml, mapping, &|_| Ladder::default()).into_iter().map(line).collect()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let actual = said(text, &Mapping::native());
    assert_eq!(actual, expected, "\n--- is:\n{actual}\n--- should be:\n{expected}");
}

#[test]
fn a_sound_file_has_none() {
    check("", "");
    check("# only a comment\n", "");
    check(
        "a:\n  enabled: true\n  rollout: 25\n  description: \"x {{ y }}\"\nb: {enabled: false, rollout: 0}\nversion: 1\n",
        "",
    );
}

#[test]
fn everything_at_once() {
    check(
        "\
a:
  enabled: yes
  rollout: 5%
b:
  enabled: \"true\"
  rollout: 101
  rollout: -1
c:
  enabled: false
  rollout: 010
  note: 日本 {{ x }}
a:
  enabled: true
  rollout: 37
d: &d
  enabled: true
  rollout: 0
e:
  <<: *d
  enabled: false
  rollout: &r 50
f:
  rollout: *r
g:
  rollout: [5]
h: {{ all }}
",
        "\
Warning old-boolean 2:12+3 `enabled: yes` is a boolean to YAML 1.1 and text to YAML 1.2; write `true`
Error wrong-type 3:12+2 `rollout: 5%` is text to every reader: write the number without `%`; write a number from 0 to 100
Error wrong-type 5:12+6 `enabled: \"true\"` is text, not a boolean; write `true` or `false`
Error duplicate-key 7:3+7 the key `rollout` stands in line 6 already; leave one of the two
Error out-of-range 7:12+2 `rollout: -1` is not between 0 and 100
Warning octal 10:12+3 `rollout: 010` is octal to some readers and decimal to others; write the number without the zero
Error template 11:12+2 a template that was not filled in; check the rendered file; quote the value if the braces are meant
Error duplicate-flag 12:1+1 the flag `a` stands in line 1 already; leave one of the two
Warning off-ladder 14:12+2 `a` is at 37%, which is no step; the steps are 0, 5, 25, 50, 100
Warning shared-anchor 15:1+1 `d` shares its values with `*d` in line 19; write the values out where the alias stands
Warning contradiction 17:12+1 `d` is on, and nobody gets it: its percentage is 0
Warning shared-anchor 18:1+1 `e` shares its values with `*r` in line 23; write the values out where the alias stands
Warning contradiction 21:15+2 `e` is off, and its percentage is 50: nobody gets it
Warning shared-anchor 23:12+2 `f` takes a value from elsewhere: `*r`; write the value out
Error wrong-type 25:12+1 `rollout: [5]` is a mapping or a list, not a value; write a number from 0 to 100
Error template 26:4+2 a template that was not filled in; check the rendered file; quote the value if the braces are meant
",
    );
}

#[test]
fn a_broken_file_tells_what_stands_above_too() {
    check(
        "a:\n  rollout: 37\nb:\n  rollout: [\nc:\n  rollout: 5\n",
        "\
Warning off-ladder 2:12+2 `a` is at 37%, which is no step; the steps are 0, 5, 25, 50, 100
Error syntax 6:10+1 the file is not valid YAML: while parsing a flow mapping, did not find expected ',' or '}'
",
    );
    check(
        "a:\n  rollout: 37\n<<<<<<< HEAD\nb:\n  rollout: 5\n=======\nb:\n  rollout: 6\n>>>>>>> other\n",
        "\
Warning off-ladder 2:12+2 `a` is at 37%, which is no step; the steps are 0, 5, 25, 50, 100
Error merge-conflict 3:1+12 a line of an unresolved merge conflict; resolve the conflict
Error merge-conflict 6:1+7 a line of an unresolved merge conflict; resolve the conflict
Error merge-conflict 9:1+13 a line of an unresolved merge conflict; resolve the conflict
",
    );
    check(
        "{{- if .Values.x }}\na:\n  rollout: 5\n{{- end }}\n",
        "Error template 1:1+2 the file is a template that was not filled in; edit the rendered file, or the values that fill the template\n",
    );
}

#[test]
fn mapped_files_are_named_in_their_own_words() {
    let mut mapping = Mapping::native();
    mapping.root = vec!["flags".to_owned()];
    mapping.rollout = vec![vec!["strategy".to_owned(), "percent".to_owned()]];
    let actual = said("flags:\n- name: a\n  strategy:\n    percent: x\n- name: a\n  strategy: 5\n", &mapping);
    assert_eq!(
        actual,
        "\
Error wrong-type 4:14+1 `strategy.percent: x` is not a number between 0 and 100; write a number from 0 to 100
Error duplicate-flag 5:9+1 the flag `a` stands in line 2 already; leave one of the two
Error wrong-type 6:13+1 `strategy.percent: 5` stands where a mapping with `percent` is expected; write a number from 0 to 100
"
    );
}

#[test]
fn encodings_are_findings_too() {
    let refusal = flagctl::document::text(b"a:\n  b: \xff\n").unwrap_err();
    let finding = Finding::from(refusal);
    assert_eq!((finding.code, finding.line, finding.column), ("encoding", 2, 6));
    assert_eq!(finding.message, "the file is not UTF-8: byte 0xFF");
    let refusal = flagctl::document::text(b"\xff\xfea\x00").unwrap_err();
    assert_eq!(refusal.reason, "the file is UTF-16, not UTF-8");
    let refusal = flagctl::document::text(b"a\x00:\x00").unwrap_err();
    assert_eq!(refusal.reason, "the file is UTF-16, not UTF-8");
    let refusal = flagctl::document::text(b"\xff\xfe\x00\x00a\x00\x00\x00").unwrap_err();
    assert_eq!(refusal.reason, "the file is UTF-32, not UTF-8");
}

#[test]
fn keys_that_nearly_count_are_told() {
    let right = "b: {enabled: true, rollout: 5}\nc: {enabled: true, rollout: 5}\nd: {enabled: true, rollout: 5}\n";
    let cases = [
        ("a: {enabled: true, rollotu: 5}", "20+7 `rollotu` looks like `rollout`"),
        ("a: {enabled: true, Rollout: 5}", "20+7 `Rollout` looks like `rollout`"),
        ("a: {enabled: true, roll-out: 5}", "20+8 `roll-out` looks like `rollout`"),
        ("a: {enabled: true, \"rolout\": 5}", "20+8 `rolout` looks like `rollout`"),
        ("a: {enabled: true, rollout: 5, ROLLOUT: 5}", "32+7 `ROLLOUT` looks like `rollout`"),
        ("a: {enabled: true, rollout: 5, rollotu: 5}", "32+7 `rollotu` looks like `rollout`"),
        ("a: {enabld: false, rollout: 5}", "5+6 `enabld` looks like `enabled`"),
        ("a: {enable: false, rollout: 5}", "5+6 `enable` looks like `enabled`"),
        // Such an entry is not even taken for a flag.
        ("a: {rollotu: 5}", "5+7 `rollotu` looks like `rollout`"),
    ];
    for (line, expected) in cases {
        let key = expected.rsplit('`').nth(1).unwrap();
        let help = format!("which is the key that counts; rename it to `{key}`");
        check(&format!("{line}\n{right}"), &format!("Warning misspelt-key 1:{expected}, {help}\n"));
    }
}

#[test]
fn an_entry_whose_keys_are_all_misspelt_is_told_beside_a_single_flag() {
    let told = |at: &str, key: &str, near: &str| {
        format!(
            "Warning misspelt-key 2:{at} `{key}` looks like `{near}`, which is the key that counts; rename it to `{near}`\n"
        )
    };
    let both = told("5+7", "enabeld", "enabled") + &told("20+6", "rolout", "rollout");
    check("a: {enabled: true, rollout: 5}\nb: {enabeld: true, rolout: 50}\n", &both);
    // One such key may be a word of something that is no flag.
    check("a: {enabled: true, rollout: 5}\nb: {enable: true, size: 50}\n", "");
}

#[test]
fn keys_of_their_own_are_let_be() {
    for keys in [
        "enabled_for: [x]",
        "rollout_percentage: 5",
        "rollout_a: 5",
        "rollout-b: 5",
        "pre_rollout: 5",
        "rollouts: []",
        "enabled2: 5",
        "disabled: true",
        "owner: {rollotu: 5}",
        "tags: [{enabld: x}]",
    ] {
        check(&format!("a: {{enabled: true, rollout: 5, {keys}}}\n"), "");
    }
    // A setting beside a flag, not a flag beside others.
    check("a: {enabled: true, rollout: 5}\nserver: {enable: true}\n", "");
    check("server: {enable: true}\n", "");
}

#[test]
fn mapped_keys_are_looked_for_where_they_belong() {
    let mut mapping = Mapping::native();
    mapping.root = vec!["flags".to_owned()];
    mapping.rollout = vec![vec!["strategy".to_owned(), "percent".to_owned()]];
    mapping.enabled[0].path = vec!["state".to_owned()];
    let text = "\
Flags: {}
flags:
- name: a
  state: true
  stage: beta
  strategy:
    precent: 5
    startegy: 6
- name: b
  stage: true
  stratgey: {percent: 6}
  percentt: 5
- name: c
  state: true
  strategy:
    percent: 5
    percents: 6
";
    assert_eq!(
        said(text, &mapping),
        "\
Warning misspelt-key 7:5+7 `precent` looks like `percent`, which is the key that counts; rename it to `percent`
Warning misspelt-key 10:3+5 `stage` looks like `state`, which is the key that counts; rename it to `state`
Warning misspelt-key 11:3+8 `stratgey` looks like `strategy`, which is the key that counts; rename it to `strategy`
"
    );
}

#[test]
fn flags_without_a_percentage_stand_out_among_those_with_one() {
    let finding = "Warning no-rollout 3:1+1 `x` is on for everybody: it has no `rollout`; write `rollout`, even if everybody is meant\n";
    let most = "a: {enabled: true, rollout: 5}\nb: {enabled: true, rollout: 5}\n";
    check(&format!("{most}x: {{enabled: true}}\n"), finding);
    check(&format!("{most}x: {{enabled: true}}\nd: {{enabled: false}}\n"), finding);
    check(&format!("{most}x: {{enabled: false}}\n"), "");
    let finding = finding.replace("3:1+1", "1:1+1");
    check("x: {enabled: true}\nb: {enabled: true, rollout: 5}\nc: {enabled: false}\nd: {enabled: false}\n", &finding);
    // Where none has one, switches are all there is.
    check("x: {enabled: true}\nb: {enabled: false}\n", "");
    // What is merged is there.
    check(&format!("{most}x:\n  <<: {{rollout: 5}}\n  enabled: true\n"), "");
}

#[test]
fn entries_that_are_skipped_are_told_where_flags_stand() {
    let flags = "a: {enabled: true, rollout: 5}\nb: {enabled: true, rollout: 5}\nc: {enabled: true, rollout: 5}\n";
    let told = |what: &str, width: usize| {
        let help = "give it the keys of a flag, or take it out";
        format!("Warning not-a-flag 4:1+{width} `x` is skipped, for it is no flag: {what}; {help}\n")
    };
    check(&format!("{flags}x:\n"), &told("it is empty", 1));
    check(&format!("{flags}\"x\": ~\n"), &told("it is empty", 3));
    check(&format!("{flags}x: true\n"), &told("it is a value, and the others have keys", 1));
    check(&format!("{flags}x: 50%\n"), &told("it is a value, and the others have keys", 1));
    check(&format!("{flags}x: [enabled, true]\n"), &told("it is a list, and the others have keys", 1));
    check(
        &format!("{flags}\"\": {{rollout: 5}}\n"),
        "Warning not-a-flag 4:1+2 an entry without a name is skipped; name it, or take it out\n",
    );
    for setting in [
        "version: 2",
        "$schema: 1",
        "_x: 1",
        "x-common: [1]",
        "owners: [a]",
        "mode: fast",
        "cache_timeout: 30",
        "retries: 5000",
        "x: {y: 1}",
    ] {
        check(&format!("{flags}{setting}\n"), "");
    }
    for setting in ["max_users: 50", "retries: 3", "default_rollout: 10", "poll_seconds: 30", "sample-size: 20"] {
        check(&format!("{flags}{setting}\n"), "");
    }
    // A few values beside many flags are a place for settings; one may have been meant as a flag.
    let many: String = (0..20).map(|number| format!("f{number}: {{enabled: true, rollout: 5}}\n")).collect();
    check(&format!("{many}debug: true\nsample: 20\nverbose: false\n"), "");
    let help = "is skipped, for it is no flag: it is a value, and the others have keys; give it the keys of a flag";
    check(&format!("{many}beta: 20\n"), &format!("Warning not-a-flag 21:1+4 `beta` {help}, or take it out\n"));
    // Two settings beside three flags: a file that mixes.
    check(&format!("{flags}x:\ny: 5\n"), "");
}

#[test]
fn a_list_of_flags_holds_nothing_else() {
    let mut mapping = Mapping::native();
    mapping.root = vec!["flags".to_owned()];
    let text = "flags:\n- {name: a, rollout: 5}\n- {rollout: 5}\n- {name: b, rollout: 5}\n- {name: c, rollout: 5}\n-\n";
    assert_eq!(
        said(text, &mapping),
        "\
Warning not-a-flag 3:3+1 an entry without a name is skipped; name it, or take it out
Warning not-a-flag 6:2+1 an entry without a name is skipped; name it, or take it out
"
    );
    let text = "flags:\n  a: {rollout: 5}\n  b: {rollout: 5}\n  version: 1\n";
    assert_eq!(
        said(text, &mapping),
        "Warning not-a-flag 4:3+7 `version` is skipped, for it is no flag: it is a value, and the others have keys; \
         give it the keys of a flag, or take it out\n"
    );
}

#[test]
fn names_that_differ_in_case_only_are_told() {
    check(
        "Dark-Mode: {rollout: 5}\nb: {rollout: 5}\ndark-mode: {rollout: 5}\nDARK-mode: {rollout: 5}\ndark_mode: {rollout: 5}\n",
        "\
Warning similar-names 3:1+9 `dark-mode` and `Dark-Mode` in line 1 differ in the case of letters only; rename one of the two
Warning similar-names 4:1+9 `DARK-mode` and `Dark-Mode` in line 1 differ in the case of letters only; rename one of the two
",
    );
}

#[test]
fn names_that_are_hashed_are_plain() {
    check(
        "\
Zoë: {enabled: true, rollout: 5}
a:b: {enabled: true, rollout: 5}
é: {enabled: true, rollout: 5, salt: e}
c:d: {enabled: true, rollout: 5, salt: cd}
e: {enabled: true, rollout: 5, salt: zoë}
f: {enabled: true, rollout: 5, salt: 'a:b'}
",
        "\
Warning not-ascii 1:1+3 `Zoë` is not ASCII: not every SDK puts the same users into its rollout; rename it before it is rolled out: a new name is other users
Warning colon-in-name 2:1+3 `a:b` has a `:`, which parts the flag from the user in what is hashed; rename it before it is rolled out, as with `.` or `-`: a new name is other users
Warning not-ascii 5:38+3 the salt `zoë` of `e` is not ASCII: not every SDK puts the same users into its rollout; give it another before it is rolled out: a new salt is other users
Warning colon-in-salt 6:38+5 the salt `a:b` of `f` has a `:`, which parts it from the user in what is hashed; give it another before it is rolled out: a new salt is other users
",
    );
}

#[test]
fn a_salt_is_a_text_and_not_an_empty_one() {
    check(
        "\
a: {enabled: true, rollout: 5, salt: ''}
b:
  rollout: 5
  salt: [1]
c:
  rollout: 5
  salt: |
    kept
d: {enabled: true, rollout: 5, salt: 007}
",
        "\
Warning empty-salt 1:38+2 the `salt` of `a` is empty: its users are hashed with its name; give it a text, or take it out
Error wrong-salt 4:9+1 `salt: [1]` is no text; write a text, in quotes if need be: nobody can tell who is in the rollout
",
    );
}

#[track_caller]
fn json(text: &str, expected: &str) {
    let line = |finding: Finding| {
        let Finding { code, severity, line, column, message, .. } = finding;
        format!("{severity:?} {code} {line}:{column} {}\n", message.replace("the file is not valid JSON: ", "JSON: "))
    };
    let found = check::run(text, Language::Json, &Mapping::native(), &|_| Ladder::default());
    assert_eq!(found.into_iter().map(line).collect::<String>(), expected, "{text}");
}

#[test]
fn what_is_called_json_is_json() {
    let a = r#""a": {"enabled": true, "rollout": 5}"#;
    for sound in [format!("{{{a}}}"), format!("\u{feff}{{\n\t{a}\n}}\n"), r#"{"d": "\ud83d\ude00 \/"}"#.to_owned()] {
        json(&sound, "");
    }
    json(&format!("{{\n  // u\n  {a}\n}}\n"), "Error syntax 2:3 JSON: it has no comments\n");
    json(&format!("\u{feff}# u\n{{{a}}}\n"), "Error syntax 1:1 JSON: it has no comments\n");
    json(&format!("{{\n  {a}, /* ü */\n}}\n"), "Error syntax 2:41 JSON: it has no comments\n");
    json(&format!("{{\n  {a},\n}}\n"), "Error syntax 3:1 JSON: it has no comma before an end\n");
    json(
        "{\"a\": {\"rollout\": 5, \"description\": \"ü\",}}",
        "Error syntax 1:41 JSON: it has no comma before an end\n",
    );
    json("{'a': {\"rollout\": 5}}", "Error syntax 1:2 JSON: it has double quotes only\n");
    json("a:\n  enabled: true\n  rollout: 5\n", "Error syntax 1:1 JSON: expected value\n");
    json(&format!("{{{a}}}\n{{}}\n"), "Error syntax 2:1 JSON: trailing characters\n");
    json("", "Error syntax 1:1 JSON: it is empty\n");
    // What was cut off is told once, at its end.
    json("{\n  \"a\": {\"rollout\": 5},\n  \"u\": {\n", "Error syntax 3:9 JSON: it ends before it is complete\n");
    json("{\"a\": {\"owner\": {{ x }} }}\n", "Error template 1:17 a template that was not filled in\n");
    json(
        "<<<<<<< a\n{}\n=======\n{}\n>>>>>>> b\n",
        &[1, 3, 5]
            .map(|line| format!("Error merge-conflict {line}:1 a line of an unresolved merge conflict\n"))
            .concat(),
    );
}
