//! Setting the values of one flag: what is asked for, what comes of it, and the way there.

use super::anchors::Value;
use super::careful;
use super::entry::{Entry, Frame, Shape, Site};
use super::events::{Span, Style};
use super::insert::{NewPair, NewValue, colon_after, insert, signs, spelled, value_token};
use super::locate::{Located, locate_in};
use super::prove::Lockstep;
use super::refusal::Refusal;
use super::splice::{Expects, Sign, Splice, apply, sorted};
use crate::model::{FlagName, Mapping, Mode, Values};

/// A text after an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// All of it.
    pub text: String,
    /// What was replaced, as `rollout: 5`; empty if nothing had to change.
    pub before: Vec<String>,
    /// What stands there now, in the same order; inserted keys come last.
    pub after: Vec<String>,
    /// What the user should know: sentence fragments.
    pub notes: Vec<String>,
}

impl Edited {
    /// True if old values were replaced by new ones, and that is all.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.notes.is_empty() && self.before.len() == self.after.len()
    }
}

/// Sets the values of a flag and proves that nothing else changes.
///
/// Forward, `enabled: true` is only written where the flag has an `enabled` that is false. Back, whichever of the two
/// keys the flag has is set, a key is inserted only where it is needed, and the exposure is proven to be what was asked.
///
/// # Errors
/// Says why the flag can't be edited, where, and what to write by hand.
pub fn edit(text: &str, mapping: &Mapping, name: &FlagName, values: Values, mode: Mode) -> Result<Edited, Refusal> {
    match mode {
        Mode::Careful => careful::edit(text, mapping, name, values),
        Mode::Urgent => super::found::find(text, mapping, name).lead_back(values),
    }
}

/// What is to be done to one text, before it is proven.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) splices: Vec<Splice>,
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// A new scalar in the place of an old one.
#[derive(Clone, Debug)]
pub(super) struct Replacement {
    pub(super) value: NewValue,
    /// The tag on the old one fits the new one too.
    pub(super) keep_tag: bool,
}

/// Why a value can't be written.
#[derive(Clone, Debug)]
pub(super) struct Obstacle {
    pub(super) span: Span,
    pub(super) reason: String,
}

impl Draft {
    /// Replaces what stands in the place of a value.
    pub(super) fn replace(
        &mut self,
        text: &str,
        site: &Site<'_>,
        label: &str,
        new: &Replacement,
    ) -> Result<(), Obstacle> {
        let Replacement { value: new, keep_tag } = new;
        let obstacle = |reason: &str| Obstacle { span: site.span, reason: reason.to_owned() };
        let (span, old, keeps_properties) = match &site.shape {
            Shape::Scalar(value) if value.span.is_empty() => {
                let colon = site
                    .key
                    .and_then(|key| colon_after(text, key.end))
                    .ok_or_else(|| obstacle("is empty in an odd place"))?;
                (Span::new(colon + 1, colon + 1), site.span, true)
            }
            Shape::Scalar(value) if value.style == Style::Block => {
                let start = block_start(text, site).ok_or_else(|| obstacle("is a block of text"))?;
                // What follows the text, its line end first, stays.
                let end = start + text.get(start..site.span.end).unwrap_or_default().trim_end().len();
                (Span::new(start, end), site.span, true)
            }
            Shape::Scalar(value) => {
                if !written_as_read(text, value) {
                    return Err(obstacle("is not where the parser says it is"));
                }
                match value.tag.as_ref().filter(|_| !keep_tag) {
                    None => (site.span, site.span, true),
                    // A tag that contradicts the new value goes with the old one.
                    Some(tag) => {
                        (without_tag(text, site, tag.span).ok_or_else(|| obstacle("carries a tag"))?, site.span, false)
                    }
                }
            }
            Shape::Alias { .. } => (site.span, site.span, false),
            Shape::AliasAbove { .. } => return Err(obstacle("is an alias")),
            Shape::Collection | Shape::Misfit { .. } => return Err(obstacle("is not a value")),
        };
        let json = site.key.and_then(|key| text.as_bytes().get(key.start)) == Some(&b'"');
        let token = value_token(new, json);
        let gone = span.slice(text).unwrap_or_default();
        let lead = if span.is_empty() { " " } else { "" };
        let shown = gone.lines().next().unwrap_or_default();
        if gone.trim_end().contains(['\n', '\r']) {
            self.notes.push(format!("`{label}` held several lines: `{token}` stands in the place of all of them"));
        }
        self.before.push(if shown.is_empty() { format!("{label}:") } else { format!("{label}: {shown}") });
        self.after.push(format!("{label}: {token}"));
        let expects = Expects::Instead { old, events: vec![Sign::Scalar(new.text.clone())], keeps_properties };
        self.splices.push(Splice { span, text: format!("{lead}{token}"), expects });
        Ok(())
    }

    /// Adds another draft of the same text.
    pub(super) fn append(&mut self, other: Self) {
        self.splices.extend(other.splices);
        self.before.extend(other.before);
        self.after.extend(other.after);
        self.notes.extend(other.notes);
    }

    /// Replaces an entry that is an alias by a mapping that merges it and has values of its own.
    pub(super) fn detach(&mut self, text: &str, entry: &Entry<'_>, anchor: usize, pairs: &[NewPair]) {
        let alias = entry.body_span.slice(text).unwrap_or_default();
        let own: Vec<String> = pairs.iter().map(|pair| spelled(pair, None, true)).collect();
        let new = format!("{{<<: {alias}, {}}}", own.join(", "));
        let mut events = vec![Sign::MappingStart, Sign::Scalar("<<".to_owned()), Sign::Alias(anchor)];
        events.extend(pairs.iter().flat_map(signs));
        events.push(Sign::MappingEnd);
        self.before.push(format!("{}: {alias}", entry.name));
        self.after.push(format!("{}: {new}", entry.name));
        let expects = Expects::Instead { old: entry.body_span, events, keeps_properties: false };
        self.splices.push(Splice { span: entry.body_span, text: new, expects });
    }

