//! What the user said outside of files: the arguments and the environment variables that choose places.

use super::ground::Ground;
use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// The global arguments that choose a configuration, a flags file and an environment.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// `--chdir`: the folder to act as if started in.
    pub chdir: Option<PathBuf>,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--file`.
    pub file: Option<PathBuf>,
    /// `--env`.
    pub env: Option<String>,
}

/// What surrounds the process; passed in, so that nothing else reads it.
#[derive(Clone)]
pub struct Surroundings<'a> {
    /// The current folder, absolute.
    pub directory: PathBuf,
    /// Returns an environment variable's text.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// This option of the command line.
    Argument(&'static str),
    /// This environment variable.
    Env(&'static str),
    /// This line of this file, from 1.
    File {
        /// The file as shown.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// Nobody said it.
    Default,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Argument(name) | Self::Env(name) => f.pad(name),
            Self::File { path, line } => f.pad(&format!("{}:{line}", crate::model::Shown(&path.to_string_lossy()))),
            Self::Default => f.pad("default"),
        }
    }
}

/// Arguments and variables, merged: each value with its origin.
#[derive(Clone, Debug, Default)]
pub(super) struct Said {
    pub(super) config: Option<(PathBuf, Origin)>,
    pub(super) file: Option<(PathBuf, Origin)>,
    pub(super) env: Option<(String, Origin)>,
}

impl Said {
    pub(super) fn of(arguments: &Arguments, around: &Surroundings<'_>) -> Self {
        let variable = |name: &'static str| around.get(name).map(|text| (text, Origin::Env(name)));
        let path = |(text, origin): (String, Origin)| (PathBuf::from(text), origin);
        let argument = |given: &Option<PathBuf>, name| given.clone().map(|path| (path, Origin::Argument(name)));
        let env = arguments.env.clone().map(|name| (name, Origin::Argument("--env")));
        Self {
            config: argument(&arguments.config, "--config").or_else(|| variable("FLAGCTL_CONFIG").map(path)),
            file: argument(&arguments.file, "--file").or_else(|| variable("FLAGCTL_FILE").map(path)),
            env: env.or_else(|| variable("FLAGCTL_ENV")),
        }
    }

    /// Returns the configuration file that is named, else the nearest one; `/dev/null` stands for none at all.
    pub(super) fn config_file(&self, ground: &Ground) -> Option<PathBuf> {
        match &self.config {
            Some((path, _)) if path == Path::new("/dev/null") => None,
            Some((path, _)) => Some(ground.argument(path)),
            None => ground.config().map(|path| ground.shown(&path)),
        }
    }
}

impl Surroundings<'static> {
    /// Returns what surrounds this process.
    ///
    /// # Errors
    /// Exit 1 if the current folder is gone.
    pub fn of_process() -> Result<Self> {
        let directory = std::env::current_dir()
            .map_err(|error| Error::failed(format!("can't tell the current folder: {error}")))?;
        Ok(Self { directory, variable: &environment_variable })
    }
}

impl Surroundings<'_> {
    /// Returns a variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|text| !text.is_empty())
    }

    /// Returns who acts: `FLAGCTL_ACTOR`, else the user of the CI, else the one behind `sudo`, else the account.
    #[must_use]
    pub fn actor(&self) -> String {
        ["FLAGCTL_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN", "SUDO_USER", "USER"]
            .into_iter()
            .find_map(|name| self.get(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
            .unwrap_or_else(|| "unknown".to_owned())
    }
}

/// Reads an environment variable; one that is not UTF-8 counts as unset. Beside secrets, the only place that
/// does.
#[must_use]
pub fn environment_variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the one reading of the environment; everything else is given it")]
    std::env::var(name).ok()
}

/// Returns the first of the variables that lead to a flags file which is set to what is no UTF-8: to go on without it would
/// lead to another one.
///
/// # Errors
/// Exit 2, with the argument that takes any bytes.
pub fn readable_variables(arguments: &Arguments) -> Result<()> {
    let leading = [
        ("FLAGCTL_FILE", arguments.file.is_some(), "-f FILE"),
        ("FLAGCTL_CONFIG", arguments.config.is_some(), "--config FILE"),
        ("FLAGCTL_ENV", arguments.env.is_some(), "-e NAME"),
    ];
    for (name, said, instead) in leading {
        #[expect(clippy::disallowed_methods, reason = "only whether it can be read, beside the one reading above")]
        let odd = !said && std::env::var_os(name).is_some_and(|value| value.to_str().is_none());
        if odd {
            return Err(Error::usage(format!("the environment variable `{name}` is not UTF-8"))
                .help(format!("say it by the argument: `{instead}`")));
        }
    }
    Ok(())
}
