//! Everything an edit has to know of a text before it decides.

use super::anchors::{Anchors, Uses};
use super::entry::{Entry, Site};
use super::events::{Broken, Events, Feed, Record, Recorder, Style};
use super::insert::NewValue;
use super::listing::is_flag;
use super::reading::{self, Held};
use super::scalar;
use super::scan::{Outcome, Root, scan};
use crate::model::{FlagName, Mapping, Percent, Scale};

/// The entries of one flag, and how the file writes.
pub(super) struct Located<'t> {
    pub(super) entries: Vec<Entry<'t>>,
    pub(super) anchors: Anchors<'t>,
    pub(super) broken: Option<Broken>,
    pub(super) roots: Vec<Root>,
    pub(super) habits: Habits,
    /// The events of a small text, for the proof.
    pub(super) record: Option<Record<'t>>,
}

/// How the file writes percentages, seen at other flags.
#[derive(Debug, Default)]
pub(super) struct Habits {
    /// The spelling, the text and the style of the first percentage.
    first: Option<(usize, String, Style)>,
    integers: bool,
    decimals: bool,
    /// How many flags there are.
    flags: usize,
}

/// From how many flags on a file without any percentage is taken for one whose reader knows none.
const MANY: usize = 4;

impl Habits {
    pub(super) fn see(&mut self, held: &Held<'_, '_>, spelling: usize, scale: Scale) {
        self.flags += 1;
        let Some(value) = held.value() else { return };
        if scalar::percent(value, scale).is_err() {
            return;
        }
        let decimal = value.text.contains('.');
        self.integers |= !decimal;
        self.decimals |= decimal;
        if self.first.is_none() {
            self.first = Some((spelling, value.text.clone().into_owned(), value.style));
        }
    }

    /// True if every percentage is written without decimals.
    pub(super) const fn whole(&self) -> bool {
        self.integers && !self.decimals
    }

    /// True if there are many flags, and none with a percentage.
    pub(super) const fn knows_no_percentages(&self) -> bool {
        self.flags >= MANY && !self.integers && !self.decimals
    }

    /// Returns the spelling that a new key takes.
    pub(super) fn spelling(&self) -> usize {
        self.first.as_ref().map_or(0, |(spelling, ..)| *spelling)
    }

    /// Writes a percentage as the file does where there is no old value to follow.
    pub(super) fn number(&self, percent: Percent, scale: Scale) -> NewValue {
        let (old, quote) = match &self.first {
            Some((_, text, style)) => (Some(text.as_str()), quote(*style)),
            None => (None, None),
        };
        // `0.05` beside it says nothing about how 25 is written; `5.0` does.
        let old = old.filter(|text| scale != Scale::Percent || text.ends_with(".0"));
        NewValue { text: scalar::number_like(old, percent, scale), word: false, quote }
    }
}

/// Returns the quote of a style.
pub(super) const fn quote(style: Style) -> Option<char> {
    match style {
        Style::Single => Some('\''),
        Style::Double => Some('"'),
        Style::Plain | Style::Block => None,
    }
}

/// Texts up to this many bytes are read once for finding and proving; of larger ones the record would take too much memory.
const RECORDED: usize = 64 * 1024;

/// Finds a flag.
pub(super) fn locate<'t>(text: &'t str, mapping: &Mapping, name: &FlagName) -> Located<'t> {
    if text.len() > RECORDED {
        return locate_in(text, Events::new(text), mapping, name);
    }
    let mut recorder = Recorder::new(text);
    let located = locate_in(text, &mut recorder, mapping, name);
    Located { record: Some(recorder.record), ..located }
}

/// Finds a flag in what a feed gives.
pub(super) fn locate_in<'t>(text: &'t str, feed: impl Feed<'t>, mapping: &Mapping, name: &FlagName) -> Located<'t> {
    let mut entries = Vec::new();
    let mut habits = Habits::default();
    let mut last = false;
    let Outcome { anchors, broken, roots, open, .. } = scan(text, feed, mapping, |entry, anchors| {
        if is_flag(&entry, anchors, mapping) {
            let reading = reading::read(&entry, anchors, mapping);
            habits.see(&reading.rollout, reading.rollout_spelling, mapping.scale);
        }
        let named = entry.name == name.as_str();
        last = named || entry.also.as_ref().is_some_and(|(also, _)| also == name.as_str());
        if named {
            entries.push(entry);
        }
    });
    if let Some(entry) = entries.last_mut().filter(|_| open && last) {
        entry.cut = true;
    }
    Located { entries, anchors, broken, roots, habits, record: None }
}

impl<'t> Located<'t> {
    /// Returns the first use of an anchor on or around an entry, or of one on the way to a value in it.
    pub(super) fn shared(&self, entry: &Entry<'t>, site: Option<&Site<'t>>) -> Option<Uses> {
        let frames = site.into_iter().flat_map(|site| {
            let path = &entry.frames.get(site.frame).map_or(&[][..], |frame| &frame.path);
            entry.frames.iter().filter(|frame| path.starts_with(&frame.path)).map(|frame| frame.anchor)
        });
        let own = site.map(|site| site.anchor);
        entry.anchors.iter().copied().chain(frames).chain(own).find_map(|anchor| self.anchors.uses(anchor))
    }
}
