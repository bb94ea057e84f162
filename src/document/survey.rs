//! Everything that a check wants to know of a text, in one pass.

use super::anchors::Anchors;
use super::census::{self, Census};
use super::entry::{Body, Entry, Field as Which};
use super::events::{Broken, Event, Events, Feed, Kind, Span, Style};
use super::place::Places;
use super::reading::{self, Held};
use super::refusal::Refusal;
use super::scan::scan;
use super::suspects::{self, Likeness, Suspects};
use super::{listing, scalar, syntax};
use crate::model::{Field, Flag, KeyPath, Mapping, Shown};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

/// What stands out in a text. Ranges are bytes of it.
#[derive(Clone, Debug)]
pub enum Sight {
    /// A flag, and the state of its values.
    Flag(Box<FlagSight>),
    /// A flag that stood before.
    RepeatedFlag {
        /// Its name.
        name: String,
        /// Where it stands again.
        at: Range<usize>,
        /// Where it stood first.
        first: Range<usize>,
    },
    /// A key that stood before in the same mapping.
    RepeatedKey {
        /// The key.
        key: String,
        /// Where it stands again.
        at: Range<usize>,
        /// Where it stood first.
        first: Range<usize>,
    },
    /// A place that a template would fill.
    Template(Range<usize>),
    /// A flag of which the values are others' too.
    Shared {
        /// The flag.
        name: String,
        /// Where it stands.
        at: Range<usize>,
        /// An alias that takes the same values.
        alias: Range<usize>,
    },
    /// A value that is an alias.
    Aliased {
        /// The flag.
        name: String,
        /// The alias.
        at: Range<usize>,
    },
    /// A key in a flag that looks like one that counts.
    Misspelt {
        /// The key.
        key: String,
        /// Where it stands.
        at: Range<usize>,
        /// The key that it looks like.
        near: String,
        /// The flag has the value that the key it looks like leads to.
        beside: bool,
    },
    /// What the whole of the text tells; the last but for what broke it.
    Census(Census),
    /// The text is no YAML from here on.
    Broken {
        /// Why.
        refusal: Refusal,
        /// Where.
        at: Range<usize>,
    },
}

/// A flag as a check sees it.
#[derive(Clone, Debug)]
pub struct FlagSight {
    /// Its values.
    pub flag: Flag,
    /// Its name.
    pub name_at: Range<usize>,
    /// The percentage.
    pub rollout: Option<Stored>,
    /// The switch.
    pub enabled: Option<Stored>,
    /// Where its salt stands.
    pub salt_at: Option<Range<usize>>,
}

/// A stored value.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its key, as the mapping spells it.
    pub key: Rc<str>,
    /// Where it stands.
    pub at: Range<usize>,
    /// What is odd about it.
    pub oddity: Option<Oddity>,
}

/// What is odd about a stored value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// It is no value of this kind.
    Type,
    /// A number that is no percentage.
    Range,
    /// A number with a leading zero.
    Octal,
    /// `yes`, `off`…: a boolean to YAML 1.1 only.
    OldBoolean,
}

/// Surveys a text, and hands over what it sees; of a text that is broken, what stands above.
pub fn survey(text: &str, mapping: &Mapping, mut sink: impl FnMut(&Sight)) {
    let mut places = Places::new(text);
    let mut first: HashMap<Cow<'_, str>, Span> = HashMap::new();
    let mut anchored: Vec<(String, Span, Vec<usize>)> = Vec::new();
    let mut again: HashSet<usize> = HashSet::new();
    let labels = Labels::new(mapping);
    let suspects = RefCell::new(Suspects::new(mapping));
    let mut watch = Watch::new(text, &suspects);
    let rollout = labels.rollout.first().cloned();
    let mut census = Census { apart: census::apart(mapping), rollout, ..Census::default() };
    let mut doubtful: Vec<Sight> = Vec::new();
    let outcome = scan(text, &mut watch, mapping, |entry, anchors| {
        let alike = suspects.borrow_mut().of(&entry);
        if !listing::is_flag(&entry, anchors, mapping) {
            census.add_other(&entry);
            let mut told = alike.iter().map(|alike| misspelt(alike, false));
            if suspects::are_a_flags(&alike) {
                told.for_each(|sight| sink(&sight))
            } else {
                doubtful.extend(&mut told)
            }
            return;
        }
        flag(&entry, anchors, &labels, &alike, &mut census, &mut places, &mut sink);
        let held = entry.frames.iter().map(|frame| frame.anchor).chain(entry.sites.iter().map(|site| site.anchor));
        let held: Vec<usize> = entry.anchors.iter().copied().chain(held).filter(|anchor| *anchor != 0).collect();
        if !held.is_empty() {
            anchored.push((entry.name.clone().into_owned(), entry.name_span, held));
        }
        match first.get(&entry.name) {
            None => drop(first.insert(entry.name, entry.name_span)),
            Some(before) => {
                again.insert(entry.name_span.start);
                let (name, at) = (entry.name.into_owned(), bytes(entry.name_span));
                sink(&Sight::RepeatedFlag { name, at, first: bytes(*before) });
            }
        }
    });
    for (name, at, held) in anchored {
        if let Some(uses) = held.iter().find_map(|anchor| outcome.anchors.uses(*anchor)) {
            sink(&Sight::Shared { name, at: bytes(at), alias: bytes(uses.first) });
        }
    }
    census.add_nameless(&outcome.nameless);
    census.settle();
    census.compare(&first);
    if census.mostly_flags() {
        doubtful.iter().for_each(&mut sink);
    }
    sink(&Sight::Census(census));
    // A flag that stands twice is a key that stands twice; once is enough.
    let new = |sight: &&Sight| !matches!(sight, Sight::RepeatedKey { at, .. } if again.contains(&at.start));
    watch.sights.iter().filter(new).for_each(&mut sink);
    if let Some(alias) = outcome.anchors.dangling() {
        let shown = Shown(alias.slice(text).unwrap_or_default()).to_string();
        let reason = format!("the file is not valid YAML: `{shown}` is an alias of nothing");
        sink(&Sight::Broken { refusal: Refusal::at(text, alias.start, alias.end, reason), at: bytes(alias) });
    }
    if let Some(broken) = outcome.broken {
        sink(&Sight::Broken { refusal: syntax::refusal(text, &broken), at: syntax::place(text, &broken) });
    }
}

