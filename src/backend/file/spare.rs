//! The files that a write keeps beside the flags file while it goes on. Their names are an intent log: they say whose
//! write it is, and which text it replaces by which, so that another process can finish what a dead one began.

use super::exchange::{exchange, sync_folder};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// What a spare file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The new text, maybe not all of it yet.
    Part,
    /// The new text of a careful write, whole; after the exchange what stood in the flags file.
    Careful,
    /// The same of an urgent write.
    Urgent,
    /// The old text, kept while the flags file is overwritten in place.
    Copy,
}

/// A spare file, as its name tells it.
#[derive(Clone, Debug)]
pub(super) struct Spare {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    owner: Owner,
    /// Of the text that is replaced.
    old: u64,
    /// Of the text that replaces it.
    new: u64,
}

/// The process that a spare file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Owner {
    pid: u32,
    /// When it started, in clock ticks since boot: tells a pid that was used again.
    start: u64,
    /// Which machine, boot and pid namespace the pid is of: elsewhere it says nothing.
    space: u32,
}

/// How long a spare file of another machine or namespace is left alone: whether its process lives can't be told.
const FOREIGN_AGE: std::time::Duration = std::time::Duration::from_secs(3600);

impl Kind {
    const ALL: [Self; 4] = [Self::Part, Self::Careful, Self::Urgent, Self::Copy];

    const fn word(self) -> &'static str {
        match self {
            Self::Part => "part",
            Self::Careful => "next",
            Self::Urgent => "down",
            Self::Copy => "copy",
        }
    }
}

impl Spare {
    /// Names a spare file of this process for replacing `old` by `new` in `target`, standing in `folder`.
    pub(super) fn name(folder: &Path, target: &Path, kind: Kind, old: &[u8], new: &[u8]) -> Self {
        Self::with(folder, target, kind, Owner::me(), (digest(old), digest(new)))
    }

    fn with(folder: &Path, target: &Path, kind: Kind, owner: Owner, (old, new): (u64, u64)) -> Self {
        let Owner { pid, start, space } = owner;
        let name = format!("{}{}-{pid}-{start}-{space:08x}-{old:016x}-{new:016x}", prefix(target), kind.word());
        Self { path: folder.join(name), kind, owner, old, new }
    }

    /// Gives the spare file another kind: renames it.
    pub(super) fn become_kind(&mut self, target: &Path, kind: Kind) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let next = Self::with(folder, target, kind, self.owner, (self.old, self.new));
        fs::rename(&self.path, &next.path)?;
        *self = next;
        Ok(())
    }

    fn parse(path: PathBuf, target: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let mut fields = name.strip_prefix(&prefix(target))?.split('-');
        let word = fields.next()?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
        let owner = Owner {
            pid: fields.next()?.parse().ok()?,
            start: fields.next()?.parse().ok()?,
            space: u32::from_str_radix(fields.next()?, 16).ok()?,
        };
        let old = u64::from_str_radix(fields.next()?, 16).ok()?;
        let new = u64::from_str_radix(fields.next()?, 16).ok()?;
        if fields.next().is_some() { None } else { Some(Self { path, kind, owner, old, new }) }
    }

    /// Finds the spare files of `target`, except this process's own.
    fn others(target: &Path) -> Vec<Self> {
        let Some(Ok(folder)) = target.parent().map(fs::read_dir) else { return Vec::new() };
        let marked = prefix(target);
        folder
            .flatten()
            .filter(|file| file.file_name().to_str().is_some_and(|name| name.starts_with(&marked)))
            .filter_map(|file| Self::parse(file.path(), target))
            .filter(|spare| spare.owner != Owner::me())
            .collect()
    }

    fn is_orphan(&self) -> bool {
        if self.owner.space == Owner::me().space {
            return !self.owner.lives();
        }
        let changed = fs::metadata(&self.path).and_then(|metadata| metadata.modified());
        changed.is_ok_and(|changed| changed.elapsed().is_ok_and(|age| age > FOREIGN_AGE))
    }
}

/// Clears away what writers of `target`, symlinks followed, left that are no longer alive. Only for the holder of the lock.
///
/// A write that was interrupted between exchange and check is finished: what it took out wrongly goes back. Returns
/// sentences about what needs a person.
#[must_use]
pub fn sweep(target: &Path) -> Vec<String> {
    Spare::others(target).into_iter().filter(Spare::is_orphan).filter_map(|spare| settle(&spare, target)).collect()
}

