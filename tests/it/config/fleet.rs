//! `[fleet]`: whose gauge is meant where, and what is said where it can't be asked.

use super::{Desk, told};
use flagctl::config::{Fleet, lenient};
use snapbox::{assert_data_eq, str};
use std::time::Duration;

const SOURCES: &str = "[sources.a]\nkind = 'prometheus'\nurl = 'http://a'\n[sources.b]\nkind = 'exposition'\n\
                       url = 'http://b/metrics'\n[sources.c]\nkind = 'json'\nurl = 'http://c'\n";
const PLACES: &str = "[environments.x]\nflags = 'x.yaml'\nsource = 'b'\n[environments.y]\nflags = 'y.yaml'\n";

fn fleet(text: &str, environment: &str) -> Result<Fleet, String> {
    let settings = Desk::new(text).load().map_err(|error| told(&error))?;
    settings.fleet(settings.named(environment).unwrap()).map_err(|error| told(&error))
}

#[test]
fn the_environments_source_is_asked_unless_one_is_named() {
    let source = |fleet: &str, environment: &str| {
        let fleet = self::fleet(&format!("{PLACES}{SOURCES}[fleet]\n{fleet}"), environment)?;
        Ok::<_, String>(fleet.gauge.map(|gauge| (gauge.source.name, gauge.instance)))
    };
    let named = |name: &str, label: &str| Ok(Some((name.to_owned(), label.to_owned())));
    assert_eq!(source("exposure = 'e'\nsource = 'a'", "x"), named("a", "instance"));
    let both =
        format!("{}[fleet]\nexposure = 'e'\ninstance = 'pod'", PLACES.replace("y.yaml'", "y.yaml'\nsource = 'a'"));
    let gauge = fleet(&format!("{SOURCES}{both}"), "y").unwrap().gauge.unwrap();
    assert_eq!((gauge.source.name.as_str(), gauge.instance.as_str()), ("a", "pod"));
    assert_eq!(source("", "x"), Ok(None));
}

#[test]
fn how_long_and_for_how_many() {
    let of = |text: &str| {
        let fleet = fleet(&format!("{PLACES}{SOURCES}[fleet]\n{text}"), "x").unwrap();
        (fleet.within, fleet.expect)
    };
    assert_eq!(of(""), (Duration::from_secs(60), None));
    assert_eq!(of("within = '5m'\nexpect = 3"), (Duration::from_secs(300), Some(3)));
}

#[test]
fn a_gauge_that_can_not_be_asked_is_a_mistake() {
    let mut said = String::new();
    for text in [
        "verify = true",
        "exposure = 'e'",
        "exposure = 'e'\nsource = 'c'",
        "exposure = 'e'\nsource = 'd'",
        "exposure = 'e{flag=\"{{flg}}\"}'",
        "expect = 0",
        "verfy = true",
    ] {
        let wrong = fleet(&format!("{PLACES}{SOURCES}[fleet]\n{text}"), "y").unwrap_err();
        said.push_str(&format!("{text}\n{wrong}\n"));
    }
    assert_data_eq!(
        said,
        str![[r#"
verify = true
invalid: `fleet` doesn't say where the instances show what they serve
  at flagctl.toml:16:10
  | verify = true
  |          ^^^^
  help: write `exposure = 'flag_exposure_percent{flag="{{flag}}"}'`, a gauge of theirs in percent

exposure = 'e'
invalid: there is no source that `fleet.exposure` is asked of
  at flagctl.toml:16:12
  | exposure = 'e'
  |            ^^^
  help: write `source = …` below `[fleet]`, the name of one of the `[sources]`

exposure = 'e'
source = 'c'
invalid: `c` is a `json` source, and there is no gauge in one
  at flagctl.toml:17:10
  | source = 'c'
  |          ^^^
  help: name a `prometheus` or an `exposition` source in `[fleet]`

exposure = 'e'
source = 'd'
invalid: there is no source `d`
  at flagctl.toml:17:10
  | source = 'd'
  |          ^^^
  help: did you mean `a`?

exposure = 'e{flag="{{flg}}"}'
invalid: `fleet.exposure`: `{{flg}}` is not a placeholder
  at flagctl.toml:16:12
  | exposure = 'e{flag="{{flg}}"}'
  |            ^^^^^^^^^^^^^^^^^^^
  help: did you mean `{{flag}}`?
  help: the placeholders are `{{flag}}`, `{{environment}}`, `{{window}}`, `{{exposure}}`

expect = 0
invalid: `fleet.expect`: `0` is not a whole number from 1
  at flagctl.toml:16:10
  | expect = 0
  |          ^

verfy = true
invalid: unknown key `verfy` in `fleet`
  at flagctl.toml:16:1
  | verfy = true
  | ^^^^^
  help: did you mean `verify`?


"#]]
    );
}

#[test]
fn a_rollback_reads_whether_it_is_wanted_also_from_what_is_broken() {
    for (text, wanted) in [
        ("[fleet]\nverify = true\n[gates\n", true),
        ("[fleet]\nverify = true\nwithin = 5\n", true),
        ("[fleet]\nverify = 'yes'\n", false),
        ("[fleet]\nverify = false\n", false),
        ("", false),
    ] {
        let desk = Desk::new(&format!("[environments.x]\nflags = 'x.yaml'\n{text}")).file("x.yaml", "a: 5\n");
        assert_eq!(desk.with("", lenient).unwrap().verifies(), wanted, "{text}");
    }
}
