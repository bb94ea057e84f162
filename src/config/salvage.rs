//! What can still be read of a broken `flagctl.toml`: section by section, and in a broken section line by line.

use super::sheet::Sheet;
use std::ops::Range;
use toml_edit::Document;

/// What was read of a broken text.
#[derive(Clone, Debug, Default)]
pub(super) struct Salvage {
    /// The values that stand in readable lines, once and unambiguous.
    pub(super) sheet: Sheet,
    /// The sections of which some line could not be read: their header's text, empty for the top.
    pub(super) torn: Vec<String>,
    /// The numbers of the unreadable lines, from 1.
    pub(super) lines: Vec<usize>,
}

/// A header and the lines below it.
struct Section<'a> {
    /// The header made whole; `None` where it can't be told what it was.
    header: Option<String>,
    lines: Vec<Line<'a>>,
}

/// One line of the text.
struct Line<'a> {
    /// From 1.
    number: usize,
    range: Range<usize>,
    raw: &'a str,
    /// True if it begins inside a text of several lines, where anything may look like a key.
    inside: bool,
}

/// The most lines that one value is looked for in.
const MOST_LINES: usize = 64;

/// Reads what can be read.
pub(super) fn salvage(text: &str) -> Salvage {
    let mut salvage = Salvage::default();
    for section in sections(text, &mut salvage.lines) {
        read(&section, text, &mut salvage);
    }
    drop_ambiguous(&mut salvage.sheet);
    salvage.lines.sort_unstable();
    salvage
}

fn sections<'a>(text: &'a str, torn: &mut Vec<usize>) -> Vec<Section<'a>> {
    let mut sections = vec![Section { header: Some(String::new()), lines: Vec::new() }];
    let mut at = 0;
    let mut open = None;
    for (number, raw) in (1..).zip(text.split_inclusive('\n')) {
        let range = at..at + raw.len();
        at = range.end;
        let inside = open.is_some();
        open = open_after(raw, open);
        let line = raw.trim();
        let conflict = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
        if !inside && (line.is_empty() || line.starts_with('#')) {
            continue;
        }
        if conflict {
            torn.push(number);
        } else if !inside && raw.starts_with('[') {
            let header = header(line);
            if header.as_deref() != Some(line) {
                torn.push(number);
            }
            sections.push(Section { header, lines: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(Line { number, range, raw, inside });
        }
    }
    sections
}

/// Returns the triple quotes that are open after a line, given those before it.
fn open_after(line: &str, mut open: Option<&'static str>) -> Option<&'static str> {
    let mut rest = line;
    loop {
        let next = match open {
            Some(quotes) => rest.find(quotes).map(|at| (at, None)),
            None => ["\"\"\"", "'''"].into_iter().filter_map(|quotes| Some((rest.find(quotes)?, Some(quotes)))).min(),
        };
        let Some((at, after)) = next else { return open };
        open = after;
        rest = rest.get(at + 3..).unwrap_or_default();
    }
}

/// Returns the header that a line is or was meant to be.
fn header(line: &str) -> Option<String> {
    if Document::parse(line).is_ok() {
        return Some(line.to_owned());
    }
    let name = line.trim_start_matches('[').split(['#', ']']).next()?.trim();
    let header = format!("[{name}]");
    Document::parse(header.as_str()).is_ok().then_some(header)
}

fn read(section: &Section<'_>, text: &str, salvage: &mut Salvage) {
    let Some(header) = &section.header else {
        salvage.lines.extend(section.lines.iter().map(|line| line.number));
        return;
    };
    if section.lines.is_empty() {
        take(header, text, 0..0, &mut salvage.sheet);
    }
    let mut whole = true;
    let mut lines = section.lines.as_slice();
    while let Some(first) = lines.first() {
        // A value may go over several lines; the shortest run of lines that can be read is one.
        let goes_on = |line: &&Line<'_>| line.inside || !assigns(line.raw);
        let run = 1 + lines.iter().skip(1).take(MOST_LINES).take_while(goes_on).count();
        let end = lines
            .iter()
            .take(run)
            .position(|last| take(header, text, first.range.start..last.range.end, &mut salvage.sheet));
        if let Some(end) = end {
            lines = lines.get(end + 1..).unwrap_or_default();
            continue;
        }
        whole = false;
        // What doesn't look like a key may have been a header: what follows could belong anywhere.
        let gone = if assigns(first.raw) {
            lines.iter().take(run).take_while(|line| line.number == first.number || line.inside).count()
        } else {
            lines.len()
        };
        salvage.lines.extend(lines.iter().take(gone).map(|line| line.number));
        lines = lines.get(gone..).unwrap_or_default();
    }
    if !whole {
        salvage.torn.push(header.trim_matches(['[', ']', ' ']).to_owned());
    }
}

/// True if a line begins as `name =` does.
fn assigns(line: &str) -> bool {
    let Some((name, _)) = line.split_once('=') else { return false };
    let name = name.trim();
    !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || "-_.\"' ".contains(letter))
}

/// Reads a part of the text below a header; true if it is TOML.
fn take(header: &str, text: &str, part: Range<usize>, into: &mut Sheet) -> bool {
    let Some(lines) = text.get(part.clone()) else { return false };
    let chunk = format!("{header}\n{lines}");
    let Ok(document) = Document::parse(chunk.as_str()) else { return false };
    let mut sheet = Sheet::of(document.as_table(), &chunk);
    let shift = |span: &mut Range<usize>| {
        let moved = |at: usize| (at + part.start).saturating_sub(header.len() + 1);
        *span = moved(span.start)..moved(span.end);
    };
    sheet.found.iter_mut().for_each(|found| shift(&mut found.span));
    sheet.named.iter_mut().for_each(|named| shift(&mut named.span));
    into.absorb(sheet);
    true
}

/// Removes values that are written twice and differently: which of them is meant can't be told.
fn drop_ambiguous(sheet: &mut Sheet) {
    let all = sheet.found.clone();
    sheet.found.retain(|found| {
        let same = |other: &&super::sheet::Found| other.path == found.path;
        all.iter().filter(same).all(|other| format!("{:?}", other.value) == format!("{:?}", found.value))
    });
}
