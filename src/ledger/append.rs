//! Appending: under the ledger's own lock, in one write, synced.

use super::line::{self, Link};
use super::place::{self, Ledger, Place};
use super::read::Backward;
use crate::error::{Error, Result};
use crate::model::{Entry, Mode, Shown};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::fs::{self, File, Metadata, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// How far back an append looks for the entries that no other refers to.
const NEAR: u64 = 32 * 1024;
/// The same after a merge, where two branches stand one after the other.
const FAR: u64 = 4 * 1024 * 1024;

/// Whether a change got into the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It did; sentences about what was found and mended on the way.
    Yes(Vec<String>),
    /// It did not: why, as a sentence fragment.
    No(String),
    /// There was nothing to record.
    Nothing,
}

impl Recorded {
    /// Returns what came of two appends together: what is missing counts.
    #[must_use]
    pub fn and(self, next: Self) -> Self {
        match (self, next) {
            (Self::Nothing, other) | (other, Self::Nothing) => other,
            (Self::No(why), _) | (_, Self::No(why)) => Self::No(why),
            (Self::Yes(mut notes), Self::Yes(more)) => {
                notes.extend(more);
                Self::Yes(notes)
            }
        }
    }
}

/// What a writer saw of the ledger before its change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    len: u64,
}

/// How long an append waits for the ledger's lock.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// A careful append gives up after `timeout`, an urgent one goes on without the lock.
    pub mode: Mode,
    /// The longest wait.
    pub timeout: Duration,
}

impl Ledger {
    /// Notes where the ledger ends, before a change: what is appended after it was not known to the writer.
    #[must_use]
    pub fn seen(&self) -> Seen {
        Seen { len: fs::metadata(&self.path).map_or(0, |metadata| metadata.len()) }
    }

    /// Appends `entries`, oldest first, in one write; `v`, `id` and `prev` are filled in here.
    ///
    /// The first one follows every head that stands now. Only if someone recorded a change of the same flag after `seen`
    /// was taken, it follows the heads of that time: it was made without knowing that change, and is not the newer one.
    #[must_use]
    pub fn append(&self, entries: &[Entry], seen: &Seen, patience: Patience) -> Recorded {
        if entries.is_empty() {
            return Recorded::Nothing;
        }
        self.write(entries, seen, patience).map_or_else(
            |error| {
                let name = self.path.to_string_lossy();
                Recorded::No(format!("the ledger `{}` can't be written: {}", Shown(&name), place::reason(&error)))
            },
            Recorded::Yes,
        )
    }

    /// Looks whether an entry could be appended, and appends none.
    ///
    /// # Errors
    /// `failed` (1) with the reason.
    pub fn usable(&self) -> Result<()> {
        self.try_open().map_err(|error| {
            let name = self.path.to_string_lossy();
            Error::failed(format!("the ledger `{}` can't be used: {}", Shown(&name), place::reason(&error)))
                .help("put the ledger's file right, or name another in flagctl.toml: `[ledger]`, `path`")
        })
    }

