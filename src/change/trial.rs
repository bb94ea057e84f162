//! Trials that change nothing: would the lock, the write and the append work?

use super::lock::{self, Patience};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::{Mode, Shown};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Takes the lock of a flags file and lets it go; returns who holds it, if somebody does.
///
/// # Errors
/// Exit 1: it can't be had by anybody.
pub fn try_lock(path: &Path) -> Result<Option<String>> {
    let patience = Patience { timeout: Duration::ZERO, stopped: &|| None, waiting: &|_| {} };
    match lock::take(path, Mode::Careful, &patience) {
        Ok(_held) => Ok(None),
        Err(error) if error.exit == Exit::Conflict => Ok(Some(error.message)),
        Err(error) => Err(error),
    }
}

/// Asks whether a flags file could be replaced; returns why it could only be overwritten in place, if that is so.
///
/// # Errors
/// Exit 1: neither can be done.
pub fn try_write(path: &Path) -> Result<Option<String>> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = real.parent().unwrap_or(Path::new("/"));
    let (shown, within) = (path.display().to_string(), folder.display().to_string());
    match (writable(folder), writable(&real)) {
        (true, _) => Ok(None),
        (false, true) => Ok(Some(format!("nothing can be written into {}, the file's folder", Shown(&within)))),
        (false, false) => Err(Error::failed(format!("`{}` can't be written", Shown(&shown)))
            .help(format!("let this user write into {}", Shown(&within)))),
    }
}

/// Asks whether an entry could be appended to a ledger.
///
/// # Errors
/// Exit 1: it could not.
pub fn try_append(ledger: &Ledger) -> Result<()> {
    let full = std::path::absolute(&ledger.path).unwrap_or_else(|_| ledger.path.clone());
    let there: Option<PathBuf> = full.ancestors().find(|path| path.exists()).map(Path::to_owned);
    if there.as_deref().is_some_and(writable) {
        return Ok(());
    }
    let shown = ledger.path.display().to_string();
    Err(Error::failed(format!("the ledger `{}` can't be written", Shown(&shown)))
        .help("let this user write it: an advance is refused without it, and a rollback sets no latch"))
}

#[cfg(unix)]
fn writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn writable(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.permissions().readonly())
}
