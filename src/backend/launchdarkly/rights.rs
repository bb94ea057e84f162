//! What our token may do, found out without doing it.

use super::refusal::{Asked, own, refusal};
use super::{LaunchDarkly, ending, patch};
use crate::backend::remote::{Backend as _, Goal, Right, Seen, Write};
use crate::error::Result;
use crate::http::{Reply, Wait};
use crate::model::{FlagName, Mode, Percent};

/// How LaunchDarkly is asked to look at a change, and to leave it.
pub(super) const REHEARSAL: &[(&str, &str)] = &[("dryRun", "true")];

/// What a rollback needs most.
const OFF: &str = "switch a flag off";

/// Asks for the rights that a rollback and an advance need.
pub(super) fn rights(backend: &LaunchDarkly<'_>, flag: Option<&FlagName>, wait: &Wait) -> Result<Vec<Right>> {
    let Some(flag) = flag else {
        let query = [("env", backend.place().environment), ("limit", "1")];
        backend.ask(&backend.place().flags(), &query, wait)?;
        let note = "LaunchDarkly tells for one flag at a time: name a flag".to_owned();
        return Ok(vec![granted("read the flags", "it did"), Right { what: OFF.to_owned(), granted: None, note }]);
    };
    let seen = backend.read(flag, wait)?;
    let mut rights = vec![granted("read the flag", "it did")];
    let off = Write { what: OFF.to_owned(), ..ending::rehearsal(backend.place(), &seen)? };
    for write in [Some(off), share(backend, &seen)].into_iter().flatten() {
        let reply = backend.put(&write, REHEARSAL, wait)?;
        rights.push(judged(backend, &reply, &write)?);
    }
    Ok(rights)
}

/// The percentage is a right of its own. A step to a thousandth is one that nobody stands at.
fn share(backend: &LaunchDarkly<'_>, seen: &Seen) -> Option<Write> {
    let goal = Goal { rollout: Percent::from_milli(1)?, enabled: None, mode: Mode::Careful };
    let write = patch::next(backend.place(), seen, &goal).ok()??;
    Some(Write { what: "change a flag's percentage".to_owned(), ..write })
}

fn granted(what: &str, note: &str) -> Right {
    Right { what: what.to_owned(), granted: Some(true), note: note.to_owned() }
}

/// A refusal is an answer, whatever it is about: the change would not be done.
fn judged(backend: &LaunchDarkly<'_>, reply: &Reply, write: &Write) -> Result<Right> {
    let error = match reply.status {
        200..300 => match own(reply, write) {
            Ok(()) => return Ok(granted(&write.what, "LaunchDarkly would have taken it")),
            Err(error) => return Err(error.changed(Some(false))),
        },
        400 | 403 | 405 | 409 => refusal(reply, Asked::Change(write), &backend.session.remote, None),
        _ => return Err(refusal(reply, Asked::Change(write), &backend.session.remote, None).changed(Some(false))),
    };
    let note = [error.message].into_iter().chain(error.help).collect::<Vec<_>>().join("; ");
    Ok(Right { what: write.what.clone(), granted: Some(false), note })
}
