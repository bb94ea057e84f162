//! Trials that change no flag and leave nothing behind: would the lock, the write and the append work?

use super::lock::{self, Patience};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::{Mode, Shown};
use std::fs::File;
use std::io::{self, Read as _};
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
        (true, _) => tried(folder, &real),
        (false, true) => Ok(Some(format!("nothing can be written into {}, the file's folder", Shown(&within)))),
        (false, false) => Err(Error::failed(format!("`{}` can't be written", Shown(&shown)))
            .help(format!("let this user write into {}", Shown(&within)))),
    }
}

/// Really tries what the rights allow, and what an attribute or a file system may forbid: to open the file for writing,
/// and to make a file beside it; returns what is in doubt. Whether the file could be exchanged shows by neither where its
/// folder is sticky.
fn tried(folder: &Path, real: &Path) -> Result<Option<String>> {
    let within = folder.display().to_string();
    // Rights alone don't matter where the folder lets the file be replaced; to root an attribute looks like them.
    if let Err(error) = std::fs::OpenOptions::new().write(true).open(real)
        && (writable(real) || forbidden(&error))
    {
        let message = format!("the file can't be opened for writing, whatever its rights: {error}");
        return Err(Error::failed(message).help("look for an attribute that forbids it: lsattr"));
    }
    let bytes = real.metadata().map_or(0, |found| found.len());
    if let Err(error) = spare(folder, bytes) {
        let what = format!("no file like it can be made and removed in {}, its folder: {error}", Shown(&within));
        return Ok(Some(what));
    }
    let what = || format!("{}, the file's folder, is sticky, and the file is another's", Shown(&within));
    Ok(sticky(folder, real).then(what))
}

/// Makes a file of so many bytes in a folder and removes it.
fn spare(folder: &Path, bytes: u64) -> io::Result<()> {
    let path = folder.join(format!(".flagctl-trial-{}", std::process::id()));
    let mut file = File::options().write(true).create_new(true).open(&path)?;
    let written = io::copy(&mut io::repeat(b'#').take(bytes), &mut file).and_then(|_| file.sync_data());
    std::fs::remove_file(&path).and(written)
}

/// True if it is not the rights that forbid it.
#[cfg(unix)]
fn forbidden(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::PERM.raw_os_error())
}

#[cfg(not(unix))]
fn forbidden(_: &io::Error) -> bool {
    false
}

#[cfg(unix)]
fn sticky(folder: &Path, real: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let me = rustix::process::geteuid().as_raw();
    let (Ok(folder), Ok(file)) = (folder.metadata(), real.metadata()) else { return false };
    folder.mode() & 0o1000 != 0 && me != 0 && ![folder.uid(), file.uid()].contains(&me)
}

#[cfg(not(unix))]
fn sticky(_: &Path, _: &Path) -> bool {
    false
}

/// More than an entry takes.
const ENTRY: u64 = 16 * 1024;

/// Asks whether an entry could be appended to a ledger.
///
/// # Errors
/// Exit 1: it could not.
pub fn try_append(ledger: &Ledger) -> Result<()> {
    let full = std::path::absolute(&ledger.path).unwrap_or_else(|_| ledger.path.clone());
    let there: Option<PathBuf> = full.ancestors().find(|path| path.exists()).map(Path::to_owned);
    let within = full.ancestors().find(|path| path.is_dir());
    let why = match (there.as_deref().is_some_and(writable), within) {
        (false, _) => String::new(),
        // Whether there is room shows only by taking some.
        (true, Some(folder)) if writable(folder) => match spare(folder, ENTRY) {
            Ok(()) => return Ok(()),
            Err(error) => format!(": {error}"),
        },
        (true, _) => return Ok(()),
    };
    let shown = ledger.path.display().to_string();
    Err(Error::failed(format!("the ledger `{}` can't be written{why}", Shown(&shown)))
        .help("let this user write it: an advance ends with 1, changed and not recorded, and a rollback sets no latch"))
}

#[cfg(unix)]
fn writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK).is_ok()
}

#[cfg(not(unix))]
fn writable(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.permissions().readonly())
}
