//! Reading: from the end, as far as is needed.

use super::line::{self, LineError, Link};
use super::place::{self, Ledger, Place};
use crate::error::{Error, Result};
use crate::model::{Entry, FlagName, History, Shown};
use jiff::Timestamp;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};

/// How much is read at once from the end. A rollback looks back over a few of them, and memory that was used once is there.
const BLOCK: u64 = 8 * 1024;
/// How much more is read at once of a line that goes on and on.
const MOST: u64 = 64 * BLOCK;
/// How long a line may be: no entry comes near it, and what is longer is looked through, but never held.
const LONGEST: u64 = 4 * 1024 * 1024;
const TOO_LONG: &str = "is longer than 4 MiB, which no entry is";
/// How much further back than a flag's newest entry is looked: after a merge two branches stand one after the other,
/// and the later entry may stand first.
const MARGIN: u64 = 1024 * 1024;
/// How far back at most flags are looked for when a shell asks, which waits for 20 ms.
const NEAR: u64 = 256 * 1024;

/// How far back at most the recent entries are looked for: a rollback asks, and doesn't wait.
const RECENT: u64 = 16 * 1024 * 1024;

/// What was read, and what could not be.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The entries, oldest first.
    pub history: History,
    /// The lines that were passed over, in the order of the file.
    pub skipped: Vec<Skipped>,
}

/// A line that is no entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The byte that it starts at.
    pub start: u64,
    /// Why: continues "line N …".
    pub why: String,
}

/// Which entries are wanted.
#[derive(Clone, Copy, Debug)]
enum Wanted<'a> {
    All,
    Of(&'a Place, &'a FlagName),
}

/// An entry with where it stands.
struct Placed {
    start: u64,
    entry: Entry,
}

impl Ledger {
    /// Returns every entry. A ledger that isn't there is empty.
    ///
    /// # Errors
    /// `failed` (1) if the file can't be read.
    pub fn entries(&self) -> Result<Reading> {
        self.read(Wanted::All, u64::MAX)
    }

    /// Returns every entry of one flag at one place. A ledger that isn't there is empty.
    ///
    /// # Errors
    /// `failed` (1) if the file can't be read.
    pub fn history(&self, place: &Place, flag: &FlagName) -> Result<Reading> {
        self.read(Wanted::Of(place, flag), u64::MAX)
    }

    /// Returns the newest entries of one flag at one place: enough to tell latch and soak. Reads back from the end and
    /// stops soon after the first one that it finds.
    ///
    /// # Errors
    /// `failed` (1) if the file can't be read.
    pub fn newest(&self, place: &Place, flag: &FlagName) -> Result<Reading> {
        self.read(Wanted::Of(place, flag), MARGIN)
    }

    /// Returns the entries of every flag at one place that were made after `since`, as far as they stand near the end:
    /// a look back that is bounded whatever the file holds. A ledger that isn't there, or can't be read, has none.
    #[must_use]
    pub fn recent(&self, place: &Place, since: Timestamp) -> History {
        let found = self.look_back(place, since).and_then(|found| self.in_order(found)).unwrap_or_default();
        History { entries: found.into_iter().map(|placed| placed.entry).collect() }
    }

    /// Returns the last entry of each flag at one place, the newest first, as far as they stand near the file's end. A
    /// ledger that isn't there, or can't be read, has none.
    #[must_use]
    pub fn last_of_each(&self, place: &Place) -> Vec<Entry> {
        let near = || -> io::Result<Vec<Entry>> {
            self.refuse_special()?;
            let mut file = File::open(&self.path)?;
            let len = file.metadata()?.len();
            let mut lines = Backward::new(&mut file, len);
            let (mut known, mut found) = (HashSet::new(), Vec::new());
            while let Some(Line { start, bytes, whole, .. }) = lines.next_line()? {
                if !whole || len - start > NEAR {
                    break;
                }
                let Ok(entry) = line::entry(&bytes) else { continue };
                if place.is_of(&entry) && known.insert(entry.flag.clone()) {
                    found.push(entry);
                }
            }
            Ok(found)
        };
        near().unwrap_or_default()
    }

    /// Returns the line that a byte is in, counted from 1, as `verify` counts them.
    #[must_use]
    pub fn line_of(&self, byte: u64) -> Option<usize> {
        let file = File::open(&self.path).ok()?;
        let before = BufReader::new(file.take(byte));
        before.split(b'\n').map(Result::ok).try_fold(1, |line, part| part.map(|_| line + 1))
    }

