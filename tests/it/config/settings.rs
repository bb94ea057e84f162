//! What settings say, and where each value came from.

use super::{Desk, shown, told};
use flagctl::config::{Arguments, Environment};
use flagctl::model::{FlagName, Mapping, Numbers, Scale, SourceKind};
use snapbox::{assert_data_eq, str};
use std::path::PathBuf;

const WHOLE: &str = r#"version = 1
default-environment = "production"

[rollout]
steps = [0, 5, 25, 50, 100]
soak = "30m"
on-breach = "zero"

[environments.staging]
flags = "config/feature_flags.staging.yaml"
[environments.production]
flags = "config/feature_flags.yaml"
source = "prod"

[flags-file]
dialect = "mapped"
root = ["feature_flags"]
rollout = ["rollout_percentage"]
enabled = { path = ["status"], on = "active", off = "inactive" }
scale = "percent"

[sources.prod]
kind = "prometheus"
url = "http://127.0.0.1:9090"
timeout = "5s"
bearer-token-env = "PROM_TOKEN"

[gates.error-rate]
kind = "threshold"
errors = 'sum(increase(http_requests_total{flag="{{flag}}",variant="on",code=~"5.."}[{{window}}]))'
total  = 'sum(increase(http_requests_total{flag="{{flag}}",variant="on"}[{{window}}]))'
absent-errors = "zero"
window = "10m"
max = "1%"
min-requests = 500
applies = "exposed"

[flags.holograph_reality_enabled]
doc = "docs/holograph/FeatureFlag.md"
steps = [1, 12.5, 100]
soak = "2h"

[freeze]
windows = [{ from = "Fri 16:00", to = "Mon 08:00", time-zone = "Europe/Berlin", reason = "weekend" }]

[ledger]
path = ".flagctl/ledger.jsonl"
"#;

fn flag(name: &str) -> FlagName {
    FlagName::new(name).unwrap()
}

#[test]
fn a_whole_configuration_is_read() {
    let settings = Desk::new(WHOLE).load().unwrap();
    let environment = settings.environment().unwrap();
    assert_eq!(environment.name.as_deref(), Some("production"));
    assert_eq!(shown(&environment.flags), "config/feature_flags.yaml");
    let mapping = environment.mapping.as_ref().unwrap();
    assert_eq!(mapping.root, ["feature_flags"]);
    assert_eq!(mapping.rollout, [["rollout_percentage"]]);
    assert_eq!(mapping.enabled[0].words.as_ref().unwrap().on, ["active"]);
    assert_eq!(mapping.scale, Scale::Percent);

    let gates = settings.gates(environment, &flag("any")).unwrap();
    assert_eq!(gates.len(), 1);
    assert_eq!(gates[0].source.kind, SourceKind::Prometheus);
    assert!((gates[0].rule.max - 0.01).abs() < f64::EPSILON);
    assert!((gates[0].rule.min_requests - 500.0).abs() < f64::EPSILON);
    assert!(matches!(&gates[0].numbers, Numbers::Counts { errors, .. } if errors.contains("{{flag}}")));

    let policy = settings.policy(&flag("any"));
    assert_eq!((policy.ladder.steps().len(), policy.soak.as_secs(), policy.freeze.len()), (5, 1800, 1));
    let own = settings.policy(&flag("holograph_reality_enabled"));
    assert_eq!(format!("{:?} {:?}", own.ladder.steps(), own.soak), "[0%, 1%, 12.5%, 100%] 7200s");
    assert_eq!(shown(&settings.ledger), ".flagctl/ledger.jsonl");
    assert!(settings.warnings.is_empty());
}

#[test]
fn from_a_folder_below_paths_lead_back() {
    let desk = Desk::new(WHOLE).file("services/web/x", "");
    let settings = desk.with("services/web", flagctl::config::load).unwrap();
    assert_eq!(shown(&settings.environment().unwrap().flags), "../../config/feature_flags.yaml");
    assert_eq!(shown(&settings.ledger), "../../.flagctl/ledger.jsonl");
    assert_eq!(shown(settings.file.as_ref().unwrap()), "../../flagctl.toml");
}

