//! `flagctl rollback`: down, at once. What this file doesn't name can't block it.

use super::afar::{self, Afar};
use super::aftermath::{self, Aftermath};
use super::fleet::{self, Verification};
use super::interrupt::Interrupt;
use super::sighting::Sighting;
use super::{Context, place};
use crate::backend::file::FlagsFile;
use crate::change::{self, Apart, Applied, Job, Patience, Record, RemoteJob, Request};
use crate::cli::ChangeArgs;
use crate::config::{self, Lenient};
use crate::document::{self, Language};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::{Action, Flag, FlagName, Mode, Percent, Shown, Typed};
use crate::plan::{self, Down};
use crate::render;
use clap::Args;
use serde_json::Value;
use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

/// How long a rollback waits for the lock before it goes on without it.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// For how many flags a command each is shown.
const MOST_SHOWN: usize = 20;
const LEFT: &str = "the menu was left without a choice";

/// Bring flags to 0, at once; nothing can block it
///
/// Sets `rollout: 0` and `enabled: false`. In a file it needs no network and no valid flagctl.toml. A flag in Unleash or
/// LaunchDarkly is switched off there, also unread, and tried again until eight times the backend's `timeout` are over;
/// where that doesn't answer or takes no token (401, 403), only its own pages help. Asks nothing when a flag or --all is
/// named; run twice it does nothing the second time. Bare, it takes the one flag in rollout, or lets you pick from several.
#[derive(Debug, Default, Args)]
pub struct RollbackArgs {
    /// The flags to bring down [default: what is in rollout]
    #[arg(value_name = "FLAG")]
    flags: Vec<String>,
    /// Every flag in rollout: above 0 and below 100, or at 100 since less than 7 days
    #[arg(long, conflicts_with = "flags")]
    all: bool,
    /// Also those that are released, at 100; a flag that is named is brought down anyway
    #[arg(long)]
    released: bool,
    /// Go to this exposure instead of 0
    #[arg(long, value_name = "PERCENT", value_parser = super::percent, allow_negative_numbers = true, conflicts_with = "step")]
    to: Option<Percent>,
    /// Go one step down instead of to 0
    #[arg(long)]
    step: bool,
    /// Look until every instance serves it; not seen in time it ends with 1, and the rollback stands
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

impl RollbackArgs {
    /// Returns the arguments that bring some flags to 0, with no option set.
    pub(crate) fn of(flags: Vec<String>) -> Self {
        Self { flags, ..Self::default() }
    }

    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let interrupt = Interrupt::listen(context);
        let lenient = config::lenient_for(&context.arguments, &context.around()?, &self.what())?;
        for note in &lenient.notes {
            context.term.say(&render::error::caution(&context.addressed(note)));
        }
        for place in lenient.places.iter().filter(|place| place.remote.is_none()) {
            if let Some(note) = place::only_a_mirror(&lenient.environments, &place.flags) {
                context.term.say(&render::error::caution(&note));
            }
        }
        let names = self.names();
        if let (true, Some(nameless)) = (names.is_empty(), self.nameless()) {
            return Err(nameless);
        }
        let sighting = Sighting::of(&lenient, &names, &self.options(), context)?;
        let names =
            if self.flags.is_empty() { self.in_rollout(context, &sighting, &lenient, &interrupt)? } else { names };
        if names.is_empty() {
            return nothing(context, &sighting, &lenient);
        }
        self.apply(context, &sighting, &lenient, &names, &interrupt)
    }

