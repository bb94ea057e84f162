//! `[environments]` and `[flags-file]`.

use super::ground::Ground;
use super::keys::bare;
use super::mistake::Mistake;
use super::remotes::{self, Reading};
use super::settings::{Environment, Rules};
use super::sheet::Sheet;
use super::value::Value;
use crate::model::{Mapping, Scale, Shown};
use std::path::Path;

/// Reads the environments, in the order of the text; their paths begin at `root`.
pub(super) fn environments(sheet: &Sheet, ground: &Ground, root: &Path, wrong: &mut Vec<Mistake>) -> Vec<Environment> {
    let common = flags_file(sheet, &["flags-file"], wrong);
    let mut environments = Vec::new();
    for (name, span) in sheet.names(&["environments"]) {
        let own = ["environments", name, "flags-file"];
        let file = if sheet.has(&own) { flags_file(sheet, &own, wrong) } else { common.clone() };
        let remote = match remotes::remote(sheet, ground, root, (name, span.clone()), wrong) {
            Reading::Lost => continue,
            Reading::Remote(remote) => Some(remote),
            Reading::File => None,
        };
        let source = sheet.text(&["environments", name, "source"]).map(str::to_owned);
        if let Some(remote) = remote {
            let (name, rules) = (name.to_owned(), rules(sheet, name));
            environments.push(Environment { source, rules, ..Environment::remote(name, *remote) });
            continue;
        }
        let flags = ["environments", name, "flags"];
        let Some(path) = sheet.text(&flags) else {
            if !sheet.has(&flags) && !sheet.flawed(&["environments", name]) {
                let message = format!("environment `{}` names no flags file", Shown(name));
                wrong.push(
                    Mistake::new(span, message).help("write `flags = \"config/feature_flags.yaml\"`").incomplete(),
                );
            }
            continue;
        };
        environments.push(Environment {
            name: Some(name.to_owned()),
            flags: ground.shown(&root.join(path)),
            mapping: file.mapping,
            scale: file.scale,
            remote: None,
            source,
            rules: rules(sheet, name),
        });
    }
    environments
}

fn rules(sheet: &Sheet, name: &str) -> Rules {
    let own = |key: &'static str| sheet.get(&["environments", name, key]).map(|found| &found.value);
    Rules {
        after: sheet.text(&["environments", name, "after"]).map(str::to_owned),
        ladder: match own("steps") {
            Some(Value::Ladder(ladder)) => Some(ladder.clone()),
            _ => None,
        },
        soak: sheet.duration(&["environments", name, "soak"]),
        drill_max_age: sheet.duration(&["environments", name, "drill-max-age"]),
        protected: matches!(own("protected"), Some(Value::Truth(true))),
    }
}

/// What a `[flags-file]` says.
#[derive(Clone, Debug, Default)]
pub(super) struct FlagsFile {
    pub(super) mapping: Option<Mapping>,
    pub(super) scale: Option<Scale>,
}

/// Reads a `[flags-file]`, or one of an environment.
pub(super) fn flags_file(sheet: &Sheet, table: &[&str], wrong: &mut Vec<Mistake>) -> FlagsFile {
    let path = |name: &'static str| [table, &[name]].concat();
    let dialect = sheet.text(&path("dialect"));
    let scale = match sheet.text(&path("scale")) {
        Some("percent") => Some(Scale::Percent),
        Some("fraction") => Some(Scale::Fraction),
        _ => None,
    };
    let keys = ["root", "name", "rollout", "enabled"];
    let own = keys.into_iter().find(|key| sheet.has(&path(key)));
    if dialect == Some("native") {
        if let Some(span) = own.and_then(|key| sheet.span(&path(key))) {
            let message = format!("`{}` goes with the dialect `mapped` only", own.unwrap_or_default());
            wrong.push(Mistake::new(span, message).help("write `dialect = \"mapped\"`, or leave the key out"));
        }
        let native = Mapping::native();
        return FlagsFile { mapping: Some(Mapping { scale: scale.unwrap_or(native.scale), ..native }), scale };
    }
    if own.is_none() && dialect.is_none() {
        return FlagsFile { mapping: None, scale };
    }
    let mapping = Mapping {
        root: match sheet.get(&path("root")).map(|found| &found.value) {
            Some(Value::Path(root)) => root.clone(),
            _ => Vec::new(),
        },
        name: sheet.text(&path("name")).map(str::to_owned),
        rollout: match sheet.get(&path("rollout")).map(|found| &found.value) {
            Some(Value::Paths(paths)) => paths.clone(),
            _ => Vec::new(),
        },
        enabled: match sheet.get(&path("enabled")).map(|found| &found.value) {
            Some(Value::Enabled(keys)) => keys.clone(),
            _ => Vec::new(),
        },
        scale: scale.unwrap_or(Scale::Doubtful),
    };
    if mapping.rollout.is_empty() && mapping.enabled.is_empty() {
        let span = own.and_then(|key| sheet.span(&path(key))).or_else(|| sheet.span(&path("dialect")));
        if let (Some(span), false) = (span, sheet.flawed(table)) {
            let table = table.iter().map(|name| bare(name)).collect::<Vec<_>>().join(".");
            wrong.push(
                Mistake::new(span, format!("`{table}` doesn't say where a flag's percentage stands"))
                    .help("write `rollout = [\"rollout\"]`, or `flagctl init` to have the file looked at")
                    .incomplete(),
            );
        }
        return FlagsFile { mapping: None, scale };
    }
    FlagsFile { mapping: Some(mapping), scale }
}
