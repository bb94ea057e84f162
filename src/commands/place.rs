//! A flags file with everything that leads to it: settings, text, mapping, flags, history.

use super::afar::Afar;
use super::local::Local;
use super::{Context, mapping};
use crate::backend::file::{self, FlagsFile, LastChange};
use crate::bucket::Scheme;
use crate::cli::AdHocArgs;
use crate::config::{Environment, Settings};
use crate::document::{self, Language};
use crate::error::{Error, Result, Spot};
use crate::model::{Flag, FlagName, History, Mode, RemoteKind, Scale, Shown, Unreadable};
use crate::plan::{Impossible, Plan, Policy, Soaking};
use crate::render::{self, plan::Setting, status::Since};
use std::path::Path;

/// One environment's flags file, read.
pub(super) struct Place {
    pub(super) settings: Settings,
    pub(super) environment: Environment,
    /// Where its flags live, as it was found.
    pub(super) home: Home,
    /// The arguments that lead here again, with a blank at their end.
    pub(super) again: String,
    /// Those that lead to other environments.
    pub(super) elsewhere: String,
}

/// Where the flags of an environment live, opened.
pub(super) enum Home {
    /// In a file that was read.
    File(Box<Local>),
    /// In a backend over the wire, which is asked when something is needed.
    Remote(Box<Afar>),
}

impl Place {
    /// Finds and reads the flags file that the arguments, the environment and the configuration lead to.
    pub(super) fn open(context: &Context) -> Result<Self> {
        let settings = context.settings()?;
        if let Some(file) = &settings.file {
            context.term.detail(&format!("configuration: {}", file.display()));
        }
        let environment = settings.environment()?.clone();
        Self::of(context, settings, environment)
    }

    /// Reads the flags file of an environment.
    pub(super) fn of(context: &Context, settings: Settings, environment: Environment) -> Result<Self> {
        let (again, elsewhere) = (context.again(), context.elsewhere());
        let home = match &environment.remote {
            Some(remote) => Home::Remote(Box::new(Afar::open(context, remote)?)),
            None => {
                let file = FlagsFile::read(&environment.flags)?;
                let mapping = mapping::of(&file.path, &file.text, &environment)?;
                if let Some(note) = only_a_mirror(&settings.environments, &file.path) {
                    context.term.say(&render::error::caution(&note));
                }
                let mut listing = document::listing(&file.text, &mapping);
                // What YAML's reader takes is broken to those who read it as JSON.
                listing.broken = Language::of(&file.path).holds(&file.text).err().or(listing.broken);
                context.term.detail(&format!("flags file: {} ({} flags)", file.path.display(), listing.flags.len()));
                Home::File(Box::new(Local { file, mapping, listing }))
            }
        };
        Ok(Self { settings, environment, home, again, elsewhere })
    }

    /// Returns where its flags live: the file's path, or the backend's address.
    pub(super) fn path(&self) -> &Path {
        match &self.home {
            Home::File(local) => &local.file.path,
            Home::Remote(_) => &self.environment.flags,
        }
    }

    /// Returns the flags file, for what only a file has.
    ///
    /// # Errors
    /// Exit 2: the flags live in a backend.
    pub(super) fn local(&self) -> Result<&Local> {
        match &self.home {
            Home::File(local) => Ok(local),
            Home::Remote(afar) => {
                let name = self.environment.name.as_deref().unwrap_or_default();
                let title = afar.remote.kind.title();
                Err(Error::usage(format!(
                    "environment `{}` lives in {title}, and this needs a flags file",
                    Shown(name)
                ))
                .help("name a flags file with `-f FILE`, or another environment with `-e NAME`"))
            }
        }
    }

    /// Returns how its users are told apart: as the backend's SDKs do it, else as flagctl's own.
    pub(super) fn scheme(&self) -> Scheme {
        match &self.home {
            Home::File(_) => Scheme::Native,
            Home::Remote(afar) => match afar.remote.kind {
                RemoteKind::Unleash => Scheme::Unleash,
                RemoteKind::LaunchDarkly => Scheme::LaunchDarkly,
            },
        }
    }

