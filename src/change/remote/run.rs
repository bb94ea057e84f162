//! One flag on its way to what is wanted: written, read back, written again.

use super::told::unknown;
use super::tries::FIRST_PAUSE;
use super::{RemoteJob, Want};
use crate::backend::remote::{Backend, Mark, Seen, Wait, Write, Writer};
use crate::change::request::Change;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Exposure, Flag, Mode, Percent};
use jiff::Timestamp;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// The most writes that one flag may take in; more means that somebody keeps writing against us.
pub(super) const MOST_WRITES: usize = 24;

/// By what means every flag is changed.
#[derive(Clone, Copy)]
pub(super) struct Means<'r> {
    pub(super) backend: &'r dyn Backend,
    pub(super) mode: Mode,
    pub(super) wait: &'r Wait,
    pub(super) limit: Duration,
    pub(super) stopped: &'r (dyn Fn() -> Option<Exit> + Sync),
    /// What went wrong last, for the operator who waits.
    pub(super) trouble: &'r Mutex<String>,
}

/// What came of one flag.
pub(super) struct Done {
    pub(super) came: Came,
    pub(super) notes: Vec<String>,
}

pub(super) enum Came {
    /// It was changed, and when.
    Changed(Change, Timestamp),
    /// It was changed, over what somebody else wrote meanwhile.
    Over(Change, Timestamp, Error),
    /// It was told to go down and took that, and nobody could see it there.
    Unseen(Change, Timestamp, Error),
    /// There was nothing to do; what users get.
    Unchanged(Exposure),
    Failed(Error),
}

impl Done {
    /// Returns what the ledger is told, and when it was made. Also of a flag that took its rollback and wasn't seen down:
    /// that latches it, and errs on the safe side.
    pub(super) const fn entry(&self) -> Option<(&Change, Timestamp)> {
        match &self.came {
            Came::Changed(change, at) | Came::Over(change, at, _) | Came::Unseen(change, at, _) => Some((change, *at)),
            Came::Unchanged(_) | Came::Failed(_) => None,
        }
    }
}

/// A write that the service may have got.
pub(super) struct Sent {
    write: Write,
    /// Why that is in doubt, if it is.
    doubt: Option<Error>,
    /// What stood there before.
    before: Flag,
}

/// What came of sending a write.
enum Attempt {
    /// The service has it, or may have.
    Sent(Sent),
    /// It was refused, and is there all the same; how the flag stands.
    Found(Sent, Box<Seen>),
    /// It was refused, and may do better now.
    Refused,
    /// What users don't see is left as it is; why.
    Untidied(String),
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
    /// Since when every write is refused.
    pub(super) refused: Option<Instant>,
    pub(super) notes: Vec<String>,
}

impl<'r, 'a> Run<'r, 'a> {
    pub(super) fn of(job: &'r RemoteJob<'a>, means: Means<'r>) -> Self {
        Self { means, job, began: Timestamp::now(), sent: 0, taken: 0, refused: None, notes: Vec::new() }
    }

    pub(super) fn done(mut self) -> Done {
        let came = self.whole().unwrap_or_else(|error| self.failed(error));
        Done { came, notes: self.notes }
    }

