//! What the entries below one place have in common.

use super::names;
use super::places;
use super::shape;
use super::switching::{self, Meaning};
use super::words;
use crate::document::Node;
use crate::model::{EnabledKey, KeyPath, OnOff, Scale};

/// An entry that may be a flag.
pub(super) struct Entry<'n, 't> {
    pub(super) name: &'n str,
    pub(super) node: &'n Node<'t>,
}

/// Returns the entries below a place, if it is a mapping, or a list of entries that name themselves.
pub(super) fn entries<'n, 't>(node: &'n Node<'t>) -> Vec<Entry<'n, 't>> {
    match node {
        Node::Mapping(pairs) => {
            pairs.iter().filter(|(name, _)| name != "<<").map(|(name, node)| Entry { name, node }).collect()
        }
        Node::List(items) => {
            let key = names::key(node);
            let name = |node: &'n Node<'t>| match &key {
                Some(key) => node.get(key).and_then(Node::text),
                None => node.name(),
            };
            items.iter().filter_map(|node| Some(Entry { name: name(node)?, node })).collect()
        }
        Node::Scalar { .. } | Node::Alias => Vec::new(),
    }
}

/// Returns the entries at a path, of all documents; `*` stands for any key.
pub(super) fn at<'n, 't>(documents: &'n [Node<'t>], root: &KeyPath) -> impl Iterator<Item = Entry<'n, 't>> {
    let mut nodes: Vec<&Node<'_>> = documents.iter().collect();
    for key in root {
        let pairs = nodes.into_iter().flat_map(Node::pairs);
        nodes = pairs.filter(|(name, _)| key == "*" || name == key).map(|(_, node)| node).collect();
    }
    nodes.into_iter().flat_map(entries)
}

/// Returns the paths in an entry at which percentages stand, and the text of each.
pub(super) fn shares<'n>(name: &str, entry: &'n Node<'_>) -> Vec<(KeyPath, &'n str)> {
    let mut found = Vec::new();
    collect(name, entry, &mut Vec::new(), &mut found);
    found
}

fn collect<'n>(name: &str, node: &'n Node<'_>, path: &mut KeyPath, found: &mut Vec<(KeyPath, &'n str)>) {
    let inside = !path.is_empty() && words::is_container(name);
    if shape::holds_flags(name, node) {
        return;
    }
    for (key, value) in node.pairs() {
        path.push(key.clone().into_owned());
        match value {
            Node::Scalar { text, empty, .. } => {
                let named = words::is_share(key) || (inside && words::is_inside(key));
                if named && (*empty || is_number(text)) {
                    found.push((path.clone(), if *empty { "" } else { text }));
                }
            }
            Node::Mapping(_) if path.len() < 4 => {
                let environment =
                    path.len() >= 2 && path.get(path.len() - 2).is_some_and(|above| places::names_environments(above));
                let environment = environment
                    || (path.len() == 1 && places::names_environment(key) && shape::holds_environments(name, node));
                if words::is_container(key) || places::names_environments(key) || environment {
                    collect(key, value, path, found);
                }
            }
            Node::Alias if words::is_share(key) => found.push((path.clone(), "")),
            Node::Mapping(_) | Node::List(_) | Node::Alias => {}
        }
        path.pop();
    }
}

/// True for text that is meant as a number, however badly it is written.
pub(super) fn is_number(text: &str) -> bool {
    let text = text.trim().trim_start_matches(['+', '-']);
    let mut letters = text.chars();
    let digit = letters.next().is_some_and(|first| first.is_ascii_digit() || first == '.');
    digit && letters.all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '%' | '_' | 'e' | ' '))
}

/// A switch in an entry.
pub(super) struct Switch<'n> {
    pub(super) path: KeyPath,
    rank: usize,
    /// `None` where a mapping or a list stands.
    text: Option<&'n str>,
    plain: bool,
    /// It tells that the file switches flags by this key.
    pub(super) telling: bool,
}

