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
use crate::model::{FlagName, Ladder, Mapping, Numbers, Remote, Scale, Source};
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
    /// Where its flags are: a file, absolute or relative to the current directory, fit to open and to show; or, of a
    /// remote one, its address, which is fit to show and no file's name.
    pub flags: PathBuf,
    /// The backend that holds its flags, where that is no file.
    pub remote: Option<Remote>,
    /// How that file spells a flag, where the configuration says it; else it is found by looking. A scale that the
    /// configuration leaves open is doubtful here.
    pub mapping: Option<Mapping>,
    /// What 1 means, where the configuration says it: it also holds for a mapping that is found by looking.
    pub scale: Option<Scale>,
    /// The source for gates that name none.
    pub source: Option<String>,
    /// Its own policy, beside what rules everywhere.
    pub rules: Rules,
}

/// What one environment asks by itself.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The environment that comes first.
    pub after: Option<String>,
    /// Its own ladder.
    pub ladder: Option<Ladder>,
    /// Its own soak.
    pub soak: Option<Duration>,
    /// How old a drill elsewhere may be.
    pub drill_max_age: Option<Duration>,
    /// No drill is run here.
    pub protected: bool,
}

impl Environment {
    /// Returns a flags file that is no environment's.
    #[must_use]
    pub fn nameless(flags: PathBuf) -> Self {
        Self { name: None, flags, remote: None, mapping: None, scale: None, source: None, rules: Rules::default() }
    }

    /// Returns an environment whose flags live in a remote backend.
    #[must_use]
    pub fn remote(name: String, remote: Remote) -> Self {
        let flags = PathBuf::from(remote.address());
        Self { name: Some(name), remote: Some(remote), ..Self::nameless(flags) }
    }

    /// Returns the file that is written to for its flags: the flags file, or the mirror of a backend.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.remote {
            None => Some(&self.flags),
            Some(remote) => remote.mirror.as_deref(),
        }
    }

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

/// Returns the ladder of a flag in an environment: its own, else the environment's, else the one that rules everywhere.
pub(super) fn ladder(sheet: &Sheet, environment: &Environment, flag: &FlagName) -> Ladder {
    steps(sheet, &["flags", flag.as_str(), "steps"]).unwrap_or_else(|| common_ladder(sheet, environment))
}

/// Returns the ladder in an environment of the flags that have none of their own.
pub(super) fn common_ladder(sheet: &Sheet, environment: &Environment) -> Ladder {
    let own = environment.rules.ladder.clone();
    own.or_else(|| steps(sheet, &["rollout", "steps"])).unwrap_or_default()
}

fn steps(sheet: &Sheet, path: &[&str]) -> Option<Ladder> {
    match sheet.get(path).map(|found| &found.value) {
        Some(Value::Ladder(ladder)) => Some(ladder.clone()),
        _ => None,
    }
}

impl Settings {
    /// Returns the environment that is meant: by argument, by variable, by default, or the only one.
    ///
    /// # Errors
    /// Exit 2 where that is open, with what there is to choose from.
    pub fn environment(&self) -> Result<&Environment> {
        self.choice.environment()
    }

    /// True if there are several environments, and nobody said which is meant.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.choice, Choice::Several(_))
    }

    /// True if an argument or a variable says which environment or file is meant.
    #[must_use]
    pub const fn is_named(&self) -> bool {
        self.said.env.is_some() || self.said.file.is_some()
    }

    /// True if there is neither an environment nor a conventional flags file.
    #[must_use]
    pub const fn is_nowhere(&self) -> bool {
        matches!(self.choice, Choice::Nowhere(None))
    }

    /// Returns what the team allows for a flag in an environment: what is said of the flag, else of the environment,
    /// else of all.
    #[must_use]
    pub fn policy(&self, environment: &Environment, flag: &FlagName) -> Policy {
        let own = self.sheet.duration(&["flags", flag.as_str(), "soak"]).or(environment.rules.soak);
        Policy {
            ladder: self.ladder(environment, flag),
            soak: own.unwrap_or_else(|| self.soak(None)),
            freeze: self.freeze.clone(),
            drill_max_age: environment.rules.drill_max_age,
        }
    }

    /// Returns the flags that name a document, with its path, fit to open and to show.
    #[must_use]
    pub fn documents(&self) -> Vec<(FlagName, PathBuf)> {
        let flags = self.sheet.names(&["flags"]).into_iter();
        let document = |(flag, _): (&str, _)| {
            let path = self.root.join(self.sheet.text(&["flags", flag, "doc"])?);
            let path = path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
            Some((FlagName::new(flag)?, path))
        };
        flags.filter_map(document).collect()
    }

    /// Tells why nothing may be written up at a path: a sentence fragment.
    #[must_use]
    pub fn no_document(&self, path: &Path) -> Option<&'static str> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        if !["md", "markdown", "mdx", "txt"].contains(&ending.as_str()) {
            return Some("its name does not end in .md, .markdown, .mdx or .txt");
        }
        let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let (root, path) = (full(&self.root), full(path));
        let below = path.strip_prefix(&root).unwrap_or(&path);
        let is = |name: &str| below.components().any(|part| part.as_os_str().eq_ignore_ascii_case(name));
        if is(".git") {
            return Some("it is Git's, below .git");
        }
        is(".flagctl").then_some("it is flagctl's own, below .flagctl")
    }

    /// Returns the environment of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name.as_deref() == Some(name))
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

    /// Returns the ladder of a flag in an environment.
    #[must_use]
    pub fn ladder(&self, environment: &Environment, flag: &FlagName) -> Ladder {
        ladder(&self.sheet, environment, flag)
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
