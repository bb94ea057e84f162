//! The drill itself: whatever happens after the way up, the way down is taken.

use super::super::interrupt::{Interrupt, LOCK_TIMEOUT};
use super::super::look::{Gates, Looking};
use super::super::place::Place;
use super::super::{Context, aftermath, host};
use super::breach::Breach;
use crate::backend::file::FlagsFile;
use crate::change::{self, Change, Edited, Job, Patience, Record, Request};
use crate::cli::ChangeArgs;
use crate::document;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Recorded;
use crate::model::{Action, Flag, Judgement, Mode, Percent, Values, Verdict};
use crate::plan::Soaking;
use crate::render;
use crate::render::drill::{Outcome, seconds};
use std::time::{Duration, Instant};

/// How long the way down waits for the lock, as a rollback does.
const DOWN_WAIT: Duration = Duration::from_secs(2);
/// How long is waited between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// One flag whose rollback is rehearsed.
pub(super) struct Rehearsal<'a> {
    pub(super) context: &'a Context,
    pub(super) place: &'a Place,
    pub(super) flag: &'a Flag,
    pub(super) from: Percent,
    pub(super) to: Percent,
    pub(super) change: &'a ChangeArgs,
}

impl Rehearsal<'_> {
    /// Plays it to its end and returns what was measured.
    pub(super) fn play(
        &self,
        breach: &Breach,
        gates: &Gates,
        within: Duration,
        interrupt: &Interrupt,
    ) -> Result<Outcome> {
        let began = Instant::now();
        let up = self.up(interrupt)?;
        let up_took = began.elapsed();
        self.say(&format!("up: {}% → {}%", self.from, self.to));
        let broke = Instant::now();
        let seen = breach.begin().and_then(|()| self.watch(gates, within, interrupt));
        let seen_took = broke.elapsed();
        if let Ok(judgement) = &seen {
            self.say(&format!("breach seen after {}: {}", seconds(seen_took), judgement.reason));
        }
        let way_down = Instant::now();
        let down = self.down(&seen, seen_took);
        let (down_took, exposed) = (way_down.elapsed(), broke.elapsed());
        let healed = breach.end();
        let (down, recorded) = down?;
        self.say(&format!("down: {}% → {}%", self.to, down.to));
        let as_before = self.restore(&up)?;
        let judgement = seen.map_err(|error| self.back_again(error))?;
        healed?;
        Ok(Outcome {
            flag: self.flag.name.clone(),
            from: self.from,
            to: self.to,
            judgement,
            up: up_took,
            seen: seen_took,
            down: down_took,
            exposed,
            as_before,
            recorded,
        })
    }

    fn say(&self, line: &str) {
        if !self.context.term.json {
            self.context.term.status(line);
        }
    }

    /// Adds to an error that the flag is where it was.
    fn back_again(&self, error: Error) -> Error {
        let message = format!("{}; `{}` is back at {}%", error.message, self.flag.name, self.from);
        Error { message, ..error }
    }

    fn up(&self, interrupt: &Interrupt) -> Result<Option<Change>> {
        if self.to == self.from {
            return Ok(None);
        }
        let enabled = (self.flag.enabled.value() == Some(&false)).then_some(true);
        let values = Values { rollout: self.to, enabled };
        let edit = |text: &str| self.set(text, values, Mode::Careful, self.from, self.to);
        let timeout = self.change.lock_timeout.unwrap_or(LOCK_TIMEOUT);
        let reason = Some("drill: up, to be rolled back".to_owned());
        let record = self.record(reason, Vec::new());
        let (change, _) = self.apply(Mode::Careful, Some(self.flag), &edit, record, timeout, interrupt)?;
        Ok(change)
    }

    /// Looks until a gate breaches.
    fn watch(&self, gates: &Gates, within: Duration, interrupt: &Interrupt) -> Result<Judgement> {
        let began = Instant::now();
        let since = super::super::now();
        let history = self.place.history(&self.flag.name)?;
        let looking = Looking { history, soaking: Some(Soaking { since, known_by: "the ledger" }) };
        loop {
            let verdicts = gates.judge(&looking, interrupt, self.context)?;
            let last = verdicts.iter().map(|judgement| format!("{} {}", judgement.verdict, judgement.reason));
            let last: Vec<String> = last.collect();
            if let Some(breach) = verdicts.into_iter().find(|judgement| judgement.verdict == Verdict::Breach) {
                return Ok(breach);
            }
            if began.elapsed() > within {
                let message = format!("the breach was not seen within {}: {}", seconds(within), last.join("; "));
                return Err(Error::new(Exit::Hold, message).help(format!(
                    "a rollback that waits for these gates would not have come; look what they see: {}",
                    render::command(&format!("{}-v ", self.context.again()), "check", &[self.flag.name.as_str()], "")
                )));
            }
            std::thread::sleep(PAUSE);
            if let Some(stopped) = interrupt.asked() {
                return Err(stopped);
            }
        }
    }

    /// Takes the way down that a rollback takes.
    fn down(&self, seen: &Result<Judgement>, took: Duration) -> Result<(Change, bool)> {
        let (reason, verdicts) = match seen {
            Ok(judgement) => (format!("drill: breach seen after {}", seconds(took)), vec![judgement.clone()]),
            Err(error) => (format!("drill, given up: {}", error.message), Vec::new()),
        };
        let values = Values { rollout: Percent::ZERO, enabled: Some(false) };
        let edit = |text: &str| self.set(text, values, Mode::Urgent, self.to, Percent::ZERO);
        let record = self.record(Some(reason), verdicts);
        // A stop that was asked for leads down, and must not stop the way.
        let (change, recorded) = self.apply(Mode::Urgent, None, &edit, record, DOWN_WAIT, &Interrupt::default())?;
        change
            .map(|change| (change, recorded))
            .ok_or_else(|| Error::failed("there was no way down: the flag was down already"))
    }

    /// Puts the flag back to where it was; true if the file's bytes are as before.
    fn restore(&self, up: &Option<Change>) -> Result<bool> {
        let (old, now) = (&self.place.file.text, FlagsFile::read(self.place.path())?.text);
        if now == *old || (up.is_none() && self.from.is_zero()) {
            return Ok(now == *old);
        }
        let values = Values {
            rollout: self.flag.rollout.value().copied().unwrap_or(self.from),
            enabled: self.flag.enabled.value().copied(),
        };
        let edit = |text: &str| {
            if *text == now && self.is_ours(old, &now) {
                // Nobody else has written: the text as it was is the flag as it was.
                let (before, after) = (Vec::new(), Vec::new());
                let edited = Edited {
                    text: old.clone(),
                    from: Some(Percent::ZERO),
                    to: self.from,
                    before,
                    after,
                    notes: Vec::new(),
                };
                return Ok(Some(edited));
            }
            self.set(text, values, Mode::Careful, Percent::ZERO, self.from)
        };
        let record = self.record(Some("drill: back to where it was".to_owned()), Vec::new());
        let timeout = self.change.lock_timeout.unwrap_or(LOCK_TIMEOUT);
        // Who stops a drill wants it over, not half done.
        let put_back = self.apply(Mode::Careful, None, &edit, record, timeout, &Interrupt::default());
        put_back.map_err(|error| {
            let more =
                format!(" --to {} --override soak,ladder,gates,order,drill --reason \"after a drill\"", self.from);
            let again = self.context.again();
            let back = render::command(&again, "advance", &[self.flag.name.as_str()], &more);
            error.changed(Some(true)).help(format!("it is at 0% now; to go back to {}%: {back}", self.from))
        })?;
        Ok(FlagsFile::read(self.place.path())?.text == *old)
    }

    /// True if a text is what the drill alone makes of the old one: then nobody else's change is in it.
    fn is_ours(&self, old: &str, now: &str) -> bool {
        let enabled = (self.flag.enabled.value() == Some(&false)).then_some(true);
        let edited = |text: &str, values: Values, mode: Mode| {
            document::edit(text, &self.place.mapping, &self.flag.name, values, mode).map(|edited| edited.text)
        };
        let raised = if self.to == self.from {
            Ok(old.to_owned())
        } else {
            edited(old, Values { rollout: self.to, enabled }, Mode::Careful)
        };
        let down = Values { rollout: Percent::ZERO, enabled: Some(false) };
        raised.and_then(|text| edited(&text, down, Mode::Urgent)).is_ok_and(|text| text == now)
    }

    fn set(&self, text: &str, values: Values, mode: Mode, from: Percent, to: Percent) -> Result<Option<Edited>> {
        let edited = document::edit(text, &self.place.mapping, &self.flag.name, values, mode)
            .map_err(|refusal| refusal.into_error(self.place.path(), text))?;
        Ok((edited.text != text).then(|| aftermath::edited(edited, Some(from), to)))
    }

    fn record(&self, reason: Option<String>, verdicts: Vec<Judgement>) -> (Option<String>, Vec<Judgement>) {
        let given = self.change.reason.as_ref().map_or_else(String::new, |given| format!(" ({given})"));
        (reason.map(|reason| reason + &given), verdicts)
    }

    /// Makes one change and records it; says what there is to say of it.
    fn apply(
        &self,
        mode: Mode,
        planned: Option<&Flag>,
        edit: &dyn Fn(&str) -> Result<Option<Edited>>,
        (reason, verdicts): (Option<String>, Vec<Judgement>),
        timeout: Duration,
        interrupt: &Interrupt,
    ) -> Result<(Option<Change>, bool)> {
        let (ledger, name) = (self.place.ledger(), &self.flag.name);
        let read = |text: &str| self.place.read(text, name);
        let applied = change::apply(&Request {
            file: self.place.path(),
            mode,
            jobs: vec![Job { flag: name.clone(), planned, read: &read, edit }],
            apart: None,
            record: Record {
                ledger: &ledger,
                actor: self.context.actor(),
                host: host(),
                environment: self.place.environment.name.clone(),
                action: Action::Drill,
                reason,
                verdicts,
                overrides: Vec::new(),
            },
            patience: Patience {
                timeout,
                stopped: &|| interrupt.exit(),
                waiting: &|holder| self.context.term.status(holder),
            },
        });
        let notes = applied.notes.iter().chain(applied.changes.iter().flat_map(|change| &change.notes));
        notes.for_each(|note| self.context.term.say(&render::error::caution(note)));
        if let Recorded::No(why) = &applied.recorded {
            self.context.term.say(&render::error::caution(&format!("changed, but not recorded: {why}")));
        }
        let recorded = matches!(applied.recorded, Recorded::Yes(_));
        match applied.failed.into_iter().next() {
            Some((_, error)) => Err(error),
            None => Ok((applied.changes.into_iter().next(), recorded)),
        }
    }
}
