//! Stopping a wait from outside, and the time that is left for one.

use super::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often a wait looks whether it is to stop.
pub(super) const POLL: Duration = Duration::from_millis(20);

/// A switch that ends every wait it was given to. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// Ends the waits.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// True once they are to end.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Returns the bare switch, as a signal handler takes it.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

/// How long something may wait, and what ends it before.
#[derive(Clone, Debug)]
pub struct Wait {
    /// No wait reaches beyond this.
    pub deadline: Instant,
    /// What ends it before.
    pub cancel: Cancel,
}

impl Wait {
    /// Returns a wait of at most `length` from now.
    #[must_use]
    pub fn of(length: Duration, cancel: &Cancel) -> Self {
        let now = Instant::now();
        Self { deadline: now.checked_add(length).unwrap_or(now), cancel: cancel.clone() }
    }

    /// Returns the time that is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Waits for `length`, calling `tick` with the time gone now and then.
    ///
    /// # Errors
    /// [`Failure::Cancelled`] at once when the switch is thrown; [`Failure::Timeout`] at the deadline.
    pub fn pause(&self, length: Duration, tick: &mut dyn FnMut(Duration)) -> Result<(), Failure> {
        let start = Instant::now();
        loop {
            let gone = start.elapsed();
            if self.cancel.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            if gone >= length {
                return Ok(());
            }
            if self.left().is_zero() {
                return Err(Failure::Timeout { after: gone });
            }
            tick(gone);
            thread::sleep(POLL.min(length - gone));
        }
    }
}
