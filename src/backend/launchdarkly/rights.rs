//! What our token may do, found out without doing it.

use super::refusal::{Asked, refusal};
use super::{LaunchDarkly, patch};
use crate::backend::remote::{Backend as _, Goal, Right, Seen, Write};
use crate::error::Result;
use crate::http::{Method, Reply, Wait};
use crate::model::{FlagName, Mode, Percent};
use serde_json::json;

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
    for write in [Some(off(backend, flag)), share(backend, &seen)].into_iter().flatten() {
        let reply = backend.put(&write, REHEARSAL, wait)?;
        rights.push(judged(backend, &reply, &write)?);
    }
    Ok(rights)
}

fn off(backend: &LaunchDarkly<'_>, flag: &FlagName) -> Write {
    Write {
        what: OFF.to_owned(),
        method: Method::Patch,
        path: backend.place().flag(flag),
        body: json!({
            "environmentKey": backend.place().environment,
            "comment": "flagctl: may it?",
            "instructions": [{"kind": "turnFlagOff"}],
        }),
        tidying: false,
        completes: true,
    }
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

/// A refusal that is about rights is an answer, and one that is about just this change leaves it open.
fn judged(backend: &LaunchDarkly<'_>, reply: &Reply, write: &Write) -> Result<Right> {
    let granted = match reply.status {
        200 => return Ok(granted(&write.what, "LaunchDarkly would have taken it")),
        403 | 405 => Some(false),
        400 | 409 => None,
        _ => return Err(refusal(reply, Asked::Change(write), &backend.session.remote, None).changed(Some(false))),
    };
    let error = refusal(reply, Asked::Change(write), &backend.session.remote, None);
    let note = [error.message].into_iter().chain(error.help).collect::<Vec<_>>().join("; ");
    Ok(Right { what: write.what.clone(), granted, note })
}
