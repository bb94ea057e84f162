//! Whether a text is plain: whether readers that know only mappings, lists and scalars read it as others do.

use super::events::{Event, Events, Feed, Kind};
use super::refusal::Refusal;
use super::syntax;

/// Refuses what a simple reader doesn't follow: anchors, aliases, merge keys, tags, complex keys, several documents.
///
/// # Errors
/// Says where the first of these stands, or where the text is broken.
pub fn plain(text: &str) -> Result<(), Refusal> {
    if let Some((at, reason)) = unlike_others(text) {
        return Err(Refusal::at(text, at, at, told(reason)));
    }
    let mut events = Events::new(text);
    let mut documents = 0;
    let mut before = 0;
    // For each collection that is open: whether it is a mapping that wants a key next.
    let mut open: Vec<Option<bool>> = Vec::new();
    loop {
        let event = events.next().map_err(|broken| syntax::refusal(text, &broken))?;
        documents += usize::from(event.kind == Kind::DocumentStart);
        let is_key = matches!(open.last(), Some(Some(true)));
        let reason = oddity(&event, is_key, documents).or_else(|| {
            (is_key && is_marked(&text[..event.span.start])).then_some("this key stands behind a question mark")
        });
        if let Some(reason) = reason {
            let (start, end) = (event.span.start, event.span.end);
            let start =
                property(text, before, start).filter(|_| event.anchor != 0 || event.tag.is_some()).unwrap_or(start);
            return Err(Refusal::at(text, start, end, told(reason)));
        }
        before = event.span.end.max(before);
        match event.kind {
            Kind::StreamEnd => return Ok(()),
            Kind::MappingStart { .. } => open.push(Some(true)),
            Kind::SequenceStart { .. } => open.push(None),
            Kind::MappingEnd | Kind::SequenceEnd => {
                open.pop();
                turn(&mut open);
            }
            Kind::Scalar { .. } => turn(&mut open),
            Kind::Alias(_) | Kind::StreamStart | Kind::DocumentStart | Kind::DocumentEnd => {}
        }
    }
}

/// Returns where the anchor or tag before a node begins, between the end of what stands before and the node.
fn property(text: &str, from: usize, to: usize) -> Option<usize> {
    let between = text.get(from..to)?;
    let lines = between.split_inclusive('\n').scan(from, |at, line| {
        let start = *at;
        *at += line.len();
        // What stands behind a `#` is a comment.
        Some((start, line.split('#').next().unwrap_or_default()))
    });
    lines.filter_map(|(start, line)| Some(start + line.find(['&', '!'])?)).next()
}

/// After a key comes a value, after a value a key.
fn turn(open: &mut [Option<bool>]) {
    if let Some(Some(wants_key)) = open.last_mut() {
        *wants_key = !*wants_key;
    }
}

fn told(reason: &str) -> String {
    format!("{reason}, which simple readers don't follow")
}

/// Returns what no event tells of, and where: what ends a line to some readers only, and directives.
fn unlike_others(text: &str) -> Option<(usize, &'static str)> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('%') {
        return Some((text.len() - start.len(), "this is a directive"));
    }
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let odd = body.char_indices().find(|(at, character)| match character {
        '\n' | '\t' => false,
        '\r' => !body[at + 1..].starts_with('\n'),
        '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
        other => other.is_control(),
    });
    odd.map(|(at, _)| (text.len() - body.len() + at, "this is a control character"))
}

/// True if a question mark of its own stands before a key.
fn is_marked(before: &str) -> bool {
    let before = before.trim_end().strip_suffix('?');
    before.is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '\t', '\n', '{', ',', '[']))
}

fn oddity(event: &Event<'_>, is_key: bool, documents: usize) -> Option<&'static str> {
    let reason = match &event.kind {
        _ if event.anchor != 0 => "this has an anchor",
        _ if event.tag.is_some() => "this has a tag",
        Kind::Alias(_) => "this is an alias",
        Kind::Scalar { value, .. } if is_key && value == "<<" => "this is a merge key",
        Kind::MappingStart { .. } | Kind::SequenceStart { .. } if is_key => "this key is no scalar",
        Kind::DocumentStart if documents > 1 => "this is a second document",
        _ => return None,
    };
    Some(reason)
}
