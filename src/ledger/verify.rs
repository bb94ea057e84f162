//! Verifying: every line is what was written, and none is missing between two others.

use super::line::{self, LineError};
use super::place::{self, Ledger};
use crate::error::{Error, Result};
use crate::model::Shown;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};

/// Something in a ledger that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub kind: Kind,
    /// A sentence for a person.
    pub message: String,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Its values are not the ones that its id was made of.
    Edited,
    /// Its values are right, but it is spelled otherwise than it was written.
    Respelled,
    /// An entry that it follows is nowhere before it: deleted, or moved.
    MissingPrevious,
    /// It stands in the ledger twice.
    Duplicate,
    /// No JSON object.
    NotJson,
    /// The last line has no end: a write was interrupted, or is going on.
    Torn,
    /// A conflict that Git left.
    MergeMarker,
    /// It ends with CR LF: something converts line ends.
    LineEnd,
    /// A torn line that a later write closed: that entry was never whole. No error.
    TornClosed,
    /// Of a later format. No error.
    NotUnderstood,
}

impl Kind {
    /// True if something was tampered with or lost.
    #[must_use]
    pub const fn is_error(self) -> bool {
        !matches!(self, Self::TornClosed | Self::NotUnderstood)
    }
}

impl Ledger {
    /// Verifies every line; empty if all is as it was written. A ledger that isn't there has no findings.
    ///
    /// What it can't see: that entries at the very end were deleted. For that there is version control.
    ///
    /// # Errors
    /// `failed` (1) if the file can't be read.
    pub fn verify(&self) -> Result<Vec<Finding>> {
        let name = self.path.to_string_lossy();
        let failed = |error: io::Error| {
            Error::failed(format!("the ledger `{}` can't be read: {}", Shown(&name), place::reason(&error)))
                .help("put the ledger's file right, or name another in flagctl.toml: `[ledger]`, `path`")
        };
        self.refuse_special().map_err(failed)?;
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            opened => opened.map_err(failed)?,
        };
        let mut reader = BufReader::with_capacity(1 << 16, file);
        let mut check = Check::default();
        let mut bytes = Vec::new();
        let mut number = 0;
        while reader.read_until(b'\n', &mut bytes).map_err(failed)? > 0 {
            number += 1;
            check.line(number, &bytes);
            bytes.clear();
        }
        Ok(check.findings)
    }
}

#[derive(Default)]
struct Check {
    findings: Vec<Finding>,
    /// The ids so far, with their lines.
    ids: HashMap<String, usize>,
    /// The line before, if it was no JSON: its number and the hash of its bytes.
    broken: Option<(usize, String)>,
    line_ends_told: bool,
}

impl Check {
    fn find(&mut self, line: usize, kind: Kind, message: impl Into<String>) {
        self.findings.push(Finding { line, kind, message: message.into() });
    }

    fn line(&mut self, number: usize, bytes: &[u8]) {
        let ended = bytes.ends_with(b"\n");
        let mut text = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if let Some(shorter) = text.strip_suffix(b"\r").filter(|_| ended) {
            text = shorter;
            if !self.line_ends_told {
                self.line_ends_told = true;
                self.find(number, Kind::LineEnd, "ends with CR LF; `.gitattributes` should say `-text` for the ledger");
            }
        }
        if text.is_empty() {
            return;
        }
        let broken = self.broken.take();
        let parsed = serde_json::from_slice::<Map<String, Value>>(text);
        let Ok(fields) = parsed else {
            self.broken_line(number, text, ended);
            return;
        };
        self.closes(&fields, broken);
        if !ended {
            self.find(number, Kind::Torn, "the last line has no end; the next change adds it");
        }
        self.entry(number, text, &fields);
    }

    fn broken_line(&mut self, number: usize, text: &[u8], ended: bool) {
        const MARKERS: [&[u8]; 4] = [b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||"];
        if MARKERS.iter().any(|marker| text.starts_with(marker)) {
            self.find(number, Kind::MergeMarker, "a conflict that Git left; keep the entries of both sides");
        } else if ended {
            self.find(number, Kind::NotJson, "is not JSON");
            self.broken = Some((number, line::hex(text)));
        } else {
            self.find(number, Kind::Torn, "torn by an interrupted write; the next change closes it");
        }
    }

    /// An entry that closed a torn line says so: then that line is known, and no error.
    fn closes(&mut self, fields: &Map<String, Value>, broken: Option<(usize, String)>) {
        let Some((line, hash)) = broken else { return };
        if fields.get("torn").and_then(|torn| torn.get("sha256")).and_then(Value::as_str) == Some(hash.as_str()) {
            self.findings.retain(|finding| finding.line != line || finding.kind != Kind::NotJson);
            self.find(line, Kind::TornClosed, "torn by an interrupted write, and closed by the next one");
        }
    }

    fn entry(&mut self, number: usize, text: &[u8], fields: &Map<String, Value>) {
        let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
        if !line::id(fields).is_ok_and(|real| real == id) {
            self.find(number, Kind::Edited, "was changed after it was written: its id doesn't fit its values");
        } else if !serde_json::to_vec(fields).is_ok_and(|written| written == text) {
            self.find(number, Kind::Respelled, "has the values that were written, but is spelled otherwise");
        } else if let Err(LineError::NotUnderstood(error)) = line::entry(text) {
            self.find(number, Kind::NotUnderstood, format!("is not understood by this version: {error}"));
        }
        let mut told = HashSet::new();
        for prev in fields.get("prev").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            if !self.ids.contains_key(prev) && told.insert(prev) {
                let short: String = prev.chars().take(12).collect();
                let short = Shown(&short).to_string();
                self.find(number, Kind::MissingPrevious, format!("follows `{short}`, which is not before it"));
            }
        }
        if let Some(first) = self.ids.insert(id.to_owned(), number) {
            self.find(number, Kind::Duplicate, format!("is the entry of line {first} once more"));
        }
    }
}
