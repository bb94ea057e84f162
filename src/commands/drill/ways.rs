//! One step of a drill, wherever the flag lives: planned against what is found, applied, recorded.

use super::super::interrupt::Interrupt;
use super::super::local::Local;
use super::super::place::Home;
use super::super::{aftermath, host};
use super::conditions;
use super::rehearsal::Rehearsal;
use crate::backend::remote::Goal;
use crate::change::{self, Applied, Edited, Job, Patience, Record, RemoteJob, Request, Want};
use crate::document;
use crate::error::{Error, Result};
use crate::ledger::{Ledger, Recorded};
use crate::model::{Action, Field, Flag, Judgement, Mode, Part, Percent, Values};
use crate::render;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// One step of a drill.
pub(super) struct Step {
    pub(super) part: Part,
    pub(super) values: Values,
    pub(super) to: Percent,
    pub(super) mode: Mode,
}

/// A step that was taken.
pub(super) struct Taken {
    /// The flag as it was found.
    pub(super) found: Option<Flag>,
    /// As it was left; also where nothing was to be done.
    pub(super) made: Option<Flag>,
    /// True if the ledger has it.
    pub(super) recorded: bool,
}

/// What is said of a step in the ledger.
pub(super) type Said = (String, Vec<Judgement>);

impl Rehearsal<'_> {
    /// Takes one step, wherever the flag lives, and records it.
    pub(super) fn take(
        &self,
        step: &Step,
        planned: Option<&Flag>,
        said: Said,
        timeout: Duration,
        interrupt: &Interrupt,
    ) -> Result<Taken> {
        let (seen, left) = (Mutex::new(None), Mutex::new(None));
        let keep = |slot: &Mutex<Option<Flag>>, flag| *slot.lock().unwrap_or_else(PoisonError::into_inner) = flag;
        let applied = match &self.place.home {
            Home::File(local) => {
                let read = |text: &str| local.read(text, &self.flag.name, &self.place.again).ok();
                let edit = |text: &str| {
                    let found = read(text);
                    self.alone(step, found.as_ref())?;
                    keep(&seen, found);
                    let edited = self.set(local, text, step)?;
                    keep(&left, read(edited.as_ref().map_or(text, |edited| edited.text.as_str())));
                    Ok(edited)
                };
                self.apply(step.mode, planned, &edit, said, timeout, interrupt)
            }
            Home::Remote(afar) => {
                let Step { values, to, mode, .. } = *step;
                let want = |flag: &Flag| {
                    self.alone(step, Some(flag))?;
                    keep(&seen, Some(flag.clone()));
                    let enabled = values.enabled.map_or_else(|| flag.enabled.clone(), Field::Is);
                    keep(&left, Some(Flag { rollout: Field::Is(values.rollout), enabled, ..flag.clone() }));
                    let goal = Goal { rollout: values.rollout, enabled: values.enabled, mode };
                    Ok(Some(Want { to, goal }))
                };
                let jobs = vec![RemoteJob { flag: self.flag.name.clone(), planned, want: &want }];
                let (ledger, stopped) = (self.place.ledger(), || interrupt.exit());
                let waiting = |holder: &str| self.context.term.status(holder);
                let patience = Patience { timeout, stopped: &stopped, waiting: &waiting };
                self.tell(afar.apply(mode, jobs, self.entry(&ledger, said), patience))
            }
        };
        let recorded = applied?;
        let known = |slot: Mutex<_>| slot.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Taken { found: known(seen), made: known(left), recorded })
    }

    /// Fails, under the lock, a way up where another drill has gone up meanwhile, and a way back where somebody else has
    /// set the flag.
    fn alone(&self, step: &Step, found: Option<&Flag>) -> Result<()> {
        match (step.part, found) {
            (Part::Up, Some(flag)) => conditions::nothing_left(self.place, flag, &self.place.history(&flag.name)?),
            (Part::Back, Some(flag)) if !flag.exposure().known().is_some_and(Percent::is_zero) => {
                Err(self.overtaken(flag))
            }
            (Part::Up | Part::Down | Part::Back, _) => Ok(()),
        }
    }

    /// Edits a text; what the flag is there by then is where the step leads from.
    pub(super) fn set(&self, local: &Local, text: &str, step: &Step) -> Result<Option<Edited>> {
        let edited = document::edit(text, &local.mapping, &self.flag.name, step.values, step.mode)
            .map_err(|refusal| refusal.into_error(self.place.path(), text))?;
        let found = local.read(text, &self.flag.name, &self.place.again).ok();
        let from = found.and_then(|found| found.exposure().known());
        Ok((edited.text != text).then(|| aftermath::edited(edited, from, step.to)))
    }

    pub(super) fn record(&self, reason: String, verdicts: Vec<Judgement>) -> Said {
        let given = self.change.reason.as_ref().map_or_else(String::new, |given| format!(" ({given})"));
        (reason + &given, verdicts)
    }

    fn entry<'l>(&self, ledger: &'l Ledger, (reason, verdicts): Said) -> Record<'l> {
        Record {
            ledger,
            actor: self.context.actor(),
            host: host(),
            environment: self.place.environment.name.clone(),
            action: Action::Drill,
            reason: Some(reason),
            verdicts,
            overrides: Vec::new(),
        }
    }

    /// Makes one change of the file and records it; true if the ledger has it.
    pub(super) fn apply(
        &self,
        mode: Mode,
        planned: Option<&Flag>,
        edit: &dyn Fn(&str) -> Result<Option<Edited>>,
        said: Said,
        timeout: Duration,
        interrupt: &Interrupt,
    ) -> Result<bool> {
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
    fn tell(&self, applied: Applied) -> Result<bool> {
        let notes = applied.notes.iter().chain(applied.changes.iter().flat_map(|change| &change.notes));
        notes.for_each(|note| self.context.term.say(&render::error::caution(note)));
        if let Recorded::No(why) = &applied.recorded {
            self.context.term.say(&render::error::caution(&format!("changed, but not recorded: {why}")));
        }
        let recorded = matches!(applied.recorded, Recorded::Yes(_));
        applied.failed.into_iter().next().map_or(Ok(recorded), |(_, error): (_, Error)| Err(error))
    }
}
