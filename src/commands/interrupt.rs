//! Ctrl-C and SIGTERM as a switch: waits end at once, a write that has begun is finished first.

use super::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::http::Cancel;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a change waits for another flagctl that is writing.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// Tells whether the process was asked to stop, and by what.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt {
    /// Thrown by either signal; what waits looks at it.
    pub(super) cancel: Cancel,
    /// Set by SIGTERM; whatever else comes after it doesn't take that back.
    terminated: Arc<AtomicBool>,
}

impl Interrupt {
    /// Begins to listen. Where a handler can't be installed the signals keep their default: they end the process.
    pub(super) fn listen(context: &Context) -> Self {
        let interrupt = Self { cancel: context.cancel.clone(), terminated: Arc::clone(&context.terminated) };
        // A file that may not grow so large is an error to be told, not the end of the process in the middle of a write.
        #[cfg(unix)]
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
        // First by whom, then that: whoever sees the switch thrown finds out by what.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&interrupt.terminated));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            let _ = signal_hook::flag::register(signal, interrupt.cancel.flag());
        }
        interrupt
    }

    /// Returns by what the process was asked to stop.
    pub(super) fn exit(&self) -> Option<Exit> {
        let terminated = self.terminated.load(Ordering::SeqCst);
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
