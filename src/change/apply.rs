//! One change from lock to ledger.

use super::lock::{self, Lock};
use super::outcome::{Outcome, edited, exposure, holds, named, together};
use super::request::{Applied, Change, Job, Request};
use crate::backend::file::{self, FlagsFile, ReplaceError};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::{Recorded, Seen};
use crate::model::{Exposure, Mode, Shown};
use jiff::Timestamp;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How often a rollback plans again when others keep changing the file.
const ATTEMPTS: usize = 24;
/// How long edits are gathered before they are written: of many flags the first are down while the last are read.
const BATCH: Duration = Duration::from_secs(1);

/// Changes one flags file and records it.
///
/// Under the lock the file is read again; a planned flag whose entry holds other values by now is a conflict, a rollback
/// is decided afresh. All edits go into one write and one append. A write that has begun is finished before the user's
/// stop counts. A rollback that can't have the lock goes on without it; before and after its write it then takes the
/// writes of those who are at it out of their hands.
#[must_use]
pub fn apply(request: &Request<'_>) -> Applied {
    let mut run = Run::new(request);
    if let Err(error) = run.whole() {
        run.fail_rest(&error);
    }
    run.finish()
}

/// One request on its way.
struct Run<'r, 'a> {
    request: &'r Request<'a>,
    /// What is known of each job, in their order.
    states: Vec<State>,
    notes: Vec<String>,
    recorded: Recorded,
    /// The text that the first write replaced.
    before: Option<String>,
    /// The text that was written last: proven by its maker.
    written: Option<String>,
    /// The text that was found to stand in the file last.
    stands: Option<String>,
    /// How many jobs, from the first, are done for good.
    settled: usize,
    /// How many jobs the last attempt came to.
    reached: usize,
}

/// What is known of one job.
enum State {
    Open,
    /// As wanted already, at this exposure.
    Unchanged(Exposure),
    Changed(Change, Timestamp),
    /// Changed, and then by somebody else to something else.
    Overtaken(Change, Timestamp, Error),
    Failed(Error),
}

impl State {
    const fn change(&self) -> Option<(&Change, Timestamp)> {
        match self {
            Self::Changed(change, at) | Self::Overtaken(change, at, _) => Some((change, *at)),
            Self::Open | Self::Unchanged(_) | Self::Failed(_) => None,
        }
    }
}

impl<'r, 'a> Run<'r, 'a> {
    fn new(request: &'r Request<'a>) -> Self {
        let states = request.jobs.iter().map(|_| State::Open).collect();
        Self {
            request,
            states,
            notes: Vec::new(),
            recorded: Recorded::Nothing,
            before: None,
            written: None,
            stands: None,
            settled: 0,
            reached: 0,
        }
    }

    fn whole(&mut self) -> Result<()> {
        let Request { file, mode, patience, .. } = self.request;
        let lock = lock::take(file, *mode, patience)?;
        match &lock {
            Lock::Held(held) => self.notes.extend(file::sweep(&held.target)),
            Lock::Without(why) => self.notes.push(why.clone()),
        }
        let seen = self.request.record.ledger.seen();
        let written = self.write(lock.is_held());
        self.record(&seen);
        written
    }

    fn write(&mut self, locked: bool) -> Result<()> {
        let mut attempts = if self.request.mode == Mode::Urgent { ATTEMPTS } else { 1 };
        let mut last = None;
        while attempts > 0 {
            if !locked {
                self.notes.extend(file::set_aside(self.request.file));
            }
            match self.attempt() {
                Ok(()) => last = None,
                Err(ReplaceError::Failed(error)) => return Err(error),
                Err(error) => last = Some(error),
            }
            if !locked {
                self.notes.extend(file::set_aside(self.request.file));
            }
            if last.is_none() && self.read_back() {
                // What was changed so far stands in the file; the rest comes in another write.
                self.settled = self.reached;
                if self.settled == self.states.len() {
                    return Ok(());
                }
            } else {
                attempts -= 1;
            }
        }
        match last {
            None => Ok(()),
            Some(_) => Err(self.conflict()),
        }
    }

