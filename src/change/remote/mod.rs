//! One change of a flag in a backend over the wire, from lock to ledger.
//!
//! No backend knows compare-and-swap. So every write is followed by a reading of what stands there now, and that alone
//! decides what comes next and what is told: a lost answer, another writer and a late write all look like what they are.

mod blind;
mod told;

use super::lock::{self, Lock, Patience};
use super::record::Record;
use super::request::{Applied, Change};
use crate::backend::remote::{Backend, Cancel, Goal, Seen, Wait, Write, jittered};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Exposure, Flag, FlagName, Mode, Percent};
use jiff::Timestamp;
use std::path::Path;
use std::time::Duration;
use told::{unknown, unread};

/// The most writes that one flag may take; more means that somebody keeps writing against us.
const MOST_WRITES: usize = 24;
/// How long it is waited before it is read or written again; doubled up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(150);
/// The longest of these waits.
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// A change of flags in one backend.
pub struct RemoteRequest<'a> {
    /// The backend.
    pub backend: &'a dyn Backend,
    /// Its address: for the ledger and for messages.
    pub place: &'a Path,
    /// Careful for what goes forward, urgent for a rollback.
    pub mode: Mode,
    /// One for each flag, in the order of the answer.
    pub jobs: Vec<RemoteJob<'a>>,
    /// What the ledger is told.
    pub record: Record<'a>,
    /// How long the lock is waited for.
    pub patience: Patience<'a>,
    /// How long all of it may take. A rollback tries until then.
    pub limit: Duration,
}

/// What is to become of one flag.
pub struct RemoteJob<'a> {
    /// The flag.
    pub flag: FlagName,
    /// What the plan was made against; `None` for a rollback, which is decided afresh.
    pub planned: Option<&'a Flag>,
    /// Decides what is wanted of the flag as it stands; `None` if there is nothing to do.
    pub want: &'a dyn Fn(&Flag) -> Result<Option<Want>>,
}

/// What is wanted of one flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// What users are to get.
    pub to: Percent,
    /// What is to be stored for that.
    pub goal: Goal,
}

/// Changes flags in a backend and records it.
///
/// Under the lock each flag is read again; one that was planned against and holds other values by now is a conflict.
/// Success is told only for what was read back.
#[must_use]
pub fn apply_remote(request: &RemoteRequest<'_>) -> Applied {
    let mut applied = Applied::nothing();
    let lock = match lock::take(&request.record.ledger.root.join(".flagctl"), request.mode, &request.patience) {
        Ok(lock) => lock,
        Err(error) => {
            applied.failed = request.jobs.iter().map(|job| (job.flag.clone(), error.clone())).collect();
            return applied;
        }
    };
    if let Lock::Without(why) = &lock {
        applied.notes.push(why.clone());
    }
    let seen = request.record.ledger.seen();
    // What the user stops is the next write, not the one that has begun.
    let wait = Wait::of(request.limit, &Cancel::default());
    let mut times = Vec::new();
    for job in &request.jobs {
        let mut run = Run { request, wait: &wait, job, began: Timestamp::now(), sent: 0, taken: 0, notes: Vec::new() };
        match run.whole() {
            Ok(Some((change, at))) => {
                times.push(at);
                applied.changes.push(change);
            }
            Ok(None) => applied.unchanged.push((job.flag.clone(), run.unchanged())),
            Err(error) => applied.failed.push((job.flag.clone(), error)),
        }
        applied.notes.append(&mut run.notes);
    }
    let changes: Vec<_> = applied.changes.iter().zip(times).collect();
    applied.recorded = request.record.write(&changes, request.place, request.mode, &request.patience, &seen);
    drop(lock);
    applied
}

/// One flag on its way.
struct Run<'r, 'a> {
    request: &'r RemoteRequest<'a>,
    wait: &'r Wait,
    job: &'r RemoteJob<'a>,
    /// When this flag's turn came, by our clock.
    began: Timestamp,
    /// How many writes the service may have got.
    sent: usize,
    /// How many of them it said that it did.
    taken: usize,
    notes: Vec<String>,
}

impl Run<'_, '_> {
    fn whole(&mut self) -> Result<Option<(Change, Timestamp)>> {
        let first = match self.read(Some(false)) {
            Err(error) if self.request.mode == Mode::Urgent && error.exit == Exit::Failed => self.blindly(error)?,
            first => first?,
        };
        // What was sent before it could be read leaves open how it stood, unless it is up still.
        let blind = self.sent > 0 && first.flag.exposure().known() == Some(Percent::ZERO);
        if let Some(planned) = self.job.planned
            && !first.flag.same_values(planned)
        {
            return Err(self.moved(planned, &first));
        }
        let want = (self.job.want)(&first.flag).map_err(|error| self.partly(error))?;
        let (to, last) = match &want {
            Some(want) => (want.to, self.bring(want, first.clone())?),
            None if blind && !self.was_idle() => (Percent::ZERO, first.clone()),
            None => return Ok(None),
        };
        if self.sent == 0 {
            return Ok(None);
        }
        self.say_who_else_wrote(&first.mark);
        let change = Change {
            flag: self.job.flag.clone(),
            from: if blind { None } else { first.flag.exposure().known() },
            to,
            before: if blind { Vec::new() } else { first.stored },
            after: last.stored,
            notes: last.findings,
        };
        Ok(Some((change, Timestamp::now())))
    }