    /// Returns every flag.
    pub(super) fn flags(&self) -> Result<Vec<Flag>> {
        match &self.home {
            Home::File(local) => Ok(local.listing.flags.clone()),
            Home::Remote(afar) => afar.flags(),
        }
    }

    /// Returns the file as it is shown.
    pub(super) fn shown_file(&self) -> String {
        self.path().display().to_string()
    }

    /// Returns the line above an answer: environment and file.
    pub(super) fn title(&self) -> String {
        let file = self.shown_file();
        match &self.environment.name {
            Some(name) => format!("{} · {}", Shown(name), Shown(&file)),
            None => Shown(&file).to_string(),
        }
    }

    /// Finds a flag by its name; also one that holds nothing yet, which a listing takes for no flag.
    pub(super) fn flag(&self, name: &str) -> Result<Flag> {
        if name.is_empty() {
            return Err(Error::usage("a flag's name is empty")
                .help(format!("name the flag; to see them: flagctl {}status", self.again)));
        }
        let local = match &self.home {
            Home::File(local) => local,
            Home::Remote(afar) => return afar.flag(name),
        };
        let empty = || FlagName::new(name).and_then(|name| local.look_up(&name));
        match local.listing.flags.iter().find(|flag| flag.name.as_str() == name).cloned().or_else(empty) {
            Some(flag) => Ok(flag),
            // A text that is broken may hold the flag below: that is then what has to be said.
            None => {
                self.whole()?;
                Err(unknown(name, self.path(), local.listing.flags.iter().map(|flag| &flag.name), &self.again))
            }
        }
    }

    /// Fails if the file could not be read to its end: what is read above the break may not be what others read.
    pub(super) fn whole(&self) -> Result<()> {
        let Home::File(local) = &self.home else { return Ok(()) };
        let Some(broken) = &local.listing.broken else { return Ok(()) };
        Err(broken
            .clone()
            .into_error(self.path(), &local.file.text)
            .help(format!("every mistake in it: flagctl {}validate", self.again)))
    }

    /// Returns the error for a flag whose exposure can't be told, at the value that hides it.
    pub(super) fn unreadable(&self, flag: &Flag, why: &Impossible) -> Error {
        let local = match &self.home {
            Home::File(local) => local,
            Home::Remote(afar) => return afar.unreadable(flag, why, &self.again),
        };
        let mut error = unreadable(flag, why, self.path(), &local.file.text, &self.again);
        if local.mapping.scale == Scale::Doubtful {
            let say = "say what 1 means, below `[flags-file]` in flagctl.toml: `scale = \"percent\"` or `scale = \"fraction\"`";
            error.help.insert(0, say.to_owned());
        }
        error
    }

