//! `config set` on texts that people wrote, and `config show` of what is there then.

use super::{Desk, told};
use flagctl::config::{Edited, set};
use flagctl::error::Result;
use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use snapbox::{assert_data_eq, str};
use std::path::Path;

fn edit(text: &str, key: &str, value: &str) -> Result<Edited> {
    set(Path::new("flagctl.toml"), text, key, value)
}

/// Returns the text after an edit, or what is said instead.
fn edited(text: &str, key: &str, value: &str) -> String {
    match edit(text, key, value) {
        Ok(edited) => {
            edited.text + &edited.wrong.iter().map(|error| format!("! {}\n", error.message)).collect::<String>()
        }
        Err(error) => told(&error),
    }
}

const HAND_WRITTEN: &str = "\
# Our flags.

version = 1   # the only one

[rollout]     # how we go up
  steps = [
    0,  # nobody
    5, 100 ]
  soak   =   '30m'   # at least

[sources]
prom = { kind = \"prometheus\", url = \"http://x\" }
[gates.\"error rate\"]
max = \"1%\" # of requests
errors = 'e'
total = 't'
# the end
";

#[test]
fn a_value_is_replaced_and_nothing_else() {
    for (key, value, old, new) in [
        ("rollout.soak", "1h30m", "'30m'", "'1h30m'"),
        ("gates.\"error rate\".max", "0.5%", "\"1%\"", "\"0.5%\""),
        ("rollout.steps", "1,10,100", "[\n    0,  # nobody\n    5, 100 ]", "[1, 10, 100]"),
        ("sources.prom.url", "https://y:9090/prom", "\"http://x\"", "\"https://y:9090/prom\""),
        ("gates.'error rate'.errors", "it's{a=\"b\"}", "'e'", "\"\"\"it's{a=\"b\"}\"\"\""),
    ] {
        assert_eq!(edited(HAND_WRITTEN, key, value), HAND_WRITTEN.replacen(old, new, 1), "{key}");
        let crlf = HAND_WRITTEN.replace('\n', "\r\n");
        assert_eq!(edited(&crlf, key, value), crlf.replacen(&old.replace('\n', "\r\n"), new, 1), "{key} with CRLF");
    }
}

#[test]
fn a_key_is_added_to_its_table() {
    for (key, value, after, added) in [
        ("default-environment", "prod", "version = 1   # the only one\n", "default-environment = \"prod\"\n"),
        ("rollout.on-breach", "stay", "'30m'   # at least\n", "  on-breach = \"stay\"\n"),
        ("gates.\"error rate\".min-requests", "500", "total = 't'\n", "min-requests = 500\n"),
        ("sources.prom.timeout", "9s", "\"http://x\"", ", timeout = \"9s\""),
        ("sources.prom.headers.X-Org", "a", "\"http://x\"", ", headers.X-Org = \"a\""),
        ("ledger.path", "l.jsonl", "# the end\n", "\n[ledger]\npath = \"l.jsonl\"\n"),
        ("flags.\"a b\".gates", "error rate", "# the end\n", "\n[flags.\"a b\"]\ngates = [\"error rate\"]\n"),
        (
            "flags-file.rollout",
            "targeting.percent",
            "# the end\n",
            "\n[flags-file]\nrollout = [\"targeting\", \"percent\"]\n",
        ),
        (
            "flags-file.enabled",
            "{ path = ['s'], on = 'a', off = 'b' }",
            "# the end\n",
            "\n[flags-file]\nenabled = { path = ['s'], on = 'a', off = 'b' }\n",
        ),
        (
            "freeze.windows",
            "[{ from = 'Fri 16:00', to = 'Mon 08:00', time-zone = 'UTC' }]",
            "# the end\n",
            "\n[freeze]\nwindows = [{ from = 'Fri 16:00', to = 'Mon 08:00', time-zone = 'UTC' }]\n",
        ),
    ] {
        if key == "default-environment" {
            let text = format!("{HAND_WRITTEN}[environments.prod]\nflags = 'f'\n");
            assert_eq!(edited(&text, key, value), text.replacen(after, &format!("{after}{added}"), 1));
            continue;
        }
        assert_eq!(
            edited(HAND_WRITTEN, key, value),
            HAND_WRITTEN.replacen(after, &format!("{after}{added}"), 1),
            "{key}"
        );
    }
}

#[test]
fn odd_texts_are_edited_too() {
    for (text, key, value, after) in [
        ("", "version", "1", "version = 1\n"),
        ("", "rollout.soak", "5m", "[rollout]\nsoak = \"5m\"\n"),
        ("\u{feff}[rollout]\n", "version", "1", "\u{feff}version = 1\n[rollout]\n"),
        ("# a\n[rollout]\n", "version", "1", "# a\nversion = 1\n[rollout]\n"),
        ("[rollout]", "rollout.soak", "5m", "[rollout]\nsoak = \"5m\""),
        ("rollout = {}", "rollout.soak", "5m", "rollout = { soak = \"5m\" }"),
        ("rollout = { }\n", "rollout.soak", "5m", "rollout = { soak = \"5m\" }\n"),
        (
            "rollout.soak = '1m'\n\n[ledger]\n",
            "rollout.on-breach",
            "stay",
            "rollout.soak = '1m'\nrollout.on-breach = \"stay\"\n\n[ledger]\n",
        ),
        ("[rollout]\nsoak = '1m' # x", "rollout.soak", "2m", "[rollout]\nsoak = '2m' # x"),
        (
            "[environments.a]\nflags = 'f'\n",
            "environments.a.flags-file.scale",
            "fraction",
            "[environments.a]\nflags = 'f'\n\n[environments.a.flags-file]\nscale = \"fraction\"\n",
        ),
    ] {
        assert_eq!(edited(text, key, value), after, "{text:?} {key}");
    }
}

#[test]
fn what_is_unfinished_is_told() {
    assert_data_eq!(
        edited("", "gates.errors.max", "1%"),
        str![[r#"
[gates.errors]
max = "1%"
! gate `errors` has no `total`
! gate `errors` has no `errors`

"#]]
    );
}

#[test]
fn wrong_keys_and_values_are_refused() {
    let mut all = String::new();
    for (text, key, value) in [
        ("", "rollout.soack", "5m"),
        ("", "rolout", "5m"),
        ("", "rollout", "5m"),
        ("", "gates.x", "5m"),
        ("", "rollout.soak.x", "5m"),
        ("", "a b", "5m"),
        ("", "freeze.windows[0].from", "Fri 16:00"),
        ("", "rollout.soak", "30"),
        ("", "rollout.soak", ""),
        ("", "rollout.steps", "5,x"),
        ("", "rollout.steps", "[5"),
        ("", "version", "1\nx = 2"),
        ("", "gates.soak.max", "1%"),
        ("", "gates.x.max", "1"),
        ("", "default-environment", "prod"),
        ("", "freeze.windows", "Fri"),
        ("", "sources.x.bearer-token", "hunter2"),
        ("", "sources.x.url", "http://ops:hunter2@x"),
        ("", "sources.x.headers.Authorization", "hunter2"),
        ("rollout = 5", "rollout.soak", "5m"),
        ("[[freeze.windows]]\n", "freeze.windows", "[]"),
        ("[rollout\n", "rollout.soak", "5m"),
    ] {
        all.push_str(&format!("{key} = {value}\n{}\n", edited(text, key, value)));
    }
    assert!(!all.lines().any(|line| line.contains("hunter2") && !line.starts_with("sources.")), "{all}");
    assert_data_eq!(
        all,
        str![[r#"
rollout.soack = 5m
usage: there is no key `rollout.soack`
  help: did you mean `rollout.soak`?

rolout = 5m
usage: there is no key `rolout`
  help: did you mean `rollout`?

rollout = 5m
usage: `rollout` is a table, not a value
  help: set one of its keys: `steps`, `soak`, `on-breach`

gates.x = 5m
usage: `gates.x` is a table, not a value
  help: set one of its keys: `kind`, `source`, `errors`, `total`, `rate`, `freshness`, `absent-errors`, `window`, `max`, `min-requests`, `max-age`, `applies`

rollout.soak.x = 5m
usage: there is no key `rollout.soak.x`
  help: `rollout.soak` holds a value, no keys

a b = 5m
usage: `a b` is not a key
  help: write it as `rollout.soak` or `gates."error rate".max`

freeze.windows[0].from = Fri 16:00
usage: `freeze.windows[0].from` is not a key
  help: write it as `rollout.soak` or `gates."error rate".max`

rollout.soak = 30
usage: `rollout.soak`: `30` has no unit: write `30s`, `30m`, `30h` or `30d`

rollout.soak = 
usage: `rollout.soak` is empty

rollout.steps = 5,x
usage: `rollout.steps`: `5,x` is not a list of percentages: string values must be quoted, expected literal string
  help: write it as `[0, 1, 10, 50, 100]`

rollout.steps = [5
usage: `rollout.steps`: `[5` is not a list of percentages: unclosed array, expected `]`
  help: write it as `[0, 1, 10, 50, 100]`

version = 1
x = 2
usage: `version`: `1/nx = 2` is not the number 1: unexpected content, expected nothing
  help: write it as `1`

gates.soak.max = 1%
usage: a gate can't be named `soak`
  help: `--override` takes gates by their names, between commas, beside the words `gates`, `breach`, `soak`, `freeze`, `ladder`, `latch`, `order`, `drill`

gates.x.max = 1
usage: `gates.x.max`: `1` is not a rate with its %
  help: write `"1%"`

default-environment = prod
usage: there is no environment `prod`
  help: set it up below `[environments.prod]`

freeze.windows = Fri
usage: `freeze.windows`: `Fri` is not a list of tables: invalid boolean, expected `false`
  help: write it as `[{ from = "Fri 16:00", to = "Mon 08:00", time-zone = "Europe/Berlin" }]`

sources.x.bearer-token = hunter2
usage: there is no key `sources.x.bearer-token`
  help: did you mean `sources.x.bearer-token-env`?

sources.x.url = http://ops:hunter2@x
usage: `sources.x.url` must hold no user name or password: they would stand there for all to see
  help: use `basic-auth-user` with `basic-auth-password-env` or `basic-auth-password-file`

sources.x.headers.Authorization = hunter2
usage: `sources.x.headers.Authorization` would keep a secret in this file
  help: write `Authorization = { env = "NAME" }` or `{ file = "PATH" }`

rollout.soak = 5m
invalid: can't set `rollout.soak`: `rollout` is written as a value
  help: write it by hand: `rollout.soak = "5m"`

freeze.windows = []
invalid: can't set `freeze.windows`: `freeze.windows` is written as a list of tables
  help: write it by hand: `freeze.windows = []`

rollout.soak = 5m
invalid: this is not TOML: unclosed table, expected `]`
  at flagctl.toml:1:9
  | [rollout
  |         ^


"#]]
    );
}

#[test]
fn settings_are_shown_with_their_origin() {
    let text = format!("{HAND_WRITTEN}[environments.prod]\nflags = 'f.yaml'\n[sources.json]\nkind = 'json'\nurl = 'http://y'\nbearer-token-env = 'T'\nheaders = {{ X-Org = 'a', X-Key = {{ env = 'K' }} }}\n")
        .replace("total = 't'", "total = 't'\nsource = 'prom'");
    let desk = Desk::new(&text).variable("FLAGCTL_FILE", "other.yaml");
    let list = |key: Option<&str>| {
        let all = desk.load().unwrap().show(key);
        let lines = |all: Vec<flagctl::config::Setting>| {
            all.iter().map(|one| format!("{} = {} ({})\n", one.key, one.value, one.origin)).collect::<String>()
        };
        all.map_or_else(|error| told(&error), lines)
    };
    assert_data_eq!(
        list(None),
        str![[r#"
config = "flagctl.toml" (default)
file = "other.yaml" (FLAGCTL_FILE)
version = 1 (flagctl.toml:3)
rollout.steps = [0, 5, 100] (flagctl.toml:6)
rollout.soak = "30m" (flagctl.toml:9)
rollout.on-breach = "zero" (default)
sources.prom.kind = "prometheus" (flagctl.toml:12)
sources.prom.url = "http://x" (flagctl.toml:12)
sources.prom.timeout = "5s" (default)
gates."error rate".max = "1%" (flagctl.toml:14)
gates."error rate".errors = "e" (flagctl.toml:15)
gates."error rate".total = "t" (flagctl.toml:16)
gates."error rate".source = "prom" (flagctl.toml:17)
gates."error rate".kind = "threshold" (default)
gates."error rate".absent-errors = "hold" (default)
gates."error rate".min-requests = 100 (default)
gates."error rate".max-age = "2m" (default)
gates."error rate".applies = "exposed" (default)
environments.prod.flags = "f.yaml" (flagctl.toml:20)
sources.json.kind = "json" (flagctl.toml:22)
sources.json.url = "http://y" (flagctl.toml:23)
sources.json.bearer-token-env = "T" (flagctl.toml:24)
sources.json.timeout = "5s" (default)
sources.json.headers.X-Org = "a" (flagctl.toml:25)
sources.json.headers.X-Key = { env = "K" } (flagctl.toml:25)
fleet.verify = false (default)
fleet.instance = "instance" (default)
fleet.within = "60s" (default)
ledger.path = ".flagctl/ledger.jsonl" (default)

"#]]
    );
    assert_data_eq!(
        list(Some("gates.\"error rate\".max")),
        str![[r#"
gates."error rate".max = "1%" (flagctl.toml:14)

"#]]
    );
    assert_data_eq!(
        list(Some("rollout")),
        str![[r#"
rollout.steps = [0, 5, 100] (flagctl.toml:6)
rollout.soak = "30m" (flagctl.toml:9)
rollout.on-breach = "zero" (default)

"#]]
    );
    assert_data_eq!(list(Some("gates.\"error rate\".freshness")), str![[r#""#]]);
    assert_data_eq!(
        list(Some("gates.\"error rate\".fresh")),
        str![[r#"
usage: there is no key `gates."error rate".fresh`
  help: did you mean `gates."error rate".freshness`?

"#]]
    );
}

/// Texts like those that people write.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("# a comment\n"),
        Just("\n"),
        Just("rollout.soak = '1m' # x\n"),
        Just("version=1\n"),
        Just("[rollout]\n"),
        Just("  soak = \"2m\"   # y\n"),
        Just("steps = [\n 1,\n 100 ]\n"),
        Just("[gates.a]\nmax = '1%'\n"),
        Just("[gates.\"b c\"] # z\n"),
        Just("sources = { s = { kind = 'json', url = 'http://x' } }\n"),
        Just("[sources.t]\r\nurl = 'http://y'\r\n"),
        Just("[[freeze.windows]]\nfrom = 'Fri 10:00'\n"),
        Just("[ledger]"),
        Just("unknown = 5\n"),
        Just("[rollout\n"),
    ];
    prop::collection::vec(part, 0..6).prop_map(|parts| parts.concat())
}

fn settings() -> impl Strategy<Value = (&'static str, &'static str, &'static str)> {
    prop_oneof![
        Just(("version", "1", "1")),
        Just(("rollout.soak", "1h", "\"1h\"")),
        Just(("rollout.steps", "0,7,100", "[0, 7, 100]")),
        Just(("gates.a.max", "2%", "\"2%\"")),
        Just(("gates.\"b c\".min-requests", "7", "7")),
        Just(("sources.s.timeout", "3s", "\"3s\"")),
        Just(("sources.t.headers.X-Org", "o", "\"o\"")),
        Just(("ledger.path", "l", "\"l\"")),
        Just(("flags.f.gates", "a,b", "[\"a\", \"b\"]")),
        Just(("environments.e.flags", "f.yaml", "\"f.yaml\"")),
    ]
}

proptest! {
    #[test]
    fn set_changes_one_place_and_the_value_is_there((key, value, toml) in settings(), text in texts()) {
        if let Ok(edited) = edit(&text, key, value) {
            let new = edited.text;
            let same = |one: &mut dyn Iterator<Item = char>, two: &mut dyn Iterator<Item = char>| {
                one.zip(two).take_while(|(a, b)| a == b).count()
            };
            let head = same(&mut text.chars(), &mut new.chars());
            let tail = same(&mut text.chars().rev(), &mut new.chars().rev());
            let replaced = text.chars().count().saturating_sub(head + tail);
            prop_assert!(replaced <= "[\n 1,\n 100 ]".len(), "{text:?} became {new:?}");
            let again = edit(&new, key, value).unwrap().text;
            prop_assert_eq!(&again, &new, "setting it twice is setting it once");
            let document = new.parse::<toml_edit::DocumentMut>().unwrap();
            let names = toml_edit::Key::parse(key).unwrap();
            let mut item = document.as_item();
            for name in &names {
                item = item.get(name.get()).unwrap();
            }
            let mut written = item.as_value().unwrap().clone();
            written.decor_mut().clear();
            prop_assert_eq!(written.to_string().replace('\'', "\""), toml, "{}", new);
        }
    }

    #[test]
    fn nothing_panics(text in prop_oneof![texts(), any::<String>(), "[a-z.\\[\\]{}=\"'#, \n\u{feff}é-]{0,60}"], (key, value, _) in settings(), odd in any::<String>()) {
        let desk = Desk::new(&format!("{text}\n"));
        let _ = desk.load().map(|settings| settings.show(None));
        let _ = desk.with("", flagctl::config::lenient);
        let _ = edit(&text, key, value);
        let _ = edit(&text, key, &odd);
        let _ = edit(&text, &odd, value);
    }
}
