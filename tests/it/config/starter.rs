//! What `init` writes is a configuration, also with its comments taken away.

use super::{Desk, told};
use flagctl::config::{Settings, Starter};
use flagctl::model::{EnabledKey, FlagName, Mapping, OnOff, Scale};
use snapbox::{assert_data_eq, str};

fn key(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn mapped(scale: Scale) -> Mapping {
    Mapping {
        root: key(&["app", "feature flags"]),
        name: Some("flag key".to_owned()),
        rollout: vec![key(&["rollout", "value"]), key(&["percentage"]), key(&[])],
        enabled: vec![
            EnabledKey {
                path: key(&["status"]),
                words: Some(OnOff { on: key(&["active", "on"]), off: key(&["in\"active"]) }),
            },
            EnabledKey { path: key(&["on"]), words: None },
        ],
        scale,
    }
}

fn starter(mapping: Option<Mapping>) -> String {
    let environments = vec![
        ("production".to_owned(), "config/feature_flags.yaml".to_owned()),
        ("a b".to_owned(), "config/it's.yaml".to_owned()),
    ];
    Starter { environments, mapping, blocks: Vec::new(), unlimited: false, ledger: None }.text()
}

fn load(text: &str) -> Settings {
    Desk::new(text).load().unwrap_or_else(|error| panic!("{}{text}", told(&error)))
}

#[test]
fn what_was_found_is_read_back() {
    for mapping in [
        None,
        Some(Mapping::native()),
        Some(mapped(Scale::Percent)),
        Some(mapped(Scale::Fraction)),
        Some(mapped(Scale::Doubtful)),
    ] {
        let settings = load(&starter(mapping.clone()));
        let environment = settings.environment().unwrap();
        assert_eq!(environment.name.as_deref(), Some("production"));
        assert_eq!(environment.mapping, mapping);
        assert_eq!(settings.environments[1].flags.to_str(), Some("config/it's.yaml"));
        assert!(settings.gate_names().is_empty());
        assert!(settings.warnings.is_empty());
    }
}

#[test]
fn the_explained_parts_work_once_their_comments_are_taken_away() {
    let text = starter(None);
    let code = |line: &str| {
        let bare = line.strip_prefix("# ")?;
        let name = bare
            .split(" =")
            .next()
            .filter(|name| bare.contains(" = ") && name.chars().all(|c| c.is_ascii_lowercase() || c == '-'));
        (bare.starts_with('[') || name.is_some()).then(|| bare.to_owned())
    };
    let text: Vec<String> = text.lines().map(|line| code(line).unwrap_or_else(|| line.to_owned())).collect();
    let settings = load(&text.join("\n"));
    let environment = settings.environment().unwrap();
    let gates = settings.gates(environment, &FlagName::new("f").unwrap()).unwrap();
    assert_eq!(gates.len(), 1);
    assert_eq!(settings.policy(settings.environment().unwrap(), &FlagName::new("f").unwrap()).freeze.len(), 1);
    assert!(settings.warnings.is_empty());
}

#[test]
fn it_reads_well() {
    let environments = vec![("production".to_owned(), "config/feature_flags.yaml".to_owned())];
    let mapping = Mapping {
        root: key(&["feature_flags"]),
        name: None,
        rollout: vec![key(&["rollout_percentage"])],
        enabled: Vec::new(),
        scale: Scale::Percent,
    };
    assert_data_eq!(
        Starter { environments, mapping: Some(mapping), blocks: Vec::new(), unlimited: false, ledger: None }.text(),
        str![[r##"
# How flagctl rolls out the flags of this repository.
# What rules now, and why: `flagctl config show`. Every key is in flagctl's own docs/configuration.md.
version = 1
default-environment = "production"

[rollout]
steps = [0, 5, 25, 50, 100]      # percent of users; `flagctl advance` takes one step
soak = "30m"                     # the least time at a step before the next one

[environments.production]
flags = "config/feature_flags.yaml"

# How the flags file spells a flag, as found in it.
[flags-file]
dialect = "mapped"
root = ["feature_flags"]         # the keys that lead to the flags
rollout = ["rollout_percentage"] # the percentage of a flag
# No key switches a flag on or off here: it is on where its percentage is above 0.
scale = "percent"                # 1 means one percent

# Where error rates come from. Until a source and a gate are set up, `flagctl advance` holds: nothing tells whether a
# step went well. Take the # away, and put in your own address and metric.
#
# [sources.prod]
# kind = "prometheus"            # or "exposition": a plain /metrics page, no server needed; or "json"
# url = "http://127.0.0.1:9090"
# bearer-token-env = "PROM_TOKEN"  # a secret is kept in a variable or a file, never here
#
# The share of failed requests among users who have the feature. More than `max`: the step is refused. Too few
# requests, old or missing numbers: it is refused too, since then nothing is known.
#
# [gates.error-rate]
# source = "prod"
# errors = 'sum(increase(http_requests_total{flag="{{flag}}",variant="on",code=~"5.."}[{{window}}]))'
# total = 'sum(increase(http_requests_total{flag="{{flag}}",variant="on"}[{{window}}]))'
# window = "10m"                 # how far back; not longer than the soak
# max = "1%"
# min-requests = 500
#
# A healthy service may not have a single error yet, and then no error series at all. That looks just like a misspelt
# query, so the gate holds. With "zero" it counts as no errors, if the metric's name exists and `total` is fresh.
#
# absent-errors = "zero"

# When nothing goes up. A rollback always may.
#
# [freeze]
# windows = [{ from = "Fri 16:00", to = "Mon 08:00", time-zone = "Europe/Berlin", reason = "weekend" }]

"##]]
    );
}
