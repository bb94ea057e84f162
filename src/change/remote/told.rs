//! What is told of a flag that did not become what was wanted, and of the others who wrote to it.

use super::Want;
use super::run::Run;
use crate::backend::remote::{Mark, Seen, Write, Writer};
use crate::error::Error;
use crate::exit::Exit;
use crate::model::{Flag, FlagName, Mode, Shown, Typed};
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

    /// Returns the error for a flag that holds something else than what we wrote: somebody else did that, or the service.
    pub(super) fn overtaken(&self, want: &Want, seen: &Seen, began: &Mark) -> Error {
        let (flag, to, now) = (&self.job.flag, want.to, seen.flag.exposure());
        let set = if self.taken > 0 { "was set" } else { "was to be set" };
        let others = self.others(began);
        // A record that is kept at once, and has nobody else.
        let nobody = self.means.backend.records_at_once() && others.as_ref().is_some_and(Vec::is_empty);
        if nobody && self.writers(began).is_some_and(|all| all.is_empty()) {
            let message =
                format!("`{flag}` was to be set to {to}%, and is at {now}: what we sent was answered, and not done");
            return Error::failed(message).changed(Some(false)).help("is there a proxy that answers for the service?");
        }
        let error = if nobody {
            Error::failed(format!("`{flag}` {set} to {to}%, and is at {now} now, though nobody else wrote to it"))
        } else {
            let whom = others
                .filter(|others| !others.is_empty())
                .map_or_else(String::new, |others| format!(": {}", self.told(&others)));
            let message = format!("`{flag}` {set} to {to}%, and is at {now} now: somebody else wrote to it{whom}");
            Error::new(Exit::Conflict, message)
        };
        self.partly(error.help(format!("look at it anew: `flagctl plan {}`", Typed(flag.as_str()))))
    }

    /// Returns who else wrote after `mark`, newest last, as far as the service tells; `None` where it doesn't. Where it
    /// can't tell whose writes are ours, there are others only if there are more writes than we sent.
    pub(super) fn others(&self, mark: &Mark) -> Option<Vec<Writer>> {
        let mut writers = self.writers(mark)?;
        let ours = writers.iter().filter(|writer| writer.ours == Some(true)).count();
        writers.retain(|writer| writer.ours != Some(true));
        let known = writers.iter().any(|writer| writer.ours == Some(false));
        let some = known || writers.len() > self.sent.saturating_sub(ours);
        Some(if some { writers } else { Vec::new() })
    }

    /// Returns who wrote since we began: a record of changes may come later than the change that it is of.
    pub(super) fn writers(&self, mark: &Mark) -> Option<Vec<Writer>> {
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

    /// Notes that others wrote meanwhile, even if what is wanted stands there now. A step forward may have undone what
    /// they did, maybe to stop it: that is its error.
    pub(super) fn written_over(&mut self, others: &[Writer]) -> Option<Error> {
        if others.is_empty() {
            return None;
        }
        let (flag, told) = (&self.job.flag, self.told(others));
        if self.means.mode == Mode::Urgent {
            self.notes.push(format!("`{flag}` was written to by others meanwhile: {told}"));
            return None;
        }
        let message = format!("`{flag}` was changed, and others wrote to it meanwhile: {told}");
        let help =
            format!("look whether that still stands; to take it back: `flagctl rollback {}`", Typed(flag.as_str()));
        Some(Error::new(Exit::Conflict, message).help(help).changed(Some(true)))
    }

    /// Notes of a step forward that nobody can say whether it undid what others wrote meanwhile.
    pub(super) fn doubt_the_record(&mut self, mark: &Mark) {
        let why = match self.writers(mark) {
            None => "its record of changes can't be read",
            Some(writers)
                if !self.means.backend.records_at_once() && writers.iter().all(|one| one.ours != Some(true)) =>
            {
                "its record of changes doesn't have our own write yet"
            }
            Some(_) => return,
        };
        self.notes.push(format!("whether others wrote to `{}` meanwhile can't be told: {why}", self.job.flag));
    }

    /// Lists who wrote; where the record doesn't tell which of it is ours, how many may be.
    fn told(&self, writers: &[Writer]) -> String {
        let told: Vec<String> = writers.iter().map(told).collect();
        let unknown = writers.iter().all(|writer| writer.ours.is_none());
        // Of what was sent without an answer some may not have arrived.
        let most = if self.taken < self.sent { "up to " } else { "" };
        let ours = match self.sent {
            sent if sent == 0 || !unknown => String::new(),
            sent => format!(" ({most}{sent} of them ours)"),
        };
        told.join(", ") + &ours
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
pub(super) fn unread_since(error: &Error, flag: &FlagName, taken: bool) -> Error {
    let written = if taken { "was written to" } else { "may have been written to" };
    let message = format!("`{flag}` {written}, but what stands there now can't be read: {}", error.message);
    let unread = Error { message, ..error.clone() };
    unread.help("look at it again in a while: `flagctl status`").changed(None)
}
