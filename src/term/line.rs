//! One line from the keyboard, waited for in short naps: whatever stops the wait, at whatever moment, is seen.

use std::io::{self, Read as _};

/// Reads what was typed up to Enter, or up to the end of the input; `None` if `stopped` first.
///
/// # Errors
/// stdin can't be read.
pub(super) fn read(stopped: &dyn Fn() -> bool) -> io::Result<Option<String>> {
    let mut bytes = [0; 1024];
    while !stopped() {
        if typed()? {
            // A terminal gives a whole line at once.
            let count = io::stdin().lock().read(&mut bytes)?;
            return Ok(Some(String::from_utf8_lossy(&bytes[..count]).into_owned()));
        }
    }
    Ok(None)
}

/// Waits for a nap at most; true if there is something to read.
#[cfg(unix)]
fn typed() -> io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    const NAP: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    match poll(&mut [PollFd::new(&io::stdin(), PollFlags::IN)], Some(&NAP)) {
        Err(rustix::io::Errno::INTR) => Ok(false),
        ready => Ok(ready? > 0),
    }
}

#[cfg(not(unix))]
fn typed() -> io::Result<bool> {
    Ok(true)
}
