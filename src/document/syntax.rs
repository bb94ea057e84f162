//! What makes a text unfit as a whole: it isn't UTF-8, isn't YAML, holds a merge conflict, a template, control characters.

use super::events::{Broken, Events, Feed as _, Kind, Style};
use super::language::Language;
use super::refusal::Refusal;
use std::ops::Range;

/// Takes bytes for text.
///
/// # Errors
/// Says where the first byte stands that is not UTF-8, or that the text is in wide characters.
pub fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    let read = std::str::from_utf8(bytes);
    let error = match (wide(bytes), read) {
        (Some(name), _) => {
            let reason = format!("the file is {}, not UTF-8", &name[..6]);
            return Err(Refusal::at("", 0, 0, reason).help("save it as UTF-8"));
        }
        (None, Ok(text)) => return Ok(text),
        (None, Err(error)) => error,
    };
    let sound = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
    let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
    Err(Refusal::at(sound, sound.len(), sound.len(), format!("the file is not UTF-8: byte 0x{byte:02X}"))
        .help("save it as UTF-8"))
}

/// Returns the encoding of a text in wide characters, by its mark, or by the zeros beside its first letter; with the
/// order of the bytes where no mark tells it.
#[must_use]
pub fn wide(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => Some("UTF-32"),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Some("UTF-16"),
        [0, 0, 0, letter, ..] if *letter != 0 => Some("UTF-32BE"),
        [letter, 0, 0, 0, ..] if *letter != 0 => Some("UTF-32LE"),
        [0, letter, ..] if *letter != 0 => Some("UTF-16BE"),
        [letter, 0, ..] if *letter != 0 => Some("UTF-16LE"),
        _ => None,
    }
}

/// The lines that Git leaves in a file it could not merge.
const CONFLICT: [&str; 4] = ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "];

/// Returns the first line that Git left in a text it could not merge.
pub(crate) fn conflict(text: &str) -> Option<Range<usize>> {
    conflicts(text).next()
}

/// Returns every line that Git left in a text it could not merge.
pub(crate) fn conflicts(text: &str) -> impl Iterator<Item = Range<usize>> {
    let opened = |text: &str| text.starts_with(CONFLICT[0]) || text.contains("\n<<<<<<< ");
    let closed = text.contains("\n>>>>>>> ");
    let lines = if opened(text) || closed { text } else { "" };
    let mut start = 0;
    lines.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let bare = line.trim_end();
        let marker =
            CONFLICT.iter().any(|marker| bare.starts_with(marker)) && (bare.len() == 7 || !bare.starts_with("======="));
        marker.then_some(at..at + bare.len())
    })
}

/// Returns the first character that has no place in YAML.
pub(crate) fn control(text: &str) -> Option<(usize, char)> {
    let bad = |byte: u8| (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r')) || byte == 0x7F;
    // One test for all bytes of a piece, so that it runs many bytes at a time.
    let mut pieces = text.as_bytes().chunks(4096).enumerate();
    let (piece, bytes) = pieces.find(|(_, bytes)| bytes.iter().fold(false, |any, byte| any | bad(*byte)))?;
    let at = piece * 4096 + bytes.iter().position(|byte| bad(*byte))?;
    Some((at, char::from(*text.as_bytes().get(at)?)))
}

/// Returns the first character outside quotes that ends a line in YAML 1.1, but not in 1.2.
pub(crate) fn hidden_break(text: &str) -> Option<(usize, char)> {
    let breaks = ['\u{85}', '\u{2028}', '\u{2029}'];
    let bytes = text.as_bytes();
    // Letters of other scripts begin with these bytes too; only a text that has one of the three is parsed.
    if bytes.is_ascii() || !text.contains(breaks) {
        return None;
    }
    let mut events = Events::new(text);
    let mut quoted = Vec::new();
    while let Ok(event) = events.next() {
        match event.kind {
            Kind::Scalar { style: Style::Single | Style::Double, .. } => quoted.push(event.span),
            Kind::StreamEnd => break,
            _ => {}
        }
    }
    let outside = |at: usize| {
        let next = quoted.partition_point(|span| span.end <= at);
        quoted.get(next).is_none_or(|span| at < span.start)
    };
    text.char_indices().find(|(at, character)| breaks.contains(character) && outside(*at))
}

/// Returns where a template marker stands in the line of a byte, or in the line before it.
fn template_near(text: &str, at: usize) -> Option<Range<usize>> {
    let line_start = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let before = text[..line_start.saturating_sub(1)].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    let near = &text[before..end];
    let open = near.find("{{").into_iter().chain(near.find("{%")).min()?;
    Some(before + open..before + open + 2)
}

/// Returns why a text is broken, in words that fit what a person did.
pub(super) fn refusal(text: &str, broken: &Broken) -> Refusal {
    refusal_in(Language::Yaml, text, broken)
}

/// As [`refusal`], of a text that should be in a language.
pub(super) fn refusal_in(language: Language, text: &str, broken: &Broken) -> Refusal {
    let at = place(text, broken);
    let refuse = |reason: &str| Refusal::at(text, at.start, at.end, reason);
    if conflict(text).is_some() {
        return refuse("the file holds an unresolved merge conflict")
            .help("resolve the conflict, then run the command again");
    }
    if template_near(text, broken.at).is_some() {
        return refuse("the file is a template that was not filled in")
            .help("edit the rendered file, or the values that fill the template");
    }
    if language == Language::Json {
        return refuse(&format!("the file is not valid JSON: {}", broken.message))
            .help("mend it there; what is to be read as YAML has a name that ends in `.yaml`");
    }
    let invalid = refuse(&format!("the file is not valid YAML: {}", broken.message));
    // It can't be seen, and files that were put together from several have it where each began.
    if broken.message.contains("BOM") {
        return invalid
            .help("take the invisible U+FEFF out that stands there: `sed -i '2,$s/\\xEF\\xBB\\xBF//g' FILE`");
    }
    invalid
}

/// Returns where a text is broken: the marker or the template that did it, else where the parser gave up.
pub(super) fn place(text: &str, broken: &Broken) -> Range<usize> {
    let next = || text.get(broken.at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    conflict(text).or_else(|| template_near(text, broken.at)).unwrap_or_else(|| broken.at..broken.at + next())
}
