//! Flags that live in a backend over the wire, as the verbs see them: read when they are needed, previewed, changed.

use super::{Context, mirror, place};
use crate::backend;
use crate::backend::remote::{Backend, Goal, Hashing, Mark, Seen, Write, jittered};
use crate::change::{
    self, Applied, Change, FIRST_PAUSE, LONGEST_PAUSE, Patience, Record, RemoteJob, RemoteRequest, SILENCE, Want,
};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::http::{Cancel, PATIENCE, Wait};
use crate::model::{Flag, FlagName, Mode, Remote, Shown};
use crate::plan::{Impossible, Plan, Soaking};
use crate::render;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the time of one request a rollback may take in all, before it says what is certain.
const URGENT_PATIENCE: u32 = 8;

/// How often the time of one request a list of all flags may take.
const LIST_PATIENCE: u32 = 12;

/// A backend, opened; nothing was sent yet.
pub(super) struct Afar {
    pub(super) remote: Remote,
    pub(super) backend: Box<dyn Backend>,
    address: PathBuf,
    again: String,
    cancel: Cancel,
    /// What was read, by name.
    seen: Mutex<HashMap<FlagName, Seen>>,
}

impl Afar {
    /// Opens the backend of an environment; opens no connection.
    pub(super) fn open(context: &Context, remote: &Remote) -> Result<Self> {
        let term = context.term;
        let backend = backend::open(remote, move |line| term.wire(line))?;
        let address = remote.address();
        term.detail(&format!("flags: {}", Shown(&address)));
        Ok(Self {
            remote: remote.clone(),
            backend,
            address: PathBuf::from(address),
            again: context.again(),
            cancel: context.cancel.clone(),
            seen: Mutex::default(),
        })
    }

    /// Returns how long one question may take, with its retries.
    pub(super) fn wait(&self) -> Wait {
        Wait::of(self.remote.timeout.saturating_mul(PATIENCE), &self.cancel)
    }

    /// Returns how long a change may take in all.
    fn limit(&self, mode: Mode) -> Duration {
        self.remote.timeout.saturating_mul(match mode {
            Mode::Careful => PATIENCE,
            Mode::Urgent => URGENT_PATIENCE,
        })
    }

    /// Returns every flag, in the order of their names.
    pub(super) fn flags(&self) -> Result<Vec<Flag>> {
        // Each request has its own end; there may be thousands of them.
        self.flags_within(&Wait::of(self.remote.timeout.saturating_mul(LIST_PATIENCE), &self.cancel))
    }

    fn flags_within(&self, wait: &Wait) -> Result<Vec<Flag>> {
        let mut all = self.backend.list(wait)?;
        all.sort_by(|one, two| one.flag.name.cmp(&two.flag.name));
        let flags = all.iter().map(|seen| seen.flag.clone()).collect();
        self.known().extend(all.into_iter().map(|seen| (seen.flag.name.clone(), seen)));
        Ok(flags)
    }

    /// Reads these flags, if all of them are here; else every flag.
    pub(super) fn named(&self, names: &[FlagName]) -> Result<Vec<Flag>> {
        if names.is_empty() {
            return self.flags();
        }
        let read = |name: &FlagName| self.backend.read(name, &self.wait()).map(|seen| seen.flag);
        match names.iter().map(read).collect::<Result<Vec<Flag>>>() {
            Err(error) if error.exit == Exit::Usage => self.flags(),
            flags => flags,
        }
    }

