//! Ctrl-C, SIGTERM, SIGHUP and SIGQUIT as a switch: waits end at once, a write that has begun is finished first.

use super::Context;
use crate::error::Error;
use crate::exit::Exit;
use crate::http::Cancel;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How long a change waits for another flagctl that is writing.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(10);

/// The signals that end a process as SIGTERM does, with their names: a terminal that is closed sends SIGHUP.
const TERMINATING: [(i32, &str); 3] =
    [(SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP: the terminal was closed"), (SIGQUIT, "SIGQUIT")];

/// Tells whether the process was asked to stop, and by what.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt {
    /// Thrown by each signal; what waits looks at it.
    pub(super) cancel: Cancel,
    /// The signal that asked, other than Ctrl-C; whatever else comes after it doesn't take that back. 0 where none did.
    terminated: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Begins to listen. Where a handler can't be installed the signals keep their default: they end the process.
    pub(super) fn listen(context: &Context) -> Self {
        let interrupt = Self { cancel: context.cancel.clone(), terminated: Arc::clone(&context.terminated) };
        // A file that may not grow so large is an error to be told, not the end of the process in the middle of a write.
        #[cfg(unix)]
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
        // First by whom, then that: whoever sees the switch thrown finds out by what.
        let ignored = ignored();
        for (signal, _) in TERMINATING.into_iter().filter(|(signal, _)| ignored >> (signal - 1) & 1 == 0) {
            let by = usize::try_from(signal).unwrap_or_default();
            let _ = signal_hook::flag::register_usize(signal, Arc::clone(&interrupt.terminated), by);
            let _ = signal_hook::flag::register(signal, interrupt.cancel.flag());
        }
        let _ = signal_hook::flag::register(SIGINT, interrupt.cancel.flag());
        interrupt
    }

    /// Returns by what the process was asked to stop.
    pub(super) fn exit(&self) -> Option<Exit> {
        let terminated = self.terminated.load(Ordering::SeqCst) != 0;
        let exit = if terminated { Exit::Terminated } else { Exit::Stopped };
        self.cancel.is_cancelled().then_some(exit)
    }

    /// Returns the error to end with, if the process was asked to stop.
    pub(super) fn asked(&self) -> Option<Error> {
        self.exit().map(|exit| {
            let by = self.terminated.load(Ordering::SeqCst);
            let known = TERMINATING.into_iter().find(|(signal, _)| usize::try_from(*signal) == Ok(by));
            let by = known.map_or("Ctrl-C", |(_, name)| name);
            Error::new(exit, format!("stopped by {by}"))
        })
    }
}

/// Returns the signals that whoever started the process had it ignore, as `nohup` does, a bit for each: that stays so.
/// Where the system doesn't tell, there is none.
fn ignored() -> u64 {
    let stat = std::fs::read("/proc/self/stat").unwrap_or_default();
    // The command stands in brackets and may hold any character; the fields after it start with the third.
    let fields = stat.iter().rposition(|byte| *byte == b')').map(|at| String::from_utf8_lossy(&stat[at + 1..]));
    fields.and_then(|fields| fields.split_ascii_whitespace().nth(33 - 3)?.parse().ok()).unwrap_or_default()
}
