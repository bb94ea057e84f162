//! What `validate` finds, as whole outputs.

use flagctl::check::{self, Finding};
use flagctl::model::{Ladder, Mapping};

fn said(text: &str, mapping: &Mapping) -> String {
    let line = |finding: Finding| {
        let Finding { code, severity, line, column, width, message, help } = finding;
        let help = help.map(|help| format!("; {help}")).unwrap_or_default();
        format!("{severity:?} {code} {line}:{column}+{width} {message}{help}\n")
    };
    check::run(text, mapping, &|_| Ladder::default()).into_iter().map(line).collect()
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
}
