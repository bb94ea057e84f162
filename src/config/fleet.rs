//! `[fleet]`: where the instances show what they serve, and how long a rollback looks for it.

use super::mistake::Mistake;
use super::settings::{Environment, Settings};
use super::sheet::Sheet;
use super::value::Value;
use crate::error::Result;
use crate::model::{Shown, Source, SourceKind};
use std::path::PathBuf;
use std::time::Duration;

/// How long is looked at most where nothing is said.
const WITHIN: Duration = Duration::from_secs(60);

/// How the instances of a service are looked at.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// Where they show what they serve; `None` where the configuration doesn't say.
    pub gauge: Option<Gauge>,
    /// How long is looked at most.
    pub within: Duration,
    /// How many have to be seen, where that is said.
    pub expect: Option<u64>,
}

/// A gauge with one series per instance, in percent.
#[derive(Clone, Debug)]
pub struct Gauge {
    /// Whom to ask.
    pub source: Source,
    /// Its selector; placeholders not yet filled.
    pub exposure: String,
    /// The label that names an instance.
    pub instance: String,
}

impl Settings {
    /// Returns how the instances of an environment are looked at.
    ///
    /// # Errors
    /// Exit 3 if the gauge has no source to ask there.
    pub fn fleet(&self, environment: &Environment) -> Result<Fleet> {
        let sheet = &self.sheet;
        let gauge = match sheet.text(&["fleet", "exposure"]) {
            None => None,
            Some(exposure) => Some(Gauge {
                source: source(sheet, environment, &self.sources)
                    .map_err(|mistake| mistake.error(self.config_name(), &self.text))?
                    .clone(),
                exposure: exposure.to_owned(),
                instance: sheet.text(&["fleet", "instance"]).unwrap_or("instance").to_owned(),
            }),
        };
        let expect = match sheet.get(&["fleet", "expect"]).map(|found| &found.value) {
            Some(Value::Count(count)) => Some(*count),
            _ => None,
        };
        Ok(Fleet { gauge, within: sheet.duration(&["fleet", "within"]).unwrap_or(WITHIN), expect })
    }
}

impl Settings {
    /// True if the configuration says how the instances are looked at, or that they are.
    #[must_use]
    pub fn has_fleet(&self) -> bool {
        self.sheet.has(&["fleet"])
    }
}

/// True if the instances are looked at after every rollback.
pub(super) fn verifies(sheet: &Sheet) -> bool {
    matches!(sheet.get(&["fleet", "verify"]).map(|found| &found.value), Some(Value::Truth(true)))
}

/// Finds the source of the gauge in an environment.
fn source<'s>(sheet: &Sheet, environment: &Environment, sources: &'s [Source]) -> Result<&'s Source, Mistake> {
    let span = |key: &'static str| sheet.span(&["fleet", key]);
    let at = span("source").or_else(|| span("exposure")).unwrap_or_default();
    let named = sheet.text(&["fleet", "source"]).or(environment.source.as_deref());
    let found = match (named, sources) {
        (Some(name), sources) => sources.iter().find(|source| source.name == name),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    match found {
        Some(source) if source.kind == SourceKind::Json => {
            let message = format!("`{}` is a `json` source, and there is no gauge in one", Shown(&source.name));
            Err(Mistake::new(at, message).help("name a `prometheus` or an `exposition` source in `[fleet]`"))
        }
        Some(source) => Ok(source),
        None => Err(Mistake::new(at, "there is no source that `fleet.exposure` is asked of")
            .help("write `source = …` below `[fleet]`, the name of one of the `[sources]`")
            .incomplete()),
    }
}

/// Finds a gauge that can't be asked in some environment, and a look that has nothing to look at.
pub(super) fn unfit(sheet: &Sheet, environments: &[Environment], sources: &[Source], wrong: &mut Vec<Mistake>) {
    let nameless = [Environment::nameless(PathBuf::new())];
    let environments = if environments.is_empty() { &nameless } else { environments };
    if sheet.has(&["fleet", "exposure"]) {
        wrong.extend(environments.iter().find_map(|environment| source(sheet, environment, sources).err()));
    } else if verifies(sheet) && environments.iter().all(|environment| environment.remote.is_none()) {
        let at = sheet.span(&["fleet", "verify"]).unwrap_or_default();
        wrong.push(
            Mistake::new(at, "`fleet` doesn't say where the instances show what they serve")
                .help("write `exposure = 'flag_exposure_percent{flag=\"{{flag}}\"}'`, a gauge of theirs in percent")
                .incomplete(),
        );
    }
}
