//! An entry → the values it holds, aliases followed and merge keys looked into.

use super::anchors::{Anchors, Found, Value};
use super::entry::{Body, Entry, Field as Which, Shape, Site};
use super::events::Span;
use super::place::Places;
use super::refusal::Refusal;
use super::scalar::{self, Truth};
use crate::model::{Field, Flag, FlagName, KeyPath, Mapping, OnOff, Unreadable};

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(super) enum Held<'e, 't> {
    /// No key, here or merged.
    Absent,
    /// A scalar in the entry.
    Own(&'e Site<'t>, &'e Value<'t>),
    /// An alias in the entry, in the place of the value or of a mapping around it; what it leads to, if it leads to a scalar.
    Aliased(&'e Site<'t>, Option<&'e Value<'t>>),
    /// A scalar that comes by a merge key, or with an entry that is an alias as a whole.
    Merged(&'e Value<'t>),
    /// Something that is no scalar.
    Misplaced(&'e Site<'t>),
}

impl<'e, 't> Held<'e, 't> {
    /// Returns the scalar, wherever it comes from.
    pub(super) const fn value(&self) -> Option<&'e Value<'t>> {
        match self {
            Self::Own(_, value) | Self::Merged(value) | Self::Aliased(_, Some(value)) => Some(value),
            Self::Absent | Self::Aliased(_, None) | Self::Misplaced(_) => None,
        }
    }
}

/// The two values of a flag, and the spelling that each is in.
#[derive(Debug)]
pub(super) struct Reading<'e, 't> {
    pub(super) rollout: Held<'e, 't>,
    pub(super) rollout_spelling: usize,
    pub(super) enabled: Held<'e, 't>,
    pub(super) enabled_spelling: usize,
}

/// Finds the values of an entry.
pub(super) fn read<'e, 't>(entry: &'e Entry<'t>, anchors: &'e Anchors<'t>, mapping: &Mapping) -> Reading<'e, 't> {
    let (rollout, rollout_spelling) = held(entry, anchors, Which::Rollout, mapping.rollout.iter());
    let (enabled, enabled_spelling) = held(entry, anchors, Which::Enabled, mapping.enabled.iter().map(|key| &key.path));
    let mut reading = Reading { rollout, rollout_spelling, enabled, enabled_spelling };
    // Where the entry itself is the value, it is the switch if it reads as one, else the percentage.
    if let (Held::Own(one, _), Held::Own(other, _)) = (&reading.rollout, &reading.enabled)
        && one.span == other.span
    {
        match reading.truth(mapping) {
            Some(Ok(_)) => reading.rollout = Held::Absent,
            Some(Err(_)) | None => reading.enabled = Held::Absent,
        }
    }
    reading
}

fn held<'e, 't, 'm>(
    entry: &'e Entry<'t>,
    anchors: &'e Anchors<'t>,
    field: Which,
    paths: impl Iterator<Item = &'m KeyPath>,
) -> (Held<'e, 't>, usize) {
    for (spelling, path) in paths.enumerate() {
        // Where a key stands twice, the last counts for readers that take it at all.
        if let Some(site) = entry.counting(field, spelling).last() {
            return (at_site(site, anchors), spelling);
        }
        if let Some(Found::Scalar(value)) = merged(entry, anchors, path) {
            return (Held::Merged(value), spelling);
        }
    }
    (Held::Absent, 0)
}

fn at_site<'e, 't>(site: &'e Site<'t>, anchors: &'e Anchors<'t>) -> Held<'e, 't> {
    let behind = |node: Option<usize>, path: &[String]| match anchors.find(node?, path)? {
        Found::Scalar(value) => Some(value),
        Found::Collection => None,
    };
    match &site.shape {
        Shape::Scalar(value) => Held::Own(site, value),
        Shape::Alias { node, .. } => Held::Aliased(site, behind(*node, &[])),
        Shape::AliasAbove { node, rest } => Held::Aliased(site, behind(*node, rest)),
        Shape::Collection | Shape::Misfit { .. } => Held::Misplaced(site),
    }
}

/// Looks for a value in what the entry's mappings merge, and in what an entry that is an alias stands for.
fn merged<'e, 't>(entry: &'e Entry<'t>, anchors: &'e Anchors<'t>, path: &[String]) -> Option<Found<'e, 't>> {
    if let Body::Alias { node: Some(node), .. } = entry.body {
        return anchors.find(node, path);
    }
    // The deepest mapping comes first: its merge keys are nearer than those of the mapping around it.
    entry.frames.iter().rev().find_map(|frame| {
        let rest = path.strip_prefix(frame.path.as_slice())?;
        if rest.is_empty() {
            return None;
        }
        frame.merges.iter().find_map(|source| anchors.find_merged(*source, rest))
    })
}