impl Switch<'_> {
    /// True for a key that is a switch wherever it stands; others are only where a percentage stands beside them.
    pub(super) const fn is_certain(&self) -> bool {
        self.rank < words::CERTAIN
    }

    /// True for a key whose `true` means off.
    pub(super) fn is_inverse(&self) -> bool {
        self.path.last().is_some_and(|key| words::is_inverse(key))
    }
}

/// Returns how many keys of a path in an entry lead to what is about one environment: `environments.production.rollout`
/// has two, `production.rollout` one. `None`: it is about all.
pub(super) fn environment(path: &[String]) -> Option<usize> {
    let named = |key: &String| places::names_environment(key) && !words::is_container(key);
    match path {
        [place, _, _, ..] if places::names_environments(place) => Some(2),
        [name, _, ..] if named(name) => Some(1),
        _ => None,
    }
}

/// Returns the switches below a part of an entry.
pub(super) fn switches_below<'n>(node: &'n Node<'_>, above: &[String]) -> Vec<Switch<'n>> {
    let below = |switch: Switch<'n>| Switch { path: above.iter().cloned().chain(switch.path).collect(), ..switch };
    switches(node).into_iter().map(below).collect()
}

/// Returns the switches of an entry, at its top and in the mappings about its rollout.
pub(super) fn switches<'n>(entry: &'n Node<'_>) -> Vec<Switch<'n>> {
    let mut found = Vec::new();
    let mut at = |node: &'n Node<'_>, above: Option<&str>, worse: usize| {
        for (key, value) in node.pairs() {
            let Some(rank) = words::switch_rank(key) else { continue };
            let (text, plain) = match value {
                Node::Scalar { text, plain, empty: false } => (Some(text.as_ref()), *plain),
                // What users get by default is no switch where it is more than a value.
                Node::Mapping(_) | Node::List(_) if words::is_default(key) => (None, false),
                Node::Scalar { .. } | Node::Mapping(_) | Node::List(_) | Node::Alias => continue,
            };
            let path = above.into_iter().chain([key.as_ref()]).map(str::to_owned).collect();
            found.push(Switch { path, rank: rank + worse, text, plain, telling: true });
        }
    };
    at(entry, None, 0);
    for (key, value) in entry.pairs().iter().filter(|(key, _)| words::is_container(key)) {
        at(value, Some(key), words::SWITCHES.len());
    }
    found
}

