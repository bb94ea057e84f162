//! A flags file with everything that leads to it: settings, text, mapping, flags, history.

use super::{Context, mapping};
use crate::backend::file::{self, FlagsFile, LastChange};
use crate::check::{self, Severity};
use crate::cli::AdHocArgs;
use crate::config::{Environment, Settings};
use crate::document::{self, Edited, Listing};
use crate::error::{Error, Result, Spot};
use crate::ledger::Ledger;
use crate::model::{Exposure, Field, Flag, FlagName, History, KeyPath, Mapping, Mode, Scale, Shown, Values};
use crate::plan::{Impossible, Plan, Policy, Soaking};
use crate::render::{self, plan::Setting, status::Since};
use std::collections::HashMap;
use std::path::Path;

/// One environment's flags file, read.
pub(super) struct Place {
    pub(super) settings: Settings,
    pub(super) environment: Environment,
    pub(super) file: FlagsFile,
    pub(super) mapping: Mapping,
    pub(super) listing: Listing,
    /// The arguments that lead here again, with a blank at their end.
    pub(super) again: String,
    /// Those that lead to other environments.
    pub(super) elsewhere: String,
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
        let file = FlagsFile::read(&environment.flags)?;
        let mapping = mapping::of(&file.path, &file.text, &environment)?;
        let listing = document::listing(&file.text, &mapping);
        context.term.detail(&format!("flags file: {} ({} flags)", file.path.display(), listing.flags.len()));
        let (again, elsewhere) = (context.again(), context.elsewhere());
        Ok(Self { settings, environment, file, mapping, listing, again, elsewhere })
    }

    pub(super) fn path(&self) -> &Path {
        &self.file.path
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
        let empty = || FlagName::new(name).and_then(|name| self.look_up(&name));
        match self.listing.flags.iter().find(|flag| flag.name.as_str() == name).cloned().or_else(empty) {
            Some(flag) => Ok(flag),
            // A text that is broken may hold the flag below: that is then what has to be said.
            None => {
                self.whole()?;
                Err(unknown(name, self.path(), self.listing.flags.iter().map(|flag| &flag.name), &self.again))
            }
        }
    }

    /// Fails if the file could not be read to its end: what is read above the break may not be what others read.
    pub(super) fn whole(&self) -> Result<()> {
        let Some(broken) = &self.listing.broken else { return Ok(()) };
        Err(broken
            .clone()
            .into_error(self.path(), &self.file.text)
            .help(format!("every mistake in it: flagctl {}validate", self.again)))
    }

    /// Returns the error for a flag whose exposure can't be told, at the value that hides it.
    pub(super) fn unreadable(&self, flag: &Flag, why: &Impossible) -> Error {
        let mut error = unreadable(flag, why, self.path(), &self.file.text, &self.again);
        if self.mapping.scale == Scale::Doubtful {
            let say = "say what 1 means, below `[flags-file]` in flagctl.toml: `scale = \"percent\"` or `scale = \"fraction\"`";
            error.help.insert(0, say.to_owned());
        }
        error
    }

    fn look_up(&self, name: &FlagName) -> Option<Flag> {
        document::look_up(&self.file.text, &self.mapping, name).flags.into_iter().next()
    }

    /// Returns the named flags, or all.
    pub(super) fn choose(&self, names: &[String]) -> Result<Vec<Flag>> {
        if names.is_empty() {
            return Ok(self.listing.flags.clone());
        }
        names.iter().map(|name| self.flag(name)).collect()
    }

    /// Returns what is wrong with a flag, in sentence fragments: what can't be read, and where it stands again.
    pub(super) fn problems(&self, flag: &Flag) -> Vec<String> {
        let hidden = match flag.exposure() {
            Exposure::Exactly(_) => None,
            Exposure::Unknown { reason } => Some(reason),
        };
        let repeated = self.listing.repeated.iter().filter(|(name, _)| *name == flag.name);
        let again = repeated.map(|(_, lines)| {
            let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
            format!("it stands {} times, in lines {}", lines.len(), lines.join(", "))
        });
        hidden.into_iter().chain(again).collect()
    }

    /// Returns what the file would be after a plan.
    pub(super) fn edit(&self, plan: &Plan) -> Result<Edited> {
        self.edited(&self.file.text, plan)
    }

    /// Returns what a text of this file would be after a plan.
    pub(super) fn edited(&self, text: &str, plan: &Plan) -> Result<Edited> {
        let keys = file::percentages(text, &self.mapping, &plan.flag.name);
        if let ([one, other, ..], None) = (keys.as_slice(), &self.environment.mapping) {
            let (one, other) = (Shown(one), Shown(other));
            return Err(Error::invalid(format!("`{}` has two percentages: `{one}` and `{other}`", plan.flag.name))
                .help(
                    "leave the one that counts, or pin it below `[flags-file]` in flagctl.toml: `rollout = [\"…\"]`",
                ));
        }
        self.consistent(text, &plan.flag, &keys)?;
        let values = plan.values.unwrap_or(Values { rollout: plan.to, enabled: None });
        document::edit(text, &self.mapping, &plan.flag.name, values, Mode::Careful)
            .map_err(|refusal| refusal.into_error(self.path(), text))
    }

    /// Refuses a percentage that stands below another key, where neither the configuration nor other flags have it so.
    fn consistent(&self, text: &str, flag: &Flag, own: &[String]) -> Result<()> {
        if self.environment.mapping.is_some() || !own.is_empty() {
            return Ok(());
        }
        let counted = |path: &KeyPath| {
            let mapping = Mapping { rollout: vec![path.clone()], ..self.mapping.clone() };
            let listing = document::listing(text, &mapping);
            let has = |flag: &&Flag| flag.rollout != Field::Absent;
            (listing.flags.iter().filter(has).count(), listing.flags.into_iter().find(|one| one.name == flag.name))
        };
        let (mut here, mut elsewhere) = (None, 0);
        for path in &self.mapping.rollout {
            let (count, found) = counted(path);
            match found.filter(|found| here.is_none() && found.rollout != Field::Absent) {
                Some(_) => here = Some((path, count)),
                None => elsewhere += count,
            }
        }
        let Some((path, 1)) = here.filter(|(path, _)| path.len() > 1) else { return Ok(()) };
        if elsewhere == 0 && !file::is_choice(&path[0]) {
            return Ok(());
        }
        let (name, last) = (&flag.name, path.last().map_or("", String::as_str));
        let line = flag.value_lines.iter().copied().max().unwrap_or(flag.line);
        let source = text.lines().nth(line - 1).unwrap_or_default();
        let column = source.rfind(last).map_or(1, |at| source[..at].chars().count() + 1);
        let spot = Spot {
            file: self.path().to_owned(),
            line,
            column,
            width: last.chars().count(),
            source: Some(source.to_owned()),
        };
        let keys: Vec<String> = path.iter().map(|key| format!("{key:?}")).collect();
        let below = path[..path.len() - 1].join(".");
        Err(Error::invalid(format!(
            "`{name}` has a percentage below `{}` alone: nothing tells that it is the share of its users",
            Shown(&below)
        ))
        .at(spot)
        .help(format!("write `{}` beside the flag's other keys", Shown(last)))
        .help(format!("or pin it below `[flags-file]` in flagctl.toml: `rollout = [[{}]]`", keys.join(", "))))
    }

    /// Says that other flags of the file are broken, if `validate` rejects it.
    pub(super) fn errors(&self) -> Option<String> {
        let ladder = |flag: &FlagName| self.settings.ladder(&self.environment, flag);
        let findings = check::run(&self.file.text, &self.mapping, &ladder);
        let lines: Vec<String> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.line.to_string())
            .collect();
        let line = lines.first()?;
        let file = self.shown_file();
        Some(match lines.len() {
            1 => format!("`{}` has an error in line {line}: `flagctl validate` shows it", Shown(&file)),
            many => {
                format!("`{}` has {many} errors, the first in line {line}: `flagctl validate` shows them", Shown(&file))
            }
        })
    }

    /// Reads one flag of a text of this file.
    pub(super) fn read(&self, text: &str, name: &FlagName) -> Result<Flag> {
        let listing = document::look_up(text, &self.mapping, name);
        match listing.flags.into_iter().next() {
            Some(flag) => Ok(flag),
            None => Err(match listing.broken {
                Some(broken) => broken.into_error(self.path(), text),
                None => unknown(name.as_str(), self.path(), std::iter::empty(), &self.again),
            }),
        }
    }

    /// Returns the ledger.
    pub(super) fn ledger(&self) -> Ledger {
        Ledger::at(&self.settings.ledger)
    }

    /// Returns what the ledger's end knows of a flag here.
    pub(super) fn history(&self, name: &FlagName) -> Result<History> {
        let ledger = self.ledger();
        let place = ledger.place(self.environment.name.as_deref(), self.path());
        Ok(ledger.newest(&place, name)?.history)
    }

    /// Says what of the ledger's end could not be read, where it may be about the flag: a rollback may be among it.
    pub(super) fn doubt_ledger(&self, context: &Context, name: &FlagName) -> Result<()> {
        let ledger = self.ledger();
        let place = ledger.place(self.environment.name.as_deref(), self.path());
        for passed in ledger.newest(&place, name)?.skipped {
            let note = format!("the ledger can't tell all: its line at byte {} {}", passed.start, passed.why);
            context.term.say(&render::error::caution(&note));
        }
        Ok(())
    }

    /// Returns what the ledger knows of every flag here.
    pub(super) fn histories(&self) -> Result<HashMap<String, History>> {
        let ledger = self.ledger();
        let place = ledger.place(self.environment.name.as_deref(), self.path());
        let mut histories: HashMap<String, History> = HashMap::new();
        for entry in ledger.entries()?.history.entries {
            if place.is_of(&entry) {
                histories.entry(entry.flag.clone()).or_default().entries.push(entry);
            }
        }
        Ok(histories)
    }

    /// Returns when the flag's present step began: by the ledger, else by Git, else by the file's time.
    pub(super) fn soaking(&self, flag: &Flag, history: &History) -> Option<Soaking> {
        let exposure = flag.exposure().known()?;
        if let Some(since) = history.reached(exposure) {
            return Some(Soaking { since, known_by: "the ledger" });
        }
        soaking(file::last_change(self.path(), &flag.value_lines)?)
    }

    /// Returns when the present step of each flag began, as [`Place::soaking`] does, but by one question to Git.
    pub(super) fn since(&self, flags: &[(&Flag, &History)]) -> Vec<Since> {
        let by_ledger = |flag: &Flag, history: &History| history.reached(flag.exposure().known()?);
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
        }
    }
}

