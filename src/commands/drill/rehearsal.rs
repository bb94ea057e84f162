//! The drill itself: whatever happens after the way up, the way down is taken.

use super::super::interrupt::{Interrupt, LOCK_TIMEOUT};
use super::super::look::{Gates, Looking};
use super::super::place::{Home, Place};
use super::super::{Context, leftover};
use super::breach::Breach;
use super::restore::End;
use super::ways::{Step, Taken};
use crate::backend::remote::Seen;
use crate::cli::ChangeArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Flag, Judgement, Mode, Part, Percent, UP, Values, Verdict};
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
    /// How it stood in a backend before anything was changed: each later reading overwrites what the backend's desk knows.
    pub(super) stood: Option<Seen>,
}

impl<'a> Rehearsal<'a> {
    pub(super) fn new(
        context: &'a Context,
        place: &'a Place,
        flag: &'a Flag,
        (from, to): (Percent, Percent),
        change: &'a ChangeArgs,
    ) -> Result<Self> {
        let stood = match &place.home {
            Home::File(_) => None,
            Home::Remote(afar) => Some(afar.seen(&flag.name)?),
        };
        Ok(Self { context, place, flag, from, to, change, stood })
    }

    /// Plays it to its end and returns what was measured.
    pub(super) fn play(
        &self,
        breach: &Breach,
        gates: &Gates,
        within: Duration,
        interrupt: &Interrupt,
    ) -> Result<Outcome> {
        let began = Instant::now();
        let up = self.up(interrupt).map_err(|error| self.down_again(error, breach))?;
        let up_took = began.elapsed();
        self.say(&format!("up: {}% → {}%", self.from, self.to));
        let broke = Instant::now();
        let seen = self.begin(breach, interrupt).and_then(|()| self.watch(gates, within, interrupt));
        let seen_took = broke.elapsed();
        if let Ok(judgement) = &seen {
            self.say(&format!("breach seen after {}: {}", seconds(seen_took), judgement.reason));
        }
        let way_down = Instant::now();
        let down = self.down(breach, &seen, seen_took);
        let (down_took, exposed) = (way_down.elapsed(), broke.elapsed());
        let healed = breach.end();
        let also = |error: Error| match &healed {
            Ok(()) => error,
            Err(sick) => unhealed(&error.message.clone(), sick, error),
        };
        let down = down.map_err(|error| also(self.still_up(error)))?;
        self.say(&format!("down: {}% → 0%", self.to));
        self.undisturbed(up.as_ref(), &down).map_err(also)?;
        let end = self.restore(&down).map_err(also)?;
        let judgement = seen.map_err(|error| also(self.back_again(error, &end)))?;
        if let Err(sick) = &healed {
            let done = format!("the way down was taken, and `{}` is back at {}%", self.flag.name, self.from);
            return Err(self.otherwise(unhealed(&done, sick, Error::failed("")), &end));
        }
        Ok(Outcome {
            flag: self.flag.name.clone(),
            from: self.from,
            to: self.to,
            service: breach.is_of_service(),
            judgement,
            up: up_took,
            seen: seen_took,
            down: down_took,
            exposed,
            service_of_flags: self.service_of_flags(),
            as_before: end.as_before,
            differences: end.differences,
            recorded: down.recorded,
        })
    }

    fn say(&self, line: &str) {
        if !self.context.term.json {
            self.context.term.status(line);
        }
    }

    fn begin(&self, breach: &Breach, interrupt: &Interrupt) -> Result<()> {
        breach.begin(&interrupt.cancel).map_err(|error| interrupt.asked().unwrap_or(error))
    }

    /// Adds to an error that the flag is where it was.
    fn back_again(&self, error: Error, end: &End) -> Error {
        let message = format!("{}; `{}` is back at {}%", error.message, self.flag.name, self.from);
        self.otherwise(Error { message, ..error }, end)
    }

    /// Adds to an error what a backend stores otherwise than before, if it does.
    fn otherwise(&self, error: Error, end: &End) -> Error {
        let (Some(title), false) = (self.service_of_flags(), end.differences.is_empty()) else { return error };
        let (message, told) = (&error.message, end.differences.join("; "));
        let message = format!("{message}; {title} stores otherwise than before: {told}");
        Error { message, ..error }
            .changed(Some(true))
            .detail("as_before", false)
            .detail("differences", &end.differences)
    }

