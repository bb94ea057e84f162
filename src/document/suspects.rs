//! Keys that look like one of the mapping's and are none.

use super::entry::{Entry, Field};
use super::events::Span;
use crate::model::Mapping;

/// From how many letters on a name may differ in letters, and not in their case alone.
const LONG: usize = 5;

/// How many slips a name may hold.
const SLIPS: usize = 2;

/// The keys that count, made ready for being compared with every key of a text.
pub(super) struct Suspects<'m> {
    known: Vec<Known<'m>>,
    targets: Vec<(Field, &'m [String])>,
    /// What was seen since the last entry.
    seen: Vec<Suspect>,
}

struct Known<'m> {
    name: &'m str,
    letters: u32,
}

struct Suspect {
    key: String,
    at: Span,
    /// Where the mapping opens that it stands in.
    within: Span,
}

/// A key that looks like one that counts in its place.
pub(super) struct Likeness<'m> {
    pub(super) key: String,
    pub(super) at: Span,
    pub(super) near: &'m str,
    /// The value that the key it looks like leads to.
    pub(super) field: Field,
}

impl<'m> Suspects<'m> {
    pub(super) fn new(mapping: &'m Mapping) -> Self {
        let rollout = mapping.rollout.iter().map(|path| (Field::Rollout, path.as_slice()));
        let enabled = mapping.enabled.iter().map(|key| (Field::Enabled, key.path.as_slice()));
        let targets: Vec<_> = rollout.chain(enabled).collect();
        let mut names: Vec<&str> = targets.iter().flat_map(|(_, path)| path.iter().map(String::as_str)).collect();
        names.sort_unstable();
        names.dedup();
        let known = names.into_iter().map(|name| Known { name, letters: letters(name) }).collect();
        Self { known, targets, seen: Vec::new() }
    }

    /// Looks at a key, and keeps it if it looks like one that counts.
    pub(super) fn see(&mut self, key: &str, at: Span, within: Span) {
        // Nearly every key differs in its length or its letters: told without a look at their order.
        let apart = if key.is_ascii() { SLIPS } else { 4 * SLIPS };
        let few = |known: &Known<'_>| known.name.len().abs_diff(key.len()) <= apart;
        if !self.known.iter().any(few) || self.known.iter().any(|known| known.name == key) {
            return;
        }
        let mask = letters(key);
        let like = |known: &Known<'_>| {
            few(known) && (mask ^ known.letters).count_ones() <= 2 * SLIPS as u32 && slips(key, known.name).is_some()
        };
        if self.known.iter().any(like) {
            self.seen.push(Suspect { key: key.to_owned(), at, within });
        }
    }

    /// Returns those of an entry that has just been read, each with the key it looks like most, and forgets the others.
    pub(super) fn of(&mut self, entry: &Entry<'_>) -> Vec<Likeness<'m>> {
        let targets = &self.targets;
        let like = |suspect: Suspect| {
            let frame = entry.frames.iter().find(|frame| frame.start == suspect.within)?;
            let expected = targets.iter().filter_map(|(field, path)| {
                let near = path.strip_prefix(frame.path.as_slice())?.first()?;
                Some((slips(&suspect.key, near)?, near.as_str(), *field))
            });
            let (_, near, field) = expected.min_by_key(|(slips, ..)| *slips)?;
            Some(Likeness { key: suspect.key, at: suspect.at, near, field })
        };
        self.seen.drain(..).filter_map(like).collect()
    }
}

/// True if keys of an entry are a flag's beyond doubt: one may be a word of something else, a percentage and a switch
/// together are not.
pub(super) fn are_a_flags(alike: &[Likeness<'_>]) -> bool {
    [Field::Rollout, Field::Enabled].iter().all(|field| alike.iter().any(|one| one.field == *field))
}

/// Returns how far a key is from a name, if it may be meant for it; 0: the case of letters is all.
fn slips(key: &str, name: &str) -> Option<usize> {
    let (lower, wanted) = (key.to_lowercase(), name.to_lowercase());
    if lower == wanted {
        return Some(0);
    }
    let long = wanted.chars().count() >= LONG;
    let apart = long.then(|| strsim::damerau_levenshtein(&lower, &wanted));
    apart.filter(|apart| *apart <= SLIPS)
}

/// Returns which letters a text holds, whatever their case; one bit for all that are not ASCII.
fn letters(text: &str) -> u32 {
    text.bytes().fold(0, |mask, byte| {
        mask | match byte {
            b'a'..=b'z' => 1 << (byte - b'a'),
            b'A'..=b'Z' => 1 << (byte - b'A'),
            0x80.. => 1 << 26,
            _ => 0,
        }
    })
}
