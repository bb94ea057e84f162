//! What a rule found, and where.

use crate::document::{Places, Refusal};
use serde::Serialize;
use std::ops::Range;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The file can't be relied on: `validate` fails.
    Error,
    /// It works, and may surprise.
    Warning,
}

/// Something that a check found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule: kebab-case, and stable.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// How many characters to underline, at least 1.
    pub width: usize,
    /// A lowercase sentence fragment.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A finding at bytes of the text.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    pub(super) at: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Found {
    pub(super) fn error(code: &'static str, at: Range<usize>, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, at, message: message.into(), help: None }
    }

    pub(super) fn warning(code: &'static str, at: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, at, message) }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn placed(self, text: &str, places: &mut Places<'_>) -> Finding {
        let Self { code, severity, at, message, help } = self;
        let (line, column) = places.of(at.start);
        let part = text.get(at).unwrap_or_default();
        let width = part.lines().next().map_or(0, |line| line.chars().count()).max(1);
        Finding { code, severity, line, column, width, message, help }
    }
}

/// The finding for a file that is no text at all.
impl From<Refusal> for Finding {
    fn from(refusal: Refusal) -> Self {
        let Refusal { line, column, width, reason, help } = refusal;
        Self { code: "encoding", severity: Severity::Error, line, column, width, message: reason, help }
    }
}
