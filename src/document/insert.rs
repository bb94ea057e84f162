//! Where a missing key goes, and what is written there.

use super::entry::Frame;
use super::events::Span;
use super::splice::{Expects, Sign, Splice};
use std::fmt::Write as _;

/// A key with a value, to be inserted into a mapping.
#[derive(Clone, Debug)]
pub(super) struct NewPair {
    /// The keys from the mapping to the value, at least one.
    pub(super) path: Vec<String>,
    pub(super) value: NewValue,
}

/// A scalar to be written.
#[derive(Clone, Debug)]
pub(super) struct NewValue {
    pub(super) text: String,
    /// A word, which may need quotes; else a number or a boolean, which must have none of its own.
    pub(super) word: bool,
    /// The quote that values of this kind carry in this file.
    pub(super) quote: Option<char>,
}

/// Makes the splice that inserts pairs into a mapping; `None`: there is no safe place.
///
/// In a block: on a line of their own after the last single-line value, else before the first key. In a flow: after the last value.
pub(super) fn insert(text: &str, frame: &Frame, pairs: &[NewPair]) -> Option<Splice> {
    let sibling = frame.last_line.or(frame.last).map(|pair| pair.key).or(frame.first_key);
    let byte = match sibling {
        Some(key) => text.as_bytes().get(key.start).copied(),
        // An empty mapping in a text whose keys are quoted, as in JSON, gets quoted keys too.
        None => before_colon(text, frame.start.start),
    };
    let quote = byte.and_then(|byte| match byte {
        b'"' => Some('"'),
        b'\'' => Some('\''),
        _ => None,
    });
    let written: Vec<String> = pairs.iter().map(|pair| spelled(pair, quote, frame.flow)).collect();
    let (at, text) = if frame.flow { in_flow(text, frame, &written)? } else { in_block(text, frame, &written)? };
    let signs = pairs.iter().flat_map(signs).collect();
    Some(Splice { span: Span::new(at, at), text, expects: Expects::Beside(signs) })
}

fn in_block(text: &str, frame: &Frame, written: &[String]) -> Option<(usize, String)> {
    let (anchor, after) = match frame.last_line {
        Some(pair) => (pair.key, Some(pair.value.end.max(pair.key.end))),
        None => (frame.first_key?, None),
    };
    let begin = if after.is_none() { before_question(text, anchor.start) } else { anchor.start };
    let indent = indent(text, begin)?;
    let line_end = comment_end(text, line_end(text, after.unwrap_or(anchor.end)));
    let eol = eol(text, line_end);
    let mut new = String::new();
    for pair in written {
        let _ = match after {
            Some(_) => write!(new, "{eol}{indent}{pair}"),
            None => write!(new, "{pair}{eol}{indent}"),
        };
    }
    Some((after.map_or(begin, |_| line_end), new))
}

/// Returns where `?` stands before an explicit key, else where the key stands.
fn before_question(text: &str, key: usize) -> usize {
    let before = text.get(..key).unwrap_or_default().trim_end_matches([' ', '\t']);
    if before.len() < key && before.ends_with('?') { before.len() - 1 } else { key }
}

fn in_flow(text: &str, frame: &Frame, written: &[String]) -> Option<(usize, String)> {
    let pairs = written.join(", ");
    let Some(last) = frame.last else { return Some((frame.start.end, pairs)) };
    if !last.value.is_empty() {
        return Some((last.value.end, format!(", {pairs}")));
    }
    if last.properties {
        return None;
    }
    match colon_after(text, last.key.end) {
        // Without the blank, `note:, …` is text to some parsers.
        Some(colon) => Some((colon + 1, format!(" , {pairs}"))),
        None => Some((last.key.end, format!(", {pairs}"))),
    }
}

/// Returns the last byte of the key whose value begins at `value`.
fn before_colon(text: &str, value: usize) -> Option<u8> {
    let before = text.get(..value)?.trim_end_matches([' ', '\t']).strip_suffix(':')?;
    before.trim_end_matches([' ', '\t']).bytes().next_back()
}

/// Returns the colon that follows a key.
pub(super) fn colon_after(text: &str, key_end: usize) -> Option<usize> {
    let rest = text.get(key_end..)?;
    let colon = rest.find(|character: char| !matches!(character, ' ' | '\t'))?;
    rest[colon..].starts_with(':').then_some(key_end + colon)
}

/// Returns the whitespace that puts a new line below the key that begins at `key`.
fn indent(text: &str, key: usize) -> Option<String> {
    let line = text.get(..key)?;
    let start = line.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let mut before = line[start..].trim_start_matches('\u{feff}');
    // A tag or an anchor of the key stands before it, but the mapping is indented up to there.
    if let Some(properties) = before.find(['!', '&']) {
        before = &before[..properties];
    }
    if before.contains('\t') {
        return None;
    }
    Some(" ".repeat(before.chars().count()))
}