fn bytes(span: Span) -> Range<usize> {
    span.start..span.end
}

/// The keys of values as messages name them, made once.
struct Labels<'m> {
    mapping: &'m Mapping,
    rollout: Vec<Rc<str>>,
    enabled: Vec<Rc<str>>,
}

impl<'m> Labels<'m> {
    fn new(mapping: &'m Mapping) -> Self {
        let label = |path: &KeyPath| Rc::from(path.join("."));
        let rollout = mapping.rollout.iter().map(label).collect();
        Self { mapping, rollout, enabled: mapping.enabled.iter().map(|key| label(&key.path)).collect() }
    }
}

fn flag(
    entry: &Entry<'_>,
    anchors: &Anchors<'_>,
    labels: &Labels<'_>,
    alike: &[Likeness<'_>],
    census: &mut Census,
    places: &mut Places<'_>,
    sink: &mut impl FnMut(&Sight),
) {
    let mapping = labels.mapping;
    let reading = reading::read(entry, anchors, mapping);
    let held = [&reading.rollout, &reading.enabled];
    // A value that was cut off by a broken text says nothing of its own.
    let cut = entry.cut && held.iter().any(|held| matches!(held, Held::Misplaced(_)));
    if !cut && let Some(flag) = reading::flag_of(entry, anchors, &reading, mapping, places) {
        let odd = reading.rollout.value().and_then(|value| scalar::oddity(value, mapping.scale));
        let name = || Rc::from(entry.name.as_ref());
        let key = |labels: &[Rc<str>], spelling: usize| {
            // Where the entry itself is the value, its name is the key.
            labels.get(spelling).filter(|label| !label.is_empty()).cloned().unwrap_or_else(name)
        };
        let mut rollout = stored(&reading.rollout, || key(&labels.rollout, reading.rollout_spelling), odd);
        if let (None, Some(_)) = (&rollout, reading::no_body(entry)) {
            rollout = Some(Stored { key: name(), at: bytes(entry.body_span), oddity: Some(Oddity::Type) });
        }
        let odd = match reading.truth(mapping) {
            Some(Ok(truth)) if truth.old_style => Some(Oddity::OldBoolean),
            Some(Err(_)) => Some(Oddity::Type),
            Some(Ok(_)) | None => None,
        };
        let enabled = stored(&reading.enabled, || key(&labels.enabled, reading.enabled_spelling), odd);
        count(entry, &flag, rollout.is_some(), alike, census);
        let name_at = bytes(entry.name_span);
        let salt_at = reading::held_salt(entry, anchors).map(|(span, _)| bytes(span));
        sink(&Sight::Flag(Box::new(FlagSight { flag, name_at, rollout, enabled, salt_at })));
    }
    for alike in alike {
        let held = held[usize::from(alike.field == Which::Enabled)];
        sink(&misspelt(alike, !matches!(held, Held::Absent)));
    }
    let aliased = held.into_iter().find_map(|held| match held {
        Held::Aliased(site, _) => Some(Sight::Aliased { name: entry.name.to_string(), at: bytes(site.span) }),
        _ => None,
    });
    if let Some(aliased) = aliased {
        sink(&aliased);
    }
}

fn misspelt(alike: &Likeness<'_>, beside: bool) -> Sight {
    let Likeness { key, at, near, .. } = alike;
    Sight::Misspelt { key: key.clone(), at: bytes(*at), near: (*near).to_owned(), beside }
}

fn count(entry: &Entry<'_>, flag: &Flag, limited: bool, alike: &[Likeness<'_>], census: &mut Census) {
    let mapping = matches!(entry.body, Body::Mapping);
    census.flags += 1;
    census.limited += usize::from(limited && mapping);
    // A percentage that is there under a name that doesn't count is told once.
    let meant = alike.iter().any(|alike| alike.field == Which::Rollout);
    if mapping && !limited && !meant && !entry.cut && matches!(flag.enabled, Field::Is(true)) {
        census.unlimited.push((entry.name.to_string(), bytes(entry.name_span)));
    }
}

