//! Every flag of a text, as far as it can be read.

use super::anchors::Anchors;
use super::entry::{Body, Entry};
use super::events::Events;
use super::place::Places;
use super::reading::{self, Held};
use super::refusal::Refusal;
use super::scalar;
use super::scan::{Outcome, RootKind, scan};
use crate::model::{Field, Flag, FlagName, Mapping, Scale, Unreadable};
use std::borrow::Cow;
use std::collections::HashMap;

/// What a flags file holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// Every flag once, in file order. One that stands several times with different exposures is unreadable.
    pub flags: Vec<Flag>,
    /// The flags that stand several times, with the lines.
    pub repeated: Vec<(FlagName, Vec<usize>)>,
    /// Every percentage that could be read is written without decimals: a step with decimals doesn't fit in.
    pub whole: bool,
    /// Where the text stopped being YAML: the flags are those above.
    pub broken: Option<Refusal>,
}

impl Listing {
    /// Returns a flag by its name.
    #[must_use]
    pub fn get(&self, name: &FlagName) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == *name)
    }

    /// Returns the listing of a text that is sound to its end.
    ///
    /// # Errors
    /// Says where the text is broken.
    pub fn sound(mut self) -> Result<Self, Refusal> {
        match self.broken.take() {
            Some(broken) => Err(broken),
            None => Ok(self),
        }
    }
}

/// Reads every flag of a text; of one that is broken below, those above.
#[must_use]
pub fn listing(text: &str, mapping: &Mapping) -> Listing {
    gather(text, mapping, None)
}

/// Reads one flag of a text without keeping the others: `flags` holds it, or is empty.
#[must_use]
pub fn look_up(text: &str, mapping: &Mapping, name: &FlagName) -> Listing {
    gather(text, mapping, Some(name))
}

fn gather(text: &str, mapping: &Mapping, wanted: Option<&FlagName>) -> Listing {
    let mut places = Places::new(text);
    let mut found = Listing { whole: true, ..Listing::default() };
    let mut index: HashMap<Cow<'_, str>, usize> = HashMap::new();
    // Held back until what follows tells that it was read to its end.
    let mut pending: Option<Pending<'_>> = None;
    let Outcome { broken, roots, open, .. } = scan(text, Events::new(text), mapping, |entry, anchors| {
        found.keep(pending.take(), &mut index);
        if mapping.scale == Scale::Percent && found.whole {
            found.whole = !has_decimals(&entry, anchors, mapping);
        }
        if wanted.is_some_and(|wanted| entry.name != wanted.as_str())
            || (wanted.is_none() && !is_flag(&entry, anchors, mapping))
        {
            return;
        }
        let Some(flag) = reading::flag(&entry, anchors, mapping, &mut places) else { return };
        pending = Some(Pending { mapped: matches!(entry.body, Body::Mapping), name: entry.name, flag });
    });
    found.whole &= mapping.scale == Scale::Percent;
    found.broken = broken.map(|broken| super::syntax::refusal(text, &broken));
    if let (Some(broken), Some(last)) = (&found.broken, pending.as_mut().filter(|last| open && last.mapped)) {
        reading::cut(&mut last.flag, mapping, broken);
    }
    found.keep(pending, &mut index);
    if found.broken.is_none() && found.flags.is_empty() && wanted.is_none() {
        found.broken = misplaced_root(text, mapping, &roots);
    }
    found
}

/// A flag that was read last.
struct Pending<'t> {
    name: Cow<'t, str>,
    flag: Flag,
    /// It is a mapping.
    mapped: bool,
}

impl Listing {
    fn keep<'t>(&mut self, pending: Option<Pending<'t>>, index: &mut HashMap<Cow<'t, str>, usize>) {
        let Some(Pending { name, flag, .. }) = pending else { return };
        match index.get(&name) {
            None => {
                index.insert(name, self.flags.len());
                self.flags.push(flag);
            }
            Some(first) => self.repeat(*first, flag),
        }
    }

    pub(super) fn repeat(&mut self, first: usize, flag: Flag) {
        let kept = &mut self.flags[first];
        match self.repeated.iter_mut().find(|(name, _)| *name == flag.name) {
            Some((_, lines)) => lines.push(flag.line),
            None => self.repeated.push((flag.name.clone(), vec![kept.line, flag.line])),
        }
        if kept.salt != flag.salt && kept.salt.unreadable().is_none() {
            let reason = format!("stands twice with different values, in lines {} and {}", kept.line, flag.line);
            let text = kept.salt.value().cloned().unwrap_or_default();
            let key = "salt".to_owned();
            kept.salt = Field::Unreadable(Unreadable { key, text, reason, line: flag.line, column: 1 });
        }
        let known = kept.exposure().known();
        if known.is_none() || known != flag.exposure().known() {
            let reason = format!("stands twice with different values, in lines {} and {}", kept.line, flag.line);
            let text = kept.rollout.value().map(ToString::to_string).unwrap_or_default();
            let key = "rollout".to_owned();
            kept.rollout = Field::Unreadable(Unreadable { key, text, reason, line: flag.line, column: 1 });
            if kept.enabled != flag.enabled {
                // `enabled: false` alone would say that nobody is exposed.
                kept.enabled = Field::Absent;
            }
        }
    }
}

/// True if the percentage of an entry is written with a decimal point.
fn has_decimals(entry: &Entry<'_>, anchors: &Anchors<'_>, mapping: &Mapping) -> bool {
    let held = reading::read(entry, anchors, mapping).rollout;
    let readable = |held: &Held<'_, '_>| held.value().is_some_and(|value| value.text.contains('.'));
    readable(&held)
}

/// True for an entry that is a flag and no setting beside the flags.
pub(super) fn is_flag(entry: &Entry<'_>, anchors: &Anchors<'_>, mapping: &Mapping) -> bool {
    let has_value = !entry.sites.is_empty() || entry.frames.iter().any(|frame| !frame.merges.is_empty());
    let named = !mapping.root.is_empty() && !mapping.is_grouped();
    match &entry.body {
        Body::Mapping => has_value || entry.description.is_some() || named,
        Body::Alias { .. } => {
            let reading = reading::read(entry, anchors, mapping);
            named || reading.rollout.value().is_some() || reading.enabled.value().is_some()
        }
        // Beside numbers and booleans that are flags, words are settings.
        Body::Scalar(value) => {
            has_value && (value.text.contains(|letter: char| letter.is_ascii_digit()) || is_switch(entry, mapping))
        }
        Body::Sequence => false,
    }
}

/// True if the value of an entry is a switch.
fn is_switch(entry: &Entry<'_>, mapping: &Mapping) -> bool {
    let bare = mapping.enabled.iter().find(|key| key.path.is_empty());
    matches!((&entry.body, bare), (Body::Scalar(value), Some(key)) if scalar::truth(value, key.words.as_ref()).is_ok())
}

/// Returns what is wrong where the flags should be, if no flag was found there.
fn misplaced_root(text: &str, mapping: &Mapping, roots: &[super::scan::Root]) -> Option<Refusal> {
    let path = mapping.root.join("`, `");
    match roots.first() {
        None if mapping.root.is_empty() => None,
        None => Some(Refusal::at(text, 0, 0, format!("the file has no `{path}`, where its flags should stand"))),
        Some(root) if root.kind == RootKind::Other => {
            let reason = if mapping.root.is_empty() {
                "the file holds no flags: neither a mapping nor a list".to_owned()
            } else {
                format!("`{path}` holds no flags: neither a mapping nor a list")
            };
            Some(Refusal::at(text, root.at.start, root.at.end, reason))
        }
        Some(_) => None,
    }
}