    /// Returns what a flag's users are hashed with instead of its name, if it has a salt.
    ///
    /// # Errors
    /// It has one that is no text: exit 3 with the place.
    pub(super) fn salt<'f>(&self, flag: &'f Flag) -> Result<Option<&'f str>> {
        let Some(value) = flag.salt.unreadable() else { return Ok(flag.salt.value().map(String::as_str)) };
        let shown = format!("`{}: {}` {}", Shown(&value.key), Shown(&value.text), value.reason);
        let error = Error::invalid(format!("who is in the rollout of `{}` can't be told: {shown}", flag.name));
        let text = self.local().map_or("", |local| &local.file.text);
        Err(error.at(spot(value, self.path(), text)).help("write a text, in quotes if need be, or take the `salt` out"))
    }

    /// Returns the named flags, or all.
    pub(super) fn choose(&self, names: &[String]) -> Result<Vec<Flag>> {
        if names.is_empty() {
            return self.flags();
        }
        names.iter().map(|name| self.flag(name)).collect()
    }

    /// Returns what is wrong with a flag, in sentence fragments: what can't be read, and where it stands again.
    pub(super) fn problems(&self, flag: &Flag) -> Vec<String> {
        let hidden = flag.exposure().doubt().map(str::to_owned);
        let repeated = match &self.home {
            Home::File(local) => local.listing.repeated.as_slice(),
            Home::Remote(afar) => {
                let mut problems = afar.problems(&flag.name);
                problems.retain(|problem| !hidden.as_deref().is_some_and(|hidden| says_it_too(hidden, problem)));
                return hidden.into_iter().chain(problems).collect();
            }
        };
        let repeated = repeated.iter().filter(|(name, _)| *name == flag.name);
        let again = repeated.map(|(_, lines)| {
            let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
            format!("it stands {} times, in lines {}", lines.len(), lines.join(", "))
        });
        hidden.into_iter().chain(again).collect()
    }

    /// Returns what a plan would change, as a diff: of the file's lines, or of what a backend stores.
    ///
    /// # Errors
    /// It can't be done safely: exit 3 with the place and the reason.
    pub(super) fn preview(&self, plan: &Plan) -> Result<String> {
        match &self.home {
            Home::Remote(afar) => afar.preview(plan, Mode::Careful),
            Home::File(local) => {
                let edited = local.edited(&local.file.text, plan, &self.environment)?;
                Ok(render::diff::unified(self.path(), &local.file.text, &edited.text))
            }
        }
    }

    /// Says that other flags of the file are broken, if `validate` rejects it.
    pub(super) fn errors(&self) -> Option<String> {
        let ladder = |flag: &FlagName| self.settings.ladder(&self.environment, flag);
        match &self.home {
            Home::File(local) => local.errors(&ladder),
            Home::Remote(_) => None,
        }
    }

    /// Returns when the flag's present step began: by the ledger, else by Git, else by the file's time.
    pub(super) fn soaking(&self, flag: &Flag, history: &History) -> Option<Soaking> {
        let exposure = flag.exposure().known()?;
        if let Some(since) = history.reached(exposure) {
            return Some(Soaking { since, known_by: "the ledger" });
        }
        match &self.home {
            Home::File(_) => soaking(file::last_change(self.path(), &flag.value_lines)?),
            Home::Remote(afar) => afar.soaking(&flag.name),
        }
    }

    /// Returns when the present step of each flag began, as [`Place::soaking`] does, but by one question to Git.
    /// A backend is not asked: it would have to be, once for each flag.
    pub(super) fn since(&self, flags: &[(&Flag, &History)]) -> Vec<Since> {
        let by_ledger = |flag: &Flag, history: &History| history.reached(flag.exposure().known()?);
        if let Home::Remote(_) = self.home {
            let since =
                |(flag, history): &(&Flag, &History)| by_ledger(flag, history).map_or(Since::Unknown, Since::At);
            return flags.iter().map(since).collect();
        }
        let asked = |(flag, history): &&(&Flag, &History)| {
            let exposed = flag.exposure().known().is_some_and(|exposure| !exposure.is_zero());
            exposed && by_ledger(flag, history).is_none()
        };
        let lines: Vec<&[usize]> = flags.iter().filter(asked).map(|(flag, _)| flag.value_lines.as_slice()).collect();
        let told = if lines.is_empty() { Some(Vec::new()) } else { file::last_changes(self.path(), &lines) };
        let mut told = told.map(Vec::into_iter);
        let since = |pair: &(&Flag, &History)| match (by_ledger(pair.0, pair.1), &mut told) {
            (Some(at), _) => Since::At(at),
            (None, _) if !asked(&pair) => Since::Unknown,
            (None, None) => Since::TooLate,
            (None, Some(told)) => {
                let at = told.next().flatten().and_then(soaking);
                at.map_or(Since::Unknown, |soaking| Since::At(soaking.since))
            }
        };
        flags.iter().map(since).collect()
    }

    /// Returns what the team allows for a flag here.
    pub(super) fn policy(&self, flag: &FlagName) -> Policy {
        self.settings.policy(&self.environment, flag)
    }

    /// Returns what the plan's page says beside the plan.
    pub(super) fn setting(&self, soaking: Option<Soaking>, ad_hoc: &AdHocArgs) -> Setting {
        Setting {
            environment: self.environment.name.clone(),
            file: self.shown_file(),
            soaking,
            now: super::now(),
            again: self.again.clone(),
            elsewhere: self.elsewhere.clone(),
            ad_hoc: ad_hoc.words(),
            notes: Vec::new(),
        }
    }
}

