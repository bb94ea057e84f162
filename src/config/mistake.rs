//! What is wrong in a `flagctl.toml`, and where; becomes an error with a snippet.

use crate::error::{Error, Spot};
use std::ops::Range;
use std::path::Path;

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(super) struct Mistake {
    /// Where, in bytes of the text.
    pub(super) span: Range<usize>,
    /// A lowercase sentence fragment.
    pub(super) message: String,
    /// What to do.
    pub(super) help: Vec<String>,
    /// True if something is only missing that may be written next.
    pub(super) incomplete: bool,
}

impl Mistake {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: Vec::new(), incomplete: false }
    }

    pub(super) fn help(mut self, line: impl Into<String>) -> Self {
        self.help.push(line.into());
        self
    }

    /// Says that something is only missing.
    pub(super) const fn incomplete(mut self) -> Self {
        self.incomplete = true;
        self
    }

    /// Adds "did you mean", if there is something near.
    pub(super) fn meant(self, near: Option<&str>) -> Self {
        match near {
            Some(name) => self.help(format!("did you mean `{}`?", crate::model::Shown(name))),
            None => self,
        }
    }

    /// Makes it an error about `file`, whose text is `text`.
    pub(super) fn error(self, file: &Path, text: &str) -> Error {
        let mut spot = Spot::of(file, text, self.span);
        if spot.source.as_deref().is_some_and(may_hold_secret) {
            spot.source = None;
        }
        let mut error = Error::invalid(self.message).at(spot);
        error.help = self.help;
        error
    }
}

/// True if a line may hold a secret in plain sight: such a line is shown in no snippet.
pub(super) fn may_hold_secret(line: &str) -> bool {
    let lower = line.to_lowercase();
    let user_info = lower
        .split("://")
        .skip(1)
        .any(|rest| rest.split(['/', '?', '#', '"', '\'', ' ']).next().is_some_and(|host| host.contains('@')));
    let kept_elsewhere = ["-env", "-file", "env =", "env=", "file =", "file="].iter().any(|word| lower.contains(word));
    user_info || (names_secret(&lower) && !kept_elsewhere)
}

/// True if a name is one that secrets go by.
pub(super) fn names_secret(name: &str) -> bool {
    let name: String = name.to_lowercase().chars().filter(|letter| letter.is_ascii_alphanumeric()).collect();
    ["token", "password", "passwd", "secret", "authorization", "cookie", "apikey", "applicationkey", "credential"]
        .iter()
        .any(|word| name.contains(word))
}
