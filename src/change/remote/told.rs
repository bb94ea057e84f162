//! What is told of a flag that did not become what was wanted, and of the others who wrote to it.

use super::Want;
use super::run::Run;
use crate::backend::remote::{Mark, Seen, Write, Writer};
use crate::error::Error;
use crate::exit::Exit;
use crate::model::{Flag, FlagName, Shown, Typed};
use jiff::SignedDuration;

impl Run<'_, '_> {
    pub(super) fn moved(&self, planned: &Flag, seen: &Seen) -> Error {
        let (was, is) = (planned.exposure(), seen.flag.exposure());
        let message = if was == is {
            format!("`{}` changed since it was planned: {}", self.job.flag, seen.stored.join(", "))
        } else {
            format!("`{}` changed since it was planned: from {was} to {is}", self.job.flag)
        };
        let help = format!("look at it anew: `flagctl plan {}`", Typed(self.job.flag.as_str()));
        Error::new(Exit::Conflict, message).help(help)
    }

    /// Returns the error for a flag that somebody else wrote to between our write and our reading.
    pub(super) fn overtaken(&self, want: &Want, seen: &Seen, began: &Mark) -> Error {
        let message = format!(
            "`{}` was set to {}%, and is at {} now: somebody else wrote to it{}",
            self.job.flag,
            want.to,
            seen.flag.exposure(),
            self.others(began).map_or_else(String::new, |others| format!(": {others}"))
        );
        let help = format!("look at it anew: `flagctl plan {}`", Typed(self.job.flag.as_str()));
        self.partly(Error::new(Exit::Conflict, message).help(help))
    }

    /// Returns who wrote after `mark`, newest last, as far as the service tells.
    fn others(&self, mark: &Mark) -> Option<String> {
        let writers = self.writers(mark)?;
        let told: Vec<String> = writers.iter().map(told).collect();
        (!told.is_empty()).then(|| told.join(", "))
    }

    /// Returns who wrote since we began: a record of changes may come later than the change that it is of.
    fn writers(&self, mark: &Mark) -> Option<Vec<Writer>> {
        let mut writers = self.means.backend.writers(&self.job.flag, mark, self.means.wait).ok()?;
        let ahead = SignedDuration::try_from_secs_f64(self.means.backend.skew().unwrap_or_default()).ok()?;
        // Their clocks tell seconds.
        let began = self.began + ahead - SignedDuration::from_secs(1);
        writers.retain(|writer| writer.at.is_none_or(|at| at >= began));
        Some(writers)
    }

    /// True if it is known that nothing was changed since we began: what was sent was no change.
    pub(super) fn was_idle(&self) -> bool {
        self.means.backend.records_at_once() && self.writers(&Mark::default()).is_some_and(|all| all.is_empty())
    }

    /// Notes that others wrote meanwhile, even if what is wanted stands there now.
    pub(super) fn say_who_else_wrote(&mut self, mark: &Mark) {
        let Some(writers) = self.writers(mark) else { return };
        if writers.len() > self.sent {
            let told: Vec<String> = writers.iter().map(told).collect();
            self.notes.push(format!("`{}` was written to by others meanwhile: {}", self.job.flag, told.join(", ")));
        }
    }
}

fn told(writer: &Writer) -> String {
    let at = writer.at.map_or_else(String::new, |at| format!(" at {}", at.strftime("%H:%M:%S UTC")));
    format!("{} by {}{at}", Shown(&writer.what), Shown(&writer.name))
}

/// Returns the error for a write whose answer was lost, and which is not there yet.
pub(super) fn unknown(error: &Error, write: &Write) -> Error {
    let message = format!("{}; what was sent ({}) is not there yet, and may still arrive", error.message, write.what);
    let unknown = Error { message, ..error.clone() };
    unknown.help("look at it again in a while: `flagctl status`").changed(None)
}

/// Returns the error for a flag that was written to and can't be read.
pub(super) fn unread(error: &Error, flag: &FlagName) -> Error {
    let message = format!("`{flag}` was written to, but what stands there now can't be read: {}", error.message);
    let unread = Error { message, ..error.clone() };
    unread.help("look at it again in a while: `flagctl status`").changed(None)
}