/// Returns the error for a flag whose exposure can't be told, at the value in `text` that hides it.
pub(super) fn unreadable(flag: &Flag, why: &Impossible, file: &Path, text: &str, again: &str) -> Error {
    let rollback = render::command(again, "rollback", &[flag.name.as_str()], "");
    let what = if flag.is_silent() { "give it a percentage" } else { "write a value that can be read" };
    let error = Error::invalid(why.to_string()).help(format!("{what}, or bring it to 0: {rollback}"));
    let Some(value) = flag.rollout.unreadable().or(flag.enabled.unreadable()) else { return error };
    let source = text.lines().nth(value.line.saturating_sub(1)).map(str::to_owned);
    let width = value.text.chars().count().max(1);
    error.at(Spot { file: file.to_owned(), line: value.line, column: value.column, width, source })
}

/// Returns the error for a name that no flag has, with the nearest names.
pub(super) fn unknown<'a>(name: &str, file: &Path, known: impl Iterator<Item = &'a FlagName>, again: &str) -> Error {
    let mut near: Vec<(f64, &FlagName)> = known
        .map(|flag| (strsim::jaro_winkler(name, flag.as_str()), flag))
        .filter(|(likeness, _)| *likeness > 0.7)
        .collect();
    near.sort_by(|one, two| two.0.total_cmp(&one.0));
    let error = Error::usage(format!("no flag is named `{}` in {}", Shown(name), Shown(&file.display().to_string())));
    let names: Vec<_> = near.iter().take(3).map(|(_, flag)| format!("`{flag}`")).collect();
    if names.is_empty() {
        error.help(format!("to see the flags: flagctl {again}status"))
    } else {
        error.help(format!("did you mean {}?", names.join(" or ")))
    }
}

fn soaking(change: LastChange) -> Option<Soaking> {
    let (since, known_by) = match change {
        LastChange::Committed(at) => (at, "the line's last commit"),
        LastChange::Written(at) => (at, "the file's time"),
    };
    Some(Soaking { since: jiff::Timestamp::try_from(since).ok()?, known_by })
}
