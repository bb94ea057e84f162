//! What only the whole of a text tells: which entries stand out among the others.

use super::entry::{Body, Entry};
use super::events::Span;
use super::scalar;
use super::scan::Nameless;
use crate::model::{Mapping, Scale};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

/// The flags of a text, counted, and what stands among them.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// How many flags there are.
    pub flags: usize,
    /// How many of them are mappings with a percentage.
    pub limited: usize,
    /// The flags are all that stands where they stand: settings have their place elsewhere.
    pub apart: bool,
    /// How many entries are no flags, settings included.
    pub others: usize,
    /// How many of those are values that a flag could have.
    pub(super) values: usize,
    /// The key of the percentage, as the mapping spells it.
    pub rollout: Option<Rc<str>>,
    /// The flags that are on and have no percentage.
    pub unlimited: Vec<(String, Range<usize>)>,
    /// The entries that are skipped and look like no setting.
    pub strays: Vec<Stray>,
    /// The entries that have no name, and whether they have the values of a flag.
    pub nameless: Vec<(Range<usize>, bool)>,
    /// The flags of which the names differ from another's in the case of letters only.
    pub similar: Vec<Similar>,
}

/// An entry that is skipped.
#[derive(Clone, Debug)]
pub struct Stray {
    /// Its name, if it has one.
    pub name: String,
    /// Where it stands.
    pub at: Range<usize>,
    /// What it is.
    pub kind: StrayKind,
}

/// What stands where the keys of a flag should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrayKind {
    /// Nothing.
    Empty,
    /// A value.
    Value,
    /// A list.
    List,
}

/// A flag with nearly the name of another.
#[derive(Clone, Debug)]
pub struct Similar {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub at: Range<usize>,
    /// The other's name.
    pub other: String,
    /// Where that stands.
    pub first: Range<usize>,
}

impl Census {
    /// True if what is no flag is an exception among the entries.
    #[must_use]
    pub const fn mostly_flags(&self) -> bool {
        let (flags, others) = (self.flags, self.others);
        if self.apart { flags > others } else { flags >= 3 * others }
    }

    /// Counts an entry that is no flag.
    pub(super) fn add_other(&mut self, entry: &Entry<'_>) {
        self.others += 1;
        let kind = match &entry.body {
            Body::Scalar(value) if scalar::is_null(value) => StrayKind::Empty,
            // Among flags that are told by their keys, words are settings.
            Body::Scalar(value) if self.apart || is_value(value) => StrayKind::Value,
            Body::Sequence => StrayKind::List,
            Body::Mapping | Body::Scalar(_) | Body::Alias { .. } => return,
        };
        // A number or a switch among flags with keys may be one that was meant as a flag; several are settings.
        self.values += usize::from(kind == StrayKind::Value && !is_setting(&entry.name));
        if !entry.cut && (self.apart || !is_setting(&entry.name)) {
            self.strays.push(Stray { name: entry.name.to_string(), at: range(entry.name_span), kind });
        }
    }

    /// Forgets the values that are settings: where several stand beside the flags, none of them was meant as a flag.
    pub(super) fn settle(&mut self) {
        if !self.apart && self.values >= HABIT {
            self.strays.retain(|stray| stray.kind != StrayKind::Value);
        }
    }

    /// Counts what has no name.
    pub(super) fn add_nameless(&mut self, nameless: &[Nameless]) {
        self.others += nameless.len();
        self.nameless = nameless.iter().map(|one| (range(one.at), one.valued)).collect();
    }

    /// Compares the names of flags.
    pub(super) fn compare(&mut self, names: &HashMap<Cow<'_, str>, Span>) {
        let mut groups: HashMap<String, Vec<(&str, Span)>> = HashMap::new();
        let small = |name: &str| !name.contains(char::is_uppercase);
        for (name, at) in names.iter().filter(|(name, _)| !small(name)) {
            groups.entry(name.to_lowercase()).or_default().push((name, *at));
        }
        for (lower, mut group) in groups {
            group.extend(
                names.get_key_value(lower.as_str()).filter(|(name, _)| small(name)).map(|(name, at)| (&**name, *at)),
            );
            group.sort_unstable_by_key(|(_, at)| at.start);
            if let [(other, first), rest @ ..] = group.as_slice() {
                self.similar.extend(rest.iter().map(|(name, at)| Similar {
                    name: (*name).to_owned(),
                    at: range(*at),
                    other: (*other).to_owned(),
                    first: range(*first),
                }));
            }
        }
    }
}

fn range(span: Span) -> Range<usize> {
    span.start..span.end
}

/// True for a boolean or a percentage: what a flag would be that has no keys.
fn is_value(value: &super::anchors::Value<'_>) -> bool {
    let share = value.text.strip_suffix('%').is_some_and(|number| number.trim_end().parse::<f64>().is_ok());
    share || scalar::truth(value, None).is_ok() || scalar::percent(value, Scale::Percent).is_ok()
}

/// Names that say something of the file, where they stand beside its flags.
const SETTINGS: [&str; 32] = [
    "apiversion",
    "app",
    "application",
    "author",
    "authors",
    "comment",
    "comments",
    "created",
    "default",
    "defaults",
    "description",
    "env",
    "environment",
    "environments",
    "imports",
    "include",
    "includes",
    "kind",
    "metadata",
    "name",
    "namespace",
    "note",
    "notes",
    "owner",
    "owners",
    "project",
    "schema",
    "service",
    "tags",
    "team",
    "teams",
    "updated",
];

/// How many values beside the flags make a habit of it.
const HABIT: usize = 3;

/// The last words of names that stand for numbers.
const MEASURES: [&str; 34] = [
    "age",
    "batch",
    "bytes",
    "capacity",
    "concurrency",
    "count",
    "date",
    "days",
    "delay",
    "hours",
    "interval",
    "level",
    "limit",
    "max",
    "min",
    "minutes",
    "ms",
    "port",
    "priority",
    "replicas",
    "retries",
    "revision",
    "salt",
    "seconds",
    "seed",
    "size",
    "threads",
    "threshold",
    "timeout",
    "ttl",
    "users",
    "version",
    "window",
    "workers",
];

/// The first words of such names.
const BOUNDS: [&str; 5] = ["default", "max", "maximum", "min", "minimum"];

/// True for a name that a setting of the file would have.
fn is_setting(name: &str) -> bool {
    let lower = name.to_lowercase();
    let last = lower.rsplit(['_', '-', '.']).next().unwrap_or_default();
    lower.starts_with(['$', '_', '.', '@'])
        || lower.starts_with("x-")
        || SETTINGS.contains(&lower.as_str())
        || MEASURES.contains(&last)
        || BOUNDS.contains(&lower.split(['_', '-', '.']).next().unwrap_or_default())
}

/// True where the mapping leaves no room for settings beside the flags.
pub(super) fn apart(mapping: &Mapping) -> bool {
    !mapping.root.is_empty() && !mapping.is_grouped()
}