impl Reading<'_, '_> {
    /// Returns the words for on and off in the spelling that counts.
    pub(super) fn words<'m>(&self, mapping: &'m Mapping) -> Option<&'m OnOff> {
        mapping.enabled.get(self.enabled_spelling).and_then(|key| key.words.as_ref())
    }

    /// Returns the boolean, or why there is none.
    pub(super) fn truth(&self, mapping: &Mapping) -> Option<Result<Truth, String>> {
        match self.enabled.value() {
            Some(value) => Some(scalar::truth(value, self.words(mapping))),
            None => misplaced(&self.enabled).map(Err),
        }
    }

    /// Returns the percentage, or why there is none.
    pub(super) fn percent(&self, mapping: &Mapping) -> Option<Result<crate::model::Percent, String>> {
        match self.rollout.value() {
            Some(value) => Some(scalar::percent(value, mapping.scale)),
            None => misplaced(&self.rollout).map(Err),
        }
    }
}

/// Returns why something is no value, if something is there.
fn misplaced(held: &Held<'_, '_>) -> Option<String> {
    match held {
        Held::Absent | Held::Own(..) | Held::Merged(_) | Held::Aliased(_, Some(_)) => None,
        Held::Aliased(_, None) => Some("is an alias of nothing readable".to_owned()),
        Held::Misplaced(site) => Some(match &site.shape {
            Shape::Misfit { wants, .. } => format!("stands where a mapping with `{wants}` is expected"),
            _ => "is a mapping or a list, not a value".to_owned(),
        }),
    }
}

/// Returns the place and the text of what is held, for messages.
fn shown(held: &Held<'_, '_>, text: &str) -> (Span, String) {
    let span = match held {
        Held::Own(site, _) | Held::Aliased(site, _) => site.span,
        // Only where a collection begins is known; its first line tells enough.
        Held::Misplaced(site) => Span::new(site.span.start, super::insert::line_end(text, site.span.start)),
        Held::Merged(value) => value.span,
        Held::Absent => Span::default(),
    };
    let first_line = span.slice(text).unwrap_or_default().lines().next().unwrap_or_default();
    (span, first_line.trim_end().to_owned())
}

/// Returns where a value of the entry's own starts.
const fn start(held: &Held<'_, '_>) -> Option<usize> {
    match held {
        Held::Own(site, _) | Held::Aliased(site, _) | Held::Misplaced(site) => Some(site.span.start),
        Held::Merged(_) | Held::Absent => None,
    }
}

/// Makes a flag of an entry; `None` if the entry has no name.
pub(super) fn flag(
    entry: &Entry<'_>,
    anchors: &Anchors<'_>,
    mapping: &Mapping,
    places: &mut Places<'_>,
) -> Option<Flag> {
    flag_of(entry, anchors, &read(entry, anchors, mapping), mapping, places)
}

/// Makes a flag of an entry that was read.
pub(super) fn flag_of(
    entry: &Entry<'_>,
    anchors: &Anchors<'_>,
    reading: &Reading<'_, '_>,
    mapping: &Mapping,
    places: &mut Places<'_>,
) -> Option<Flag> {
    let (line, _) = places.of(entry.name_span.start);
    let rollout = field(reading.percent(mapping), &reading.rollout, places, || {
        label(mapping.rollout.get(reading.rollout_spelling), entry)
    });
    let truth = reading.truth(mapping).map(|read| read.map(|truth| truth.value));
    let enabled = field(truth, &reading.enabled, places, || {
        label(mapping.enabled.get(reading.enabled_spelling).map(|key| &key.path), entry)
    });
    let salt = salt(entry, anchors, places);
    // Ascending, as `places` wants it.
    let mut starts: Vec<usize> = [&reading.enabled, &reading.rollout].into_iter().filter_map(start).collect();
    starts.sort_unstable();
    let value_lines = starts.into_iter().map(|start| places.of(start).0).collect();
    let mut flag = Flag {
        name: FlagName::new(entry.name.as_ref())?,
        enabled,
        rollout,
        description: entry.description.as_deref().map(str::to_owned),
        salt,
        line,
        value_lines,
        silent: matches!(entry.body, Body::Mapping) && !mapping.is_native(),
        beside: None,
    };
    if matches!((&flag.enabled, &flag.rollout), (Field::Absent, Field::Absent))
        && let Some(reason) = no_body(entry)
    {
        let text = entry.body_span.slice(places.text()).unwrap_or_default().lines().next().unwrap_or_default();
        let (line, column) = places.of(entry.body_span.start);
        let key = entry.name.clone().into_owned();
        flag.rollout = Field::Unreadable(Unreadable { key, text: text.to_owned(), reason, line, column });
    }
    Some(flag)
}

