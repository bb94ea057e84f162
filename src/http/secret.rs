//! Reading secrets when they are needed, and keeping them out of every message.

use super::Failure;
use crate::model::{Secret, Shown};
use std::env;
use std::fs;

/// What stands in a message where a secret stood.
const MASKED: &str = "***";

/// Reads a secret's text.
pub(super) fn read(secret: &Secret) -> Result<String, Failure> {
    let (text, place) = match secret {
        Secret::Env(name) => {
            let place = format!("the environment variable `{}`", Shown(name));
            #[expect(clippy::disallowed_methods, reason = "a secret is read where it is needed, and kept nowhere")]
            let text = env::var(name);
            match text {
                Ok(text) => (text, place),
                Err(env::VarError::NotPresent) => return Err(Failure::Secret(format!("{place} is not set"))),
                Err(env::VarError::NotUnicode(_)) => return Err(Failure::Secret(format!("{place} is not UTF-8"))),
            }
        }
        Secret::File(path) => {
            let place = format!("the file `{}`", Shown(&path.to_string_lossy()));
            let text = fs::read_to_string(path)
                .map_err(|error| Failure::Secret(format!("{place} with the secret can't be read: {error}")))?;
            (text, place)
        }
    };
    // The end of its line, as files and the commands that fill variables leave it.
    let text = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text)).to_owned();
    if text.is_empty() {
        return Err(Failure::Secret(format!("{place} is empty")));
    }
    if text.chars().any(char::is_control) {
        return Err(Failure::Secret(format!("{place} holds a control character, such as a second line")));
    }
    Ok(text)
}

/// The secrets of one source, to be kept out of what is said about it.
#[derive(Clone, Default)]
pub struct Mask(Vec<String>);

impl Mask {
    /// Adds a secret and the forms it is sent in.
    pub(super) fn add(&mut self, secret: impl Into<String>) {
        let secret = secret.into();
        if secret.is_empty() {
            return;
        }
        let encoded: String = reqwest::Url::parse_with_params("x:", [("", &secret)])
            .ok()
            .and_then(|url| url.query().map(|query| query.trim_start_matches('=').to_owned()))
            .unwrap_or_default();
        if encoded != secret && !encoded.is_empty() {
            self.0.push(encoded);
        }
        self.0.push(secret);
        // The longest first, so that a secret inside another leaves no rest of it.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    }

    /// Returns `text` with every secret masked, also users and passwords in URLs.
    #[must_use]
    pub fn hide(&self, text: &str) -> String {
        let text = self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), MASKED));
        hide_user_info(&text)
    }
}

/// Returns a text with users and passwords in its URLs masked.
#[must_use]
pub fn hide_user_info(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        hidden.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || "/?#\"'`<>".contains(c)).unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) => {
                hidden.push_str(MASKED);
                &after[at..]
            }
            None => after,
        };
    }
    hidden.push_str(rest);
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_a_secret_is_left() {
        let mut mask = Mask::default();
        mask.add("s3cr et");
        mask.add("s3cr et more");
        assert_eq!(
            mask.hide("a s3cr et b, s3cr+et c; s3cr et more at http://ops:pw@host/x and x://h"),
            "a *** b, *** c; *** at http://***@host/x and x://h"
        );
    }

    #[test]
    fn secrets_that_can_not_be_sent_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let mut said = Vec::new();
        for text in ["tok\n", "tok\r\n", "", "\n", "two\nlines\n"] {
            fs::write(&path, text).unwrap();
            said.push(
                read(&Secret::File(path.clone()))
                    .map_err(|failure| failure.to_string().replace(folder.path().to_str().unwrap(), "DIR")),
            );
        }
        let refused = |why: &str| Err(format!("was not asked: the file `DIR/token` {why}"));
        assert_eq!(
            said,
            [
                Ok("tok".to_owned()),
                Ok("tok".to_owned()),
                refused("is empty"),
                refused("is empty"),
                refused("holds a control character, such as a second line")
            ]
        );
        assert_eq!(
            read(&Secret::Env("FLAGCTL_TEST_NOT_SET".into())).unwrap_err().to_string(),
            "was not asked: the environment variable `FLAGCTL_TEST_NOT_SET` is not set"
        );
    }
}
