//! One line of a ledger: an entry's text, and the id that proves it.

use crate::model::Entry;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// Why a line is no entry.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// No JSON object.
    #[error("is not JSON: {0}")]
    NotJson(serde_json::Error),
    /// JSON, but of a later format or with fields missing.
    #[error("is not understood by this version: {0}")]
    NotUnderstood(serde_json::Error),
}

/// What links entries: the start of a line.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Link {
    pub(super) id: String,
    #[serde(default)]
    pub(super) prev: Vec<String>,
}

/// Reads an entry. Fields that this version doesn't know are let be.
pub(super) fn entry(line: &[u8]) -> Result<Entry, LineError> {
    serde_json::from_slice(line)
        .map_err(|error| if error.is_data() { LineError::NotUnderstood(error) } else { LineError::NotJson(error) })
}

/// Reads the links of a line; `None` if it is no entry.
pub(super) fn link(line: &[u8]) -> Option<Link> {
    as_written(line).or_else(|| serde_json::from_slice(line).ok())
}

/// Reads the links of a line that starts as flagctl writes it, without parsing the rest of it: the heads are looked for
/// in some hundred lines at every append.
fn as_written(line: &[u8]) -> Option<Link> {
    let hex = |text: &[u8]| -> Option<String> {
        // Without a branch for each byte.
        let plain = text.len() == 64 && text.iter().fold(true, |all, byte| all & byte.is_ascii_hexdigit());
        if plain { String::from_utf8(text.to_vec()).ok() } else { None }
    };
    let rest = line.strip_prefix(br#"{"v":1,"id":""#)?;
    let id = hex(rest.get(..64)?)?;
    let mut rest = rest[64..].strip_prefix(br#"","prev":["#)?;
    let mut prev = Vec::new();
    while let Some(after) = rest.strip_prefix(b"\"") {
        prev.push(hex(after.get(..64)?)?);
        rest = after[64..].strip_prefix(b"\"")?;
        rest = rest.strip_prefix(b",").unwrap_or(rest);
    }
    // An entry that was cut off links nothing.
    if rest.starts_with(b"]") && line.ends_with(b"}") { Some(Link { id, prev }) } else { None }
}

/// True if a line is blank, or begins as flagctl writes an entry; it may be cut off anywhere.
pub(super) fn is_begun(line: &[u8]) -> bool {
    const START: &[u8] = br#"{"v":"#;
    line.starts_with(START) || START.starts_with(line) || line.trim_ascii().is_empty()
}

/// Writes an entry as a line, without its end, and returns it with its id.
pub(super) fn write(
    entry: &Entry,
    prev: Vec<String>,
    more: Option<(&str, Value)>,
) -> serde_json::Result<(String, String)> {
    let entry = Entry { prev, ..entry.clone() };
    let Value::Object(mut fields) = serde_json::to_value(&entry)? else {
        return Err(serde::ser::Error::custom("an entry is an object"));
    };
    if let Some((name, value)) = more {
        fields.insert(name.to_owned(), value);
    }
    let id = id(&fields)?;
    fields.insert("id".to_owned(), Value::String(id.clone()));
    Ok((serde_json::to_string(&fields)?, id))
}

/// Returns the id of an entry: SHA-256, as hex, of all its fields but `id`, in the canonical form of RFC 8785.
pub(super) fn id(fields: &Map<String, Value>) -> serde_json::Result<String> {
    Ok(hex(&serde_json_canonicalizer::to_vec(&Nameless(fields))?))
}

/// The fields of an entry without its id.
struct Nameless<'f>(&'f Map<String, Value>);

impl serde::Serialize for Nameless<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter(|(name, _)| *name != "id"))
    }
}

/// Returns the SHA-256 of some bytes, as hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |four: u8| char::from(DIGITS[usize::from(four)]);
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
