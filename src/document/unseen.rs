//! Keys with letters that nobody sees: a reader takes them for other keys than a person does.

use super::events::{Events, Feed as _, Kind};
use crate::model::{Mapping, is_unseen};
use std::ops::Range;

/// A key with an invisible letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnseenKey {
    /// Where it stands, in bytes.
    pub(crate) at: Range<usize>,
    /// What a person reads.
    pub(crate) seen: String,
    /// The first letter that is not seen.
    pub(crate) letter: char,
}

impl UnseenKey {
    /// True if a person takes it for a key that counts.
    pub(crate) fn passes_for_one(&self, mapping: &Mapping) -> bool {
        let mut paths = mapping.rollout.iter().chain(mapping.enabled.iter().map(|key| &key.path)).flatten();
        ["rollout", "enabled"].contains(&self.seen.as_str()) || paths.any(|key| *key == self.seen)
    }
}

/// Returns every key with an invisible letter; of a text that is broken below, those above.
pub(crate) fn unseen_keys(text: &str) -> Vec<UnseenKey> {
    let mut found = Vec::new();
    // Only a text that has such a letter is parsed.
    if text.is_ascii() || !text.contains(is_unseen) {
        return found;
    }
    let mut events = Events::new(text);
    // For each open collection: whether a key comes next, if it is a mapping.
    let mut open: Vec<Option<bool>> = Vec::new();
    while let Ok(event) = events.next() {
        match event.kind {
            Kind::StreamEnd => break,
            Kind::StreamStart | Kind::DocumentStart | Kind::DocumentEnd => continue,
            Kind::MappingEnd | Kind::SequenceEnd => {
                open.pop();
                continue;
            }
            Kind::MappingStart { .. } | Kind::SequenceStart { .. } | Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
        let key = open.last_mut().and_then(Option::as_mut);
        let is_key = key.is_some_and(|key| {
            *key = !*key;
            !*key
        });
        match &event.kind {
            Kind::MappingStart { .. } => open.push(Some(true)),
            Kind::SequenceStart { .. } => open.push(None),
            Kind::Scalar { value, .. } if is_key => {
                if let Some(letter) = value.chars().find(|letter| is_unseen(*letter)) {
                    let seen = value.chars().filter(|letter| !is_unseen(*letter)).collect();
                    found.push(UnseenKey { at: event.span.start..event.span.end, seen, letter });
                }
            }
            _ => {}
        }
    }
    found
}