#[test]
fn arguments_rule_over_variables_over_the_file() {
    let desk = Desk::new(WHOLE).variable("FLAGCTL_ENV", "staging");
    assert_eq!(desk.load().unwrap().environment().unwrap().name.as_deref(), Some("staging"));
    let desk = desk.arguments(Arguments { env: Some("production".into()), ..Arguments::default() });
    assert_eq!(desk.load().unwrap().environment().unwrap().name.as_deref(), Some("production"));
}

#[test]
fn a_named_file_replaces_the_path_only() {
    let file = |path: &str| Arguments { file: Some(PathBuf::from(path)), ..Arguments::default() };
    let desk = Desk::new(WHOLE).file("config/feature_flags.staging.yaml", "").file("other.yaml", "");
    let desk = desk.arguments(file("./config/../config/feature_flags.staging.yaml"));
    let settings = desk.load().unwrap();
    assert_eq!(settings.environment().unwrap().name.as_deref(), Some("staging"));

    let desk = desk.arguments(file("other.yaml"));
    let settings = desk.load().unwrap();
    let nameless = settings.environment().unwrap();
    assert_eq!((nameless.name.as_deref(), nameless.mapping.as_ref()), (None, None));
    assert_eq!(shown(&settings.ledger), ".flagctl/ledger.jsonl", "the configuration still rules");

    let both = Arguments { env: Some("production".into()), ..file("other.yaml") };
    let desk = desk.arguments(both);
    let settings = desk.load().unwrap();
    let environment = settings.environment().unwrap();
    assert_eq!((environment.name.as_deref(), shown(&environment.flags)), (Some("production"), "other.yaml".into()));
}

#[test]
fn without_a_configuration_the_conventional_file_is_found() {
    let desk = Desk::new("").file("config/feature_flags.yml", "").file("src/deep/x", "");
    let settings = desk.with("src/deep", flagctl::config::load).unwrap();
    let environment = settings.environment().unwrap();
    assert_eq!(
        (environment.name.as_deref(), shown(&environment.flags)),
        (None, "../../config/feature_flags.yml".into())
    );
    assert_eq!(shown(&settings.ledger), "../../.flagctl/ledger.jsonl", "at the Git root");
    assert_eq!(settings.policy(&flag("f")).soak.as_secs(), 1800);
    assert!(settings.gates(environment, &flag("f")).unwrap().is_empty());
}

#[test]
fn without_git_the_ledger_stands_beside_the_config_folder() {
    let desk = Desk::new("").file("config/feature_flags.yaml", "");
    std::fs::remove_dir(desk.folder.path().join(".git")).unwrap();
    assert_eq!(shown(&desk.load().unwrap().ledger), ".flagctl/ledger.jsonl");
    let desk = desk.file("flags/f.yaml", "");
    let desk = desk.arguments(Arguments { file: Some("flags/f.yaml".into()), ..Arguments::default() });
    assert_eq!(shown(&desk.load().unwrap().ledger), "flags/.flagctl/ledger.jsonl");
}