    fn look_back(&self, place: &Place, since: Timestamp) -> io::Result<Vec<Placed>> {
        self.refuse_special()?;
        let mut file = File::open(&self.path)?;
        let len = file.metadata()?.len();
        let mut lines = Backward::new(&mut file, len);
        let mut found: Vec<Placed> = Vec::new();
        // Where the oldest recent entry stands: behind it a merge, or a wrong clock, may have left others.
        let mut reached = len;
        while let Some(Line { start, bytes, whole, .. }) = lines.next_line()? {
            if !whole || len - start > RECENT || reached.saturating_sub(start) > MARGIN {
                break;
            }
            let Ok(entry) = line::entry(&bytes) else { continue };
            if entry.at > since {
                reached = start;
                if place.is_of(&entry) {
                    found.push(Placed { start, entry });
                }
            }
        }
        found.reverse();
        Ok(found)
    }

    fn read(&self, wanted: Wanted<'_>, margin: u64) -> Result<Reading> {
        match self.scan(wanted, margin) {
            Ok(reading) => Ok(reading),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Reading::default()),
            Err(error) => {
                let name = self.path.to_string_lossy();
                let failed =
                    Error::failed(format!("the ledger `{}` can't be read: {}", Shown(&name), place::reason(&error)));
                Err(match error.kind() {
                    io::ErrorKind::InvalidData => {
                        failed.help("take that line out, or move the file away: a new one is begun")
                    }
                    io::ErrorKind::PermissionDenied => failed.help("run it as a user who may read the ledger"),
                    _ => {
                        failed.help("put the ledger's file right, or name another in flagctl.toml: `[ledger]`, `path`")
                    }
                })
            }
        }
    }

    fn scan(&self, wanted: Wanted<'_>, margin: u64) -> io::Result<Reading> {
        self.refuse_special()?;
        let mut file = File::open(&self.path)?;
        let len = file.metadata()?.len();
        let mut lines = Backward::new(&mut file, len);
        let mut found: Vec<Placed> = Vec::new();
        let mut skipped = Vec::new();
        let needle = match wanted {
            Wanted::All => None,
            Wanted::Of(_, flag) => serde_json::to_string(flag).ok(),
        };
        while let Some(Line { start, bytes, ended, whole }) = lines.next_line()? {
            if found.first().is_some_and(|newest| newest.start.saturating_sub(start) > margin) {
                break;
            }
            if !whole {
                // Whoever wants the newest entry must not take an older one, or none, for it.
                if margin < u64::MAX && found.is_empty() {
                    let why = format!("a line that byte {start} is in {TOO_LONG}");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, why));
                }
                skipped.push(Skipped { start, why: TOO_LONG.to_owned() });
                continue;
            }
            // Only a line that has the name anywhere is worth parsing.
            let about = needle.as_deref().is_none_or(|needle| contains(&bytes, needle.as_bytes()));
            // A last line without its end may be about any flag.
            if bytes.is_empty() || (!about && ended) {
                continue;
            }
            match line::entry(&bytes) {
                Ok(entry) if wanted.has(&entry) => found.push(Placed { start, entry }),
                Ok(_) => {}
                Err(LineError::NotJson(_)) if !ended => {
                    skipped.push(Skipped { start, why: "was torn by an interrupted write".to_owned() });
                }
                Err(error) => skipped.push(Skipped { start, why: error.to_string() }),
            }
        }
        found.reverse();
        skipped.reverse();
        let entries = self.in_order(found)?.into_iter().map(|placed| placed.entry).collect();
        Ok(Reading { history: History { entries }, skipped })
    }

    /// Sorts entries that stand in the order of the file: one that an earlier-standing one didn't know, and that was
    /// made before it, goes before it. So a change that was recorded late, or came by a merge, is not taken for the
    /// newest; and a wrong clock alone changes nothing.
    fn in_order(&self, found: Vec<Placed>) -> io::Result<Vec<Placed>> {
        let mut sorted: Vec<Placed> = Vec::with_capacity(found.len());
        for placed in found {
            let mut at = sorted.len();
            while at > 0 && sorted[at - 1].entry.at > placed.entry.at && !self.follows(&sorted[at - 1], &placed)? {
                at -= 1;
            }
            sorted.insert(at, placed);
        }
        Ok(sorted)
    }

    /// True if `later` was made knowing `earlier`: its `prev` lead there.
    fn follows(&self, earlier: &Placed, later: &Placed) -> io::Result<bool> {
        if later.start <= earlier.start {
            return Ok(false);
        }
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(earlier.start))?;
        let mut after = HashSet::from([earlier.entry.id.clone()]);
        let reader = BufReader::with_capacity(BLOCK as usize, file.take(later.start - earlier.start));
        for line in reader.split(b'\n') {
            if let Some(Link { id, prev }) = line::link(&line?)
                && prev.iter().any(|prev| after.contains(prev))
            {
                after.insert(id);
            }
        }
        Ok(later.entry.prev.iter().any(|prev| after.contains(prev)))
    }
}

