//! What comes of jobs on a text: plain values, no file touched.

use super::request::{Apart, Applied, Change, Edited, Job};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Exposure, Typed};
use std::collections::HashMap;

/// Makes the changes of `jobs` on a text alone, and returns what would come of them with the new text; `apart` are those
/// that were made already, each in its part.
#[must_use]
pub fn rehearse(jobs: &[Job<'_>], apart: Vec<Apart>, text: &str) -> (Applied, String) {
    let mut applied = Applied::nothing();
    let (mut made, mut text) = together(jobs, apart, text);
    for (at, job) in jobs.iter().enumerate() {
        if let Some(change) = made.remove(&at) {
            applied.changes.push(change);
            continue;
        }
        match edited(job, &text) {
            Ok(Outcome::Changed(change, new)) => {
                applied.changes.push(change);
                text = new;
            }
            Ok(Outcome::Nothing(notes)) => {
                applied.notes.extend(notes);
                applied.unchanged.push((job.flag.clone(), exposure(job, &text)));
            }
            Err(error) => applied.failed.push((job.flag.clone(), error)),
        }
    }
    (applied, text)
}

/// What comes of one job on a text.
pub(super) enum Outcome {
    /// It stays as it is, to the byte; what there is to say about that.
    Nothing(Vec<String>),
    /// A change, with the new text.
    Changed(Change, String),
}

/// Plans and edits one job on a text.
pub(super) fn edited(job: &Job<'_>, text: &str) -> Result<Outcome> {
    if let Some(planned) = job.planned {
        let present = (job.read)(text).map_err(|error| gone(job, &error))?;
        if !present.same_values(planned) {
            let (was, is) = (planned.exposure(), present.exposure());
            return Err(Error::new(
                Exit::Conflict,
                format!("`{}` changed since it was planned: from {was} to {is}", job.flag),
            )
            .help(format!("look at it anew: `flagctl plan {}`", named(job))));
        }
    }
    let Some(Edited { text: new, from, to, before, after, notes }) = (job.edit)(text)? else {
        return Ok(Outcome::Nothing(Vec::new()));
    };
    // Also where a value was left alone: what changes no byte is no change.
    if new == text {
        return Ok(Outcome::Nothing(notes));
    }
    let flag = job.flag.clone();
    Ok(Outcome::Changed(Change { flag, from, to, before, after, notes, held_back: None }, new))
}

/// Puts the parts that were edited apart into the text; returns the changes by the number of their job, with the new text.
pub(super) fn together(jobs: &[Job<'_>], mut apart: Vec<Apart>, text: &str) -> (HashMap<usize, Change>, String) {
    apart.sort_by_key(|apart| apart.part.start);
    let (mut new, mut end, mut changes) = (String::with_capacity(text.len() + apart.len()), 0, HashMap::new());
    for Apart { job, part, edited } in apart {
        let Edited { text: instead, from, to, before, after, notes } = edited;
        // What can't stand there, or changes nothing, is left to the job itself.
        if part.start < end || text.get(part.clone()).is_none_or(|old| old == instead) {
            continue;
        }
        new.extend([&text[end..part.start], &instead]);
        end = part.end;
        let flag = jobs[job].flag.clone();
        changes.insert(job, Change { flag, from, to, before, after, notes, held_back: None });
    }
    new.push_str(&text[end..]);
    (changes, new)
}

/// Returns a job's flag as it is typed at the end of a command line.
pub(super) fn named(job: &Job<'_>) -> String {
    let name = job.flag.as_str();
    format!("{}{}", if name.starts_with('-') { "-- " } else { "" }, Typed(name))
}

/// Returns the failure for a planned flag that can't be read any more; one that was taken out meanwhile is a conflict.
fn gone(job: &Job<'_>, error: &Error) -> Error {
    match error.exit {
        Exit::Usage => Error::new(Exit::Conflict, format!("`{}` is gone since it was planned: {error}", job.flag))
            .help("see what is there now: `flagctl status`"),
        _ => error.clone(),
    }
}

/// Returns what users get of a flag by a text.
pub(super) fn exposure(job: &Job<'_>, text: &str) -> Exposure {
    (job.read)(text).map_or_else(|error| Exposure::Unknown { reason: error.message }, |flag| flag.exposure())
}

/// True if a text holds what a change made. A flag that can't be read holds it if there is nothing left to do.
pub(super) fn holds(job: &Job<'_>, change: &Change, text: &str) -> bool {
    match (job.read)(text) {
        Ok(flag) => flag.exposure().known() == Some(change.to),
        Err(_) => (job.edit)(text).is_ok_and(|edited| edited.is_none_or(|edited| edited.text == text)),
    }
}
