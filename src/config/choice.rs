//! Which environment a call is about.

use super::arguments::Said;
use super::environments::FlagsFile;
use super::ground::{CONFIG_FILE, CONVENTIONAL, Ground};
use super::keys::nearest;
use super::settings::Environment;
use super::standing::LEADS_NOWHERE;
use crate::error::{Error, Result};
use crate::model::{Shown, Typed};
use std::path::{Path, PathBuf};

/// The environment that is meant, or why that is open.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "a process makes one of it")]
pub(super) enum Choice {
    /// This one.
    One(Environment),
    /// There are several, and nobody said which.
    Several(Vec<String>),
    /// There is no environment, and no conventional flags file either; maybe something else stands in its place.
    Nowhere(Option<(PathBuf, &'static str)>),
    /// There is no environment, and more than one conventional flags file.
    Files(Vec<PathBuf>),
}

/// What a choice is made from.
pub(super) struct Field<'a> {
    pub(super) ground: &'a Ground,
    pub(super) said: &'a Said,
    pub(super) environments: &'a [Environment],
    pub(super) default: Option<&'a str>,
    /// What the common `[flags-file]` says.
    pub(super) flags_file: &'a FlagsFile,
    /// The folder of the configuration.
    pub(super) root: Option<&'a Path>,
}

impl Field<'_> {
    /// Chooses by `--file` and `--env`, else the default, else the only one there is.
    ///
    /// # Errors
    /// Exit 2 if the named environment does not exist, or its flags file is not the named one but another's.
    pub(super) fn choose(&self) -> Result<Choice> {
        let named = match &self.said.env {
            Some((name, _)) => Some(self.named(name)?),
            None => None,
        };
        let Some((path, origin)) = &self.said.file else {
            return Ok(named.map_or_else(|| self.unnamed(), |environment| Choice::One(environment.clone())));
        };
        let flags = self.ground.argument(path);
        let theirs: Vec<&Environment> =
            self.environments.iter().filter(|other| self.is_file_of(other, &flags)).collect();
        if let Some((named, remote)) = named.and_then(|named| Some((named, named.remote.as_ref()?))) {
            let name = named.name.as_deref().unwrap_or_default();
            let message = format!("environment `{}` lives in {}, not in a file", Shown(name), remote.kind.title());
            return Err(Error::usage(message).help(format!("leave out `{origin}`, or the environment")));
        }
        let environment = match (named, theirs.as_slice()) {
            (Some(named), []) => named.clone(),
            (Some(named), theirs) if theirs.iter().any(|other| other.name == named.name) => named.clone(),
            (Some(named), [other, ..]) => {
                let name = |of: &Environment| Shown(of.name.as_deref().unwrap_or_default()).to_string();
                let path = flags.to_string_lossy();
                let message = format!(
                    "`{}` is the flags file of environment `{}`, not of `{}`",
                    Shown(&path),
                    name(other),
                    name(named)
                );
                return Err(Error::usage(message).help(format!("leave out `{origin}`, or the environment")));
            }
            (None, []) => self.nameless(&flags),
            (None, [first, ..]) => {
                let default = theirs.iter().find(|other| other.name.as_deref() == self.default);
                (*default.unwrap_or(first)).clone()
            }
        };
        Ok(Choice::One(Environment { flags, ..environment }))
    }

    /// True if a file is the one that an environment's flags live in. A mirror is not.
    fn is_file_of(&self, environment: &Environment, file: &Path) -> bool {
        environment.remote.is_none() && self.ground.same_file(&environment.flags, file)
    }

    fn named(&self, name: &str) -> Result<&Environment> {
        if let Some(found) = self.environments.iter().find(|environment| environment.name.as_deref() == Some(name)) {
            return Ok(found);
        }
        let names: Vec<&str> = self.environments.iter().filter_map(|environment| environment.name.as_deref()).collect();
        let error = Error::usage(format!("there is no environment `{}`", Shown(name)));
        Err(match (nearest(name, names.iter().copied()), names.as_slice()) {
            (Some(near), _) => error.help(format!("did you mean `{}`?", Shown(near))),
            (None, []) => error.help(format!("environments are set up in `{CONFIG_FILE}`: `flagctl init` writes one")),
            (None, names) => error.help(format!("there is {}", list(names))),
        })
    }

    fn unnamed(&self) -> Choice {
        let default = |environment: &&Environment| environment.name.as_deref() == self.default;
        if let Some(found) = self.default.and_then(|_| self.environments.iter().find(default)) {
            return Choice::One(found.clone());
        }
        match self.environments {
            [] => match self.ground.conventional(self.root).as_slice() {
                [] => Choice::Nowhere(self.ground.odd_conventional(self.root)),
                [only] => Choice::One(self.nameless(&self.ground.shown(only))),
                several => Choice::Files(several.iter().map(|path| self.ground.shown(path)).collect()),
            },
            [only] => Choice::One(only.clone()),
            several => Choice::Several(several.iter().filter_map(|environment| environment.name.clone()).collect()),
        }
    }

    /// Makes the environment of a file that is no environment's. What `[flags-file]` says of the conventional file
    /// holds for that one.
    fn nameless(&self, flags: &Path) -> Environment {
        let says = self.flags_file.mapping.is_some() || self.flags_file.scale.is_some();
        let conventional = || self.ground.conventional(self.root);
        let ours = says
            && self.environments.is_empty()
            && conventional().iter().any(|path| self.ground.same_file(path, flags));
        let file = if ours { self.flags_file.clone() } else { FlagsFile::default() };
        Environment { mapping: file.mapping, scale: file.scale, ..Environment::nameless(flags.to_owned()) }
    }
}

impl Choice {
    /// Returns the environment that is meant.
    ///
    /// # Errors
    /// Exit 2 with what there is to choose from.
    pub(super) fn environment(&self) -> Result<&Environment> {
        match self {
            Self::One(environment) => Ok(environment),
            Self::Several(names) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let first = names.first().copied().unwrap_or_default();
                Err(Error::usage(format!("there are several environments, and none is named: {}", list(&names)))
                    .help(format!("name one: `--env {}`", Typed(first)))
                    .help(format!("or set the usual one: `flagctl config set default-environment {}`", Typed(first))))
            }
            Self::Nowhere(Some((path, kind))) => {
                let path = path.to_string_lossy();
                let message = format!("no flags file was found: `{}` is {kind}", Shown(&path));
                // As where it is named: what isn't there is missing, what is no file can't be used.
                let missing = kind == &LEADS_NOWHERE;
                let error = if missing { Error::failed(message) } else { Error::invalid(message) };
                Err(error.help("name it: `-f PATH`"))
            }
            Self::Nowhere(None) => Err(Error::usage(format!(
                "no flags file was found: no `{CONFIG_FILE}`, and no `{}` or the like",
                CONVENTIONAL[0]
            ))
            .help("name it: `-f PATH`")
            .help("or let `flagctl init` look for it and set it up")),
            Self::Files(paths) => {
                let paths: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
                let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
                let first = paths.first().copied().unwrap_or_default();
                Err(Error::usage(format!("there are several flags files, and none is named: {}", list(&paths)))
                    .help(format!("name one: `-f {}`", Typed(first))))
            }
        }
    }
}

/// Writes names in backticks, with commas.
pub(super) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{}`", Shown(name))).collect::<Vec<_>>().join(", ")
}