    /// Returns what the flag's backend is called, where it lives in one.
    pub(super) fn service_of_flags(&self) -> Option<&'static str> {
        match &self.place.home {
            Home::File(_) => None,
            Home::Remote(afar) => Some(afar.remote.kind.title()),
        }
    }

    /// Adds to an error that the flag is still where the drill brought it.
    fn still_up(&self, error: Error) -> Error {
        let (name, from, to) = (&self.flag.name, self.from, self.to);
        let typed = |options: &str| render::command(&self.context.again(), "rollback", &[name.as_str()], options);
        let back = if from.is_zero() { typed("") } else { typed(&format!(" --to {from}")) };
        let (was, changed) = match from == to {
            true => ("as before".to_owned(), false),
            false => (format!("where the drill brought it; it was at {from}%"), true),
        };
        let message = format!("{}; `{name}` is still at {to}%, {was}", error.message);
        let error = Error { message, ..error };
        if changed { self.stays(error, Some(to), &back).help(format!("to put it back: {back}")) } else { error }
    }

    /// Adds to an error where the flag stays, other than where it was.
    pub(super) fn stays(&self, error: Error, at: Option<Percent>, back: &str) -> Error {
        let change = serde_json::json!({
            "flag": self.flag.name, "from": self.from, "to": at, "before": [], "after": [], "notes": [], "undo": back,
        });
        error.changed(Some(true)).detail("as_before", false).detail("changes", [change])
    }

    fn up(&self, interrupt: &Interrupt) -> Result<Option<Taken>> {
        if self.to == self.from {
            return Ok(None);
        }
        let enabled = (self.flag.enabled.value() == Some(&false)).then_some(true);
        let values = Values { rollout: self.to, enabled };
        let step = Step { part: Part::Up, values, to: self.to, mode: Mode::Careful };
        let record = self.record(UP.to_owned(), Vec::new());
        self.take(&step, Some(self.flag), record, self.timeout(), interrupt).map(Some)
    }

    pub(super) fn timeout(&self) -> Duration {
        self.change.lock_timeout.unwrap_or(LOCK_TIMEOUT)
    }

    /// Looks until a gate breaches.
    fn watch(&self, gates: &Gates, within: Duration, interrupt: &Interrupt) -> Result<Judgement> {
        let began = Instant::now();
        let since = super::super::now();
        let history = self.place.history(&self.flag.name)?;
        let looking = Looking { history, soaking: Some(Soaking { since, known_by: "the ledger" }) };
        loop {
            let verdicts = gates.judge(&looking, interrupt, self.context)?;
            let took = began.elapsed();
            let last = verdicts.iter().map(|judgement| format!("{} {}", judgement.verdict, judgement.reason));
            let last: Vec<String> = last.collect();
            let breach = verdicts.into_iter().find(|judgement| judgement.verdict == Verdict::Breach);
            match breach {
                Some(breach) if took <= within => return Ok(breach),
                None if took <= within => {}
                breach => {
                    let late = breach.map_or_else(String::new, |_| format!(", but after {}", seconds(took)));
                    let message =
                        format!("the breach was not seen within {}{late}: {}", seconds(within), last.join("; "));
                    return Err(Error::new(Exit::Hold, message).help(format!(
                        "a rollback that waits for these gates would not have come; look what they see: {}",
                        render::command(
                            &format!("{}-v ", self.context.again()),
                            "check",
                            &[self.flag.name.as_str()],
                            ""
                        )
                    )));
                }
            }
            std::thread::sleep(PAUSE);
            if let Some(stopped) = interrupt.asked() {
                return Err(stopped);
            }
        }
    }

    /// Takes the way down after a way up of which it isn't known how far it went: a backend may have done it, or may yet.
    fn down_again(&self, error: Error, breach: &Breach) -> Error {
        if self.service_of_flags().is_none() || error.changed == Some(false) {
            return error;
        }
        let unclear = Err(error.clone());
        let down = self.down(breach, &unclear, Duration::ZERO);
        let changed = if down.as_ref().is_ok_and(|down| down.recorded) { Some(true) } else { error.changed };
        match down.and_then(|down| self.restore(&down)) {
            Ok(end) => self.back_again(error.changed(changed), &end),
            Err(left) => {
                let message = format!("{}; and the way down: {}", error.message, left.message);
                Error { message, ..left }
            }
        }
    }

    /// Takes the way down that a rollback takes.
    fn down(&self, breach: &Breach, seen: &Result<Judgement>, took: Duration) -> Result<Taken> {
        let (reason, verdicts) = match seen {
            Ok(judgement) => {
                let whose = render::drill::whose(breach.is_of_service());
                (format!("drill: breach {whose} seen after {}", seconds(took)), vec![judgement.clone()])
            }
            Err(error) => (format!("drill, given up: {}", error.message), Vec::new()),
        };
        let values = Values { rollout: Percent::ZERO, enabled: Some(false) };
        let step = Step { part: Part::Down, values, to: Percent::ZERO, mode: Mode::Urgent };
        let record = self.record(reason, verdicts);
        // A stop that was asked for leads down, and must not stop the way.
        self.take(&step, None, record, DOWN_WAIT, &Interrupt::default())
    }

    /// Fails where somebody else has set the flag between the way up and the way down: what they want is not known, so it
    /// stays down.
    fn undisturbed(&self, up: Option<&Taken>, down: &Taken) -> Result<()> {
        let left = up.map_or(Some(self.flag), |up| up.made.as_ref());
        let (Some(left), Some(found)) = (left, &down.found) else { return Ok(()) };
        if self.same(found, left) {
            return Ok(());
        }
        let (name, was) = (&self.flag.name, found.exposure());
        let message =
            format!("`{name}` was set to {was} by somebody else during the drill; it is at 0% now, and stays");
        let wanted = was.known().filter(|was| !was.is_zero()).unwrap_or(self.from);
        let again = self.context.again();
        let up = render::command(&again, "advance", &[name.as_str()], &leftover::after_a_drill(wanted));
        let error = Error::new(Exit::Conflict, message).help(format!("to see who: flagctl {again}log"));
        let error = if wanted.is_zero() { error } else { error.help(format!("to go to {wanted}% again: {up}")) };
        Err(self.stays(error, Some(Percent::ZERO), &up))
    }
}

/// Adds to an error, or to what went well, that the service was left failing.
fn unhealed(before: &str, sick: &Error, error: Error) -> Error {
    let message = format!("{before}; but the service was not healed, and may still misbehave: {}", sick.message);
    Error { message, ..error }.help("heal it by hand, as that DELETE would have")
}