    fn try_open(&self) -> io::Result<()> {
        self.refuse_special()?;
        match File::options().read(true).append(true).open(&self.path) {
            Ok(mut file) => {
                let len = file.metadata()?.len();
                let tail = tail(&mut file, len)?;
                if tail.strange && tail.heads.is_empty() { Err(other("it is no ledger")) } else { Ok(()) }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => self.can_be_made(),
            Err(error) => Err(error),
        }
    }

    /// Looks at the nearest folder that is there.
    fn can_be_made(&self) -> io::Result<()> {
        let full = std::path::absolute(&self.path)?;
        let folder = full.ancestors().skip(1).find(|folder| folder.symlink_metadata().is_ok());
        let folder = folder.unwrap_or(Path::new("/"));
        if !folder.is_dir() {
            return Err(io::Error::from(io::ErrorKind::NotADirectory));
        }
        #[cfg(unix)]
        rustix::fs::access(folder, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK)?;
        Ok(())
    }

    fn write(&self, entries: &[Entry], seen: &Seen, patience: Patience) -> io::Result<Vec<String>> {
        let made = match fs::metadata(&self.path) {
            Ok(found) => self.refuse_other(&found, entries).map(|()| false)?,
            Err(_) => self.make_folder()?,
        };
        let (mut file, locked) = self.open_locked(patience)?;
        let len = file.metadata()?.len();
        let tail = tail(&mut file, len)?;
        if (tail.strange || tail.endless) && tail.heads.is_empty() && !(tail.endless && begins_as_ledger(&mut file)?) {
            return Err(other("it is no ledger"));
        }
        let mut notes = Vec::new();
        let mut text = String::new();
        if tail.endless && tail.heads.is_empty() {
            text.push('\n');
            notes.push(
                "the ledger's last 4 MiB are no entries, and have no line end: the entry was appended below them; `flagctl log --verify` shows the line"
                    .to_owned(),
            );
        }
        let mut mended = None;
        match &tail.torn {
            None => {}
            // Only its end is missing.
            Some(fragment) if line::entry(fragment).is_ok() => text.push('\n'),
            // Without the lock it is left to the next one who has it; but it must not spoil this entry.
            Some(_) if !locked => text.push('\n'),
            Some(fragment) => {
                text.push('\n');
                mended = Some(json!({ "bytes": fragment.len(), "sha256": line::hex(fragment) }));
                notes.push("the ledger's last line was torn by an interrupted write; it was closed".to_owned());
            }
        }
        if !locked {
            notes.push("the ledger's lock stayed busy: the entry was appended without it".to_owned());
        }
        let unknown = len > seen.len && overtaken(&mut file, seen, entries)?;
        let mut prev = if unknown { self::tail(&mut file, seen.len)?.heads } else { tail.heads };
        for entry in entries {
            let torn: Option<(&str, Value)> = mended.take().map(|torn| ("torn", torn));
            let (line, id) = line::write(entry, prev, torn)?;
            text.push_str(&line);
            text.push('\n');
            prev = vec![id];
        }
        file.write_all(text.as_bytes())?;
        if len > 0 {
            file.sync_data()?;
        } else {
            file.sync_all()?;
            sync_above(&self.path, made);
        }
        Ok(notes)
    }

    /// Refuses what is no ledger by its kind or because the flags stand in it: an entry would destroy them.
    fn refuse_other(&self, found: &Metadata, entries: &[Entry]) -> io::Result<()> {
        place::refuse_special(found)?;
        if entries.chunk_by(|one, next| one.file == next.file).any(|of| self.is(found, &self.root.join(&of[0].file))) {
            return Err(other("it is the flags file itself"));
        }
        Ok(())
    }

    /// True if another path leads to this ledger, which is `found`.
    #[cfg(unix)]
    fn is(&self, found: &Metadata, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|other| same(found, &other))
    }

    #[cfg(not(unix))]
    fn is(&self, _found: &Metadata, path: &Path) -> bool {
        matches!((self.path.canonicalize(), path.canonicalize()), (Ok(one), Ok(other)) if one == other)
    }

    /// Makes the ledger's folder; true if it was not there.
    fn make_folder(&self) -> io::Result<bool> {
        let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(false) };
        let missing = !folder.is_dir();
        if missing {
            fs::create_dir_all(folder)?;
        }
        Ok(missing)
    }

    /// Opens the file and takes its lock; false if an urgent append goes on without.
    fn open_locked(&self, patience: Patience) -> io::Result<(File, bool)> {
        let began = Instant::now();
        loop {
            let file = File::options().read(true).append(true).create(true).open(&self.path)?;
            match file.try_lock() {
                // A merge or a checkout puts a new file in its place: a lock on the old one guards nothing.
                Ok(()) if stands(&file, &self.path) => return Ok((file, true)),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if began.elapsed() < patience.timeout => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(error) => match (patience.mode, error) {
                    (Mode::Urgent, _) => return Ok((file, false)),
                    (Mode::Careful, TryLockError::Error(error)) => return Err(error),
                    (Mode::Careful, TryLockError::WouldBlock) => {
                        return Err(io::Error::new(io::ErrorKind::WouldBlock, "its lock stayed busy"));
                    }
                },
            }
        }
    }
}