    fn whole(&mut self) -> Result<Came> {
        let first = match self.read(Some(false)) {
            Err(error) if self.may_go_unread(&error) => self.blindly(error)?,
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
        let (to, (last, others)) = match &want {
            Some(want) => (want.to, self.bring_and_stay(want, &first)?),
            None if blind && !self.was_idle() => (Percent::ZERO, (first.clone(), Vec::new())),
            None => return Ok(Came::Unchanged(first.flag.exposure())),
        };
        if self.sent == 0 {
            return Ok(Came::Unchanged(last.flag.exposure()));
        }
        if others.is_empty() && self.means.mode == Mode::Careful {
            self.doubt_the_record(&first.mark);
        }
        let over = self.written_over(&others);
        let change = Change {
            flag: self.job.flag.clone(),
            from: if blind { None } else { first.flag.exposure().known() },
            // Somebody else may have brought it further down.
            to: last.flag.exposure().known().unwrap_or(to),
            before: if blind { Vec::new() } else { first.stored },
            after: last.stored,
            notes: last.findings,
            held_back: first.held_back,
        };
        Ok(match over {
            Some(error) => Came::Over(change, Timestamp::now(), error),
            None => Came::Changed(change, Timestamp::now()),
        })
    }

    fn failed(&self, error: Error) -> Came {
        let down = self.means.mode == Mode::Urgent && matches!(self.goes_to_zero(), Ok(true));
        // What somebody else has undone is no end of it.
        if !down || self.taken == 0 || error.changed == Some(false) || error.exit == Exit::Conflict {
            return Came::Failed(error);
        }
        let change = Change {
            flag: self.job.flag.clone(),
            from: None,
            to: Percent::ZERO,
            before: Vec::new(),
            after: Vec::new(),
            notes: Vec::new(),
            held_back: None,
        };
        let error = error.help("the ledger has it, so the flag is latched");
        Came::Unseen(change, Timestamp::now(), error)
    }

    /// True if the flag is wanted at 0, whatever it is at.
    pub(super) fn goes_to_zero(&self) -> Result<bool> {
        let want = (self.job.want)(&Flag::bare(self.job.flag.clone()))?;
        Ok(want.is_some_and(|want| want.to.is_zero()))
    }

    /// Brings it there, and looks again as long as the record has more of others: they may have written after our last
    /// look. Returns them too.
    fn bring_and_stay(&mut self, want: &Want, first: &Seen) -> Result<(Seen, Vec<Writer>)> {
        let (mut last, mut known) = (self.bring(want, first.clone())?, 0);
        loop {
            let others = if self.sent > 0 { self.others(&first.mark).unwrap_or_default() } else { Vec::new() };
            if others.len() <= known || self.means.wait.left().is_zero() {
                return Ok((last, others));
            }
            known = others.len();
            last = self.read(None)?;
            if self.is_there(want, &last) {
                continue;
            }
            if self.means.mode == Mode::Careful {
                return Err(self.overtaken(want, &last, &first.mark));
            }
            last = self.bring(want, last)?;
        }
    }

    /// Writes and reads until what is wanted stands there.
    fn bring(&mut self, want: &Want, first: Seen) -> Result<Seen> {
        let (began, mut seen) = (first.mark.clone(), first);
        let mut last: Option<Sent> = None;
        let mut pause = FIRST_PAUSE;
        loop {
            // Whatever is odd about it by now: all that was to be written is written, and there.
            let complete = last.as_ref().is_some_and(|last| last.write.completes && self.means.mode == Mode::Careful);
            if complete && self.is_there(want, &seen) {
                return Ok(seen);
            }
            let next = self.means.backend.next(&seen, &want.goal).map_err(|error| self.partly(error))?;
            let Some(write) = next else {
                if self.is_there(want, &seen) {
                    return Ok(seen);
                }
                return Err(self.overtaken(want, &seen, &began));
            };
            if let Some(last) = last.as_ref().filter(|_| self.means.mode == Mode::Careful)
                && self.is_on_its_way(last, &write, &seen, (want, &began), pause)?
            {
                self.pause(&mut pause);
                seen = self.read(None)?;
                continue;
            }
            if write.tidying
                && self.job_is_done(want, &seen)
                && let Some(why) = self.lets_lie(&write, last.as_ref(), pause)
            {
                self.notes.push(why);
                return Ok(seen);
            }
            if let Some(last) = last.as_ref().filter(|last| last.write == write) {
                match &last.doubt {
                    Some(doubt) if self.means.wait.left() <= pause => return Err(unknown(doubt, &write)),
                    None if self.means.wait.left() <= pause => return Err(self.overtaken(want, &seen, &began)),
                    Some(_) => {}
                    None => self.pause(&mut pause),
                }
            }
            self.may_go_on(want, &seen)?;
            match self.attempt(write, &seen, want, &mut pause)? {
                Attempt::Sent(sent) => {
                    last = Some(sent);
                    seen = self.read(None)?;
                }
                Attempt::Found(sent, now) => (last, seen) = (Some(sent), *now),
                Attempt::Refused => seen = self.read(None)?,
                Attempt::Untidied(why) => {
                    self.notes.push(why);
                    return Ok(seen);
                }
            }
        }
    }

    /// Sends a write, once, and looks where a refusal may not be true.
    fn attempt(&mut self, write: Write, seen: &Seen, want: &Want, pause: &mut Duration) -> Result<Attempt> {
        let before = seen.flag.clone();
        match self.means.backend.send(&write, self.means.wait) {
            Ok(()) => {
                (self.sent, self.taken, self.refused) = (self.sent + 1, self.taken + 1, None);
                Ok(Attempt::Sent(Sent { write, doubt: None, before }))
            }
            Err(error) if error.changed == Some(false) => {
                if let Some(now) = self.done_all_the_same(&error, &write, seen, want) {
                    self.sent += 1;
                    return Ok(Attempt::Found(Sent { write, doubt: Some(error), before }, Box::new(now)));
                }
                if write.tidying && self.is_tidied_enough(!error.passing, *pause) {
                    return Ok(Attempt::Untidied(self.untidy(&write, Some(&error))));
                }
                self.try_again(error, pause)?;
                Ok(Attempt::Refused)
            }
            Err(error) => {
                self.trouble(&error);
                self.sent += 1;
                self.pause(pause);
                Ok(Attempt::Sent(Sent { write, doubt: Some(error), before }))
            }
        }
    }

    /// Returns what to say where what users don't see is not to be tidied any longer: it was tried enough, or the operator
    /// has stopped it.
    fn lets_lie(&self, write: &Write, last: Option<&Sent>, pause: Duration) -> Option<String> {
        let again = last.filter(|last| last.write == *write);
        let enough = again.is_some() && self.is_tidied_enough(false, pause);
        let stopped = (self.means.stopped)().is_some();
        (enough || stopped).then(|| self.untidy(write, again.and_then(|last| last.doubt.as_ref())))
    }

    /// True if `last` may still arrive, so that nothing but waiting is left to do before a further careful `write`.
    ///
    /// # Errors
    /// A conflict where what stands there is neither what stood there nor what was sent: nobody is written over.
    fn is_on_its_way(
        &self,
        last: &Sent,
        write: &Write,
        seen: &Seen,
        (want, began): (&Want, &Mark),
        pause: Duration,
    ) -> Result<bool> {
        let same = last.write == *write;
        match &last.doubt {
            Some(doubt) if same && last.before.same_values(&seen.flag) => {
                if self.means.wait.left() <= pause {
                    Err(unknown(doubt, write))
                } else {
                    Ok(true)
                }
            }
            _ if same || last.write.completes || last.write.what == write.what => {
                Err(self.overtaken(want, seen, began))
            }
            _ => Ok(false),
        }
    }

    /// Looks whether a write that was refused is there all the same: something before the service may have answered for
    /// it. Where it was refused because of somebody else, what stands there is theirs.
    fn done_all_the_same(&self, error: &Error, write: &Write, before: &Seen, want: &Want) -> Option<Seen> {
        let backend = self.means.backend;
        if error.exit == Exit::Conflict {
            return None;
        }
        let now = backend.read(&self.job.flag, self.means.wait).ok()?;
        let left = backend.next(&now, &want.goal).ok()?;
        let alone = self.writers(&before.mark).is_none_or(|writers| writers.len() <= 1);
        (!now.flag.same_values(&before.flag) && left.as_ref() != Some(write) && alone).then_some(now)
    }

    fn untidy(&self, write: &Write, why: Option<&Error>) -> String {
        let why = why.map_or_else(String::new, |why| format!(": {}", why.message));
        format!("`{}`: could not {}{why}; users get 0%", self.job.flag, write.what)
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
        if self.taken >= MOST_WRITES {
            let message = format!("`{}` is at {} after {} writes", self.job.flag, seen.flag.exposure(), self.taken);
            return Err(
                self.partly(Error::new(Exit::Conflict, message).help("somebody else keeps writing to it: look who"))
            );
        }
        Ok(())
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
