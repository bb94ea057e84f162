//! One flag of a text, found once for reading it and for leading it back.

use super::edit::Edited;
use super::entry::Body;
use super::listing::Listing;
use super::locate::{Located, locate};
use super::place::Places;
use super::refusal::Refusal;
use super::unseen::{UnseenKey, unseen_keys};
use super::{excerpt, reading, syntax, urgent};
use crate::model::{Flag, FlagName, Mapping, Values};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

/// One flag of a text, every entry of it.
pub struct Found<'t> {
    /// The whole text.
    text: &'t str,
    mapping: &'t Mapping,
    name: &'t FlagName,
    /// The part of it that was read: all, or the flag's entry where nothing else matters to it.
    part: Range<usize>,
    /// How the part spells a flag.
    spelling: Cow<'t, Mapping>,
    located: Located<'t>,
}

/// Finds a flag in a text; of one that is broken below, in what stands above.
#[must_use]
pub fn find<'t>(text: &'t str, mapping: &'t Mapping, name: &'t FlagName) -> Found<'t> {
    excerpt::entry(text, &mapping.root, name.as_str())
        .and_then(|part| find_in_part(text, part, mapping, name))
        .unwrap_or_else(|| find_in_all(text, mapping, name))
}

/// Returns the flags of a text that can be read and edited each in a part of its own, which is a text whose top holds
/// that flag alone; `None` if the text has to be read as one.
#[must_use]
pub fn parts<'t>(text: &'t str, mapping: &Mapping) -> Option<HashMap<&'t str, Range<usize>>> {
    excerpt::entries(text, &mapping.root)
}

/// Finds a flag in its own entry alone; `None` if that is not all there is to know.
fn find_in_part<'t>(text: &'t str, part: Range<usize>, mapping: &'t Mapping, name: &'t FlagName) -> Option<Found<'t>> {
    let spelling = Mapping { root: Vec::new(), ..mapping.clone() };
    let located = locate(&text[part.clone()], &spelling, name);
    let alone = located.entries.len() == 1 && located.broken.is_none();
    alone.then_some(Found { text, mapping, name, part, spelling: Cow::Owned(spelling), located })
}

/// Finds a flag by reading the whole text.
pub(super) fn find_in_all<'t>(text: &'t str, mapping: &'t Mapping, name: &'t FlagName) -> Found<'t> {
    let located = locate(text, mapping, name);
    Found { text, mapping, name, part: 0..text.len(), spelling: Cow::Borrowed(mapping), located }
}

impl Found<'_> {
    /// Returns the flag, as [`super::look_up`] reads it; `None` if it doesn't stand there.
    #[must_use]
    pub fn flag(&self) -> Option<Flag> {
        let mut places = Places::new(self.read());
        let mut listing = Listing::default();
        for entry in &self.located.entries {
            let Some(flag) = reading::flag(entry, &self.located.anchors, self.mapping, &mut places) else { continue };
            let mut flag = flag;
            if let Some(broken) = self.broken().filter(|_| entry.cut && matches!(entry.body, Body::Mapping)) {
                reading::cut(&mut flag, self.mapping, &broken);
            }
            if listing.flags.is_empty() {
                listing.flags.push(flag);
            } else {
                listing.repeat(0, flag);
            }
        }
        let above = self.text[..self.part.start].bytes().filter(|byte| *byte == b'\n').count();
        listing.flags.into_iter().next().map(|flag| flag.below(above))
    }

    /// Returns where the text stopped being YAML.
    #[must_use]
    pub fn broken(&self) -> Option<Refusal> {
        self.located.broken.as_ref().map(|broken| syntax::refusal(self.read(), broken))
    }

    /// Returns the first of the flag's keys with a letter that nobody sees: its line, what is seen of it, and the letter.
    #[must_use]
    pub fn unseen(&self) -> Option<(usize, String, char)> {
        let inside = |key: &UnseenKey| {
            self.located.entries.iter().any(|entry| (entry.name_span.start..entry.end).contains(&key.at.start))
        };
        let key = unseen_keys(self.read()).into_iter().find(|key| inside(key) && key.passes_for_one(self.mapping))?;
        let at = self.part.start + key.at.start;
        Some((self.text[..at].bytes().filter(|byte| *byte == b'\n').count() + 1, key.seen, key.letter))
    }

    /// Sets the flag's values in urgent mode, as [`super::edit()`] does.
    ///
    /// # Errors
    /// Says why the flag can't be edited, where, and what to write by hand.
    pub fn lead_back(&self, values: Values) -> Result<Edited, Refusal> {
        let edited = urgent::edit(self.read(), &self.spelling, self.name, values, &self.located);
        if self.part == (0..self.text.len()) {
            return edited;
        }
        match edited {
            Ok(edited) if edited.is_plain() => {
                let (before, after) = (&self.text[..self.part.start], &self.text[self.part.end..]);
                Ok(Edited { text: [before, &edited.text, after].concat(), ..edited })
            }
            // What there is to say, to add or to refuse needs a look at the whole text.
            _ => find_in_all(self.text, self.mapping, self.name).lead_back(values),
        }
    }

    /// Returns what was read of the text.
    fn read(&self) -> &str {
        &self.text[self.part.clone()]
    }
}