impl Wanted<'_> {
    fn has(self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::Of(place, flag) => entry.flag == flag.as_str() && place.is_of(entry),
        }
    }
}

fn contains(line: &[u8], needle: &[u8]) -> bool {
    std::str::from_utf8(line).map_or_else(
        |_| line.windows(needle.len()).any(|window| window == needle),
        |line| std::str::from_utf8(needle).is_ok_and(|needle| line.contains(needle)),
    )
}

/// A line of a ledger.
pub(super) struct Line {
    /// The byte that it starts at.
    pub(super) start: u64,
    /// Without its end.
    pub(super) bytes: Vec<u8>,
    /// False for a last line without an end.
    pub(super) ended: bool,
    /// False for one that is longer than any entry: `start` is how far back it was looked through, nothing is held.
    pub(super) whole: bool,
}

/// The lines of a file, last one first.
pub(super) struct Backward<'a> {
    file: &'a mut File,
    /// What is read and not yet given: the bytes from `start` on.
    held: Vec<u8>,
    start: u64,
    ended: bool,
    /// A line was given up, and its beginning is yet to be found.
    within: bool,
}

impl<'a> Backward<'a> {
    pub(super) const fn new(file: &'a mut File, len: u64) -> Self {
        Self { file, held: Vec::new(), start: len, ended: false, within: false }
    }

    pub(super) fn next_line(&mut self) -> io::Result<Option<Line>> {
        self.pass_over()?;
        let mut looked = 0;
        loop {
            let end = self.held.len() - looked;
            if let Some(at) = self.held[..end].iter().rposition(|byte| *byte == b'\n') {
                let bytes = self.held.split_off(at + 1);
                self.held.pop();
                let ended = std::mem::replace(&mut self.ended, true);
                // What stands after the last line end is a line only if there is something.
                if bytes.is_empty() && !ended {
                    looked = 0;
                    continue;
                }
                return Ok(Some(Line { start: self.start + at as u64 + 1, bytes, ended, whole: true }));
            }
            if self.start == 0 {
                let bytes = std::mem::take(&mut self.held);
                return Ok((!bytes.is_empty()).then_some(Line { start: 0, bytes, ended: self.ended, whole: true }));
            }
            if self.held.len() as u64 >= LONGEST {
                self.held.clear();
                self.within = true;
                return Ok(Some(Line { start: self.start, bytes: Vec::new(), ended: self.ended, whole: false }));
            }
            looked = self.held.len();
            self.read_before()?;
        }
    }

    /// Leaves the line that was too long to be held.
    fn pass_over(&mut self) -> io::Result<()> {
        while self.within {
            match self.held.iter().rposition(|byte| *byte == b'\n') {
                Some(at) => {
                    self.held.truncate(at);
                    (self.within, self.ended) = (false, true);
                }
                None if self.start == 0 => {
                    self.held.clear();
                    self.within = false;
                }
                None => {
                    self.held.clear();
                    self.read_before()?;
                }
            }
        }
        Ok(())
    }

    fn read_before(&mut self) -> io::Result<()> {
        let size = (self.held.len() as u64).clamp(BLOCK, MOST);
        let from = self.start.saturating_sub(size);
        let mut block = vec![0; usize::try_from(self.start - from).unwrap_or(0)];
        self.file.seek(SeekFrom::Start(from))?;
        self.file.read_exact(&mut block)?;
        block.append(&mut self.held);
        self.held = block;
        self.start = from;
        Ok(())
    }
}
