//! One flag on its way to what is wanted: written, read back, written again.

use super::told::{unknown, unread};
use super::{RemoteJob, Want};
use crate::backend::remote::{Backend, Seen, Wait, Write, jittered};
use crate::change::request::Change;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Exposure, Mode, Percent};
use jiff::Timestamp;
use std::time::Duration;

/// The most writes that one flag may take; more means that somebody keeps writing against us.
pub(super) const MOST_WRITES: usize = 24;
/// How long it is waited before it is read or written again; doubled up to [`LONGEST_PAUSE`].
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(150);
/// The longest of these waits.
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// By what means every flag is changed.
#[derive(Clone, Copy)]
pub(super) struct Means<'r> {
    pub(super) backend: &'r dyn Backend,
    pub(super) mode: Mode,
    pub(super) wait: &'r Wait,
    pub(super) limit: Duration,
    pub(super) stopped: &'r (dyn Fn() -> Option<Exit> + Sync),
}

/// What came of one flag.
pub(super) struct Done {
    pub(super) came: Came,
    pub(super) notes: Vec<String>,
}

pub(super) enum Came {
    /// It was changed, and when.
    Changed(Change, Timestamp),
    /// There was nothing to do; what users get.
    Unchanged(Exposure),
    Failed(Error),
}

/// One flag on its way.
pub(super) struct Run<'r, 'a> {
    pub(super) means: Means<'r>,
    pub(super) job: &'r RemoteJob<'a>,
    /// When this flag's turn came, by our clock.
    pub(super) began: Timestamp,
    /// How many writes the service may have got.
    pub(super) sent: usize,
    /// How many of them it said that it did.
    pub(super) taken: usize,
    pub(super) notes: Vec<String>,
}

impl Done {
    /// Returns the change, and when it was made.
    pub(super) const fn change(&self) -> Option<(&Change, Timestamp)> {
        match &self.came {
            Came::Changed(change, at) => Some((change, *at)),
            Came::Unchanged(_) | Came::Failed(_) => None,
        }
    }
}

impl<'r, 'a> Run<'r, 'a> {
    pub(super) fn of(job: &'r RemoteJob<'a>, means: Means<'r>) -> Self {
        Self { means, job, began: Timestamp::now(), sent: 0, taken: 0, notes: Vec::new() }
    }

    pub(super) fn done(mut self) -> Done {
        let came = match self.whole() {
            Ok(Some((change, at))) => Came::Changed(change, at),
            Ok(None) => Came::Unchanged(self.unchanged()),
            Err(error) => Came::Failed(error),
        };
        Done { came, notes: self.notes }
    }

    fn whole(&mut self) -> Result<Option<(Change, Timestamp)>> {
        let first = match self.read(Some(false)) {
            Err(error) if self.means.mode == Mode::Urgent && error.exit == Exit::Failed => self.blindly(error)?,
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
            held_back: first.held_back,
        };
        Ok(Some((change, Timestamp::now())))
    }

    /// Writes and reads until what is wanted stands there.
    fn bring(&mut self, want: &Want, first: Seen) -> Result<Seen> {
        let (began, mut seen) = (first.mark.clone(), first);
        let mut doubt: Option<(Write, Option<Error>)> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let next = self.means.backend.next(&seen, &want.goal).map_err(|error| self.partly(error))?;
            let Some(write) = next else {
                if self.is_there(want, &seen) {
                    return Ok(seen);
                }
                return Err(self.overtaken(want, &seen, &began));
            };
            let again = doubt.as_ref().is_some_and(|(last, _)| *last == write);
            if again && self.means.mode == Mode::Careful {
                let Some((_, Some(error))) = &doubt else { return Err(self.overtaken(want, &seen, &began)) };
                // Its answer was lost, and it is not there: it may be on its way still.
                if self.means.wait.left() <= pause {
                    return Err(unknown(error, &write));
                }
                self.pause(&mut pause);
                seen = self.read(None)?;
                continue;
            }
            if write.tidying && self.job_is_done(want, &seen) && (again || self.means.wait.left().is_zero()) {
                self.notes.push(format!("`{}`: could not {}; users get {}", self.job.flag, write.what, want.to_text()));
                return Ok(seen);
            }
            if again && self.means.wait.left() <= pause {
                return Err(match &doubt {
                    Some((_, Some(error))) => unknown(error, &write),
                    _ => self.overtaken(want, &seen, &began),
                });
            }
            if again && doubt.as_ref().is_some_and(|(_, error)| error.is_none()) {
                self.pause(&mut pause);
            }
            self.may_go_on(want, &seen)?;
            match self.means.backend.send(&write, self.means.wait) {
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
        match self.means.mode {
            Mode::Careful => seen.flag.exposure().known() == Some(want.to),
            Mode::Urgent => self.job_is_done(want, seen),
        }
    }

    fn job_is_done(&self, want: &Want, seen: &Seen) -> bool {
        seen.flag.exposure().known().is_some_and(|exposure| exposure <= want.to)
    }

    /// Stops where the user did, and where it goes on and on.
    fn may_go_on(&self, want: &Want, seen: &Seen) -> Result<()> {
        if let Some(exit) = (self.means.stopped)() {
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
        if self.means.mode == Mode::Careful || !may_pass || self.means.wait.left() <= *pause {
            return Err(self.partly(error));
        }
        self.pause(pause);
        Ok(())
    }

    pub(super) fn pause(&self, pause: &mut Duration) {
        // Only the deadline ends it early, and that is looked at before every write.
        let _ = self.means.wait.pause(jittered(*pause), &mut |_| {});
        *pause = (*pause * 2).min(LONGEST_PAUSE);
    }

    /// Reads the flag. Nothing can be said without that, so it is tried until the deadline; `changed` is what is known
    /// of our writes where it can't be read.
    pub(super) fn read(&self, changed: Option<bool>) -> Result<Seen> {
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.means.backend.read(&self.job.flag, self.means.wait) {
                Ok(seen) => return Ok(seen),
                Err(error) => error,
            };
            let known = if self.sent == 0 { Some(false) } else { changed };
            if let Some(exit) = (self.means.stopped)() {
                let message = format!("stopped before `{}` could be read: {}", self.job.flag, error.message);
                return Err(Error::new(exit, message).changed(known));
            }
            let patient = self.means.mode == Mode::Urgent || self.sent > 0;
            // What is left of the time is for switching off blindly.
            let kept = if self.sent == 0 { self.means.limit / 3 } else { Duration::ZERO };
            if !error.passing || !patient || self.means.wait.left() <= pause + kept {
                return Err(if known.is_none() { unread(&error, &self.job.flag) } else { error.changed(known) });
            }
            self.pause(&mut pause);
        }
    }

    fn unchanged(&self) -> Exposure {
        let unread = |error: Error| Exposure::Unknown { reason: error.message };
        self.means.backend.read(&self.job.flag, self.means.wait).map_or_else(unread, |seen| seen.flag.exposure())
    }

    /// Says of a failure whether an earlier write of ours stands.
    pub(super) fn partly(&self, error: Error) -> Error {
        match (self.taken, self.sent) {
            (0, 0) => error,
            (0, _) => error.changed(None),
            _ => error.changed(Some(true)),
        }
    }
}