/// Says of a file that it is only the mirror of an environment, if it is.
pub(super) fn only_a_mirror(environments: &[Environment], file: &Path) -> Option<String> {
    let real = |path: &Path| path.canonicalize().ok();
    let mirrors = |environment: &&Environment| {
        let mirror = environment.remote.as_ref().and_then(|remote| remote.mirror.as_deref());
        mirror.is_some_and(|mirror| real(mirror).is_some() && real(mirror) == real(file))
    };
    let environment = environments.iter().find(mirrors)?;
    let (name, remote) = (environment.name.as_deref()?, environment.remote.as_ref()?);
    Some(format!(
        "`{}` is only the mirror of environment `{}`, whose flags live in {}: users get what stands there (`-e {}`)",
        Shown(&file.display().to_string()),
        Shown(name),
        remote.kind.title(),
        crate::model::Typed(name)
    ))
}

/// Returns the error for a flag whose exposure can't be told, at the value in `text` that hides it.
pub(super) fn unreadable(flag: &Flag, why: &Impossible, file: &Path, text: &str, again: &str) -> Error {
    let rollback = render::command(again, "rollback", &[flag.name.as_str()], "");
    let what = if flag.is_silent() { "give it a percentage" } else { "write a value that can be read" };
    let error = Error::invalid(why.to_string()).help(format!("{what}, or bring it to 0: {rollback}"));
    let Some(value) = flag.rollout.unreadable().or(flag.enabled.unreadable()) else { return error };
    error.at(spot(value, file, text))
}

fn spot(value: &Unreadable, file: &Path, text: &str) -> Spot {
    let source = text.lines().nth(value.line.saturating_sub(1)).map(str::to_owned);
    let width = value.text.chars().count().max(1);
    Spot { file: file.to_owned(), line: value.line, column: value.column, width, source }
}

/// Returns the error for a name that no flag has, with the nearest names.
pub(super) fn unknown<'a>(name: &str, file: &Path, known: impl Iterator<Item = &'a FlagName>, again: &str) -> Error {
    let mut near: Vec<(f64, &FlagName)> = known
        .map(|flag| (strsim::jaro_winkler(name, flag.as_str()), flag))
        .filter(|(likeness, _)| *likeness > 0.7)
        .collect();
    near.sort_by(|one, two| two.0.total_cmp(&one.0));
    // Flags of several environments may have the same name.
    near.dedup_by(|one, two| one.1 == two.1);
    let error = Error::usage(format!("no flag is named `{}` in {}", Shown(name), Shown(&file.display().to_string())));
    let names: Vec<_> = near.iter().take(3).map(|(_, flag)| format!("`{flag}`")).collect();
    if names.is_empty() {
        error.help(format!("to see the flags: flagctl {again}status"))
    } else {
        error.help(format!("did you mean {}?", names.join(" or ")))
    }
}

/// True if what hides a flag's exposure says all that a problem of it says.
fn says_it_too(hidden: &str, problem: &str) -> bool {
    let said = |part: &str| {
        // `rollout: abc`, as it is stored.
        let value = part.split('`').nth(1).filter(|value| value.starts_with("rollout: "));
        hidden.contains(part) || part.contains(hidden) || value.is_some_and(|value| hidden.contains(value))
    };
    problem.split("; it ").all(said)
}

fn soaking(change: LastChange) -> Option<Soaking> {
    let (since, known_by) = match change {
        LastChange::Committed(at) => (at, "the line's last commit"),
        LastChange::Written(at) => (at, "the file's time"),
    };
    Some(Soaking { since: jiff::Timestamp::try_from(since).ok()?, known_by })
}
