//! What is to be changed, and what came of it: plain values and the functions that read and edit a text.

use super::lock::Patience;
use super::record::Record;
use crate::error::{Error, Result};
use crate::ledger::Recorded;
use crate::model::{Exposure, Flag, FlagName, Mode, Percent};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A change of one flags file: of one flag, or, for a rollback, of several.
pub struct Request<'a> {
    /// The flags file as the user named it.
    pub file: &'a Path,
    /// Careful for what goes forward, urgent for a rollback.
    pub mode: Mode,
    /// One for each flag, in the order of the answer.
    pub jobs: Vec<Job<'a>>,
    /// Edits those of many jobs that can be, each in a part of the text of its own.
    pub apart: Option<&'a Parts<'a>>,
    /// What the ledger is told.
    pub record: Record<'a>,
    /// How long the lock is waited for.
    pub patience: Patience<'a>,
}

/// Edits what can be told apart in a text, each flag in its own part.
pub type Parts<'a> = dyn Fn(&str) -> Vec<Apart> + 'a;

/// What is to become of one flag. `change` knows no YAML: it is given the functions that read and edit a text.
pub struct Job<'a> {
    /// The flag.
    pub flag: FlagName,
    /// What the plan was made against. If the flag's entry holds other values under the lock, that is a conflict.
    /// `None` for a rollback, whose `edit` decides afresh, and for a flag that is yet to be declared.
    pub planned: Option<&'a Flag>,
    /// Reads the flag's entry.
    pub read: &'a dyn Fn(&str) -> Result<Flag>,
    /// Makes the new text; `None` if there is nothing to do.
    pub edit: &'a dyn Fn(&str) -> Result<Option<Edited>>,
}

/// A job that was done in a part of the text alone, which no other reaches into: so many cost what the text does, and not
/// the text each.
pub struct Apart {
    /// Which of the jobs.
    pub job: usize,
    /// The part that holds all there is of the flag.
    pub part: Range<usize>,
    /// What becomes of it: the text is that of the part.
    pub edited: Edited,
}

/// A text with one flag changed, proven.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The whole new text.
    pub text: String,
    /// The exposure that the flag had; `None` if it can't be told.
    pub from: Option<Percent>,
    /// The exposure that the flag has in it.
    pub to: Percent,
    /// The stored values before, as the file spells them: `rollout: 5`.
    pub before: Vec<String>,
    /// The stored values after.
    pub after: Vec<String>,
    /// How the edit degraded, as sentences.
    pub notes: Vec<String>,
}

/// What came of a request. Each flag is in exactly one of `changes`, `unchanged` and `failed`, except one that was
/// changed and then changed again by somebody else: that is in `changes` and in `failed`.
#[derive(Debug)]
pub struct Applied {
    /// What was changed.
    pub changes: Vec<Change>,
    /// The flags that were as wanted already, and what users get of them.
    pub unchanged: Vec<(FlagName, Exposure)>,
    /// The flags that could not be changed, and why.
    pub failed: Vec<(FlagName, Error)>,
    /// How the write degraded and what it found on the way, as sentences.
    pub notes: Vec<String>,
    /// Whether the ledger has it.
    pub recorded: Recorded,
    /// The file that was brought in step with a backend, if one was.
    pub mirrored: Option<PathBuf>,
    /// What stood in the file before the first write; `None` if nothing was written.
    pub before: Option<String>,
    /// What stood in the file when all was done, where that was seen.
    pub text: Option<String>,
}

impl Applied {
    /// Returns what comes of no job at all.
    #[must_use]
    pub const fn nothing() -> Self {
        Self {
            changes: Vec::new(),
            unchanged: Vec::new(),
            failed: Vec::new(),
            notes: Vec::new(),
            recorded: Recorded::Nothing,
            mirrored: None,
            before: None,
            text: None,
        }
    }
}

/// A change that was made, and read back.
#[derive(Clone, Debug)]
pub struct Change {
    /// The flag.
    pub flag: FlagName,
    /// The exposure before; `None` if it could not be told.
    pub from: Option<Percent>,
    /// The exposure after.
    pub to: Percent,
    /// The stored values before, as the file spells them.
    pub before: Vec<String>,
    /// The stored values after.
    pub after: Vec<String>,
    /// How the edit degraded, as sentences.
    pub notes: Vec<String>,
    /// Why it could not go up from where it was: then no command leads back there. Continues the flag's name.
    pub held_back: Option<String>,
}
