//! A change of the text, as bytes to replace and events that must come of it.

use super::events::{Kind, Span, Style};

/// One replacement of bytes.
#[derive(Clone, Debug)]
pub(super) struct Splice {
    /// The bytes that go; empty for an insertion.
    pub(super) span: Span,
    /// What comes in their place.
    pub(super) text: String,
    /// What the parser has to say about it.
    pub(super) expects: Expects,
}

/// What the parser has to say about a splice.
#[derive(Clone, Debug)]
pub(super) enum Expects {
    /// The one event of the old text at `old` becomes these.
    Instead {
        old: Span,
        events: Vec<Sign>,
        /// Anchor and tag of the old event stay on the first of the new ones.
        keeps_properties: bool,
    },
    /// Exactly these are new.
    Beside(Vec<Sign>),
}

impl Expects {
    pub(super) fn signs(&self) -> &[Sign] {
        match self {
            Self::Instead { events, .. } | Self::Beside(events) => events,
        }
    }
}

/// An event to be expected, reduced to what is ours to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// A scalar of one line.
    Scalar(String),
    Alias(usize),
    MappingStart,
    MappingEnd,
}

impl Sign {
    pub(super) fn fits(&self, kind: &Kind<'_>) -> bool {
        match (self, kind) {
            (Self::Scalar(wanted), Kind::Scalar { value, style }) => value == wanted && *style != Style::Block,
            (Self::Alias(wanted), Kind::Alias(anchor)) => *anchor == Some(*wanted),
            (Self::MappingStart, Kind::MappingStart { .. }) | (Self::MappingEnd, Kind::MappingEnd) => true,
            _ => false,
        }
    }
}

/// Applies splices that are sorted and don't overlap.
pub(super) fn apply(text: &str, splices: &[Splice]) -> Option<String> {
    let grown: usize = splices.iter().map(|splice| splice.text.len()).sum();
    let mut new = String::with_capacity(text.len() + grown);
    let mut done = 0;
    for splice in splices {
        new.push_str(text.get(done..splice.span.start)?);
        new.push_str(&splice.text);
        done = splice.span.end;
    }
    new.push_str(text.get(done..)?);
    Some(new)
}

/// Sorts splices, drops equal ones; `None` if two overlap.
pub(super) fn sorted(mut splices: Vec<Splice>) -> Option<Vec<Splice>> {
    splices.sort_by_key(|splice| (splice.span.start, splice.span.end));
    splices.dedup_by(|one, two| one.span == two.span && one.text == two.text && !one.span.is_empty());
    let apart = |pair: &[Splice]| pair[0].span.end <= pair[1].span.start && pair[0].span.start != pair[1].span.start;
    splices.windows(2).all(apart).then_some(splices)
}
