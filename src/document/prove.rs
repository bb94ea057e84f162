//! The proof that a change of the text changes what it is meant to change, and nothing else.

use super::events::{Again, Broken, Event, Events, Feed, Kind, Record, Span, Style};
use super::splice::{Expects, Sign, Splice};

/// The events of the new text, each compared with that of the old text as it passes.
///
/// Only the events that the splices announce may differ, and every span lies where the splices put it. The first
/// difference ends the feed.
pub(super) struct Lockstep<'o, 'n, 's> {
    old: Again<'s, 'o>,
    new: Events<'n>,
    splices: &'s [Splice],
    /// For each splice the first byte of its text in the new text, and how much longer the text is after it.
    placed: Vec<(usize, isize)>,
    /// How many of its events each splice has seen.
    seen: Vec<usize>,
    /// The splice of which some events have passed and some have not.
    open: Option<usize>,
    /// An event of the old text that was read, and stands after what was inserted.
    held: Option<Event<'o>>,
    failed: bool,
}

impl<'o, 'n, 's> Lockstep<'o, 'n, 's> {
    /// Begins a comparison; `record` spares reading the old text again; `splices` are sorted and `new` is the old text with them applied.
    pub(super) fn new(old: &'o str, record: Option<&'s Record<'o>>, new: &'n str, splices: &'s [Splice]) -> Self {
        let mut longer = 0;
        let place = |splice: &Splice| {
            let start = splice.span.start.wrapping_add_signed(longer);
            longer += splice.text.len().cast_signed() - (splice.span.end - splice.span.start).cast_signed();
            (start, longer)
        };
        Self {
            placed: splices.iter().map(place).collect(),
            seen: vec![0; splices.len()],
            open: None,
            held: None,
            old: Again::new(old, record),
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

    /// True if both events lie where the splices put them. An event without bytes lies at the next token, whichever that is.
    fn same_place(&self, old: Span, new: Span) -> bool {
        (old.is_empty() && new.is_empty()) || (self.moved(old.start, new.start) && self.moved(old.end, new.end))
    }

    /// Returns the next sign of a splice.
    fn sign(&self, index: usize) -> Option<&'s Sign> {
        self.splices[index].expects.signs().get(self.seen[index])
    }

    /// Takes an event of the new text for the next one that a splice announced.
    fn announced(&mut self, index: usize, event: Event<'n>) -> Result<Event<'n>, Broken> {
        if !self.sign(index).is_some_and(|sign| sign.fits(&event.kind)) {
            return self.fail(event.span.start);
        }
        self.seen[index] += 1;
        self.open = self.sign(index).map(|_| index);
        Ok(event)
    }

    /// Compares an event with the next one of the old text; one that a splice announced takes its place, or comes before it.
    fn paired(&mut self, event: Event<'n>, within: Option<usize>) -> Result<Event<'n>, Broken> {
        let Ok(old) = self.held.take().map_or_else(|| self.old.next(), Ok) else { return self.fail(event.span.start) };
        let begins = within.filter(|index| self.seen[*index] == 0).map(|index| (index, &self.splices[index].expects));
        if let Some((index, Expects::Instead { old: span, keeps_properties, .. })) = begins
            && old.span == *span
            && matches!(old.kind, Kind::Scalar { .. } | Kind::Alias(_))
        {
            let name = |event: &Event<'_>| event.tag.as_ref().map(|tag| tag.name.clone());
            let kept = event.anchor == old.anchor && name(&event) == name(&old);
            let bare = event.anchor == 0 && event.tag.is_none();
            return if if *keeps_properties { kept } else { bare } {
                self.announced(index, event)
            } else {
                self.fail(event.span.start)
            };
        }
        // The span of a block of text takes in the empty lines below it, which are not part of what it says.
        let block = matches!(old.kind, Kind::Scalar { style: Style::Block, .. });
        let place = self.same_place(old.span, event.span) || (block && self.moved(old.span.start, event.span.start));
        if old.says_the_same(&event) && place {
            return Ok(event);
        }
        match begins {
            Some((index, Expects::Beside(_))) => {
                self.held = Some(old);
                self.announced(index, event)
            }
            _ => self.fail(event.span.start),
        }
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
                return match self.held.take().map_or_else(|| self.old.next(), Ok) {
                    Err(old) if old.message == new.message && self.moved(old.at, new.at) => Err(new),
                    _ => self.fail(new.at),
                };
            }
        };
        if let Some(index) = self.open {
            return self.announced(index, event);
        }
        match self.splice_at(event.span.start) {
            Some(index) if !event.span.is_empty() && matches!(self.splices[index].expects, Expects::Beside(_)) => {
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
