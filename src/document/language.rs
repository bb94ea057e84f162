//! What a file is written in, by its name: where that says JSON, its readers take nothing else.

use super::events::Broken;
use super::refusal::Refusal;
use super::syntax;
use crate::model::Mapping;
use serde::de::IgnoredAny;
use std::ops::Range;
use std::path::Path;

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// YAML, of which JSON is a part.
    Yaml,
    /// JSON and nothing more.
    Json,
}

impl Language {
    /// Returns what the name of a file says.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        let is_json = file.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
        if is_json { Self::Json } else { Self::Yaml }
    }

    /// Refuses a text that is none of this language, where YAML's own reader would take it.
    ///
    /// # Errors
    /// Says where the text stops being JSON.
    pub fn holds(self, text: &str) -> Result<(), Refusal> {
        let at = |broken: &Broken| syntax::refusal_in(self, text, broken);
        self.broken(text).map_or(Ok(()), |broken| Err(at(&broken)))
    }

    /// Returns what a file of JSON that holds nothing yet begins as, with the place where its flags are to stand; `None`
    /// for all others, which begin as they are.
    #[must_use]
    pub fn begun(self, text: &str, mapping: &Mapping) -> Option<String> {
        if self == Self::Yaml || !text.trim_start_matches('\u{feff}').trim().is_empty() {
            return None;
        }
        let below = |inner: String, key: &String| {
            let key = if key == "*" { "flags" } else { key };
            format!("{{{}: {inner}}}", serde_json::Value::from(key))
        };
        Some(mapping.root.iter().rev().fold("{}".to_owned(), below) + "\n")
    }

    /// Returns why a text is none of this language, and the bytes.
    pub(crate) fn refused(self, text: &str) -> Option<(Refusal, Range<usize>)> {
        let broken = self.broken(text)?;
        Some((syntax::refusal_in(self, text, &broken), syntax::place(text, &broken)))
    }

    /// Returns where a text stops being JSON, if it should be.
    fn broken(self, text: &str) -> Option<Broken> {
        // YAML's reader passes over a byte-order mark too.
        let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
        let error = match self {
            Self::Yaml => return None,
            Self::Json => serde_json::from_str::<IgnoredAny>(bare).err()?,
        };
        let mark = text.len() - bare.len();
        if error.is_eof() {
            let message = if bare.trim().is_empty() { "it is empty" } else { "it ends before it is complete" };
            return Some(Broken { at: mark + bare.trim_end().len(), message: message.to_owned() });
        }
        let line: usize = bare.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
        let mut at = (line + error.column().saturating_sub(1)).min(bare.len());
        while !bare.is_char_boundary(at) {
            at -= 1;
        }
        let rest = &bare[at..];
        let message = match error.to_string().rsplit_once(" at line ") {
            _ if rest.starts_with('#') || rest.starts_with("//") || rest.starts_with("/*") => {
                "it has no comments".to_owned()
            }
            _ if rest.starts_with('\'') => "it has double quotes only".to_owned(),
            Some(_) if rest.starts_with(['}', ']']) && bare[..at].trim_end().ends_with(',') => {
                "it has no comma before an end".to_owned()
            }
            Some((message, _)) => message.to_owned(),
            None => error.to_string(),
        };
        Some(Broken { at: mark + at, message })
    }
}
