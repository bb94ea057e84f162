//! What is tried again, and for how long: reading, and what a rollback was refused.

use super::run::Run;
use super::told::unread_since;
use crate::backend::remote::{Seen, jittered};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::Mode;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// How long it is waited before it is read or written again; doubled up to [`LONGEST_PAUSE`].
pub const FIRST_PAUSE: Duration = Duration::from_millis(150);
/// The longest of these waits.
pub const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// How long a rollback doubts that there is no such flag.
const CERTAIN: Duration = Duration::from_secs(1);

/// True if a rollback that may take `limit` in all should try again what has failed for so long.
///
/// What may pass is tried until the deadline. What reads like a refusal may be the answer of something in between, or
/// of a service that has just lost its database: a rollback takes it for one only when it has stood for a while.
#[must_use]
pub fn is_worth_another_try(error: &Error, gone: Duration, limit: Duration) -> bool {
    let patience = match error.exit {
        _ if error.passing => limit,
        // Somebody has to approve it first.
        Exit::Refused => Duration::ZERO,
        // There is no such flag: whoever has mistyped it waits for the answer.
        Exit::Usage => CERTAIN,
        _ => limit / 2,
    };
    gone < patience
}

impl Run<'_, '_> {
    /// Reads the flag. Nothing can be said without that, so it is tried until the deadline; `changed` is what is known
    /// of our writes where it can't be read. Before the first write of a rollback to 0 it is tried for a moment only: the
    /// flag is better switched off unread.
    pub(super) fn read(&self, changed: Option<bool>) -> Result<Seen> {
        let (since, mut pause) = (Instant::now(), FIRST_PAUSE);
        loop {
            let error = match self.means.backend.read(&self.job.flag, self.means.wait) {
                Ok(seen) => return Ok(seen),
                Err(error) => error,
            };
            self.trouble(&error);
            let known = if self.sent == 0 { Some(false) } else { changed };
            if let Some(exit) = (self.means.stopped)() {
                let message = format!("stopped before `{}` could be read: {}", self.job.flag, error.message);
                return Err(Error::new(exit, message).changed(known));
            }
            let unread = self.sent == 0 && self.may_go_unread(&error) && since.elapsed() >= self.means.limit / 8;
            let patient = self.sent > 0 && error.passing && self.means.wait.left() > pause;
            if unread || !(patient || self.is_worth_another_try(&error, since, pause)) {
                return Err(if known.is_none() {
                    unread_since(&error, &self.job.flag, self.taken > 0)
                } else {
                    error.changed(known)
                });
            }
            self.pause(&mut pause);
        }
    }

    /// Waits where a rollback may have more luck in a moment; fails otherwise.
    pub(super) fn try_again(&mut self, error: Error, pause: &mut Duration) -> Result<()> {
        self.trouble(&error);
        let since = *self.refused.get_or_insert_with(Instant::now);
        // It was read: that it isn't there is no answer to a write.
        let exit = if error.exit == Exit::Usage { Exit::Failed } else { error.exit };
        if !self.is_worth_another_try(&Error { exit, ..error.clone() }, since, *pause) {
            return Err(self.partly(error));
        }
        self.pause(pause);
        Ok(())
    }

    pub(super) fn is_worth_another_try(&self, error: &Error, since: Instant, pause: Duration) -> bool {
        let urgent = self.means.mode == Mode::Urgent && self.means.wait.left() > pause;
        urgent && is_worth_another_try(error, since.elapsed(), self.means.limit)
    }

    /// True if a flag that can't be read is to be switched off unread.
    pub(super) fn may_go_unread(&self, error: &Error) -> bool {
        let stopped = (self.means.stopped)().is_some();
        self.means.mode == Mode::Urgent
            && error.exit != Exit::Usage
            && !stopped
            && matches!(self.goes_to_zero(), Ok(true))
    }

    /// Keeps what went wrong for the operator who waits.
    pub(super) fn trouble(&self, error: &Error) {
        self.means.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&error.message);
    }

    pub(super) fn pause(&self, pause: &mut Duration) {
        // Only the deadline ends it early, and that is looked at before every write.
        let _ = self.means.wait.pause(jittered(*pause), &mut |_| {});
        *pause = (*pause * 2).min(LONGEST_PAUSE);
    }

    /// True if no more time is to go into what users don't see; less where it was refused.
    pub(super) fn is_tidied_enough(&self, refused: bool, pause: Duration) -> bool {
        let gone = self.means.limit.saturating_sub(self.means.wait.left()) + pause;
        let since = self.refused.map_or(Duration::ZERO, |since| since.elapsed());
        gone > self.means.limit / 4 || (refused && since >= CERTAIN)
    }
}