fn stored(held: &Held<'_, '_>, key: impl Fn() -> Rc<str>, oddity: Option<Oddity>) -> Option<Stored> {
    let (span, oddity) = match held {
        Held::Absent => return None,
        Held::Own(site, _) | Held::Aliased(site, Some(_)) => (site.span, oddity),
        Held::Aliased(site, None) | Held::Misplaced(site) => (site.span, Some(Oddity::Type)),
        Held::Merged(value) => (value.span, oddity),
    };
    Some(Stored { key: key(), at: bytes(span), oddity })
}

/// The events of a text, watched for keys that repeat and for templates.
struct Watch<'t, 's, 'm> {
    events: Events<'t>,
    text: &'t str,
    open: Vec<Level<'t>>,
    keys: Vec<(Cow<'t, str>, Span)>,
    templates: bool,
    suspects: &'s RefCell<Suspects<'m>>,
    sights: Vec<Sight>,
}

/// An open collection.
struct Level<'t> {
    mapping: bool,
    /// Where it opens, if it is between braces.
    flow: Option<usize>,
    at: Span,
    /// The next node is a key.
    key: bool,
    /// Where its keys begin among all.
    keys: usize,
    /// The keys of a mapping that has many.
    many: HashMap<Cow<'t, str>, Span>,
}

/// How many keys are compared one by one.
const FEW: usize = 24;

impl<'t, 's, 'm> Watch<'t, 's, 'm> {
    fn new(text: &'t str, suspects: &'s RefCell<Suspects<'m>>) -> Self {
        let templates = text.contains("{{");
        Self {
            events: Events::new(text),
            text,
            open: Vec::new(),
            keys: Vec::new(),
            templates,
            suspects,
            sights: Vec::new(),
        }
    }

    fn see(&mut self, event: &Event<'t>) {
        match &event.kind {
            Kind::MappingEnd | Kind::SequenceEnd => {
                if let Some(level) = self.open.pop() {
                    self.keys.truncate(level.keys);
                }
                return;
            }
            Kind::StreamStart | Kind::StreamEnd | Kind::DocumentStart | Kind::DocumentEnd => return,
            Kind::MappingStart { .. } | Kind::SequenceStart { .. } | Kind::Scalar { .. } | Kind::Alias(_) => {}
        }
        if self.templates {
            self.see_template(event);
        }
        if let Some(level) = self.open.last_mut().filter(|level| level.mapping) {
            let is_key = level.key;
            level.key = !is_key;
            if let Kind::Scalar { value, .. } = &event.kind
                && is_key
            {
                self.see_key(value.clone(), event.span);
            }
        }
        let keys = self.keys.len();
        let level = |mapping, flow| Level { mapping, flow, at: event.span, key: true, keys, many: HashMap::new() };
        match event.kind {
            Kind::MappingStart { flow } => self.open.push(level(true, flow.then_some(event.span.start))),
            Kind::SequenceStart { .. } => self.open.push(level(false, None)),
            _ => {}
        }
    }

    fn see_key(&mut self, key: Cow<'t, str>, span: Span) {
        let Some(level) = self.open.last_mut() else { return };
        self.suspects.borrow_mut().see(&key, span, level.at);
        let own = &self.keys[level.keys..];
        if own.len() == FEW && level.many.is_empty() {
            level.many = own.iter().cloned().collect();
        }
        let first = if level.many.is_empty() {
            own.iter().find(|(known, _)| *known == key).map(|(_, span)| *span)
        } else {
            level.many.get(&key).copied()
        };
        match first {
            // Several merges are written as several keys by some, and mean what they say.
            Some(_) if key == "<<" => {}
            Some(first) => {
                self.sights.push(Sight::RepeatedKey { key: key.into_owned(), at: bytes(span), first: bytes(first) });
            }
            None if level.many.is_empty() => self.keys.push((key, span)),
            None => drop(level.many.insert(key, span)),
        }
    }

    fn see_template(&mut self, event: &Event<'t>) {
        let at = match &event.kind {
            Kind::MappingStart { flow: true } => {
                let around = self.open.last().filter(|level| level.key).and_then(|level| level.flow);
                around.filter(|start| start + 1 == event.span.start)
            }
            Kind::Scalar { style: Style::Plain, .. } => {
                let text = event.span.slice(self.text).unwrap_or_default();
                text.find("{{").filter(|open| text[*open..].contains("}}")).map(|open| event.span.start + open)
            }
            _ => None,
        };
        self.sights.extend(at.map(|at| Sight::Template(at..at + 2)));
    }
}

impl<'t> Feed<'t> for &mut Watch<'t, '_, '_> {
    fn next(&mut self) -> Result<Event<'t>, Broken> {
        let event = self.events.next()?;
        self.see(&event);
        Ok(event)
    }
}