/// The end of a ledger.
struct Tail {
    /// The entries that no other refers to, oldest first.
    heads: Vec<String>,
    /// What stands after the last line end.
    torn: Option<Vec<u8>>,
    /// True if there is a line that neither is nor begins as an entry.
    strange: bool,
    /// True if there is a line without a beginning in reach: what stands before it was not read.
    endless: bool,
}

fn tail(file: &mut File, len: u64) -> io::Result<Tail> {
    let mut lines = Backward::new(file, len);
    let mut torn = None;
    let mut strange = false;
    let mut referred = Referred::default();
    let mut heads = Vec::new();
    let mut reach = NEAR;
    // The line that a ledger without branches has next.
    let mut expected: Option<Vec<String>> = None;
    let mut endless = false;
    while let Some(line) = lines.next_line()? {
        if !line.whole {
            endless = true;
            break;
        }
        strange |= !line::is_begun(&line.bytes);
        let full = match (line.ended, line.bytes) {
            (true, bytes) => bytes,
            (false, bytes) => {
                let whole = line::entry(&bytes).is_ok();
                torn = Some(bytes.clone());
                if !whole {
                    continue;
                }
                bytes
            }
        };
        if let Some(Link { id, prev }) = line::link(&full) {
            // In a ledger without branches this is all that is ever asked.
            let next = expected.as_deref().is_some_and(|expected| *expected == [id.as_str()]);
            if let Some(before) = expected.replace(prev) {
                reach = if next { reach } else { FAR };
                referred.newest.extend(before);
            }
            if !next && !referred.has(&id) {
                heads.push(id);
            }
        }
        if len - line.start >= reach {
            break;
        }
    }
    heads.reverse();
    Ok(Tail { heads, torn, strange, endless })
}

/// The ids that newer entries follow.
#[derive(Default)]
struct Referred {
    known: HashSet<String>,
    /// Those that nobody had to look up yet.
    newest: Vec<String>,
}

impl Referred {
    fn has(&mut self, id: &str) -> bool {
        self.known.extend(self.newest.drain(..));
        self.known.contains(id)
    }
}

/// True for a file that starts as flagctl writes an entry.
fn begins_as_ledger(file: &mut File) -> io::Result<bool> {
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(64).read_to_end(&mut start)?;
    Ok(!start.is_empty() && line::is_begun(&start))
}

/// True if somebody recorded a change of one of these flags since `seen` was taken.
fn overtaken(file: &mut File, seen: &Seen, entries: &[Entry]) -> io::Result<bool> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(seen.len))?;
    file.read_to_end(&mut bytes)?;
    let newer = bytes.split(|byte| *byte == b'\n').filter_map(|line| line::entry(line).ok());
    let about = |newer: &Entry| {
        entries.iter().any(|entry| {
            let place = Place { environment: entry.environment.clone(), file: entry.file.clone() };
            entry.flag == newer.flag && place.is_of(newer)
        })
    };
    Ok(newer.into_iter().any(|newer| about(&newer)))
}

fn other(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(unix)]
fn stands(file: &File, path: &Path) -> bool {
    matches!((file.metadata(), fs::metadata(path)), (Ok(held), Ok(named)) if same(&held, &named))
}

/// True if both are of one file.
#[cfg(unix)]
fn same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    one.ino() == other.ino() && one.dev() == other.dev()
}

#[cfg(not(unix))]
fn stands(_file: &File, _path: &Path) -> bool {
    true
}

/// Makes a new ledger's name last through a power cut. On Linux the file systems in use (ext4, xfs, btrfs) write the
/// name of a new file together with the file, so that nothing is left to do there.
fn sync_above(path: &Path, folder_too: bool) {
    if cfg!(target_os = "linux") {
        return;
    }
    for folder in path.ancestors().skip(1).take(if folder_too { 2 } else { 1 }) {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}