/// Takes the careful writes of `target` out of their writers' hands, alive or not: for a rollback that can't wait for
/// the lock. A writer that is stopped before its exchange finds nothing to exchange when it goes on.
///
/// Called before and after such a rollback's own write: a careful writer compares once more after its spare file has
/// its final name, so either it sees the rollback's text, or one of the two calls sees its spare file.
#[must_use]
pub fn set_aside(path: &Path) -> Vec<String> {
    let Ok(target) = path.canonicalize() else { return Vec::new() };
    let mut notes = Vec::new();
    for spare in Spare::others(&target).into_iter().filter(|spare| spare.kind == Kind::Careful) {
        let folder = target.parent().unwrap_or(Path::new("/"));
        let mine = Spare::with(folder, &target, Kind::Urgent, Owner::me(), (spare.old, spare.new));
        // Fails only if its writer, or another rollback, was quicker.
        if fs::rename(&spare.path, &mine.path).is_ok() {
            notes.extend(settle(&mine, &target));
        }
    }
    notes
}

/// Finishes what the owner of a spare file began. Returns a sentence if a person has to look.
fn settle(spare: &Spare, target: &Path) -> Option<String> {
    let done = |path: &Path| {
        let _ = fs::remove_file(path);
        None
    };
    if spare.kind == Kind::Part {
        return done(&spare.path);
    }
    let held = digest(&fs::read(&spare.path).ok()?);
    let stands = fs::read(target).ok().map(|bytes| digest(&bytes))?;
    if spare.kind == Kind::Copy {
        // Not begun, or done: the copy has served. Else the flags file may be half the old and half the new text.
        let whole = stands == spare.old || stands == spare.new;
        return if whole { done(&spare.path) } else { Some(kept(&spare.path, "the text before an interrupted write")) };
    }
    if held == spare.new || held == spare.old {
        return done(&spare.path);
    }
    // The exchange took out a text that was not the one compared: somebody's change. It goes back if nobody has
    // changed the file since; what comes out then is the interrupted write's own text.
    if stands == spare.new && exchange(&spare.path, target).is_ok() {
        if fs::read(&spare.path).is_ok_and(|bytes| digest(&bytes) == spare.new) {
            let _ = fs::remove_file(&spare.path);
            let _ = target.parent().map(sync_folder);
            return None;
        }
        // Changed just now: that text is the newest, so it goes back in place.
        let _ = exchange(&spare.path, target);
    }
    Some(kept(&spare.path, "a change that an interrupted write took out"))
}

fn kept(path: &Path, what: &str) -> String {
    let name = path.to_string_lossy();
    let name = crate::model::Shown(&name);
    format!("{what} is kept in `{name}`: compare it with the flags file, then delete it")
}

impl Owner {
    #[cfg(target_os = "linux")]
    fn me() -> Self {
        static ME: std::sync::OnceLock<Owner> = std::sync::OnceLock::new();
        *ME.get_or_init(|| {
            let pid = std::process::id();
            let boot = told("/proc/sys/kernel/random/boot_id").unwrap_or_default();
            let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
            let space = digest(&[boot.as_slice(), namespace.as_os_str().as_encoded_bytes()].concat());
            Self { pid, start: started(pid).unwrap_or(0), space: (space >> 32) as u32 }
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn me() -> Self {
        Self { pid: std::process::id(), start: 0, space: 0 }
    }

    #[cfg(target_os = "linux")]
    fn lives(self) -> bool {
        started(self.pid) == Some(self.start)
    }

    /// Whether a process lives can't be told here without more than a file: its spare files are left alone.
    #[cfg(not(target_os = "linux"))]
    const fn lives(self) -> bool {
        true
    }
}

/// Reads what the kernel tells in a few words: at once, since such a file has no size to go by.
#[cfg(target_os = "linux")]
fn told(path: &str) -> io::Result<Vec<u8>> {
    let mut words = vec![0; 1024];
    let count = fs::File::open(path)?.read(&mut words)?;
    words.truncate(count);
    Ok(words)
}

/// Returns when a living process started, in clock ticks since boot.
#[cfg(target_os = "linux")]
fn started(pid: u32) -> Option<u64> {
    let stat = told(&format!("/proc/{pid}/stat")).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    // The command stands in brackets and may hold any character; the fields after it start with the state.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X") { None } else { fields.nth(18)?.parse().ok() }
}

fn prefix(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    // A file name ends at 255 bytes, and what follows takes about 90.
    if name.len() <= 120 {
        return format!(".{name}.flagctl-");
    }
    let short: String = name.chars().take(24).collect();
    format!(".{short}~{:016x}.flagctl-", digest(name.as_bytes()))
}

/// Eight bytes at a time: both texts go through it before every write. The same in every version of flagctl, since one
/// version may finish another's write.
fn digest(bytes: &[u8]) -> u64 {
    let mixed = |hash: u64, word: u64| {
        let hash = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^ (hash >> 32)
    };
    let (words, rest) = bytes.as_chunks();
    let hash = words.iter().fold(bytes.len() as u64, |hash, word| mixed(hash, u64::from_le_bytes(*word)));
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mixed(hash, u64::from_le_bytes(last))
}
