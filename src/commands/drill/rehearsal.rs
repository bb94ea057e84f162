//! The drill itself: whatever happens after the way up, the way down is taken.

use super::super::afar::Afar;
use super::super::interrupt::{Interrupt, LOCK_TIMEOUT};
use super::super::local::Local;
use super::super::look::{Gates, Looking};
use super::super::place::{Home, Place};
use super::super::{Context, aftermath, host};
use super::breach::Breach;
use crate::backend::file::FlagsFile;
use crate::backend::remote::Goal;
use crate::change::{self, Applied, Change, Edited, Job, Patience, Record, RemoteJob, Request, Want};
use crate::cli::ChangeArgs;
use crate::document;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::{Ledger, Recorded};
use crate::model::{Action, Flag, Judgement, Mode, Percent, Values, Verdict};
use crate::plan::Soaking;
use crate::render;
use crate::render::drill::{Outcome, seconds};
use std::time::{Duration, Instant};

/// How long the way down waits for the lock, as a rollback does.
const DOWN_WAIT: Duration = Duration::from_secs(2);
/// How long is waited between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// One step of a drill.
struct Step {
    values: Values,
    from: Percent,
    to: Percent,
    mode: Mode,
}

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
        let step = Step { values, from: self.from, to: self.to, mode: Mode::Careful };
        let timeout = self.change.lock_timeout.unwrap_or(LOCK_TIMEOUT);
        let reason = Some("drill: up, to be rolled back".to_owned());
        let record = self.record(reason, Vec::new());
        let (change, _) = self.take(&step, Some(self.flag), record, timeout, interrupt)?;
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
        let step = Step { values, from: self.to, to: Percent::ZERO, mode: Mode::Urgent };
        let record = self.record(Some(reason), verdicts);
        // A stop that was asked for leads down, and must not stop the way.
        let (change, recorded) = self.take(&step, None, record, DOWN_WAIT, &Interrupt::default())?;
        change
            .map(|change| (change, recorded))
            .ok_or_else(|| Error::failed("there was no way down: the flag was down already"))
    }

    /// Puts the flag back to where it was; true if the file's bytes, or what a backend stores, are as before.
    fn restore(&self, up: &Option<Change>) -> Result<bool> {
        let values = Values {
            rollout: self.flag.rollout.value().copied().unwrap_or(self.from),
            enabled: self.flag.enabled.value().copied(),
        };
        let step = Step { values, from: Percent::ZERO, to: self.from, mode: Mode::Careful };
        match &self.place.home {
            Home::File(local) => self.restore_text(local, &step, up),
            Home::Remote(afar) => self.restore_afar(afar, &step),
        }
    }

    fn restore_afar(&self, afar: &Afar, step: &Step) -> Result<bool> {
        let stored = || afar.backend.read(&self.flag.name, &afar.wait()).map(|seen| seen.stored);
        let old = afar.seen(&self.flag.name)?.stored;
        if stored()? != old {
            let record = self.record(Some("drill: back to where it was".to_owned()), Vec::new());
            let timeout = self.change.lock_timeout.unwrap_or(LOCK_TIMEOUT);
            self.take(step, None, record, timeout, &Interrupt::default()).map_err(|error| self.left_at_zero(error))?;
        }
        Ok(stored()? == old)
    }

    fn restore_text(&self, local: &Local, step: &Step, up: &Option<Change>) -> Result<bool> {
        let (old, now) = (&local.file.text, FlagsFile::read(self.place.path())?.text);
        if now == *old || (up.is_none() && self.from.is_zero()) {
            return Ok(now == *old);
        }
        let edit = |text: &str| {
            if *text == now && self.is_ours(local, old, &now) {
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
            self.set(local, text, step)
        };
        let record = self.record(Some("drill: back to where it was".to_owned()), Vec::new());
        let timeout = self.change.lock_timeout.unwrap_or(LOCK_TIMEOUT);
        // Who stops a drill wants it over, not half done.
        let put_back = self.apply(Mode::Careful, None, &edit, record, timeout, &Interrupt::default());
        put_back.map_err(|error| self.left_at_zero(error))?;
        Ok(FlagsFile::read(self.place.path())?.text == *old)
    }

    fn left_at_zero(&self, error: Error) -> Error {
        let more = format!(" --to {} --override soak,ladder,gates,order,drill --reason \"after a drill\"", self.from);
        let again = self.context.again();
        let back = render::command(&again, "advance", &[self.flag.name.as_str()], &more);
        error.changed(Some(true)).help(format!("it is at 0% now; to go back to {}%: {back}", self.from))
    }

    /// True if a text is what the drill alone makes of the old one: then nobody else's change is in it.
    fn is_ours(&self, local: &Local, old: &str, now: &str) -> bool {
        let enabled = (self.flag.enabled.value() == Some(&false)).then_some(true);
        let edited = |text: &str, values: Values, mode: Mode| {
            document::edit(text, &local.mapping, &self.flag.name, values, mode).map(|edited| edited.text)
        };
        let raised = if self.to == self.from {
            Ok(old.to_owned())
        } else {
            edited(old, Values { rollout: self.to, enabled }, Mode::Careful)
        };
        let down = Values { rollout: Percent::ZERO, enabled: Some(false) };
        raised.and_then(|text| edited(&text, down, Mode::Urgent)).is_ok_and(|text| text == now)
    }

    fn set(&self, local: &Local, text: &str, step: &Step) -> Result<Option<Edited>> {
        let edited = document::edit(text, &local.mapping, &self.flag.name, step.values, step.mode)
            .map_err(|refusal| refusal.into_error(self.place.path(), text))?;
        Ok((edited.text != text).then(|| aftermath::edited(edited, Some(step.from), step.to)))
    }

    fn record(&self, reason: Option<String>, verdicts: Vec<Judgement>) -> (Option<String>, Vec<Judgement>) {
        let given = self.change.reason.as_ref().map_or_else(String::new, |given| format!(" ({given})"));
        (reason.map(|reason| reason + &given), verdicts)
    }

    /// Takes one step, wherever the flag lives, and records it.
    fn take(
        &self,
        step: &Step,
        planned: Option<&Flag>,
        said: (Option<String>, Vec<Judgement>),
        timeout: Duration,
        interrupt: &Interrupt,
    ) -> Result<(Option<Change>, bool)> {
        let afar = match &self.place.home {
            Home::File(local) => {
                let edit = |text: &str| self.set(local, text, step);
                return self.apply(step.mode, planned, &edit, said, timeout, interrupt);
            }
            Home::Remote(afar) => afar,
        };
        let Step { values, to, mode, .. } = *step;
        let want = Want { to, goal: Goal { rollout: values.rollout, enabled: values.enabled, mode } };
        let want = |_: &Flag| Ok(Some(want));
        let jobs = vec![RemoteJob { flag: self.flag.name.clone(), planned, want: &want }];
        let (ledger, stopped) = (self.place.ledger(), || interrupt.exit());
        let waiting = |holder: &str| self.context.term.status(holder);
        let patience = Patience { timeout, stopped: &stopped, waiting: &waiting };
        self.tell(afar.apply(mode, jobs, self.entry(&ledger, said), patience))
    }

    fn entry<'l>(&self, ledger: &'l Ledger, (reason, verdicts): (Option<String>, Vec<Judgement>)) -> Record<'l> {
        Record {
            ledger,
            actor: self.context.actor(),
            host: host(),
            environment: self.place.environment.name.clone(),
            action: Action::Drill,
            reason,
            verdicts,
            overrides: Vec::new(),
        }
    }

    /// Makes one change of the file and records it.
    fn apply(
        &self,
        mode: Mode,
        planned: Option<&Flag>,
        edit: &dyn Fn(&str) -> Result<Option<Edited>>,
        said: (Option<String>, Vec<Judgement>),
        timeout: Duration,
        interrupt: &Interrupt,
    ) -> Result<(Option<Change>, bool)> {
        let (ledger, name, local) = (self.place.ledger(), &self.flag.name, self.place.local()?);
        let read = |text: &str| local.read(text, name, &self.place.again);
        self.tell(change::apply(&Request {
            file: self.place.path(),
            mode,
            jobs: vec![Job { flag: name.clone(), planned, read: &read, edit }],
            apart: None,
            record: self.entry(&ledger, said),
            patience: Patience {
                timeout,
                stopped: &|| interrupt.exit(),
                waiting: &|holder| self.context.term.status(holder),
            },
        }))
    }

    /// Says what there is to say of a change.
    fn tell(&self, applied: Applied) -> Result<(Option<Change>, bool)> {
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