/// Returns where the flag's salt stands, and the scalar that it is, if it is one.
pub(super) fn held_salt<'e, 't>(
    entry: &'e Entry<'t>,
    anchors: &'e Anchors<'t>,
) -> Option<(Span, Option<&'e Value<'t>>)> {
    let merged = || match merged(entry, anchors, &["salt".to_owned()])? {
        Found::Scalar(value) => Some((value.span, Some(value))),
        Found::Collection => Some((entry.name_span, None)),
    };
    let own = entry.salt.as_ref().map(|(span, value)| (*span, value.as_ref()));
    own.or_else(merged)
}

/// Returns what the flag's users are hashed with instead of its name: the text of any scalar. An empty one is none, as it
/// is to whoever reads `flag.salt || flag.key`.
fn salt(entry: &Entry<'_>, anchors: &Anchors<'_>, places: &mut Places<'_>) -> Field<String> {
    match held_salt(entry, anchors) {
        None => Field::Absent,
        Some((_, Some(value))) if value.text.trim_matches('\n').is_empty() || scalar::is_null(value) => Field::Absent,
        Some((_, Some(value))) => Field::Is(value.text.clone().into_owned()),
        Some((span, None)) => {
            let text = places.text();
            // Only where a collection begins is known; its first line tells enough.
            let shown = text.get(span.start..super::insert::line_end(text, span.start)).unwrap_or_default();
            let (line, column) = places.of(span.start);
            let (key, text, reason) = ("salt".to_owned(), shown.trim_end().to_owned(), "is no text".to_owned());
            Field::Unreadable(Unreadable { key, text, reason, line, column })
        }
    }
}

/// Takes what was not seen of a flag for unknown, as the text broke before its end.
pub(super) fn cut(flag: &mut Flag, mapping: &Mapping, broken: &Refusal) {
    let (line, column) = (broken.line, broken.column);
    let reason = "can't be told: the text is broken below".to_owned();
    let unseen =
        |path: &KeyPath| Unreadable { key: path.join("."), text: "?".to_owned(), reason: reason.clone(), line, column };
    let enabled = mapping.enabled.iter().map(|key| &key.path).find(|path| !path.is_empty());
    if let (Field::Absent, Some(path)) = (&flag.enabled, enabled) {
        flag.enabled = Field::Unreadable(unseen(path));
    }
    let rollout = mapping.rollout.iter().find(|path| !path.is_empty());
    if let (Field::Absent, Some(path)) = (&flag.rollout, rollout) {
        flag.rollout = Field::Unreadable(unseen(path));
    }
}

/// Returns why an entry can't hold keys, if it can't.
pub(super) fn no_body(entry: &Entry<'_>) -> Option<String> {
    match &entry.body {
        Body::Mapping => None,
        Body::Alias { node: Some(_), .. } => None,
        Body::Scalar(value) if scalar::is_null(value) => Some("is empty: the flag has no keys".to_owned()),
        Body::Scalar(_) => Some("stands where the keys of the flag are expected".to_owned()),
        Body::Alias { .. } => Some("is an alias of nothing".to_owned()),
        Body::Sequence => Some("is a list where the keys of the flag are expected".to_owned()),
    }
}

/// Returns the key of a value as messages name it: where the entry itself is the value, that is the flag's name.
fn label(path: Option<&KeyPath>, entry: &Entry<'_>) -> String {
    path.filter(|path| !path.is_empty()).map_or_else(|| entry.name.clone().into_owned(), |path| path.join("."))
}

fn field<T>(
    read: Option<Result<T, String>>,
    held: &Held<'_, '_>,
    places: &mut Places<'_>,
    key: impl Fn() -> String,
) -> Field<T> {
    match read {
        None => Field::Absent,
        Some(Ok(value)) => Field::Is(value),
        Some(Err(reason)) => {
            let (span, text) = shown(held, places.text());
            let (line, column) = places.of(span.start);
            Field::Unreadable(Unreadable { key: key(), text, reason, line, column })
        }
    }
}