/// Chooses the spellings that a file uses for its switch: the best, and others where an entry has only them.
pub(super) fn enabled_keys(all: &[Vec<Switch<'_>>]) -> Vec<EnabledKey> {
    let telling = all.iter().flatten().filter(|switch| switch.telling);
    let mut ranked: Vec<(usize, &KeyPath)> = telling.map(|switch| (switch.rank, &switch.path)).collect();
    ranked.sort();
    ranked.dedup();
    let mut chosen: Vec<EnabledKey> = Vec::new();
    let mut served = vec![false; all.len()];
    for (_, path) in ranked {
        let values: Vec<&Switch<'_>> = all.iter().flatten().filter(|switch| switch.path == *path).collect();
        let has = |switches: &[Switch<'_>]| switches.iter().any(|switch| switch.telling && switch.path == *path);
        let new = all.iter().zip(&served).any(|(switches, served)| !served && has(switches));
        // Beside a switch of the file's own, what users get by default is a value like others.
        let by_default = path.last().is_some_and(|key| words::is_default(key)) && !chosen.is_empty();
        let Some(words) = (new && !by_default).then(|| readable(path, &values)).flatten() else { continue };
        for (switches, served) in all.iter().zip(&mut served) {
            *served |= has(switches);
        }
        chosen.push(EnabledKey { path: path.clone(), words });
    }
    chosen
}

/// Returns the words of a switch, `Some(None)` for booleans; `None` if its values are nothing that switches.
#[expect(clippy::option_option, reason = "booleans have no words, and a key that is no switch has neither")]
fn readable(path: &KeyPath, values: &[&Switch<'_>]) -> Option<Option<OnOff>> {
    let is_bool = |switch: &&Switch<'_>| {
        let text = switch.text.filter(|_| switch.plain).unwrap_or_default().to_lowercase();
        matches!(text.as_str(), "true" | "false" | "yes" | "no" | "on" | "off")
    };
    let meaning = |switch: &&Switch<'_>| switch.text.and_then(switching::meaning);
    let booleans = values.iter().filter(|value| is_bool(value)).count();
    if path.last().is_some_and(|key| words::is_default(key)) && booleans < values.len() {
        return None;
    }
    let inverse = path.last().is_some_and(|key| words::is_inverse(key));
    if booleans > 0 && booleans * 2 >= values.len() {
        return Some(inverse.then(|| OnOff::one("false", "true")));
    }
    let known = values.iter().filter(|value| meaning(value).is_some()).count();
    if known == 0 && path.last().is_some_and(|key| key == "enabled") {
        // Mistyped throughout, but meant to switch: to read past it would call the flag on.
        return Some(None);
    }
    if known * 2 < values.len() || known == 0 || inverse {
        return None;
    }
    let of = |wanted: Meaning| {
        let texts = values.iter().filter(|value| meaning(value) == Some(wanted)).filter_map(|value| value.text);
        texts.fold(Vec::new(), |known: Vec<String>, text| {
            let new = !known.iter().any(|known| known == text);
            known.into_iter().chain(new.then(|| text.to_owned())).collect()
        })
    };
    if of(Meaning::Off).is_empty() && path.last().is_some_and(|key| words::is_manner(key)) {
        return None;
    }
    // The word that is written for on is the one under which the percentage counts.
    let (mut on, mut off) = ([of(Meaning::Partly), of(Meaning::On)].concat(), of(Meaning::Off));
    if on.is_empty() {
        on.push(switching::opposite(off.first()?)?);
    }
    if off.is_empty() {
        off.push(switching::opposite(on.first()?)?);
    }
    Some(Some(OnOff { on, off }))
}

/// Chooses the spellings that a file uses for its percentage: the most frequent, and others where an entry has only them.
pub(super) fn rollout_paths(all: &[Vec<(KeyPath, &str)>]) -> Vec<KeyPath> {
    let mut counted: Vec<(usize, &KeyPath)> = Vec::new();
    for (path, _) in all.iter().flatten() {
        match counted.iter_mut().find(|(_, known)| *known == path) {
            Some((count, _)) => *count += 1,
            None => counted.push((1, path)),
        }
    }
    // The sort is stable: of two that are as frequent, the one that comes first in the file, but `rollout` before `Rollout`.
    let capital = |path: &KeyPath| path.iter().any(|key| key.starts_with(char::is_uppercase));
    counted.sort_by_key(|(count, path)| (std::cmp::Reverse(*count), path.len(), capital(path)));
    let mut chosen: Vec<KeyPath> = Vec::new();
    for (_, path) in counted {
        let only = |shares: &Vec<(KeyPath, &str)>| {
            shares.iter().any(|(one, _)| one == path) && !shares.iter().any(|(one, _)| chosen.contains(one))
        };
        if all.iter().any(only) {
            chosen.push(path.clone());
        }
    }
    chosen
}

/// What the percentages of a place are like, as far as it tells what 1 means.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers {
    some: bool,
    above_one: bool,
    decimal: bool,
}

impl Numbers {
    pub(super) fn of<'n>(values: impl Iterator<Item = &'n str>) -> Self {
        let read = |value: &'n str| Some((value, value.trim().parse::<f64>().ok()?));
        values.filter_map(read).fold(Self::default(), |all, (text, number)| {
            all.and(Self { some: number != 0.0, above_one: number > 1.0, decimal: text.contains('.') })
        })
    }

    /// Takes in those of another place of the same file.
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            some: self.some || other.some,
            above_one: self.above_one || other.above_one,
            decimal: self.decimal || other.decimal,
        }
    }

    /// Tells what 1 means.
    pub(super) const fn scale(self) -> Scale {
        if self.some && !self.above_one && self.decimal { Scale::Doubtful } else { Scale::Percent }
    }
}
