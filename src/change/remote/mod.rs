//! One change of a flag in a backend over the wire, from lock to ledger.
//!
//! No backend knows compare-and-swap. So every write is followed by a reading of what stands there now, and that alone
//! decides what comes next and what is told: a lost answer, another writer and a late write all look like what they are.

mod blind;
mod run;
mod told;
mod tries;

use super::lock::{self, Lock, Patience};
use super::record::Record;
use super::request::Applied;
use crate::backend::remote::{Backend, Cancel, Goal, Wait};
use crate::error::Result;
use crate::ledger::Recorded;
use crate::model::{Flag, FlagName, Mode, Percent};
use run::{Came, Done, Means, Run};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;
pub use tries::{FIRST_PAUSE, LONGEST_PAUSE, is_worth_another_try};

/// How many flags are on their way at once: one that the service hangs at must not keep the others up.
const AT_ONCE: usize = 32;

/// After how long a silence an operator is told that it goes on.
pub const SILENCE: Duration = Duration::from_secs(2);

/// A change of flags in one backend.
pub struct RemoteRequest<'a> {
    /// The backend.
    pub backend: &'a dyn Backend,
    /// Its address: for the ledger and for messages.
    pub place: &'a Path,
    /// Careful for what goes forward, urgent for a rollback.
    pub mode: Mode,
    /// One for each flag, in the order of the answer.
    pub jobs: Vec<RemoteJob<'a>>,
    /// What the ledger is told.
    pub record: Record<'a>,
    /// How long the lock is waited for.
    pub patience: Patience<'a>,
    /// How long all of it may take. A rollback tries until then.
    pub limit: Duration,
}

/// What is to become of one flag.
pub struct RemoteJob<'a> {
    /// The flag.
    pub flag: FlagName,
    /// What the plan was made against; `None` for a rollback, which is decided afresh.
    pub planned: Option<&'a Flag>,
    /// Decides what is wanted of the flag as it stands; `None` if there is nothing to do.
    pub want: &'a (dyn Fn(&Flag) -> Result<Option<Want>> + Sync),
}

/// What is wanted of one flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// What users are to get.
    pub to: Percent,
    /// What is to be stored for that.
    pub goal: Goal,
}

/// Changes flags in a backend and records it.
///
/// Under the lock each flag is read again; one that was planned against and holds other values by now is a conflict.
/// Success is told only for what was read back.
#[must_use]
pub fn apply_remote(request: &RemoteRequest<'_>) -> Applied {
    let mut applied = Applied::nothing();
    let lock = match lock::take(&request.record.ledger.root.join(".flagctl"), request.mode, &request.patience) {
        Ok(lock) => lock,
        Err(error) => {
            applied.failed = request.jobs.iter().map(|job| (job.flag.clone(), error.clone())).collect();
            return applied;
        }
    };
    if let Lock::Without(why) = &lock {
        applied.notes.push(why.clone());
    }
    let seen = request.record.ledger.seen();
    // What the user stops is the next write, not the one that has begun.
    let wait = Wait::of(request.limit, &Cancel::default());
    let trouble = Mutex::new(String::new());
    let means = Means {
        backend: request.backend,
        mode: request.mode,
        wait: &wait,
        limit: request.limit,
        stopped: request.patience.stopped,
        trouble: &trouble,
    };
    let mut done: Vec<Option<Done>> = request.jobs.iter().map(|_| None).collect();
    let each = |arrived: Vec<(usize, Done)>| {
        // At once, and not after the last of them: what is down is down, whatever becomes of the others or of us.
        let changes: Vec<_> = arrived.iter().filter_map(|(_, done)| done.entry()).collect();
        let recorded = request.record.write(&changes, request.place, request.mode, &request.patience, &seen);
        applied.recorded = std::mem::replace(&mut applied.recorded, Recorded::Nothing).and(recorded);
        for (at, one) in arrived {
            done[at] = Some(one);
        }
    };
    together(&request.jobs, means, each, request.patience.waiting);
    for (job, done) in request.jobs.iter().zip(done.into_iter().flatten()) {
        match done.came {
            Came::Changed(change, _) => applied.changes.push(change),
            Came::Over(change, _, error) => {
                applied.changes.push(change);
                applied.failed.push((job.flag.clone(), error));
            }
            Came::Unseen(_, _, error) => applied.failed.push((job.flag.clone(), error)),
            Came::Unchanged(stands) => applied.unchanged.push((job.flag.clone(), stands)),
            Came::Failed(error) => applied.failed.push((job.flag.clone(), error)),
        }
        applied.notes.extend(done.notes);
    }
    drop(lock);
    applied
}

/// Does the jobs side by side, and hands over what came of them as it comes, each with its number. `waiting` is told
/// where nothing came for a while.
fn together(
    jobs: &[RemoteJob<'_>],
    means: Means<'_>,
    mut each: impl FnMut(Vec<(usize, Done)>),
    waiting: &dyn Fn(&str),
) {
    let (next, (tell, told)) = (AtomicUsize::new(0), mpsc::channel());
    let work = |tell: mpsc::Sender<(usize, Done)>| {
        while let at = next.fetch_add(1, Ordering::SeqCst)
            && let Some(job) = jobs.get(at)
        {
            let _ = tell.send((at, Run::of(job, means).done()));
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs.len().min(AT_ONCE) {
            let tell = tell.clone();
            scope.spawn(|| work(tell));
        }
        drop(tell);
        let mut open = jobs.len();
        loop {
            match told.recv_timeout(SILENCE) {
                Ok(first) => {
                    let arrived: Vec<_> = [first].into_iter().chain(told.try_iter()).collect();
                    open -= arrived.len();
                    each(arrived);
                }
                Err(RecvTimeoutError::Timeout) => {
                    let flags = if open == 1 { "flag is" } else { "flags are" };
                    let trouble = means.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    let why = if trouble.is_empty() { trouble } else { format!("; {trouble}") };
                    let left = means.wait.left().as_secs();
                    if left > 0 {
                        waiting(&format!("{open} {flags} not done yet, trying for up to {left} s more{why}"));
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
}
