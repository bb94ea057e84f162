//! Everything the user said, resolved: the values, and where each came from.

use super::arguments::Said;
use super::choice::Choice;
use super::gates::Draft;
use super::keys::{Key, dotted};
use super::sheet::Sheet;
use super::table::KEYS;
use super::value::Value;
use crate::error::{Error, Result};
use crate::gate::Threshold;
use crate::model::{FlagName, Ladder, Mapping, Numbers, Scale, Source};
use crate::plan::{FreezeWindow, Policy};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The least time at a step where nothing is said: 30 minutes.
pub const SOAK: Duration = Duration::from_secs(1800);

/// One environment: a flags file and the source its gates ask.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name; `None` where a file is used without one.
    pub name: Option<String>,
    /// Its flags file, absolute or relative to the current directory: fit to open and to show.
    pub flags: PathBuf,
    /// How that file spells a flag, where the configuration says it; else it is found by looking. A scale that the
    /// configuration leaves open is doubtful here.
    pub mapping: Option<Mapping>,
    /// What 1 means, where the configuration says it: it also holds for a mapping that is found by looking.
    pub scale: Option<Scale>,
    /// The source for gates that name none.
    pub source: Option<String>,
}

impl Environment {
    /// Returns how the flags file spells a flag: as the configuration says, and where that leaves something open, as
    /// `look` finds it. `None` where nothing is said and nothing was found.
    pub fn mapping_or(&self, look: impl FnOnce() -> Option<Mapping>) -> Option<Mapping> {
        match (&self.mapping, self.scale) {
            (Some(pinned), _) if pinned.scale != Scale::Doubtful => Some(pinned.clone()),
            (Some(pinned), _) => {
                let scale = look().map_or(Scale::Doubtful, |found| found.scale);
                Some(Mapping { scale, ..pinned.clone() })
            }
            (None, Some(scale)) => look().map(|found| Mapping { scale, ..found }),
            (None, None) => look(),
        }
    }
}

/// A gate with everything that is needed to ask its source.
#[derive(Clone, Debug)]
pub struct Gate {
    /// How it judges.
    pub rule: Threshold,
    /// Whom it asks.
    pub source: Source,
    /// Which numbers it asks for.
    pub numbers: Numbers,
    /// What tells the age of the newest sample, where the source can't find it by itself.
    pub freshness: Option<String>,
    /// How far back the numbers reach.
    pub window: Duration,
}

/// The configuration, the environment variables and the arguments, as one.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The configuration file, fit to open and to show; `None` where there is none.
    pub file: Option<PathBuf>,
    /// The folder that relative paths of the configuration begin at; without one, where the search began.
    pub root: PathBuf,
    /// Every environment of the configuration, in its order.
    pub environments: Vec<Environment>,
    /// The file that records every change.
    pub ledger: PathBuf,
    /// Every source of the configuration, in its order.
    pub sources: Vec<Source>,
    /// What is allowed, but hardly meant; each with its place in the configuration.
    pub warnings: Vec<Error>,
    pub(super) choice: Choice,
    pub(super) said: Said,
    pub(super) text: String,
    pub(super) sheet: Sheet,
    pub(super) drafts: Vec<Draft>,
    pub(super) freeze: Vec<FreezeWindow>,
}

impl Settings {
    /// Returns the environment that is meant: by argument, by variable, by default, or the only one.
    ///
    /// # Errors
    /// Exit 2 where that is open, with what there is to choose from.
    pub fn environment(&self) -> Result<&Environment> {
        self.choice.environment()
    }

    /// True if there is neither an environment nor a conventional flags file.
    #[must_use]
    pub const fn is_nowhere(&self) -> bool {
        matches!(self.choice, Choice::Nowhere(None))
    }

    /// Returns what the team allows for a flag.
    #[must_use]
    pub fn policy(&self, flag: &FlagName) -> Policy {
        Policy { ladder: self.ladder(flag), soak: self.soak(Some(flag.as_str())), freeze: self.freeze.clone() }
    }

    /// Returns the gates of a flag in an environment: those that `flags.F.gates` names, in that order, else all.
    ///
    /// # Errors
    /// Exit 3 if a gate has no source to ask there, or one of another kind than its queries are for.
    pub fn gates(&self, environment: &Environment, flag: &FlagName) -> Result<Vec<Gate>> {
        self.drafts_of(flag.as_str())
            .into_iter()
            .map(|draft| {
                let source = draft.source(environment, &self.sources).and_then(|source| {
                    draft.fits(source)?;
                    Ok(source)
                });
                match source {
                    Ok(source) => Ok(draft.bind(source)),
                    Err(mistake) => Err(mistake.error(self.config_name(), &self.text)),
                }
            })
            .collect()
    }

    /// Returns the names of all gates, in the order of the configuration: `--override` takes them.
    #[must_use]
    pub fn gate_names(&self) -> Vec<&str> {
        self.drafts.iter().map(|draft| draft.rule.name.as_str()).collect()
    }

    /// Returns the keys that can be set, those of the tables that the file names among them: `sources.prod.url`.
    #[must_use]
    pub fn keys(&self) -> Vec<(String, &'static Key)> {
        let single = KEYS.iter().filter(|key| !key.path.contains("[]"));
        let of = |key: &'static Key| -> Vec<(String, &'static Key)> {
            let Some((table, rest)) = key.path.split_once(".*.") else { return vec![(key.path.to_owned(), key)] };
            let named =
                self.sheet.named.iter().filter(|named| matches!(named.path.as_slice(), [kind, _] if kind == table));
            named.map(|named| (format!("{}.{rest}", dotted(&named.path)), key)).collect()
        };
        single.flat_map(of).filter(|(path, _)| !path.contains('*')).collect()
    }

    /// Returns where a flags file is made where there is none.
    #[must_use]
    pub fn new_flags_file(&self) -> PathBuf {
        let path = self.root.join(super::CONVENTIONAL[0]);
        path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
    }

    /// Returns the ladder of a flag.
    #[must_use]
    pub fn ladder(&self, flag: &FlagName) -> Ladder {
        let own = self.sheet.get(&["flags", flag.as_str(), "steps"]);
        match own.or_else(|| self.sheet.get(&["rollout", "steps"])).map(|found| &found.value) {
            Some(Value::Ladder(ladder)) => ladder.clone(),
            _ => Ladder::default(),
        }
    }

    /// Returns the soak of a flag, or the common one.
    pub(super) fn soak(&self, flag: Option<&str>) -> Duration {
        let own = flag.and_then(|flag| self.sheet.duration(&["flags", flag, "soak"]));
        own.or_else(|| self.sheet.duration(&["rollout", "soak"])).unwrap_or(SOAK)
    }

    /// Returns the gates of a flag, not bound to sources yet.
    pub(super) fn drafts_of(&self, flag: &str) -> Vec<&Draft> {
        match self.sheet.get(&["flags", flag, "gates"]).map(|found| &found.value) {
            Some(Value::Names(names)) => {
                names.iter().filter_map(|(name, _)| self.drafts.iter().find(|draft| draft.rule.name == *name)).collect()
            }
            _ => self.drafts.iter().collect(),
        }
    }

    /// Returns the configuration's path for messages.
    pub(super) fn config_name(&self) -> &Path {
        self.file.as_deref().unwrap_or_else(|| Path::new(super::CONFIG_FILE))
    }
}
