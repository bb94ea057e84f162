//! The proof that a change of the text changes what it is meant to change, and nothing else.

use super::events::{Broken, Event, Events, Feed, Kind, Span};
use super::splice::{Expects, Splice};

/// The events of the new text, each compared with that of the old text as it passes.
///
/// Only the events that the splices announce may differ, and every span lies where the splices put it. The first
/// difference ends the feed.
pub(super) struct Lockstep<'o, 'n, 's> {
    old: Events<'o>,
    new: Events<'n>,
    splices: &'s [Splice],
    /// For each splice the first byte of its text in the new text, and how much longer the text is after it.
    placed: Vec<(usize, isize)>,
    /// How many of its events each splice has seen.
    seen: Vec<usize>,
    failed: bool,
}

impl<'o, 'n, 's> Lockstep<'o, 'n, 's> {
    /// Begins a comparison; `splices` are sorted and `new` is the old text with them applied.
    pub(super) fn new(old: &'o str, new: &'n str, splices: &'s [Splice]) -> Self {
        let mut longer = 0;
        let place = |splice: &Splice| {
            let start = splice.span.start.wrapping_add_signed(longer);
            longer += splice.text.len().cast_signed() - (splice.span.end - splice.span.start).cast_signed();
            (start, longer)
        };
        Self {
            placed: splices.iter().map(place).collect(),
            seen: vec![0; splices.len()],
            old: Events::new(old),
            new: Events::new(new),
            splices,
            failed: !same_around(old, new, splices),
        }
    }

    /// Returns whether everything that passed was as announced, and everything announced has passed.
    pub(super) fn holds(&self) -> bool {
        let complete = self.splices.iter().zip(&self.seen).all(|(splice, seen)| splice.expects.signs().len() == *seen);
        complete && !self.failed
    }

    fn fail<T>(&mut self, at: usize) -> Result<T, Broken> {
        self.failed = true;
        Err(Broken { at, message: "the change would alter more than the flag".to_owned() })
    }

    /// Returns the splice whose text begins before `at` and ends after it, in the new text.
    fn splice_at(&self, at: usize) -> Option<usize> {
        let index = self.placed.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        (at < self.placed[index].0 + self.splices[index].text.len()).then_some(index)
    }

    /// True if `new` is where the splices move the byte `old` to. A byte where something is inserted may be before or after it.
    fn moved(&self, old: usize, new: usize) -> bool {
        let longer = |count: usize| count.checked_sub(1).map_or(0, |last| self.placed[last].1);
        let before = self.splices.partition_point(|splice| splice.span.end < old);
        let through = self.splices.partition_point(|splice| splice.span.end <= old);
        (before..=through).any(|count| old.wrapping_add_signed(longer(count)) == new)
    }

    fn same_place(&self, old: Span, new: Span) -> bool {
        self.moved(old.start, new.start) && self.moved(old.end, new.end)
    }

    /// Takes an event of the new text for the next one that a splice announced.
    fn announced(&mut self, index: usize, event: Event<'n>) -> Result<Event<'n>, Broken> {
        match self.splices[index].expects.signs().get(self.seen[index]) {
            Some(sign) if sign.fits(&event.kind) => {
                self.seen[index] += 1;
                Ok(event)
            }
            _ => self.fail(event.span.start),
        }
    }

    /// Compares an event that no splice has announced as new.
    fn paired(&mut self, event: Event<'n>, within: Option<usize>) -> Result<Event<'n>, Broken> {
        let old = match self.old.next() {
            Ok(old) => old,
            Err(_) => return self.fail(event.span.start),
        };
        if let Some(index) = within
            && self.seen[index] == 0
            && let Expects::Instead { old: span, keeps_properties, .. } = &self.splices[index].expects
        {
            let properties = event.anchor == old.anchor
                && event.tag.as_ref().map(|tag| &tag.name) == old.tag.as_ref().map(|tag| &tag.name);
            let value = matches!(old.kind, Kind::Scalar { .. } | Kind::Alias(_));
            let bare = event.anchor == 0 && event.tag.is_none();
            if !value || old.span != *span || !(if *keeps_properties { properties } else { bare }) {
                return self.fail(event.span.start);
            }
            return self.announced(index, event);
        }
        if old.says_the_same(&event) && self.same_place(old.span, event.span) {
            return Ok(event);
        }
        self.fail(event.span.start)
    }
}

impl<'n> Feed<'n> for &mut Lockstep<'_, 'n, '_> {
    fn next(&mut self) -> Result<Event<'n>, Broken> {
        if self.failed {
            return self.fail(0);
        }
        let event = match self.new.next() {
            Ok(event) => event,
            Err(new) => {
                // A text that was broken below stays broken, in the same way and at the same place.
                return match self.old.next() {
                    Err(old) if old.message == new.message && self.moved(old.at, new.at) => Err(new),
                    _ => self.fail(new.at),
                };
            }
        };
        // Nothing that a splice brings is empty; an empty event on its border is an old one.
        let within = if event.span.is_empty() { None } else { self.splice_at(event.span.start) };
        match within {
            Some(index) if self.seen[index] > 0 || matches!(self.splices[index].expects, Expects::Beside(_)) => {
                self.announced(index, event)
            }
            within => self.paired(event, within),
        }
    }
}

/// True if every byte outside of the splices is the same in both texts.
fn same_around(old: &str, new: &str, splices: &[Splice]) -> bool {
    let (mut old, mut new, mut cut) = (old.as_bytes(), new.as_bytes(), 0);
    for splice in splices {
        let (Some(kept), Some(gone)) =
            (splice.span.start.checked_sub(cut), splice.span.end.checked_sub(splice.span.start))
        else {
            return false;
        };
        let parts = (old.split_at_checked(kept), new.split_at_checked(kept));
        let (Some((one, old_rest)), Some((two, new_rest))) = parts else { return false };
        if one != two || gone > old_rest.len() || !new_rest.starts_with(splice.text.as_bytes()) {
            return false;
        }
        old = &old_rest[gone..];
        new = &new_rest[splice.text.len()..];
        cut = splice.span.end;
    }
    old == new
}