pub(super) fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |length| at + length)
}

/// Returns where a comment ends for every reader. `\r` alone ends a line for some; where what follows it is a comment too,
/// in a text whose lines end otherwise, the others read on to `\n`.
fn comment_end(text: &str, mut end: usize) -> usize {
    let alone = |at: usize| text[at..].starts_with('\r') && !text[at..].starts_with("\r\n");
    while alone(end) && text.contains('\n') {
        let next = line_end(text, end + 1);
        let follows = text[end + 1..next].trim_start_matches([' ', '\t']);
        let goes_on = follows.starts_with('#') || (follows.is_empty() && alone(next));
        if !goes_on {
            break;
        }
        end = next;
    }
    end
}

/// Returns the end of the line that ends at `line_end`; where the text has none there, that of the line before.
pub(super) fn eol(text: &str, line_end: usize) -> &'static str {
    let name = |rest: &str| match rest.as_bytes() {
        [b'\r', b'\n', ..] => Some("\r\n"),
        [b'\n', ..] => Some("\n"),
        [b'\r', ..] => Some("\r"),
        _ => None,
    };
    let before = || {
        let above = text.get(..line_end)?.trim_end_matches(|character| !matches!(character, '\n' | '\r'));
        let last = above.len().checked_sub(1)?;
        let start = if above.ends_with("\r\n") { last - 1 } else { last };
        name(&above[start..])
    };
    text.get(line_end..).and_then(name).or_else(before).unwrap_or("\n")
}

pub(super) fn signs(pair: &NewPair) -> Vec<Sign> {
    let mut signs = Vec::new();
    for (depth, key) in pair.path.iter().enumerate() {
        if depth > 0 {
            signs.push(Sign::MappingStart);
        }
        signs.push(Sign::Scalar(key.clone()));
    }
    signs.push(Sign::Scalar(pair.value.text.clone()));
    signs.extend((1..pair.path.len()).map(|_| Sign::MappingEnd));
    signs
}

/// Writes a pair; a path of several keys as mappings in one line.
pub(super) fn spelled(pair: &NewPair, quote: Option<char>, flow: bool) -> String {
    let mut new = String::new();
    for (depth, key) in pair.path.iter().enumerate() {
        if depth > 0 {
            new.push('{');
        }
        new.push_str(&key_token(key, quote));
        new.push_str(": ");
    }
    let json = flow && quote == Some('"');
    new.push_str(&value_token(&pair.value, json));
    new.push_str(&"}".repeat(pair.path.len() - 1));
    new
}

/// Writes a scalar: with its quote, or with one that it needs.
pub(super) fn value_token(value: &NewValue, json: bool) -> String {
    let digits = value.text.bytes().all(|byte| byte.is_ascii_digit());
    if value.quote.is_none() && (!value.word || digits) {
        return value.text.clone();
    }
    quoted(&value.text, value.quote.or(json.then_some('"')))
}

/// Writes a key as the file does: `on:` stands bare where the other flags have it so.
pub(super) fn key_token(key: &str, quote: Option<char>) -> String {
    if quote.is_none() && matches!(key, "on" | "off") { key.to_owned() } else { quoted(key, quote) }
}

/// Writes text with the given quote, or with the one that it needs.
pub(super) fn quoted(text: &str, quote: Option<char>) -> String {
    let breaks = text.chars().any(|character| {
        character.is_control() || matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
    });
    match quote {
        None if is_plain(text) => text.to_owned(),
        Some('\'') if !breaks => format!("'{}'", text.replace('\'', "''")),
        _ => double_quoted(text),
    }
}

fn double_quoted(text: &str) -> String {
    let mut new = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => new.push_str("\\\""),
            '\\' => new.push_str("\\\\"),
            '\n' => new.push_str("\\n"),
            '\r' => new.push_str("\\r"),
            '\t' => new.push_str("\\t"),
            // Four digits: the one escape that JSON knows too.
            hidden if hidden.is_control() || matches!(hidden, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(new, "\\u{:04x}", u32::from(hidden));
            }
            plain => new.push(plain),
        }
    }
    new.push('"');
    new
}

/// True if every reader of YAML, in a block and in a flow, takes the bare text for just this text.
fn is_plain(text: &str) -> bool {
    let word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '/');
    let first = |character: char| character.is_alphabetic() || character == '_';
    let typed = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    text.starts_with(first)
        && text.chars().all(|character| word(character) || character == ' ')
        && !text.ends_with([' ', '-'])
        && !typed.contains(&text.to_lowercase().as_str())
}
