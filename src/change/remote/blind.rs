//! A rollback of a flag that can't be read: it is switched off all the same.

use super::run::Run;
use super::tries::FIRST_PAUSE;
use crate::backend::remote::{Seen, Write};
use crate::error::{Error, Result};
use std::time::Instant;

impl Run<'_, '_> {
    /// Takes the flag from everybody without having read it, again and again until it can be read.
    pub(super) fn blindly(&mut self, mut unread: Error) -> Result<Seen> {
        let write = self.means.backend.blind(&self.job.flag);
        let (since, mut pause) = (Instant::now(), FIRST_PAUSE);
        loop {
            let mut refused = None;
            if self.taken == 0 {
                match self.means.backend.send(&write, self.means.wait) {
                    Ok(()) => (self.sent, self.taken) = (self.sent + 1, self.taken + 1),
                    Err(error) => {
                        self.trouble(&error);
                        self.sent += usize::from(error.changed != Some(false));
                        refused = Some(error);
                    }
                }
            }
            match self.means.backend.read(&self.job.flag, self.means.wait) {
                Ok(seen) => {
                    if self.sent > 0 {
                        let told = format!("`{}` could not be read at first ({})", self.job.flag, unread.message);
                        self.notes.push(format!("{told}: it was told to {} all the same", write.what));
                    }
                    return Ok(seen);
                }
                Err(error) => unread = error,
            }
            let worth = |error: &Error| self.is_worth_another_try(error, since, pause);
            let again = worth(&unread) || refused.as_ref().is_some_and(worth);
            let stopped = (self.means.stopped)();
            if !again || stopped.is_some() {
                let error = self.unseen(unread, refused, &write);
                return Err(Error { exit: stopped.unwrap_or(error.exit), ..error });
            }
            self.pause(&mut pause);
        }
    }

    /// Returns the error for a flag that could not be read to the end, and was told to go off all the same.
    fn unseen(&self, unread: Error, refused: Option<Error>, write: &Write) -> Error {
        let (flag, why, what) = (&self.job.flag, &unread.message, &write.what);
        let message = match refused {
            None => format!("`{flag}` can't be read ({why}); it was told to {what} all the same, and took that"),
            Some(refused) if refused.message == *why => {
                format!("`{flag}` could neither be read nor told to {what}: {why}")
            }
            Some(refused) => format!("`{flag}` can't be read ({why}); and it could not {what}: {}", refused.message),
        };
        let changed = if self.sent == 0 { Some(false) } else { None };
        let help = "look again with `flagctl status`; where it stays like this, switch the flag off there by hand";
        Error { message, ..unread }.help(help).changed(changed)
    }
}
