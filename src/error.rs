//! The one error that reaches the reader: what, where, why, the next command, and the exit code it ends with.
//!
//! Modules whose failures are branched on have enums of their own and a `From` into this.

use crate::exit::Exit;
use std::path::PathBuf;

/// A failure with everything its reader needs.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The exit code, and the `error.code` in JSON.
    pub exit: Exit,
    /// A lowercase sentence fragment without a full stop, names in backticks.
    pub message: String,
    /// Where in a file it is, if it is in one.
    pub spot: Option<Box<Spot>>,
    /// The next thing to do, at best a command to type; several are shown as several lines.
    pub help: Vec<String>,
    /// Whether anything was changed; `None`: not known (only a remote can leave that open).
    pub changed: Option<bool>,
    /// True where the same may succeed in a moment: nobody answered, or said that it is too busy.
    pub passing: bool,
    /// What a verb adds to its JSON answer (verdicts, refusals, changes…).
    pub details: Option<Box<serde_json::Map<String, serde_json::Value>>>,
}

/// A place in a text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// The file as the user named it.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// How many characters to underline; 0 underlines one.
    pub width: usize,
    /// The line's text without its end, for the snippet.
    pub source: Option<String>,
}

/// The result of anything that can fail with an [`struct@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Makes an error that changed nothing.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            spot: None,
            help: Vec::new(),
            changed: Some(false),
            passing: false,
            details: None,
        }
    }

    /// Makes an error of the world (exit 1).
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// Makes an error of the command line (exit 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Makes an error of a file that can't be used as it is (exit 3).
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Exit::Invalid, message)
    }

    /// Adds a help line.
    #[must_use]
    pub fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// Says where in a file it is.
    #[must_use]
    pub fn at(mut self, spot: Spot) -> Self {
        self.spot = Some(Box::new(spot));
        self
    }

    /// Says whether anything was changed.
    #[must_use]
    pub fn changed(mut self, changed: Option<bool>) -> Self {
        self.changed = changed;
        self
    }

    /// Says that the same may succeed in a moment.
    #[must_use]
    pub const fn passing(mut self) -> Self {
        self.passing = true;
        self
    }

    /// Adds a field to the JSON answer.
    #[must_use]
    pub fn detail(mut self, key: &str, value: impl serde::Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(serde_json::Value::Null);
        self.details.get_or_insert_default().insert(key.to_owned(), value);
        self
    }
}

impl Spot {
    /// Finds line, column and source line of a byte range in `text`.
    #[must_use]
    pub fn of(file: impl Into<PathBuf>, text: &str, range: std::ops::Range<usize>) -> Self {
        let start = floor_boundary(text, range.start);
        let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let end = floor_boundary(text, range.end.clamp(start, line_end));
        Self {
            file: file.into(),
            line: text[..line_start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            width: text[start..end].chars().count(),
            source: Some(text[line_start..line_end].trim_end_matches('\r').to_owned()),
        }
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
