//! What a rollback reads of a broken configuration.

use super::{Desk, shown, told};
use flagctl::config::{Arguments, Lenient};
use snapbox::{assert_data_eq, str};

fn read(desk: &Desk) -> String {
    match desk.with("", flagctl::config::lenient) {
        Ok(lenient) => report(&lenient),
        Err(error) => told(&error),
    }
}

fn report(lenient: &Lenient) -> String {
    let mut text = String::new();
    for place in &lenient.places {
        let name = place.name.as_deref().unwrap_or("-");
        let mapping = if place.mapping.is_some() { ", mapped" } else { "" };
        let ledger = shown(&lenient.ledger(place));
        text.push_str(&format!("{name}: {}{mapping}, ledger {ledger}\n", shown(&place.flags)));
    }
    for note in &lenient.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    text
}

const TWO: &str = "default-environment = 'b'\n[environments.a]\nflags = 'a.yaml'\n[environments.b]\nflags = 'b.yaml'\n\
                   [flags-file]\nrollout = ['percent']\n[ledger]\npath = 'l.jsonl'\n";

/// Returns each text with what a rollback reads of it.
fn readings(texts: &[String]) -> String {
    let mut all = String::new();
    for text in texts {
        let said = read(&Desk::new(text).file("config/feature_flags.yaml", ""));
        all.push_str(&format!("{}\n----\n{said}\n", text.trim_end()));
    }
    all
}