    /// Edits and replaces once. A job that fails here fails apart from the others.
    fn attempt(&mut self) -> Result<(), ReplaceError> {
        self.stands = None;
        let file = self.read()?;
        if let Some(odd) = &file.odd {
            self.notes.push(odd.clone());
        }
        let began = Instant::now();
        let fresh = self.states.iter().all(|state| matches!(state, State::Open));
        let apart = self.request.apart.filter(|_| fresh).map_or_else(Vec::new, |apart| apart(&file.text));
        let mut edits: Option<String> = None;
        let mut made = HashMap::new();
        if !apart.is_empty() {
            let (changes, text) = together(&self.request.jobs, apart, &file.text);
            (made, edits) = (changes, Some(text));
        }
        self.reached = self.states.len();
        for (at, job) in self.request.jobs.iter().enumerate().skip(self.settled) {
            if made.contains_key(&at) {
                continue;
            }
            if !made.is_empty() && began.elapsed() > BATCH {
                self.reached = at;
                break;
            }
            let text = edits.as_deref().unwrap_or(&file.text);
            match &self.states[at] {
                State::Failed(_) => continue,
                // Done in an earlier attempt: a step down must not be taken twice.
                State::Changed(change, _) if holds(job, change, text) => continue,
                _ => {}
            }
            match edited(job, text) {
                Ok(Outcome::Changed(change, new)) => {
                    edits = Some(new);
                    made.insert(at, change);
                }
                Ok(Outcome::Nothing(notes)) if self.states[at].change().is_none() => {
                    self.notes.extend(notes);
                    self.states[at] = State::Unchanged(exposure(job, text));
                }
                Ok(Outcome::Nothing(_)) => {}
                Err(error) if self.states[at].change().is_none() => self.states[at] = State::Failed(error),
                // Changed in an earlier attempt, and not to be changed again by now.
                Err(error) => self.overtake(at, error),
            }
        }
        let Some(text) = edits else {
            self.stands = Some(file.text);
            return Ok(());
        };
        if let Some(exit) = (self.request.patience.stopped)() {
            return Err(Error::new(exit, "stopped before anything was written").into());
        }
        // The time of the change is taken before it: whoever overtakes it is later.
        let now = Timestamp::now();
        let replaced = file::replace(&file, &text, self.request.mode);
        if let Err(ReplaceError::TakenOver) = replaced {
            // Another process finished this write, one way or the other: the file tells.
            let text = self.read()?.text;
            let all = made.len();
            made.retain(|at, change| holds(&self.request.jobs[*at], change, &text));
            let missing = made.len() < all;
            made.into_iter().for_each(|(at, change)| self.changed(at, change, now));
            return if missing { Err(ReplaceError::TakenOver) } else { Ok(()) };
        }
        self.notes.extend(replaced?);
        self.written = Some(text);
        self.before.get_or_insert(file.text);
        made.into_iter().for_each(|(at, change)| self.changed(at, change, now));
        Ok(())
    }

    /// Reads the file, as strictly as what is done with it.
    fn read(&self) -> Result<FlagsFile> {
        match self.request.mode {
            Mode::Careful => FlagsFile::read(self.request.file),
            Mode::Urgent => FlagsFile::read_urgently(self.request.file),
        }
    }

    /// Notes a change that was made; what it was before the first attempt stays known.
    fn changed(&mut self, at: usize, mut change: Change, now: Timestamp) {
        if let Some((first, _)) = self.states[at].change() {
            change.from = first.from;
            change.before.clone_from(&first.before);
        }
        self.states[at] = State::Changed(change, now);
    }

    /// Reads the file and looks whether it holds every change; false if a rollback has to go again.
    fn read_back(&mut self) -> bool {
        if let Some(text) = self.written.take_if(|text| FlagsFile::stands(self.request.file, text)) {
            self.stands = Some(text);
            return true;
        }
        let file = match self.read() {
            Ok(file) => file,
            Err(error) => {
                self.notes.push(format!("the file could not be read again after the change: {error}"));
                return true;
            }
        };
        let mut all = true;
        for (at, job) in self.request.jobs.iter().enumerate() {
            let State::Changed(change, _) = &self.states[at] else { continue };
            if holds(job, change, &file.text) {
                continue;
            }
            all = false;
            if self.request.mode == Mode::Careful {
                let error = self.overtaken(at, job, &file.text);
                self.overtake(at, error);
            }
        }
        self.stands = Some(file.text);
        all || self.request.mode == Mode::Careful
    }

    fn overtake(&mut self, at: usize, error: Error) {
        let state = std::mem::replace(&mut self.states[at], State::Open);
        self.states[at] = match state {
            State::Changed(change, now) => State::Overtaken(change, now, error.changed(Some(true))),
            other => other,
        };
    }

    fn record(&mut self, seen: &Seen) {
        let changes: Vec<_> = self.states.iter().filter_map(State::change).collect();
        self.recorded =
            self.request.record.write(&changes, self.request.file, self.request.mode, &self.request.patience, seen);
    }

    /// Fails what is still open: nothing of it was changed.
    fn fail_rest(&mut self, error: &Error) {
        for state in &mut self.states {
            if matches!(state, State::Open) {
                *state = State::Failed(error.clone());
            }
        }
    }

    fn finish(self) -> Applied {
        let (notes, recorded, before, text) = (self.notes, self.recorded, self.before, self.stands);
        let mut applied = Applied { notes, recorded, before, text, ..Applied::nothing() };
        let mut told = std::collections::HashSet::new();
        applied.notes.retain(|note| told.insert(note.clone()));
        for (job, state) in self.request.jobs.iter().zip(self.states) {
            match state {
                State::Changed(change, _) => applied.changes.push(change),
                State::Overtaken(change, _, error) => {
                    applied.changes.push(change);
                    applied.failed.push((job.flag.clone(), error));
                }
                State::Unchanged(exposure) => applied.unchanged.push((job.flag.clone(), exposure)),
                State::Failed(error) => applied.failed.push((job.flag.clone(), error)),
                State::Open => {}
            }
        }
        applied
    }

    fn conflict(&self) -> Error {
        let name = self.request.file.to_string_lossy();
        Error::new(Exit::Conflict, format!("`{}` was changed by someone else while it was written", Shown(&name)))
            .help("look at the flag and try again: `flagctl status`")
    }

    fn overtaken(&self, at: usize, job: &Job<'_>, text: &str) -> Error {
        let now = (job.read)(text).map_or_else(|_| "unreadable".to_owned(), |flag| flag.exposure().to_string());
        let to = self.states[at].change().map_or_else(String::new, |(change, _)| format!("{}%", change.to));
        Error::new(
            Exit::Conflict,
            format!("`{}` was set to {to}, and changed by someone else right after: now at {now}", job.flag),
        )
        .help(format!("look who did it: `flagctl log {}`", named(job)))
        .changed(Some(true))
    }
}