    /// Writes and reads until what is wanted stands there.
    fn bring(&mut self, want: &Want, first: Seen) -> Result<Seen> {
        let (began, mut seen) = (first.mark.clone(), first);
        let mut doubt: Option<(Write, Option<Error>)> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let next = self.request.backend.next(&seen, &want.goal).map_err(|error| self.partly(error))?;
            let Some(write) = next else {
                if self.is_there(want, &seen) {
                    return Ok(seen);
                }
                return Err(self.overtaken(want, &seen, &began));
            };
            let again = doubt.as_ref().is_some_and(|(last, _)| *last == write);
            if again && self.request.mode == Mode::Careful {
                let Some((_, Some(error))) = &doubt else { return Err(self.overtaken(want, &seen, &began)) };
                // Its answer was lost, and it is not there: it may be on its way still.
                if self.wait.left() <= pause {
                    return Err(unknown(error, &write));
                }
                self.pause(&mut pause);
                seen = self.read(None)?;
                continue;
            }
            if write.tidying && self.job_is_done(want, &seen) && (again || self.wait.left().is_zero()) {
                self.notes.push(format!("`{}`: could not {}; users get {}", self.job.flag, write.what, want.to_text()));
                return Ok(seen);
            }
            if again && self.wait.left() <= pause {
                return Err(match &doubt {
                    Some((_, Some(error))) => unknown(error, &write),
                    _ => self.overtaken(want, &seen, &began),
                });
            }
            if again && doubt.as_ref().is_some_and(|(_, error)| error.is_none()) {
                self.pause(&mut pause);
            }
            self.may_go_on(want, &seen)?;
            match self.request.backend.send(&write, self.wait) {
                Ok(()) => {
                    (self.sent, self.taken) = (self.sent + 1, self.taken + 1);
                    doubt = Some((write, None));
                }
                Err(error) if write.tidying => {
                    self.notes.push(format!("`{}`: could not {}: {}", self.job.flag, write.what, error.message));
                    return Ok(seen);
                }
                Err(error) if error.changed == Some(false) => {
                    self.try_again(error, &mut pause)?;
                }
                Err(error) => {
                    self.sent += 1;
                    doubt = Some((write, Some(error)));
                    self.pause(&mut pause);
                }
            }
            seen = self.read(None)?;
        }
    }

    /// True if users get what is wanted; of a rollback to 0, also where more is stored than could be tidied.
    fn is_there(&self, want: &Want, seen: &Seen) -> bool {
        match self.request.mode {
            Mode::Careful => seen.flag.exposure().known() == Some(want.to),
            Mode::Urgent => self.job_is_done(want, seen),
        }
    }

    fn job_is_done(&self, want: &Want, seen: &Seen) -> bool {
        seen.flag.exposure().known().is_some_and(|exposure| exposure <= want.to)
    }

    /// Stops where the user did, and where it goes on and on.
    fn may_go_on(&self, want: &Want, seen: &Seen) -> Result<()> {
        if let Some(exit) = (self.request.patience.stopped)() {
            return Err(
                self.partly(Error::new(exit, format!("stopped before `{}` was at {}%", self.job.flag, want.to)))
            );
        }
        if self.sent >= MOST_WRITES {
            let message = format!("`{}` is at {} after {} writes", self.job.flag, seen.flag.exposure(), self.sent);
            return Err(
                self.partly(Error::new(Exit::Conflict, message).help("somebody else keeps writing to it: look who"))
            );
        }
        Ok(())
    }

    /// Waits where a rollback may have more luck in a moment; fails otherwise.
    fn try_again(&self, error: Error, pause: &mut Duration) -> Result<()> {
        let may_pass = error.passing || error.exit == Exit::Conflict;
        if self.request.mode == Mode::Careful || !may_pass || self.wait.left() <= *pause {
            return Err(self.partly(error));
        }
        self.pause(pause);
        Ok(())
    }

    fn pause(&self, pause: &mut Duration) {
        // Only the deadline ends it early, and that is looked at before every write.
        let _ = self.wait.pause(jittered(*pause), &mut |_| {});
        *pause = (*pause * 2).min(LONGEST_PAUSE);
    }

    /// Reads the flag. Nothing can be said without that, so it is tried until the deadline; `changed` is what is known
    /// of our writes where it can't be read.
    fn read(&self, changed: Option<bool>) -> Result<Seen> {
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.request.backend.read(&self.job.flag, self.wait) {
                Ok(seen) => return Ok(seen),
                Err(error) => error,
            };
            let known = if self.sent == 0 { Some(false) } else { changed };
            if let Some(exit) = (self.request.patience.stopped)() {
                let message = format!("stopped before `{}` could be read: {}", self.job.flag, error.message);
                return Err(Error::new(exit, message).changed(known));
            }
            let patient = self.request.mode == Mode::Urgent || self.sent > 0;
            // What is left of the time is for switching off blindly.
            let kept = if self.sent == 0 { self.request.limit / 3 } else { Duration::ZERO };
            if !error.passing || !patient || self.wait.left() <= pause + kept {
                return Err(if known.is_none() { unread(&error, &self.job.flag) } else { error.changed(known) });
            }
            self.pause(&mut pause);
        }
    }

    fn unchanged(&self) -> Exposure {
        let unread = |error: Error| Exposure::Unknown { reason: error.message };
        self.request.backend.read(&self.job.flag, self.wait).map_or_else(unread, |seen| seen.flag.exposure())
    }

    /// Says of a failure whether an earlier write of ours stands.
    fn partly(&self, error: Error) -> Error {
        match (self.taken, self.sent) {
            (0, 0) => error,
            (0, _) => error.changed(None),
            _ => error.changed(Some(true)),
        }
    }
}

impl Want {
    fn to_text(self) -> String {
        format!("{}%", self.to)
    }
}