#[test]
fn a_sound_configuration_is_read_like_any() {
    assert_data_eq!(
        read(&Desk::new(TWO)),
        str![[r#"
b: b.yaml, mapped, ledger l.jsonl

"#]]
    );
    assert_data_eq!(
        read(&Desk::new("").file("config/feature_flags.yaml", "")),
        str![[r#"
-: config/feature_flags.yaml, ledger .flagctl/ledger.jsonl

"#]]
    );
    assert_data_eq!(
        read(&Desk::new("")),
        str![[r#"
usage: no flags file was found: no `flagctl.toml`, and no `config/feature_flags.yaml` or the like
  help: name it: `-f PATH`
  help: or let `flagctl init` look for it and set it up

"#]]
    );
    assert_data_eq!(
        read(&Desk::new(&TWO.replace("default-environment = 'b'\n", ""))),
        str![[r#"
a: a.yaml, mapped, ledger l.jsonl
b: b.yaml, mapped, ledger l.jsonl

"#]]
    );
}

#[test]
fn what_does_not_matter_does_not_matter() {
    let said = readings(&[
        format!("{TWO}[gates.x]\nmax = 5\nunknown = true\n"),
        format!("{TWO}[rollout]\nsoak = \"30m\nsteps = [1\n"),
        format!("{TWO}[rollout]\nsteps = [\n  0,\n  5\n]\nsoak = '30m\n"),
        format!("{TWO}[gates.x]\nerrors = '''\nsum(\n[environments.b]\n)\n'''\n[rollout\n"),
        TWO.replace("[environments.b]", "[environments.b"),
        TWO.replace("flags = 'a.yaml'", "flags = 'a.yaml'\nflags-file = { rollout = ['x', }"),
        TWO.replace("path = 'l.jsonl'", "path = l.jsonl"),
        "[rollout]\nsoak = '30m".to_owned(),
        "[environments.x]\nflags = 'config/feature_flags.yaml'\n[rollout\n".to_owned(),
    ]);
    assert_data_eq!(
        said,
        str![[r#"
default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
[gates.x]
max = 5
unknown = true
----
b: b.yaml, mapped, ledger l.jsonl
note: `flagctl.toml` has errors: `flagctl validate` shows them

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
[rollout]
soak = "30m
steps = [1
----
b: b.yaml, mapped, ledger l.jsonl
note: `flagctl.toml:12:11`: this is not TOML: unclosed array, expected `]`; going on without lines 11, 12

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
[rollout]
steps = [
  0,
  5
]
soak = '30m
----
b: b.yaml, mapped, ledger l.jsonl
note: `flagctl.toml:15:12`: this is not TOML: a text is not closed with `'`; going on without line 15

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
[gates.x]
errors = '''
sum(
[environments.b]
)
'''
[rollout
----
b: b.yaml, mapped, ledger l.jsonl
note: `flagctl.toml:16:9`: this is not TOML: unclosed table, expected `]`; going on without line 16

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
----
b: b.yaml, mapped, ledger l.jsonl
note: `flagctl.toml:4:16`: this is not TOML: unclosed table, expected `]`; going on without line 4

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
flags-file = { rollout = ['x', }
[environments.b]
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
----
b: b.yaml, mapped, ledger l.jsonl
note: `flagctl.toml:4:32`: this is not TOML: missing inline table opening, expected `{`; going on without line 4

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
[ledger]
path = l.jsonl
----
b: b.yaml, mapped, ledger .flagctl/ledger.jsonl
note: `flagctl.toml:9:8`: this is not TOML: a value is missing, or a text has no quotes; going on without line 9
note: the path of the ledger can't be read: `.flagctl/ledger.jsonl` is taken

[rollout]
soak = '30m
----
-: config/feature_flags.yaml, ledger .flagctl/ledger.jsonl
note: `flagctl.toml:2:12`: this is not TOML: a text is not closed with `'`; going on without line 2

[environments.x]
flags = 'config/feature_flags.yaml'
[rollout
----
x: config/feature_flags.yaml, ledger .flagctl/ledger.jsonl
note: `flagctl.toml:3:9`: this is not TOML: unclosed table, expected `]`; going on without line 3


"#]]
    );
}

#[test]
fn a_half_read_mapping_is_not_used() {
    let said = readings(&[
        TWO.replace("rollout = ['percent']", "rollout = ['percent']\nroot = ['flags'"),
        TWO.replace("rollout = ['percent']", "rollout = ['percent']\nrot = ['flags']"),
        TWO.replace("rollout = ['percent']", "rollout = 'percent'"),
        TWO.replace("flags = 'b.yaml'", "flags = 'b.yaml'\nflags-file = { rollout = ['x', }"),
    ]);
    assert_data_eq!(
        said,
        str![[r#"
default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
root = ['flags'
[ledger]
path = 'l.jsonl'
----
b: b.yaml, ledger l.jsonl
note: `flagctl.toml:9:1`: this is not TOML: missing comma between array elements, expected `,`; going on without line 8
note: `[flags-file]` can't be read whole: the flags file is looked at instead

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
rot = ['flags']
[ledger]
path = 'l.jsonl'
----
b: b.yaml, ledger l.jsonl
note: `[flags-file]` can't be read whole: the flags file is looked at instead

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml'
[flags-file]
rollout = 'percent'
[ledger]
path = 'l.jsonl'
----
b: b.yaml, ledger l.jsonl
note: `[flags-file]` can't be read whole: the flags file is looked at instead

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml'
flags-file = { rollout = ['x', }
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
----
b: b.yaml, ledger l.jsonl
note: `flagctl.toml:6:32`: this is not TOML: missing inline table opening, expected `{`; going on without line 6


"#]]
    );
}

#[test]
fn what_can_not_be_told_is_not_guessed() {
    let said = readings(&[
        TWO.replace("flags = 'b.yaml'", "flags = 'b.yaml"),
        TWO.replace("flags = 'b.yaml'", "flags = 7"),
        TWO.replace("flags = 'b.yaml'", "<<<<<<< HEAD\nflags = 'b.yaml'\n=======\nflags = 'c.yaml'\n>>>>>>> x"),
        TWO.replace("[environments.b]", "environments.b]").replace("default-environment = 'b'\n", ""),
        "[environments.x]\nbackend = 'remote'\n[rollout\n".to_owned(),
        "[environments.x]\nflags = 'other.yaml\n".to_owned(),
        "default-environment = 'b'\n[environments.a]\nflags = 'a.yaml'\n".to_owned(),
        "[environments.a]\nflags = 'config/feature_flags.yaml'\n[environments.b]\nsource = 'x'\n[rollout\n".to_owned(),
        "note = \"\"\"\n[environments.a]\nflags = 'config/feature_flags.yaml'\n\"\"\"\n[rollout\n[environments.b]\nflags = 'b.yaml'\n".to_owned(),
    ]);
    assert_data_eq!(
        said,
        str![[r#"
default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 'b.yaml
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: a text is not closed with `'`
  at flagctl.toml:5:16
  | flags = 'b.yaml
  |                ^
  help: flagctl rollback -f a.yaml FLAG
  help: flagctl rollback -f b.yaml FLAG
  help: flagctl rollback -f config/feature_flags.yaml FLAG

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
flags = 7
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
----
invalid: can't tell from `flagctl.toml` which flags file is meant: the flags file of environment `b` can't be read
  at flagctl.toml:4:15
  | [environments.b]
  |               ^
  help: flagctl rollback -f a.yaml FLAG
  help: flagctl rollback -f config/feature_flags.yaml FLAG

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
[environments.b]
<<<<<<< HEAD
flags = 'b.yaml'
=======
flags = 'c.yaml'
>>>>>>> x
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
----
invalid: can't tell from `flagctl.toml` which flags file is meant: a merge conflict is left in this file
  at flagctl.toml:5:1
  | <<<<<<< HEAD
  | ^^^^^^^^^^^^
  help: flagctl rollback -f a.yaml FLAG
  help: flagctl rollback -f b.yaml FLAG
  help: flagctl rollback -f c.yaml FLAG
  help: flagctl rollback -f config/feature_flags.yaml FLAG

[environments.a]
flags = 'a.yaml'
environments.b]
flags = 'b.yaml'
[flags-file]
rollout = ['percent']
[ledger]
path = 'l.jsonl'
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: key with no value, expected `=`
  at flagctl.toml:3:15
  | environments.b]
  |               ^
  help: flagctl rollback -f a.yaml FLAG
  help: flagctl rollback -f b.yaml FLAG
  help: flagctl rollback -f config/feature_flags.yaml FLAG

[environments.x]
backend = 'remote'
[rollout
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: unclosed table, expected `]`
  at flagctl.toml:3:9
  | [rollout
  |         ^
  help: flagctl rollback -f config/feature_flags.yaml FLAG

[environments.x]
flags = 'other.yaml
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: a text is not closed with `'`
  at flagctl.toml:2:20
  | flags = 'other.yaml
  |                    ^
  help: flagctl rollback -f other.yaml FLAG
  help: flagctl rollback -f config/feature_flags.yaml FLAG

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
----
invalid: can't tell from `flagctl.toml` which flags file is meant: `default-environment` names no environment that can be read
  help: flagctl rollback -f a.yaml FLAG
  help: flagctl rollback -f config/feature_flags.yaml FLAG

[environments.a]
flags = 'config/feature_flags.yaml'
[environments.b]
source = 'x'
[rollout
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: unclosed table, expected `]`
  at flagctl.toml:5:9
  | [rollout
  |         ^
  help: flagctl rollback -f config/feature_flags.yaml FLAG

note = """
[environments.a]
flags = 'config/feature_flags.yaml'
"""
[rollout
[environments.b]
flags = 'b.yaml'
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: unclosed table, expected `]`
  at flagctl.toml:5:9
  | [rollout
  |         ^
  help: flagctl rollback -f b.yaml FLAG
  help: flagctl rollback -f config/feature_flags.yaml FLAG


"#]]
    );
}

#[test]
fn an_argument_settles_it() {
    let broken = TWO.replace("flags = 'b.yaml'", "flags = 'b.yaml");
    let arguments = |file: Option<&str>, env: Option<&str>| Arguments {
        file: file.map(Into::into),
        env: env.map(Into::into),
        ..Arguments::default()
    };
    let desk = Desk::new(&broken).arguments(arguments(Some("b.yaml"), None));
    assert_data_eq!(
        read(&desk),
        str![[r#"
-: b.yaml, ledger l.jsonl
note: `flagctl.toml:5:16`: this is not TOML: a text is not closed with `'`; going on without line 5

"#]]
    );
    let desk = desk.arguments(arguments(Some("b.yaml"), Some("b")));
    assert_data_eq!(
        read(&desk),
        str![[r#"
b: b.yaml, ledger l.jsonl
note: `flagctl.toml:5:16`: this is not TOML: a text is not closed with `'`; going on without line 5

"#]]
    );
    let desk = desk.arguments(arguments(None, Some("a")));
    assert_data_eq!(
        read(&desk),
        str![[r#"
a: a.yaml, mapped, ledger l.jsonl
note: `flagctl.toml:5:16`: this is not TOML: a text is not closed with `'`; going on without line 5

"#]]
    );
    let desk = desk.arguments(arguments(None, Some("b")));
    assert_data_eq!(
        read(&desk),
        str![[r#"
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: a text is not closed with `'`
  at flagctl.toml:5:16
  | flags = 'b.yaml
  |                ^
  help: flagctl rollback -f a.yaml FLAG
  help: flagctl rollback -f b.yaml FLAG

"#]]
    );
    let desk = Desk::new(TWO).arguments(arguments(None, Some("c")));
    assert_data_eq!(
        read(&desk),
        str![[r#"
usage: there is no environment `c`
  help: did you mean `a`?

"#]]
    );
}

#[test]
fn files_that_are_no_text() {
    let desk = Desk::new("").file("flagctl.toml/x", "").file("config/feature_flags.yaml", "");
    assert_data_eq!(
        read(&desk),
        str![[r#"
-: config/feature_flags.yaml, ledger .flagctl/ledger.jsonl
note: `flagctl.toml` can't be read: is a directory

"#]]
    );
    let desk = Desk::new("").variable("FLAGCTL_CONFIG", "none.toml").file("config/feature_flags.yaml", "");
    assert_data_eq!(
        read(&desk),
        str![[r#"
usage: there is no configuration file `none.toml`
  help: flagctl rollback -f PATH FLAG

"#]]
    );
    let desk = Desk::new("");
    let text = b"[environments.a]\nflags = 'a.yaml'\nsource = 'caf\xe9'\n";
    std::fs::write(desk.folder.path().join("flagctl.toml"), text).unwrap();
    assert_data_eq!(
        read(&desk),
        str![[r#"
a: a.yaml, ledger .flagctl/ledger.jsonl

"#]]
    );
}

/// A rollback and every other verb mean the same place.
#[test]
fn a_sound_configuration_leads_to_the_place_that_settings_lead_to() {
    let arguments = |file: Option<&str>, env: Option<&str>, chdir: Option<&str>| Arguments {
        file: file.map(Into::into),
        env: env.map(Into::into),
        chdir: chdir.map(Into::into),
        config: None,
    };
    let nothing = "";
    let no_environments = "[flags-file]\nrollout = ['percent']\n[ledger]\npath = 'l'\n";
    for config in [TWO, nothing, no_environments] {
        let desk = Desk::new(config).file("config/feature_flags.yaml", "").file("b.yaml", "").file("sub/x.yaml", "");
        for arguments in [
            arguments(None, None, None),
            arguments(None, Some("a"), None),
            arguments(Some("b.yaml"), None, None),
            arguments(Some("sub/x.yaml"), None, None),
            arguments(Some("x.yaml"), None, Some("sub")),
            arguments(Some("config/feature_flags.yaml"), None, None),
            arguments(None, None, Some("sub")),
            arguments(None, None, Some("nowhere")),
        ] {
            let case = format!("{config}{arguments:?}");
            let desk = desk.clone().arguments(arguments);
            let one = desk.with("", flagctl::config::lenient);
            let two =
                desk.load().and_then(|settings| settings.environment().cloned().map(|place| (place, settings.ledger)));
            match (one, two) {
                (Ok(one), Ok((place, ledger))) => {
                    assert_eq!(format!("{:?}", one.places), format!("{:?}", [&place]), "{case}");
                    assert_eq!(one.ledger(&place), ledger, "{case}");
                    assert!(one.notes.is_empty(), "{case}");
                }
                (Err(one), Err(two)) => assert_eq!(told(&one), told(&two), "{case}"),
                (one, two) => panic!("{case}: {one:?} {two:?}"),
            }
        }
    }
}