    /// Gives keys to an entry that holds nothing.
    pub(super) fn fill(&mut self, text: &str, entry: &Entry<'_>, pairs: &[NewPair]) -> Result<(), Obstacle> {
        let nowhere = || Obstacle { span: entry.name_span, reason: "has no place for keys".to_owned() };
        let colon = colon_after(text, entry.name_span.end).filter(|_| !entry.listed).ok_or_else(nowhere)?;
        let quote = text.as_bytes().get(entry.name_span.start).filter(|byte| **byte == b'"').map(|_| '"');
        let own: Vec<String> = pairs.iter().map(|pair| spelled(pair, quote, true)).collect();
        let new = format!("{{{}}}", own.join(", "));
        let mut events = vec![Sign::MappingStart];
        events.extend(pairs.iter().flat_map(signs));
        events.push(Sign::MappingEnd);
        let null = entry.body_span.slice(text).unwrap_or_default();
        self.before.push(format!("{}: {null}", entry.name).trim_end().to_owned());
        self.after.push(format!("{}: {new}", entry.name));
        let expects = Expects::Instead { old: entry.body_span, events, keeps_properties: true };
        self.splices.push(if null.is_empty() {
            Splice { span: Span::new(colon + 1, colon + 1), text: format!(" {new}"), expects }
        } else {
            Splice { span: entry.body_span, text: new, expects }
        });
        Ok(())
    }

    /// Inserts pairs, each into the deepest mapping of the entry that is on its way.
    pub(super) fn insert(&mut self, text: &str, entry: &Entry<'_>, pairs: Vec<NewPair>) -> Result<(), Obstacle> {
        let mut by_frame: Vec<(usize, Vec<NewPair>)> = Vec::new();
        for mut pair in pairs {
            self.after.push(format!("{}: {}", pair.path.join("."), pair.value.text));
            let on_the_way = |frame: &Frame| pair.path.starts_with(&frame.path) && frame.path.len() < pair.path.len();
            let deepest = entry
                .frames
                .iter()
                .enumerate()
                .filter(|(_, frame)| on_the_way(frame))
                .max_by_key(|(_, frame)| frame.path.len());
            let Some((index, frame)) = deepest else {
                return Err(Obstacle { span: entry.name_span, reason: "has no keys".to_owned() });
            };
            pair.path.drain(..frame.path.len());
            match by_frame.iter_mut().find(|(known, _)| *known == index) {
                Some((_, pairs)) => pairs.push(pair),
                None => by_frame.push((index, vec![pair])),
            }
        }
        for (index, pairs) in by_frame {
            let nowhere = || Obstacle { span: entry.name_span, reason: "has no place for a key".to_owned() };
            self.splices.push(insert(text, &entry.frames[index], &pairs).ok_or_else(nowhere)?);
        }
        Ok(())
    }

    /// Applies the draft and proves it.
    ///
    /// # Errors
    /// `None` if the text would change in more than what is announced, or the flag would not read as `accept` wants it.
    pub(super) fn proven(
        self,
        text: &str,
        old: &Located<'_>,
        aim: (&Mapping, &FlagName),
        accept: impl Fn(&Located<'_>) -> bool,
    ) -> Option<Edited> {
        let Self { splices, before, after, notes } = self;
        let splices = sorted(splices)?;
        let new = apply(text, &splices)?;
        let mut lockstep = Lockstep::new(text, old.record.as_ref(), &new, &splices);
        let located = locate_in(&new, &mut lockstep, aim.0, aim.1);
        let good = lockstep.holds() && accept(&located);
        drop(located);
        good.then_some(Edited { text: new, before, after, notes })
    }
}

/// Returns where `|` or `>` stands before a block of text.
fn block_start(text: &str, site: &Site<'_>) -> Option<usize> {
    let colon = colon_after(text, site.key?.end)?;
    let between = text.get(colon + 1..site.span.start)?;
    let offset = between.find(|character: char| !matches!(character, ' ' | '\t'))?;
    between[offset..].starts_with(['|', '>']).then_some(colon + 1 + offset)
}

/// True if the bytes at a scalar's span are what the parser read there.
fn written_as_read(text: &str, value: &Value<'_>) -> bool {
    let Some(bytes) = value.span.slice(text) else { return false };
    let enclosed = |quote: char| bytes.len() >= 2 && bytes.starts_with(quote) && bytes.ends_with(quote);
    match value.style {
        Style::Plain => bytes == value.text || (bytes.contains(['\n', '\r']) && !bytes.ends_with(char::is_whitespace)),
        Style::Single => enclosed('\''),
        Style::Double => enclosed('"'),
        Style::Block => false,
    }
}

/// Returns the span from a tag to the end of its value, if only blanks lie between.
fn without_tag(text: &str, site: &Site<'_>, tag: Option<Span>) -> Option<Span> {
    let tag = tag?;
    let between = text.get(tag.end..site.span.start)?;
    (site.anchor == 0 && between.bytes().all(|byte| matches!(byte, b' ' | b'\t')))
        .then_some(Span::new(tag.start, site.span.end))
}
