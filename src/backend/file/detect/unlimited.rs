//! Flags none of which has a percentage yet: they are told by their switch, and can be given one.

use super::entries::{self, Entry, Switch};
use super::{names, places, shape, words};
use crate::document::Node;
use crate::model::{KeyPath, Mapping};

/// How deep in a file the usual places are looked for.
const DEPTH: usize = 3;

/// The keys that a percentage may get.
const KEYS: [&str; 3] = ["rollout", "rollout_percentage", "percentage"];

/// Returns how the flags of a document are spelled: at the usual places, else at its top.
pub(super) fn mapping(document: &Node<'_>) -> Option<Mapping> {
    let mut usual = Vec::new();
    collect(document, &mut Vec::new(), &mut usual);
    usual.push((KeyPath::new(), document));
    usual.into_iter().find_map(|(root, node)| at(root, node))
}

fn collect<'n, 't>(node: &'n Node<'t>, path: &mut KeyPath, found: &mut Vec<(KeyPath, &'n Node<'t>)>) {
    for (key, value) in node.pairs() {
        path.push(key.clone().into_owned());
        if places::names_flags(key) {
            found.push((path.clone(), value));
        }
        if path.len() < DEPTH {
            collect(value, path, found);
        }
        path.pop();
    }
}

fn at(root: KeyPath, node: &Node<'_>) -> Option<Mapping> {
    let entries = entries::entries(node);
    let place = root.last().map_or("", String::as_str);
    let mappings = entries
        .iter()
        .filter(|entry| matches!(entry.node, Node::Mapping(_)) && !shape::is_beside(entry, &entries, place));
    let (flags, others): (Vec<_>, Vec<_>) = mappings.partition(|entry| looks_like_a_flag(entry.node));
    if flags.is_empty() || flags.len() < others.len() {
        return None;
    }
    let mut switches: Vec<Vec<Switch<'_>>> = flags.iter().map(|entry| entries::switches(entry.node)).collect();
    for switch in switches.iter_mut().flatten() {
        switch.telling = switch.is_certain() || switch.is_inverse();
    }
    let enabled = entries::enabled_keys(&switches);
    let native = Mapping::native();
    let share = KEYS.iter().find(|key| !is_taken(&flags, key))?;
    let known = |flag: &&Entry<'_, '_>| flag.node.pairs().is_empty() || flag.node.get(share).is_some();
    if enabled.is_empty() && !flags.iter().any(known) {
        return None;
    }
    let enabled = if enabled.is_empty() { native.enabled } else { enabled };
    Some(Mapping { root, name: names::key(node), rollout: vec![vec![(*share).to_owned()]], enabled, ..native })
}

/// True if the flags have the key for something else than a number; where it is one flag, that is a mistake of it.
fn is_taken(flags: &[&Entry<'_, '_>], key: &str) -> bool {
    let values: Vec<&Node<'_>> = flags.iter().filter_map(|flag| flag.node.get(key)).collect();
    let other = |value: &&Node<'_>| match value {
        Node::Scalar { text, empty, .. } => !empty && !entries::is_number(text),
        Node::Mapping(_) | Node::List(_) => true,
        Node::Alias => false,
    };
    values.len() > 1 && values.iter().all(other)
}

/// True for a mapping that holds a switch or a description, or nothing yet.
fn looks_like_a_flag(entry: &Node<'_>) -> bool {
    let pairs = entry.pairs();
    let telling = |key: &str| words::switch_rank(key).is_some() || matches!(key, "description" | "rollout");
    pairs.is_empty() || pairs.iter().any(|(key, _)| telling(key))
}
