//! What a rollback reads of a broken configuration.

use super::{Desk, shown, told};
use flagctl::config::{Arguments, Lenient, Surroundings};
use snapbox::{assert_data_eq, str};

fn read(desk: &Desk) -> String {
    let lenient = |arguments: &Arguments, around: &Surroundings<'_>| {
        flagctl::config::lenient_for(arguments, around, "checkout --to 5")
    };
    match desk.with("", lenient) {
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
        let desk = Desk::new(text).file("config/feature_flags.yaml", "").file("a.yaml", "").file("b.yaml", "");
        let said = read(&desk);
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
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5
  help: flagctl rollback -f a.yaml checkout --to 5
  help: flagctl rollback -f b.yaml checkout --to 5

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
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5
  help: flagctl rollback -f a.yaml checkout --to 5

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
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5
  help: flagctl rollback -f a.yaml checkout --to 5
  help: flagctl rollback -f b.yaml checkout --to 5

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
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5
  help: flagctl rollback -f a.yaml checkout --to 5
  help: flagctl rollback -f b.yaml checkout --to 5

[environments.x]
backend = 'remote'
[rollout
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: unclosed table, expected `]`
  at flagctl.toml:3:9
  | [rollout
  |         ^
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5

[environments.x]
flags = 'other.yaml
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: a text is not closed with `'`
  at flagctl.toml:2:20
  | flags = 'other.yaml
  |                    ^
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5

default-environment = 'b'
[environments.a]
flags = 'a.yaml'
----
invalid: can't tell from `flagctl.toml` which flags file is meant: `default-environment` names no environment that can be read
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5
  help: flagctl rollback -f a.yaml checkout --to 5

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
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5

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
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5
  help: flagctl rollback -f b.yaml checkout --to 5


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
  help: flagctl rollback -f PATH checkout --to 5

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
  help: flagctl rollback -f PATH checkout --to 5

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

/// A text that was cut off anywhere leads to the conventional file if that is the only one that it names.
#[test]
fn a_text_that_is_cut_off_names_no_other_file() {
    let whole = "version = 1\ndefault-environment = \"production\"\n\n[rollout]\nsteps = [0, 5, 100]\nsoak = \"30m\"\n\n\
                 [environments.production]\nflags = \"config/feature_flags.yaml\"\n\n[gates.x]\nmax = 5\n";
    for end in 0..=whole.len() {
        let desk = Desk::new(&whole[..end]).file("config/feature_flags.yaml", "").file("a.yaml", "");
        let lenient =
            desk.with("", flagctl::config::lenient).unwrap_or_else(|error| panic!("{}: {}", end, told(&error)));
        let flags: Vec<String> = lenient.places.iter().map(|place| shown(&place.flags)).collect();
        assert_eq!(flags, ["config/feature_flags.yaml"], "{}", &whole[..end]);
    }
    let said = readings(&[
        whole[..40].to_owned(),
        whole.replace("config/feature_flags.yaml\"", "config/fea"),
        "[environments.production]\nflags = \"config/fla".to_owned(),
        "[environments.production]\nflags = 7\n".to_owned(),
    ]);
    assert_data_eq!(
        said,
        str![[r#"
version = 1
default-environment = "produ
----
-: config/feature_flags.yaml, ledger .flagctl/ledger.jsonl
note: `flagctl.toml:2:29`: this is not TOML: a text is not closed with `"`; going on without line 2

version = 1
default-environment = "production"

[rollout]
steps = [0, 5, 100]
soak = "30m"

[environments.production]
flags = "config/fea

[gates.x]
max = 5
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: a text is not closed with `"`
  at flagctl.toml:9:20
  | flags = "config/fea
  |                    ^
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5

[environments.production]
flags = "config/fla
----
invalid: can't tell from `flagctl.toml` which flags file is meant: this is not TOML: a text is not closed with `"`
  at flagctl.toml:2:20
  | flags = "config/fla
  |                    ^
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5

[environments.production]
flags = 7
----
invalid: can't tell from `flagctl.toml` which flags file is meant: the flags file of environment `production` can't be read
  at flagctl.toml:1:15
  | [environments.production]
  |               ^^^^^^^^^^
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5


"#]]
    );
}

/// Nothing but a regular file of a sane size is opened: a pipe would hang a rollback.
#[test]
fn what_is_no_regular_file_is_not_opened() {
    let mut all = String::new();
    for kind in ["pipe", "socket", "device", "nowhere", "folder", "huge"] {
        let desk = Desk::new("").file("config/feature_flags.yaml", "");
        stand(kind, &desk.folder.path().join("flagctl.toml"));
        let load = desk.load().map_or_else(|error| told(&error), |_| "loads\n".to_owned());
        all.push_str(&format!("{kind}\n{load}{}\n", read(&desk)));
    }
    assert_data_eq!(
        all,
        str![[r#"
pipe
invalid: `flagctl.toml` can't be the configuration: it is a named pipe
  help: name another with `--config FILE`
invalid: can't tell from `flagctl.toml` which flags file is meant: `flagctl.toml` can't be read: it is a named pipe
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5

socket
invalid: `flagctl.toml` can't be the configuration: it is a socket
  help: name another with `--config FILE`
invalid: can't tell from `flagctl.toml` which flags file is meant: `flagctl.toml` can't be read: it is a socket
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5

device
invalid: `flagctl.toml` can't be the configuration: it is a device
  help: name another with `--config FILE`
invalid: can't tell from `flagctl.toml` which flags file is meant: `flagctl.toml` can't be read: it is a device
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5

nowhere
failed: can't read `flagctl.toml`: No such file or directory (os error 2)
  help: name another with `--config FILE`
invalid: can't tell from `flagctl.toml` which flags file is meant: `flagctl.toml` can't be read: No such file or directory (os error 2)
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5

folder
invalid: `flagctl.toml` is a directory, not a configuration file
  help: name the file in it with `--config FILE`
-: config/feature_flags.yaml, ledger .flagctl/ledger.jsonl
note: `flagctl.toml` can't be read: is a directory

huge
invalid: `flagctl.toml` can't be the configuration: it is larger than 4 MB
  help: name another with `--config FILE`
invalid: can't tell from `flagctl.toml` which flags file is meant: `flagctl.toml` can't be read: it is larger than 4 MB
  help: flagctl rollback -f config/feature_flags.yaml checkout --to 5


"#]]
    );
}

#[test]
fn what_stands_instead_of_the_conventional_file_is_named() {
    let mut all = String::new();
    for kind in ["pipe", "nowhere", "folder"] {
        let desk = Desk::new("").file("config/x", "");
        stand(kind, &desk.folder.path().join("config/feature_flags.yaml"));
        let error = desk.load().unwrap().environment().cloned().unwrap_err();
        all.push_str(&format!("{}{}", told(&error), read(&desk)));
    }
    assert_data_eq!(
        all,
        str![[r#"
invalid: no flags file was found: `config/feature_flags.yaml` is a named pipe
  help: name it: `-f PATH`
invalid: no flags file was found: `config/feature_flags.yaml` is a named pipe
  help: name it: `-f PATH`
failed: no flags file was found: `config/feature_flags.yaml` is a symlink that leads nowhere
  help: name it: `-f PATH`
failed: no flags file was found: `config/feature_flags.yaml` is a symlink that leads nowhere
  help: name it: `-f PATH`
invalid: no flags file was found: `config/feature_flags.yaml` is a directory
  help: name it: `-f PATH`
invalid: no flags file was found: `config/feature_flags.yaml` is a directory
  help: name it: `-f PATH`

"#]]
    );
}

#[test]
fn the_null_device_is_an_empty_configuration() {
    let arguments = Arguments { config: Some("/dev/null".into()), ..Arguments::default() };
    let desk = Desk::new("[rollout\n").file("config/feature_flags.yaml", "").arguments(arguments);
    let settings = desk.load().unwrap();
    assert_eq!(shown(&settings.environment().unwrap().flags), "config/feature_flags.yaml");
    assert_eq!(shown(&settings.ledger), ".flagctl/ledger.jsonl");
    assert_data_eq!(
        read(&desk),
        str![[r#"
-: config/feature_flags.yaml, ledger .flagctl/ledger.jsonl

"#]]
    );
}

/// Puts something else than a file at a path.
fn stand(kind: &str, path: &std::path::Path) {
    match kind {
        "pipe" => assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success()),
        "socket" => drop(std::os::unix::net::UnixListener::bind(path).unwrap()),
        "device" => std::os::unix::fs::symlink("/dev/zero", path).unwrap(),
        "nowhere" => std::os::unix::fs::symlink("gone", path).unwrap(),
        "folder" => std::fs::create_dir(path).unwrap(),
        "huge" => std::fs::File::create(path).unwrap().set_len(1 << 40).unwrap(),
        other => panic!("{other}"),
    }
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

#[test]
fn a_misspelt_key_hides_no_path() {
    // The conventional file is there, and is not what the text speaks of.
    for text in ["flagz = 'prod/flags.yaml'", "flags: prod/flags.yaml", "flags prod/flags.json", "'flags' 'a/b.YML'"] {
        let desk = Desk::new(&format!("[environments.production]\n{text}\n")).file("config/feature_flags.yaml", "");
        let said = read(&desk);
        assert!(
            said.starts_with("invalid: can't tell from `flagctl.toml` which flags file is meant"),
            "{text}: {said}"
        );
    }
    let desk = Desk::new("[environments.production]\nflagz = 'config/feature_flags.yaml'\n");
    let said = read(&desk.file("config/feature_flags.yaml", ""));
    assert!(said.starts_with("-: config/feature_flags.yaml"), "{said}");
}
