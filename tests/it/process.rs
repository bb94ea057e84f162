//! Programs that tests run to their end: one that doesn't come to it is ended, and shown.

use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// A machine that is this slow has a problem of its own.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// Runs a program to its end and returns what it said.
pub(crate) fn output(command: &mut Command) -> Output {
    ended(start(command.stdout(Stdio::piped()).stderr(Stdio::piped())))
}

/// Starts a program in a process group of its own, so that [`ended`] can end what it starts too.
pub(crate) fn start(command: &mut Command) -> Child {
    command.process_group(0).stdin(Stdio::null()).spawn().unwrap_or_else(|error| {
        panic!("{:?} can't be started: {error}; scripts/needs installs what the tests drive", command.get_program())
    })
}

/// Waits for a program that [`start`] has started and returns what it said.
pub(crate) fn ended(child: Child) -> Output {
    let group = format!("-{}", child.id());
    let (done, over) = channel::<()>();
    let watch = thread::spawn(move || {
        let late = over.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout);
        if late {
            let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        }
        late
    });
    let output = child.wait_with_output().unwrap();
    drop(done);
    assert!(!watch.join().unwrap(), "did not end within {PATIENCE:?}; it had said: {output:?}");
    output
}
