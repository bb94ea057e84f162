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
    /// True if what stands there may be a secret, and is not to be shown.
    pub(super) secret: bool,
}

impl Mistake {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: Vec::new(), incomplete: false, secret: false }
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

    /// Says that what stands there may be a secret.
    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
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
        if self.secret || spot.source.as_deref().is_some_and(may_hold_secret) {
            spot.source = None;
        }
        let mut error = Error::invalid(self.message).at(spot);
        error.help = self.help;
        error
    }
}

/// True if a line may hold a secret in plain sight: such a line is shown in no snippet.
pub(super) fn may_hold_secret(line: &str) -> bool {
    let user_info = line
        .split("://")
        .skip(1)
        .any(|rest| rest.split(['/', '?', '#', '"', '\'', ' ']).next().is_some_and(|host| host.contains('@')));
    let query = line.split(['?', '&']).skip(1).any(|rest| rest.split('=').next().is_some_and(names_secret));
    if !line.contains('=') {
        return user_info || names_secret(line);
    }
    let parts: Vec<&str> = line.split('=').collect();
    let assigned = parts.windows(2).any(|pair| {
        let name = pair[0].trim_end().trim_end_matches(['"', '\'']);
        let name = name.rsplit([' ', '\t', '{', ',', '(', '.', '"', '\'']).next().unwrap_or(name).to_lowercase();
        let elsewhere = name.ends_with("-env") || name.ends_with("-file") || pair[1].trim_start().starts_with('{');
        (names_secret(&name) || name.ends_with("-key")) && !elsewhere
    });
    user_info || query || assigned
}

/// True if a name is one that secrets go by.
pub(super) fn names_secret(name: &str) -> bool {
    let name: String = name.to_lowercase().chars().filter(|letter| letter.is_ascii_alphanumeric()).collect();
    ["token", "password", "passwd", "secret", "authorization", "cookie", "apikey", "applicationkey", "credential"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_with_secrets_are_known() {
        for line in [
            "bearer-token = 'x'",
            "bearer-token: x",
            "  \"X-Api-Key\"='x'",
            "headers = { Authorization = 'Bearer x' }",
            "DD-APPLICATION-KEY = 'x'",
            "url = 'http://ops:x@host/'",
            "url = 'http://host/?api_key=x'",
            "sources.x.password = 'x",
        ] {
            assert!(may_hold_secret(line), "{line}");
        }
        for line in [
            "bearer-token-env = 'T'",
            "headers = { Authorization = { env = 'T' } }",
            "errors = 'sum(rate(token_requests_total[5m]))'",
            "url = 'http://host/a@b'",
            "soak = '30m'",
        ] {
            assert!(!may_hold_secret(line), "{line}");
        }
    }
}
