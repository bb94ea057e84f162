//! A flag declared in a backend over the wire: made, read back, recorded.

use super::lock::{self, Patience};
use super::record::Record;
use super::request::{Applied, Change};
use crate::backend::remote::{Backend, Wait};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{FlagName, Mode, Percent};
use jiff::Timestamp;
use std::path::Path;

/// Declares a flag at 0, off, in the backend at the address `place`, and records it.
///
/// The first write makes the flag; a later one that fails is told, and leaves a flag that nobody gets.
#[must_use]
pub fn declare_remote(
    backend: &dyn Backend,
    place: &Path,
    (flag, description): (&FlagName, &str),
    record: &Record<'_>,
    patience: &Patience<'_>,
    wait: &Wait,
) -> Applied {
    let mut applied = Applied::nothing();
    let seen = record.ledger.seen();
    let made = lock::take(&record.ledger.root.join(".flagctl"), Mode::Careful, patience)
        .and_then(|lock| declared(backend, (flag, description), wait).map(|change| (change, lock)));
    match made {
        Ok((change, _lock)) => {
            applied.recorded = record.write(&[(&change, Timestamp::now())], place, Mode::Careful, patience, &seen);
            applied.changes.push(change);
        }
        Err(error) => applied.failed.push((flag.clone(), error)),
    }
    applied
}

fn declared(backend: &dyn Backend, (flag, description): (&FlagName, &str), wait: &Wait) -> Result<Change> {
    match backend.read(flag, wait) {
        Ok(_) => {
            return Err(Error::usage(format!("there is a flag `{flag}` already")).help("to see it: `flagctl status`"));
        }
        // A project or an environment that isn't there is no flag that isn't there.
        Err(error) if error.exit == Exit::Usage => drop(backend.list(wait)?),
        Err(error) => return Err(error.changed(Some(false))),
    }
    if wait.left().is_zero() {
        let message = format!("the time was over before `{flag}` could be declared");
        return Err(Error::failed(message).changed(Some(false)).help("try again, or give it more: `timeout`"));
    }
    for (at, write) in backend.declare(flag, description).iter().enumerate() {
        if let Err(error) = backend.send(write, wait) {
            let message = format!("could not {}: {}", write.what, error.message);
            // Something before the service may have refused what the service has done.
            if at == 0 && !matches!(error.exit, Exit::Usage | Exit::Conflict) && backend.read(flag, wait).is_ok() {
                continue;
            }
            if at == 0 {
                return Err(Error { message, ..error });
            }
            let message = format!("`{flag}` is made, and off; {message}");
            let error = Error { message, ..error }.changed(Some(true));
            return Err(
                error.help("it exists now, and is not made again: look at it before somebody switches it on by hand")
            );
        }
    }
    let seen = backend.read(flag, wait).map_err(|error| error.changed(None))?;
    if seen.flag.exposure().known() != Some(Percent::ZERO) {
        let message =
            format!("`{flag}` was declared at 0%, and is at {}: somebody else wrote to it", seen.flag.exposure());
        return Err(Error::new(Exit::Conflict, message).changed(Some(true)));
    }
    Ok(Change {
        flag: flag.clone(),
        from: None,
        to: Percent::ZERO,
        before: Vec::new(),
        after: seen.stored,
        notes: seen.findings,
        held_back: None,
    })
}