#[test]
fn an_open_choice_says_what_there_is() {
    let two = "[environments.a]\nflags = 'a.yaml'\n[environments.b]\nflags = 'b.yaml'\n";
    let open = |desk: Desk| told(&desk.load().unwrap().environment().unwrap_err().clone());
    snapbox::assert_data_eq!(
        open(Desk::new(two)),
        snapbox::str![[r#"
usage: there are several environments, and none is named: `a`, `b`
  help: name one: `--env a`
  help: or set the usual one: `flagctl config set default-environment a`

"#]]
    );
    snapbox::assert_data_eq!(
        open(Desk::new("")),
        snapbox::str![[r#"
usage: no flags file was found: no `flagctl.toml`, and no `config/feature_flags.yaml` or the like
  help: name it: `-f PATH`
  help: or let `flagctl init` look for it and set it up

"#]]
    );
    snapbox::assert_data_eq!(
        open(Desk::new("").file("config/feature_flags.yaml", "").file("feature-flags.json", "")),
        snapbox::str![[r#"
usage: there are several flags files, and none is named: `config/feature_flags.yaml`, `feature-flags.json`
  help: name one: `-f config/feature_flags.yaml`

"#]]
    );
    let desk = Desk::new(two).arguments(Arguments { env: Some("c".into()), ..Arguments::default() });
    snapbox::assert_data_eq!(
        told(&desk.load().unwrap_err()),
        snapbox::str![[r#"
usage: there is no environment `c`
  help: did you mean `a`?

"#]]
    );
}

#[test]
fn the_actor_is_the_first_that_is_named() {
    let actor = |desk: Desk| desk.with("", |_, around| around.actor());
    let desk = || Desk::new("").variable("USER", "root").variable("SUDO_USER", "ann");
    assert_eq!(actor(Desk::new("")), "unknown");
    assert_eq!(actor(desk()), "ann");
    assert_eq!(actor(desk().variable("GITLAB_USER_LOGIN", "bob").variable("GITHUB_ACTOR", "")), "bob");
    assert_eq!(actor(desk().variable("GITHUB_ACTOR", "eve").variable("FLAGCTL_ACTOR", "me")), "me");
}

#[test]
fn a_flag_may_name_its_gates() {
    let gate = |name: &str| format!("[gates.{name}]\nmax = '1%'\nerrors = 'e'\ntotal = 't'\n");
    let text = format!(
        "[sources.page]\nkind = 'exposition'\nurl = 'http://x/metrics'\n[flags.none]\ngates = []\n[flags.one]\ngates = ['b']\n{}{}",
        gate("a"),
        gate("b")
    );
    let settings = Desk::new(&text).file("config/feature_flags.yaml", "").load().unwrap();
    let environment = settings.environment().unwrap();
    let names = |name: &str| -> Vec<String> {
        settings.gates(environment, &flag(name)).unwrap().into_iter().map(|gate| gate.rule.name).collect()
    };
    assert_eq!(names("any"), ["a", "b"]);
    assert_eq!(names("one"), ["b"]);
    assert_eq!(names("none"), [""; 0]);
    let gate = &settings.gates(environment, &flag("any")).unwrap()[0];
    assert_eq!(gate.window.as_secs(), 30, "a plain page is waited at, so its window is short");
    assert_eq!(gate.source.name, "page", "the only source there is");
}

#[test]
fn a_flags_file_may_mix_spellings_and_differ_by_environment() {
    let text = "[flags-file]\nrollout = [['rollout', 'value'], ['percentage'], []]\n\
                enabled = [['on'], { path = ['status'], on = 'active', off = 'inactive' }]\nscale = 'fraction'\n\
                [environments.a]\nflags = 'a.yaml'\n\
                [environments.b]\nflags = 'b.yaml'\nflags-file = { dialect = 'native' }\n\
                [environments.c]\nflags = 'c.yaml'\n[environments.c.flags-file]\nscale = 'percent'\n";
    let settings = Desk::new(text).load().unwrap();
    let [a, b, c] = settings.environments.as_slice() else { panic!("three environments") };
    let mapping = a.mapping.as_ref().unwrap();
    assert_eq!((mapping.rollout.len(), mapping.enabled.len(), mapping.scale), (3, 2, Scale::Fraction));
    assert!(b.mapping.as_ref().unwrap().is_native());
    assert_eq!((c.mapping.as_ref(), c.scale), (None, Some(Scale::Percent)), "the rest is found by looking");

    let looked = |scale| Mapping { root: vec!["looked".to_owned()], scale, ..Mapping::native() };
    assert_eq!(a.mapping_or(|| Some(looked(Scale::Percent))), a.mapping, "what is said whole needs no look");
    assert_eq!(c.mapping_or(|| Some(looked(Scale::Doubtful))), Some(looked(Scale::Percent)), "what is said rules");
    assert_eq!(c.mapping_or(|| None), None);
    let open = Environment { mapping: Some(Mapping { scale: Scale::Doubtful, ..mapping.clone() }), ..a.clone() };
    let scale = |found: Option<Mapping>| open.mapping_or(|| found).unwrap().scale;
    assert_eq!(scale(Some(looked(Scale::Percent))), Scale::Percent, "what is left open is looked up");
    assert_eq!(scale(None), Scale::Doubtful);
}

#[test]
fn paths_begin_at_the_folder_of_the_configuration() {
    let text = "[sources.s]\nkind = 'json'\nurl = 'http://x'\nca-file = 'ca.pem'\nbearer-token-file = '/run/token'\n\
                [environments.a]\nflags = '../central/f.yaml'\n[ledger]\npath = 'ops/l.jsonl'\n";
    let desk = Desk::new("").file("deploy/flagctl.toml", text);
    let desk = desk.arguments(Arguments { config: Some("deploy/flagctl.toml".into()), ..Arguments::default() });
    let settings = desk.load().unwrap();
    assert_eq!(shown(&settings.environments[0].flags), "deploy/../central/f.yaml");
    assert_eq!(shown(&settings.ledger), "deploy/ops/l.jsonl");
    assert_eq!(shown(settings.sources[0].ca_file.as_ref().unwrap()), "deploy/ca.pem");
    assert!(format!("{:?}", settings.sources[0].auth).contains("/run/token"));
    let desk = desk.arguments(Arguments { chdir: Some("deploy".into()), ..Arguments::default() });
    assert_eq!(shown(&desk.load().unwrap().ledger), "deploy/ops/l.jsonl");
}

#[test]
fn the_sample_of_this_project_is_right() {
    let text = include_str!("../../../examples/holograph/flagctl.toml");
    let settings = Desk::new(text).load().unwrap();
    assert_eq!(settings.gate_names(), ["error-rate"]);
    assert!(settings.warnings.is_empty());
}

/// An entry appended to a file that is used for something else would destroy it.
#[test]
fn the_ledger_has_a_file_of_its_own() {
    let config = |ledger: &str| {
        format!("[environments.a]\nflags = 'a.yaml'\n[environments.b]\nflags = 'b.yaml'\n[ledger]\npath = '{ledger}'\n")
    };
    let desk = |ledger: &str| {
        let desk = Desk::new(&config(ledger)).file("a.yaml", "").file("b.yaml", "").file("sub/x", "");
        std::os::unix::fs::symlink("b.yaml", desk.folder.path().join("link")).unwrap();
        std::fs::hard_link(desk.folder.path().join("a.yaml"), desk.folder.path().join("hard")).unwrap();
        desk
    };
    for taken in ["a.yaml", "./a.yaml", "sub/../b.yaml", "link", "hard", "flagctl.toml", "sub/../flagctl.toml"] {
        let error = desk(taken).load().unwrap_err();
        let spot = error.spot.as_deref().unwrap();
        assert!(error.message.starts_with("the ledger can't be `"), "{taken}: {}", error.message);
        assert_eq!((error.exit, spot.line), (flagctl::exit::Exit::Invalid, 6), "{taken}");
    }
    assert_data_eq!(
        told(&desk("link").load().unwrap_err()),
        str![[r#"
invalid: the ledger can't be `b.yaml`: that is a flags file
  at flagctl.toml:6:8
  | path = 'link'
  |        ^^^^^^
  help: give the ledger a file of its own: `path = ".flagctl/ledger.jsonl"`

"#]]
    );
    assert!(desk("other.jsonl").load().is_ok());
}
