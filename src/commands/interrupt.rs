//! Ctrl-C and SIGTERM as a switch: waits end at once, a write that has begun is finished first.

use crate::error::Error;
use crate::exit::Exit;
use crate::http::Cancel;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long a change waits for another flagctl that is writing.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Tells whether the process was asked to stop, and by what.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt {
    /// Thrown by either signal; what waits looks at it.
    pub(super) cancel: Cancel,
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Begins to listen. Where a handler can't be installed the signals keep their default: they end the process.
    pub(super) fn listen() -> Self {
        let interrupt = Self::default();
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let number = usize::try_from(signal).unwrap_or_default();
            let _ = signal_hook::flag::register_usize(signal, Arc::clone(&interrupt.signal), number);
            let _ = signal_hook::flag::register(signal, interrupt.cancel.flag());
        }
        interrupt
    }

    /// Returns by what the process was asked to stop.
    pub(super) fn exit(&self) -> Option<Exit> {
        let terminated = usize::try_from(signal_hook::consts::SIGTERM) == Ok(self.signal.load(Ordering::SeqCst));
        let exit = if terminated { Exit::Terminated } else { Exit::Stopped };
        self.cancel.is_cancelled().then_some(exit)
    }

    /// Returns the error to end with, if the process was asked to stop.
    pub(super) fn asked(&self) -> Option<Error> {
        self.exit().map(|exit| {
            let by = if exit == Exit::Terminated { "stopped by SIGTERM" } else { "stopped by Ctrl-C" };
            Error::new(exit, by)
        })
    }
}
