//! The advisory lock of one flags file: a lock on its folder, so that nothing is left behind, and the system drops it
//! with its process.

use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Mode, Shown};
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a lock is waited for, and what ends the wait early.
pub struct Patience<'a> {
    /// The longest wait.
    pub timeout: Duration,
    /// Tells that the user has stopped the verb, and by which exit.
    pub stopped: &'a (dyn Fn() -> Option<Exit> + Sync),
    /// Is told once who holds the lock, when there is a wait.
    pub waiting: &'a dyn Fn(&str),
}

/// The lock, as far as it was had.
#[derive(Debug)]
pub(super) enum Lock {
    /// Held until dropped.
    Held(Held),
    /// Not had: why, as a sentence. Only an urgent change goes on without it.
    Without(String),
}

/// A lock that is held.
#[derive(Debug)]
pub(super) struct Held {
    _file: File,
    /// What is guarded, symlinks followed.
    pub(super) target: PathBuf,
    /// A file made only to be locked; it goes when the lock goes.
    made: Option<PathBuf>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(made) = &self.made {
            // While it is still locked: see `own_file`.
            let _ = std::fs::remove_file(made);
        }
    }
}

impl Lock {
    /// True if the lock is held.
    pub(super) const fn is_held(&self) -> bool {
        matches!(self, Self::Held(_))
    }
}

/// Takes the lock of the flags file at `path`.
///
/// # Errors
/// For a careful change: `conflict` (7) if the lock stayed busy, `failed` (1) if it can't be had at all. For both: the
/// exit by which the user stopped.
pub(super) fn take(path: &Path, mode: Mode, patience: &Patience<'_>) -> Result<Lock> {
    let busy = match wait(path, patience)? {
        Ok(held) => return Ok(Lock::Held(held)),
        Err(busy) => busy,
    };
    match mode {
        Mode::Urgent => Ok(Lock::Without(busy.urgent(path))),
        Mode::Careful => Err(busy.careful(path)),
    }
}

/// Why a lock was not had.
enum Busy {
    /// Held by someone until the end of the wait.
    By(String, Duration),
    /// There is nothing to lock.
    Never(io::Error),
}

impl Busy {
    fn urgent(&self, path: &Path) -> String {
        let name = path.to_string_lossy();
        let name = Shown(&name);
        match self {
            Self::By(holder, waited) => {
                format!("the lock of `{name}` {} ({holder}): went on without it", busy(*waited))
            }
            Self::Never(error) => format!("`{name}` can't be locked ({error}): went on without the lock"),
        }
    }

    fn careful(&self, path: &Path) -> Error {
        let name = path.to_string_lossy();
        let name = Shown(&name);
        match self {
            Self::By(holder, waited) => {
                Error::new(Exit::Conflict, format!("the lock of `{name}` {}: {holder}", busy(*waited)))
                    .help("try again, or wait longer with `--lock-timeout 60s`")
            }
            Self::Never(error) => Error::failed(format!("`{name}` can't be locked: {error}"))
                .help("run it as a user who may read the file's folder"),
        }
    }
}

fn busy(waited: Duration) -> String {
    if waited.is_zero() { "is busy".to_owned() } else { format!("stayed busy for {} s", waited.as_secs_f64()) }
}

fn wait(path: &Path, patience: &Patience<'_>) -> Result<std::result::Result<Held, Busy>> {
    let began = Instant::now();
    let mut told = false;
    let mut pause = Duration::from_millis(2);
    loop {
        let place = match attempt(path) {
            Ok(Attempt::Held(held)) => return Ok(Ok(held)),
            Ok(Attempt::Busy(place)) => place,
            Err(error) => return Ok(Err(Busy::Never(error))),
        };
        if let Some(exit) = (patience.stopped)() {
            return Err(Error::new(exit, "stopped while waiting for the lock"));
        }
        let left = patience.timeout.saturating_sub(began.elapsed());
        if left.is_zero() {
            return Ok(Err(Busy::By(holder(&place), patience.timeout)));
        }
        if !told && began.elapsed() > Duration::from_millis(300) {
            (patience.waiting)(&format!("waiting for the lock: {}", holder(&place)));
            told = true;
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

enum Attempt {
    Held(Held),
    /// Someone holds it; this is what is locked.
    Busy(File),
}

fn attempt(path: &Path) -> io::Result<Attempt> {
    let target = path.canonicalize().or_else(|error| {
        // A file that is yet to be made: its folder is there.
        let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if error.kind() == io::ErrorKind::NotFound {
            Ok(folder.canonicalize()?.join(path.file_name().unwrap_or_default()))
        } else {
            Err(error)
        }
    })?;
    let folder = target.parent().unwrap_or(Path::new("/"));
    let locked = File::open(folder).and_then(|folder| match folder.try_lock() {
        Ok(()) => Ok(Attempt::Held(Held { _file: folder, target: target.clone(), made: None })),
        Err(TryLockError::WouldBlock) => Ok(Attempt::Busy(folder)),
        Err(TryLockError::Error(error)) => Err(error),
    });
    // Windows, and some network file systems, lock no folders.
    locked.or_else(|_| own_file(&target))
}

/// Locks a file beside the flags file, made for this and removed by its holder.
fn own_file(target: &Path) -> io::Result<Attempt> {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".flagctl-lock");
    let path = target.with_file_name(name);
    let file = File::options().create(true).truncate(false).write(true).open(&path)?;
    match file.try_lock() {
        // It may have been removed by its last holder between opening and locking: then it guards nothing.
        Ok(()) if stands(&file, &path) => {
            Ok(Attempt::Held(Held { _file: file, target: target.to_owned(), made: Some(path) }))
        }
        Ok(()) | Err(TryLockError::WouldBlock) => Ok(Attempt::Busy(file)),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(unix)]
fn stands(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(held), Ok(named)) = (file.metadata(), std::fs::metadata(path)) else { return false };
    held.ino() == named.ino() && held.dev() == named.dev()
}

#[cfg(not(unix))]
fn stands(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// Tells who holds the lock: process and command, where the system tells it.
#[cfg(target_os = "linux")]
fn holder(locked: &File) -> String {
    use std::os::unix::fs::MetadataExt as _;
    let inode = locked.metadata().map(|metadata| format!(":{}", metadata.ino())).unwrap_or_default();
    let locks = std::fs::read_to_string("/proc/locks").unwrap_or_default();
    // `1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF`; a waiter's line has `->`.
    let pid = locks.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>()).find_map(|fields| {
        let held = fields.get(1) == Some(&"FLOCK") && fields.get(5).is_some_and(|place| place.ends_with(&inode));
        if held { fields.get(4).map(|pid| (*pid).to_owned()) } else { None }
    });
    let Some(pid) = pid else { return "held by a process that can't be seen from here".to_owned() };
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    let command: String = command.trim().chars().take(80).collect();
    if command.is_empty() {
        format!("held by process {pid}")
    } else {
        format!("held by process {pid} (`{}`)", Shown(&command))
    }
}

#[cfg(not(target_os = "linux"))]
fn holder(_locked: &File) -> String {
    "held by another process".to_owned()
}