    /// Returns the flags that are named, each once.
    fn names(&self) -> Vec<FlagName> {
        let mut names: Vec<FlagName> = Vec::new();
        for name in self.flags.iter().filter_map(FlagName::new) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Returns the error for an empty name: it is a variable that was not set, and the flag that was meant must not pass
    /// for one that is down.
    fn nameless(&self) -> Option<Error> {
        let error =
            || Error::usage("a flag's name is empty").help("name the flag, or take all: `flagctl rollback --all`");
        self.flags.iter().any(String::is_empty).then(error)
    }

    /// Writes down again what is rolled back, and how far.
    fn what(&self) -> String {
        let all = if self.all { " --all" } else { "" };
        let flags: Vec<&str> = self.flags.iter().map(String::as_str).collect();
        let line = render::command("", "rollback", &flags, &format!("{all}{}", self.options()));
        line.trim_start_matches("flagctl rollback").trim_start().to_owned()
    }

    /// Writes down the options again, a blank before each; without those that say which flags.
    fn options(&self) -> String {
        let words = [
            (self.released, "--released"),
            (self.step, "--step"),
            (self.verify, "--verify"),
            (self.change.dry_run, "--dry-run"),
        ];
        let words = words.into_iter().filter(|(said, _)| *said).map(|(_, word)| word.to_owned());
        let reason = self.change.reason.as_ref().map(|reason| format!("--reason {}", Typed(reason)));
        words.chain(self.to.map(|to| format!("--to {to}"))).chain(reason).map(|word| format!(" {word}")).collect()
    }

    const fn down(&self) -> Down {
        match (self.step, self.to) {
            (true, _) => Down::Step,
            (false, Some(to)) => Down::To(to),
            (false, None) => Down::Zero,
        }
    }

    /// Returns the flags that bare and `--all` mean, and says which released ones are left out.
    fn in_rollout(
        &self,
        context: &Context,
        sighting: &Sighting,
        lenient: &Lenient,
        interrupt: &Interrupt,
    ) -> Result<Vec<FlagName>> {
        let ledger = Ledger::at(&lenient.ledger(&sighting.place));
        let (released, mut chosen): (Vec<&Flag>, Vec<&Flag>) = sighting
            .flags()
            .iter()
            .filter(|flag| !flag.is_silent() && flag.exposure().known().is_none_or(|exposure| !exposure.is_zero()))
            .partition(|flag| sighting.is_released(flag, &ledger));
        if self.released {
            let exposed: HashSet<&FlagName> = chosen.iter().chain(&released).map(|flag| &flag.name).collect();
            chosen = sighting.flags().iter().filter(|flag| exposed.contains(&flag.name)).collect();
        } else if !released.is_empty() {
            let names: Vec<_> = released.iter().map(|flag| format!("`{}`", flag.name)).collect();
            context.term.status(&format!("left out, released at 100%: {} (`--released` adds them)", names.join(", ")));
        }
        let names: Vec<FlagName> = chosen.iter().map(|flag| flag.name.clone()).collect();
        if self.all || names.len() < 2 {
            return Ok(names);
        }
        if context.term.interactive {
            let items: Vec<String> = chosen.iter().map(|flag| format!("{} ({})", flag.name, flag.exposure())).collect();
            let picked = context.term.pick("Roll back which? (space picks, a picks all, enter goes)", &items);
            let picked = picked.map_err(|error| interrupt.asked().unwrap_or(error))?;
            let none = if picked.is_none() { LEFT } else { "no flag was picked: space picks one" };
            let picked = picked.unwrap_or_default();
            if picked.is_empty() {
                return Err(self.each_of(context, &names, Error::new(Exit::Stopped, none)));
            }
            return Ok(picked.into_iter().filter_map(|at| names.get(at).cloned()).collect());
        }
        let why = format!("{} flags are in rollout, and nobody can be asked which is meant", names.len());
        Err(self.each_of(context, &names, Error::usage(why)))
    }

    /// Adds the command for each of the flags, and for all.
    fn each_of(&self, context: &Context, names: &[FlagName], error: Error) -> Error {
        let again = context.again();
        let options = self.options();
        let each =
            |error: Error, name: &FlagName| error.help(render::command(&again, "rollback", &[name.as_str()], &options));
        let all = format!(" --all{options}");
        names.iter().take(MOST_SHOWN).fold(error, each).help(render::command(&again, "rollback", &[], &all))
    }

    fn apply(
        &self,
        context: &Context,
        sighting: &Sighting,
        lenient: &Lenient,
        names: &[FlagName],
        interrupt: &Interrupt,
    ) -> Result<Exit> {
        let path = lenient.ledger(&sighting.place);
        let ledger = Ledger::at(&path);
        let record = Record {
            ledger: &ledger,
            actor: context.actor(),
            host: super::host(),
            environment: sighting.place.name.clone(),
            action: Action::Rollback,
            reason: self.change.reason.clone(),
            verdicts: Vec::new(),
            overrides: Vec::new(),
        };
        let patience = Patience {
            timeout: self.change.lock_timeout.unwrap_or(LOCK_WAIT).min(LOCK_WAIT),
            stopped: &|| interrupt.exit(),
            waiting: &|holder| context.term.status(holder),
        };
        // Who names no flag means all: also those that stand where the file could not be read.
        let unseen = if self.flags.is_empty() { sighting.broken() } else { self.nameless() };
        let aftermath = Aftermath { unseen, limit: self.to, ..aftermath(context, sighting, lenient, path.clone()) };
        let place = (&sighting.place, sighting.afar());
        let verification = Verification::begin(context, interrupt, place, self.verify, lenient);
        if let Some(afar) = sighting.afar() {
            let means = (record, patience, &verification);
            return self.apply_afar(afar, (sighting, lenient), names, means, &aftermath);
        }
        let readers: Vec<_> = names.iter().map(|name| move |text: &str| sighting.read(text, name)).collect();
        let editor = |name| move |text: &str| self.edited(sighting, lenient, name, text);
        let editors: Vec<_> = names.iter().map(editor).collect();
        let jobs = names.iter().zip(readers.iter().zip(&editors));
        let jobs: Vec<Job<'_>> =
            jobs.map(|(flag, (read, edit))| Job { flag: flag.clone(), planned: None, read, edit }).collect();
        let apart = |text: &str| self.apart(sighting, lenient, names, text);
        if self.change.dry_run {
            let file = FlagsFile::read_urgently(&sighting.place.flags)?;
            let (mut applied, new) = change::rehearse(&jobs, apart(&file.text), &file.text);
            applied.notes.extend(sighting.left_as_they_are(&new, &applied, &lenient.environments));
            applied.notes.extend(file.odd.clone());
            let diff = render::diff::unified(&sighting.place.flags, &file.shown(&file.text), &file.shown(&new));
            return aftermath.rehearse(applied, &diff, fleet::untried());
        }
        let file = &sighting.place.flags;
        let request = Request { file, mode: Mode::Urgent, jobs, apart: Some(&apart), record, patience };
        let mut applied = change::apply(&request);
        // Looked for in what stands there now; the flags are down, so that it may take its time.
        let left = match &applied.text {
            Some(text) => sighting.left_as_they_are(text, &applied, &lenient.environments),
            None => sighting
                .text()
                .map_or_else(|_| Vec::new(), |text| sighting.left_as_they_are(&text, &applied, &lenient.environments)),
        };
        applied.notes.extend(left);
        applied.notes.extend(sighting.unlatched(&applied, &ledger));
        let whole = aftermath.unseen.is_none();
        aftermath.tell_then(&applied, Value::Null, || verification.follow(&applied, whole))
    }

    /// As [`RollbackArgs::apply`], of flags that live in a backend over the wire.
    fn apply_afar(
        &self,
        afar: &Afar,
        (sighting, lenient): (&Sighting, &Lenient),
        names: &[FlagName],
        (record, patience, verification): (Record<'_>, Patience<'_>, &Verification<'_>),
        aftermath: &Aftermath<'_>,
    ) -> Result<Exit> {
        let (place, again) = (&sighting.place, &sighting.again);
        let want = |flag: &Flag| {
            let plan = plan::rollback(flag, self.down(), &lenient.ladder(place, &flag.name))
                .map_err(|why| afar.unreadable(flag, &why, again))?;
            Ok(afar::want(&plan, Mode::Urgent))
        };
        let job = |flag: &FlagName| RemoteJob { flag: flag.clone(), planned: None, want: &want };
        let jobs: Vec<RemoteJob<'_>> = names.iter().map(job).collect();
        if self.change.dry_run {
            let (applied, diff) = afar.rehearse(&jobs);
            return aftermath.rehearse(applied, &diff, fleet::untried());
        }
        let ledger = record.ledger;
        let mut applied = afar.apply(Mode::Urgent, jobs, record, patience);
        applied.notes.extend(sighting.unlatched(&applied, ledger));
        let whole = aftermath.unseen.is_none();
        aftermath.tell_then(&applied, Value::Null, || verification.follow(&applied, whole))
    }

    /// Plans and edits those of many flags that can be told apart, each in its own part of the text: one look at the text
    /// serves all of them.
    fn apart(&self, sighting: &Sighting, lenient: &Lenient, names: &[FlagName], text: &str) -> Vec<Apart> {
        if names.len() < 2 {
            return Vec::new();
        }
        // The spelling of one flag decides nothing for the others: the file is looked at before any of them is changed.
        sighting.mapping(text);
        let Some((mapping, parts)) = sighting.parts(text) else { return Vec::new() };
        let edited = |(job, name): (usize, &FlagName)| {
            let part = parts.get(name.as_str())?.clone();
            let found = document::find(&text[part.clone()], &mapping, name);
            let flag = found.flag()?;
            // It may be one of the few that are spelled natively.
            if flag.rollout.value().is_none() && text[part.clone()].contains("rollout") {
                return None;
            }
            let plan = plan::rollback(&flag, self.down(), &lenient.ladder(&sighting.place, name)).ok()?;
            let edited = found.lead_back(plan.values?).ok()?;
            // What there is to say, or to do beside, needs a look at all of the text.
            let plain = edited.is_plain() && flag.enabled.value().is_some();
            plain.then(|| Apart { job, part, edited: aftermath::edited(edited, plan.from.known(), plan.to) })
        };
        names.iter().enumerate().filter_map(edited).collect()
    }

    /// Plans one flag on a text, as it is by then, and edits it.
    fn edited(
        &self,
        sighting: &Sighting,
        lenient: &Lenient,
        name: &FlagName,
        text: &str,
    ) -> Result<Option<change::Edited>> {
        let (flag, found) = sighting.find(text, name)?;
        let plan = plan::rollback(&flag, self.down(), &lenient.ladder(&sighting.place, name))
            .map_err(|why| place::unreadable(&flag, &why, &sighting.place.flags, text, &sighting.again))?;
        if let Some(error) = sighting.in_other_words(text, &flag, plan.to) {
            return Err(error);
        }
        let refused = |refusal: document::Refusal| refusal.into_error(&sighting.place.flags, text);
        let mut edited = plan.values.map(|values| found.lead_back(values)).transpose().map_err(refused)?;
        // With a switch that is off, what else the flag says of percentages reaches nobody.
        if flag.enabled.value().is_none() {
            edited = sighting.lead_others_back(text, name, plan.to, edited).map_err(refused)?;
            edited = sighting.lead_inherited_back(text, name, plan.to, edited).map_err(refused)?;
        }
        edited = sighting.lead_twin_back(text, name, plan.to, edited).map_err(refused)?;
        let Some(mut edited) = edited else { return Ok(None) };
        // Where a new key belongs in a text that only looks like JSON nobody can tell; a value is replaced where it stands.
        if !edited.is_plain() {
            Language::of(&sighting.place.flags).holds(text).map_err(refused)?;
        }
        edited.notes.extend(sighting.set_aside(text));
        edited.notes.extend(found.unseen().map(|(line, seen, letter)| {
            let (seen, code) = (Shown(&seen), u32::from(letter));
            format!("the key `{seen}` in line {line} holds an invisible U+{code:04X}: it is another key, left as it is")
        }));
        if let Some((_, character)) = document::hidden_break(text) {
            let code = u32::from(character);
            edited.notes.push(format!("the file holds U+{code:04X}, which only some readers take for a line's end"));
        }
        Ok(Some(aftermath::edited(edited, plan.from.known(), plan.to)))
    }
}

fn nothing(context: &Context, sighting: &Sighting, lenient: &Lenient) -> Result<Exit> {
    let unseen = sighting.broken();
    if !context.term.json {
        let file = sighting.file();
        let (file, read) = (Shown(&file), !sighting.flags().is_empty());
        context.term.answer(&match (&unseen, read) {
            (None, _) => format!("no flag is in rollout in {file}: nothing to do"),
            (Some(_), true) => format!("no flag is in rollout in what could be read of {file}: nothing was done"),
            (Some(_), false) => format!("no flag could be read in {file}: nothing was done"),
        })?;
    }
    Aftermath { unseen, ..aftermath(context, sighting, lenient, lenient.ledger(&sighting.place)) }.tell_then(
        &Applied::nothing(),
        Value::Null,
        || (fleet::untried(), None),
    )
}

fn aftermath<'a>(context: &'a Context, sighting: &'a Sighting, lenient: &'a Lenient, ledger: PathBuf) -> Aftermath<'a> {
    Aftermath {
        context,
        action: Action::Rollback,
        file: &sighting.place.flags,
        ledger,
        environment: sighting.place.name.as_deref(),
        inferred: lenient.places.len() > 1,
        stood: sighting.place.flags.metadata().ok(),
        limit: None,
        bars: Box::new(|change| {
            let high = change.from.unwrap_or(change.to);
            lenient.bars(&sighting.place, &change.flag, change.to, high)
        }),
        unseen: None,
    }
}
