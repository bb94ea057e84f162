//! What the entries below one place have in common.

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
        Node::List(items) => items.iter().filter_map(|node| Some(Entry { name: node.name()?, node })).collect(),
        Node::Scalar { .. } | Node::Alias => Vec::new(),
    }
}

/// Returns the paths in an entry at which percentages stand, and the text of each.
pub(super) fn shares<'n>(entry: &'n Node<'_>) -> Vec<(KeyPath, &'n str)> {
    let mut found = Vec::new();
    collect(entry, &mut Vec::new(), false, &mut found);
    found
}

fn collect<'n>(node: &'n Node<'_>, path: &mut KeyPath, inside: bool, found: &mut Vec<(KeyPath, &'n str)>) {
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
                    path.len() >= 2 && path.get(path.len() - 2).is_some_and(|above| words::names_environments(above));
                if words::is_container(key) || words::names_environments(key) || environment {
                    collect(value, path, words::is_container(key), found);
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
    text: &'n str,
    plain: bool,
}

impl Switch<'_> {
    /// True for a key that is a switch wherever it stands.
    pub(super) const fn is_certain(&self) -> bool {
        self.rank < words::CERTAIN
    }
}

/// Returns the part of an entry that is about one environment, and the path to it.
pub(super) fn environment<'n, 't>(entry: &'n Node<'t>, name: &str) -> Option<(KeyPath, &'n Node<'t>)> {
    entry
        .pairs()
        .iter()
        .filter(|(key, _)| words::names_environments(key))
        .find_map(|(key, node)| Some((vec![key.clone().into_owned(), name.to_owned()], node.get(name)?)))
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
            let (Some(rank), Node::Scalar { text, plain, empty: false }) = (words::switch_rank(key), value) else {
                continue;
            };
            let path = above.into_iter().chain([key.as_ref()]).map(str::to_owned).collect();
            found.push(Switch { path, rank: rank + worse, text, plain: *plain });
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
    let mut ranked: Vec<(usize, &KeyPath)> = all.iter().flatten().map(|switch| (switch.rank, &switch.path)).collect();
    ranked.sort();
    ranked.dedup();
    let mut chosen: Vec<EnabledKey> = Vec::new();
    let mut served = vec![false; all.len()];
    for (_, path) in ranked {
        let values: Vec<&Switch<'_>> = all.iter().flatten().filter(|switch| switch.path == *path).collect();
        let new = all
            .iter()
            .zip(&served)
            .any(|(switches, served)| !served && switches.iter().any(|switch| switch.path == *path));
        let Some(words) = new.then(|| readable(path, &values)).flatten() else { continue };
        for (switches, served) in all.iter().zip(&mut served) {
            *served |= switches.iter().any(|switch| switch.path == *path);
        }
        chosen.push(EnabledKey { path: path.clone(), words });
    }
    chosen
}

/// Returns the words of a switch, `Some(None)` for booleans; `None` if its values are nothing that switches.
#[expect(clippy::option_option, reason = "booleans have no words, and a key that is no switch has neither")]
fn readable(path: &KeyPath, values: &[&Switch<'_>]) -> Option<Option<OnOff>> {
    let is_bool = |switch: &&Switch<'_>| {
        switch.plain && matches!(switch.text.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off")
    };
    let booleans = values.iter().filter(|value| is_bool(value)).count();
    if path.last().is_some_and(|key| words::is_default(key)) && booleans < values.len() {
        return None;
    }
    let inverse = path.last().is_some_and(|key| words::is_inverse(key));
    if booleans > 0 && booleans * 2 >= values.len() {
        return Some(inverse.then(|| OnOff { on: "false".to_owned(), off: "true".to_owned() }));
    }
    let known = values.iter().filter(|value| switching::meaning(value.text).is_some()).count();
    if known == 0 && path.last().is_some_and(|key| key == "enabled") {
        // Mistyped throughout, but meant to switch: to read past it would call the flag on.
        return Some(None);
    }
    if known * 2 < values.len() || known == 0 || inverse {
        return None;
    }
    let first =
        |wanted: Meaning| values.iter().map(|value| value.text).find(|text| switching::meaning(text) == Some(wanted));
    let (on, off) = (first(Meaning::Partly).or(first(Meaning::On)), first(Meaning::Off));
    let on = on.map(str::to_owned).or_else(|| off.and_then(switching::opposite))?;
    let off = off.map(str::to_owned).or_else(|| switching::opposite(&on))?;
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

/// Tells what 1 means, from all percentages of a file.
pub(super) fn scale<'n>(values: impl Iterator<Item = &'n str>) -> Scale {
    let (mut some, mut above_one, mut decimal) = (false, false, false);
    for value in values {
        let Ok(number) = value.trim().parse::<f64>() else { continue };
        decimal |= value.contains('.');
        some |= number != 0.0;
        above_one |= number > 1.0;
    }
    if some && !above_one && decimal { Scale::Doubtful } else { Scale::Percent }
}
