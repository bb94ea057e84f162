//! Why a text is not read or not edited: with line, column, and what to do by hand.

use super::language::Language;
use super::place::Places;
use crate::error::{Error, Spot};
use std::path::Path;

const NO_YAML: &str = "not valid YAML";

/// Why a text is not read or not edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// How many characters to underline, at least 1.
    pub width: usize,
    /// A lowercase sentence fragment.
    pub reason: String,
    /// What to do by hand, if there is something to say.
    pub help: Option<String>,
}

impl Refusal {
    pub(super) fn at(text: &str, start: usize, end: usize, reason: impl Into<String>) -> Self {
        let (line, column) = Places::new(text).of(start);
        let end = text.get(start..end).map_or(start, |part| start + part.find(['\n', '\r']).unwrap_or(part.len()));
        let width = text.get(start..end).map_or(1, |part| part.chars().count().max(1));
        Self { line, column, width, reason: reason.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Makes the error that the user sees (exit 3): the place in `file`, and the line's text for the snippet.
    #[must_use]
    pub fn into_error(self, file: &Path, text: &str) -> Error {
        let source = text.split('\n').nth(self.line - 1);
        let source = source.map(|line| line.trim_start_matches('\u{feff}').trim_end_matches('\r').to_owned());
        let spot = Spot { file: file.into(), line: self.line, column: self.column, width: self.width, source };
        // Where it was read as far as it goes, it was read as YAML; to whoever wrote it, it is JSON.
        let is_json = self.reason.contains(NO_YAML) && Language::of(file).holds(text).is_err();
        let reason = if is_json { self.reason.replacen(NO_YAML, "not valid JSON", 1) } else { self.reason };
        let error = Error::invalid(reason).at(spot);
        match self.help {
            Some(help) => error.help(help),
            None => error,
        }
    }
}