    /// As [`Afar::named`], for a rollback: it is tried until its deadline.
    pub(super) fn urgently(&self, names: &[FlagName], waiting: &dyn Fn(&str)) -> Result<Vec<Flag>> {
        let limit = self.limit(Mode::Urgent);
        let (wait, mut pause, mut last) = (Wait::of(limit, &self.cancel), FIRST_PAUSE, Instant::now());
        loop {
            let flags = if names.is_empty() { self.flags_within(&wait) } else { self.named(names) };
            match flags {
                Err(error)
                    if wait.left() > pause && change::is_worth_another_try(&error, limit - wait.left(), limit) =>
                {
                    if last.elapsed() >= SILENCE {
                        let left = wait.left().as_secs();
                        waiting(&format!(
                            "what is in rollout is not known yet, trying for up to {left} s more; {}",
                            error.message
                        ));
                        last = Instant::now();
                    }
                    wait.pause(jittered(pause), &mut |_| {})?;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                flags => return flags,
            }
        }
    }

    /// Reads one flag.
    pub(super) fn flag(&self, name: &str) -> Result<Flag> {
        let Some(name) = FlagName::new(name) else { return Err(Error::usage("a flag's name is empty")) };
        self.read(&name).map(|seen| seen.flag)
    }

    fn read(&self, name: &FlagName) -> Result<Seen> {
        let seen = self.backend.read(name, &self.wait()).map_err(|error| self.nearest(name, error))?;
        self.known().insert(name.clone(), seen.clone());
        Ok(seen)
    }

    /// Returns what was read of a flag last; reads it, if it wasn't.
    pub(super) fn seen(&self, name: &FlagName) -> Result<Seen> {
        let known = self.known().get(name).cloned();
        known.map_or_else(|| self.read(name), Ok)
    }

    /// Returns what was read so far.
    fn known(&self) -> MutexGuard<'_, HashMap<FlagName, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the names that are near to one that isn't there.
    fn nearest(&self, name: &FlagName, error: Error) -> Error {
        if error.exit != Exit::Usage || !error.help.is_empty() {
            return error;
        }
        let Ok(all) = self.backend.list(&self.wait()) else { return error };
        let known = all.iter().map(|seen| &seen.flag.name);
        let near = place::unknown(name.as_str(), &self.address, known, &self.again);
        Error { help: near.help, ..error }
    }

    /// Returns when a flag was last changed, by the backend's own record.
    pub(super) fn soaking(&self, name: &FlagName) -> Option<Soaking> {
        let writers = self.backend.writers(name, &Mark::default(), &self.wait()).ok()?;
        let since = writers.iter().filter_map(|writer| writer.at).max()?;
        Some(Soaking { since, known_by: "the backend's record" })
    }

    /// Returns who wrote to a flag last, by the backend's own record.
    pub(super) fn last_writer(&self, name: &FlagName) -> Option<String> {
        let writers = self.backend.writers(name, &Mark::default(), &self.wait()).ok()?;
        let last = writers.last()?;
        let at = last.at.map_or_else(String::new, |at| format!(" at {}", at.strftime("%Y-%m-%d %H:%M UTC")));
        Some(format!("{} by {}{at}", Shown(&last.what), Shown(&last.name)))
    }

    /// Returns the field of its users by which a flag is given to them, where the backend names one.
    pub(super) fn stickiness(&self, name: &FlagName) -> Option<String> {
        let seen = self.seen(name).ok()?;
        seen.stored.iter().find_map(|stored| stored.strip_prefix("stickiness: ").map(str::to_owned))
    }

    /// Returns how the users of a flag are told apart, as the backend says.
    pub(super) fn hashing(&self, name: &FlagName) -> Hashing {
        self.seen(name).map(|seen| self.backend.hashing(&seen)).unwrap_or_default()
    }

    /// Returns what is odd about a flag, in sentence fragments.
    pub(super) fn problems(&self, name: &FlagName) -> Vec<String> {
        let seen = self.known();
        let of = |seen: &Seen| seen.held_back.iter().chain(&seen.findings).cloned().collect();
        seen.get(name).map(of).unwrap_or_default()
    }

    /// Returns why a flag can't go forward from here, if it can't.
    pub(super) fn held_back(&self, name: &FlagName) -> Option<String> {
        self.known().get(name)?.held_back.clone()
    }

    /// Returns the error for a flag whose exposure can't be told as one percentage.
    pub(super) fn unreadable(&self, flag: &Flag, why: &Impossible, again: &str) -> Error {
        let rollback = render::command(again, "rollback", &[flag.name.as_str()], "");
        let held = self.seen(&flag.name).ok().and_then(|seen| seen.held_back);
        let message = match held {
            Some(held) => format!("`{}` can't be moved from here: {held}", flag.name),
            None => why.to_string(),
        };
        Error::invalid(message)
            .help(format!("give it one percentage in {}, or bring it to 0: {rollback}", self.remote.kind.title()))
    }

    /// Returns what a plan would change, as a diff of what is stored, with the first request.
    pub(super) fn preview(&self, plan: &Plan, mode: Mode) -> Result<String> {
        let seen = self.seen(&plan.flag.name)?;
        let Some(want) = want(plan, mode) else { return Ok(String::new()) };
        Ok(self.diff(&seen, &want, self.next(&seen, &want.goal)?.as_ref()))
    }

    /// Returns the next write; a careful one only where nothing holds the flag back.
    fn next(&self, seen: &Seen, goal: &Goal) -> Result<Option<Write>> {
        match (&seen.held_back, goal.mode) {
            (Some(why), Mode::Careful) => {
                let name = &seen.flag.name;
                let rollback = render::command(&self.again, "rollback", &[name.as_str()], "");
                Err(Error::invalid(format!("`{name}` can't go forward from here: {why}"))
                    .help(format!("mend it in {}; to bring it to 0: {rollback}", self.remote.kind.title())))
            }
            _ => self.backend.next(seen, goal),
        }
    }

    fn diff(&self, seen: &Seen, want: &Want, write: Option<&Write>) -> String {
        let Some(write) = write else { return String::new() };
        let address = self.address.to_string_lossy();
        let request = match &write.body {
            serde_json::Value::Null => format!("{} {}", write.method.word(), write.path),
            body => format!("{} {} {body}", write.method.word(), write.path),
        };
        render::diff::stored(&address, &seen.stored, &self.backend.stored_after(seen, &want.goal), &request)
    }

    /// Changes flags and records it.
    pub(super) fn apply(
        &self,
        mode: Mode,
        jobs: Vec<RemoteJob<'_>>,
        record: Record<'_>,
        patience: Patience<'_>,
    ) -> Applied {
        let mut applied = change::apply_remote(&RemoteRequest {
            backend: self.backend.as_ref(),
            place: &self.address,
            mode,
            jobs,
            record,
            patience,
            limit: self.limit(mode),
        });
        for (flag, error) in &mut applied.failed {
            *error = self.nearest(flag, error.clone());
        }
        self.keep_mirror(mode, &mut applied);
        applied
    }

    /// Brings the mirror in step with what was changed. That it couldn't be is told, and takes nothing back.
    pub(super) fn keep_mirror(&self, mode: Mode, applied: &mut Applied) {
        let Some(path) = self.remote.mirror.as_ref().filter(|_| !applied.changes.is_empty()) else { return };
        // What was done is shown, also if the user stops the rest.
        let wait = |times: u32| Wait::of(self.remote.timeout.saturating_mul(times), &Cancel::default());
        if mirror::is_missing(path) {
            // Whoever rolls back waits no longer for a list than for a flag.
            let times = if mode == Mode::Urgent { PATIENCE } else { LIST_PATIENCE };
            return self.make_mirror(path, &wait(times), applied);
        }
        for change in &applied.changes {
            let read = self.backend.read(&change.flag, &wait(PATIENCE));
            match read.and_then(|seen| mirror::keep(path, &seen.flag)) {
                Ok(()) => applied.mirrored = Some(path.clone()),
                Err(error) => {
                    let shown = path.display().to_string();
                    let name = &change.flag;
                    applied.notes.push(format!("the mirror `{}` is not in step with `{name}`: {error}", Shown(&shown)));
                }
            }
        }
    }

    /// Makes the mirror, whole.
    fn make_mirror(&self, path: &Path, wait: &Wait, applied: &mut Applied) {
        let shown = path.display().to_string();
        let flags = self.backend.list(wait).map(|all| all.into_iter().map(|seen| seen.flag).collect::<Vec<_>>());
        match flags.and_then(|mut flags| {
            flags.sort_by(|one, two| one.name.cmp(&two.name));
            mirror::make(path, &flags)
        }) {
            Ok(left_out) => {
                applied.mirrored = Some(path.to_owned());
                if !left_out.is_empty() {
                    let names: Vec<_> = left_out.iter().map(|name| format!("`{name}`")).collect();
                    let told = names.join(", ");
                    applied.notes.push(format!("no one percentage, so not in the mirror `{}`: {told}", Shown(&shown)));
                }
            }
            Err(error) => applied.notes.push(format!("the mirror `{}` could not be made: {error}", Shown(&shown))),
        }
    }

    /// Tells what would come of a change: the backend is asked where it can be, and changes nothing.
    pub(super) fn rehearse(&self, jobs: &[RemoteJob<'_>]) -> (Applied, String) {
        let (mut applied, mut diff) = (Applied::nothing(), String::new());
        for job in jobs {
            match self.rehearsed(job) {
                Ok(Some((change, shown))) => {
                    applied.changes.push(change);
                    diff.push_str(&shown);
                }
                Ok(None) => {
                    let exposure = self.seen(&job.flag).map(|seen| seen.flag.exposure());
                    let unread = |error: Error| crate::model::Exposure::Unknown { reason: error.message };
                    applied.unchanged.push((job.flag.clone(), exposure.unwrap_or_else(unread)));
                }
                Err(error) => applied.failed.push((job.flag.clone(), error)),
            }
        }
        (applied, diff)
    }

    fn rehearsed(&self, job: &RemoteJob<'_>) -> Result<Option<(Change, String)>> {
        let seen = self.seen(&job.flag)?;
        let Some(want) = (job.want)(&seen.flag)? else { return Ok(None) };
        let Some(write) = self.next(&seen, &want.goal)? else { return Ok(None) };
        if let Some(why) = self.backend.falls_short(&seen, &want.goal) {
            let message =
                format!("`{}` would not be at {}% once it was told to {}: {why}", job.flag, want.to, write.what);
            return Err(Error::failed(message).help(format!("mend it in {}", self.remote.kind.title())));
        }
        if let Some(answer) = self.backend.rehearse(&write, &self.wait()) {
            answer?;
        }
        let diff = self.diff(&seen, &want, Some(&write));
        let change = Change {
            flag: job.flag.clone(),
            from: seen.flag.exposure().known(),
            to: want.to,
            after: self.backend.stored_after(&seen, &want.goal),
            before: seen.stored,
            notes: seen.findings,
            held_back: seen.held_back,
        };
        Ok(Some((change, diff)))
    }

    /// Returns its address.
    pub(super) fn address(&self) -> &Path {
        &self.address
    }
}

/// Returns what a plan wants of a backend; `None` if there is nothing to do.
pub(super) fn want(plan: &Plan, mode: Mode) -> Option<Want> {
    let values = plan.values?;
    Some(Want { to: plan.to, goal: Goal { rollout: values.rollout, enabled: values.enabled, mode } })
}
