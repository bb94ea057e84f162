//! The places in a file where flags with a percentage stand.

use super::entries::{self, Entry, Numbers};
use super::{bare, names, places, shape, words};
use crate::document::Node;
use crate::model::{EnabledKey, KeyPath, Mapping};

/// How deep in a file flags are looked for.
const DEPTH: usize = 5;

/// A place where flags with a percentage stand.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) mapping: Mapping,
    /// How many flags have a percentage.
    pub(super) flags: usize,
    pub(super) example: String,
    /// The names of the flags that have one.
    pub(super) names: Vec<String>,
    /// What their percentages are like.
    pub(super) numbers: Numbers,
    /// The entries are numbers, without keys of their own.
    pub(super) bare: bool,
}

impl Candidate {
    /// Adds the flags of another place and how they are spelled.
    pub(super) fn take_in(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.flags += other.flags;
        self.spell_as(other);
        self.numbers = self.numbers.and(other.numbers);
        self.mapping.scale = self.numbers.scale();
    }

    /// Adds how the flags of another place are spelled.
    pub(super) fn spell_as(&mut self, other: &Self) {
        merge(&mut self.mapping.rollout, &other.mapping.rollout);
        for key in &other.mapping.enabled {
            let known = self.mapping.enabled.iter_mut().find(|known| known.path == key.path);
            match (known, &key.words) {
                (Some(EnabledKey { words: Some(words), .. }), Some(more)) => {
                    merge(&mut words.on, &more.on);
                    merge(&mut words.off, &more.off);
                }
                (Some(known), words) => known.words = known.words.take().or_else(|| words.clone()),
                (None, _) => self.mapping.enabled.push(key.clone()),
            }
        }
    }
}

fn merge<T: Clone + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !all.contains(item) {
            all.push(item.clone());
        }
    }
}

/// Gathers the places at and below a node.
pub(super) fn collect(node: &Node<'_>, path: &mut KeyPath, found: &mut Vec<Candidate>) {
    let before = found.len();
    found.extend(keyed(node, path));
    if found.len() == before {
        found.extend(bare::candidate(node, path));
    }
    if path.len() >= DEPTH {
        return;
    }
    // What a rollout is chosen from is no place for flags, nor is a list in a part of a flag: it holds rules.
    let chosen_from = |key: &str, value: &Node<'_>| {
        places::names_choices(key) || (matches!(value, Node::List(_)) && words::is_container(key))
    };
    for (key, value) in node.pairs().iter().filter(|(key, value)| !chosen_from(key, value)) {
        path.push(key.clone().into_owned());
        collect(value, path, found);
        path.pop();
    }
}

/// Returns the flags below a node that are mappings with a percentage among their keys; several candidates where they
/// have one for each environment.
fn keyed(node: &Node<'_>, path: &KeyPath) -> Vec<Candidate> {
    let entries = entries::entries(node);
    let place = path.last().map_or("", String::as_str);
    let flags: Vec<&Entry<'_, '_>> = entries.iter().filter(|entry| !shape::is_beside(entry, &entries, place)).collect();
    let shares: Vec<_> = flags.iter().map(|entry| entries::shares(entry.name, entry.node)).collect();
    let environments = environments(&shares);
    let environments: Vec<_> = environments.iter().map(Some).collect();
    let environments = if environments.is_empty() { vec![None] } else { environments };
    let mut found: Vec<_> =
        environments.into_iter().filter_map(|name| candidate(path, &flags, &shares, name)).collect();
    for one in &mut found {
        one.mapping.name = names::key(node);
    }
    found
}

/// Returns the ways to the environments inside the flags, if percentages stand only there.
fn environments(shares: &[Shares<'_>]) -> Vec<KeyPath> {
    let mut ways: Vec<KeyPath> = Vec::new();
    for (path, _) in shares.iter().flatten() {
        let Some(way) = entries::environment(path).map(|keys| &path[..keys]) else { return Vec::new() };
        if !ways.iter().any(|known| known == way) {
            ways.push(way.to_vec());
        }
    }
    ways
}

/// What an entry says of its percentages.
type Shares<'n> = Vec<(KeyPath, &'n str)>;

fn candidate(
    root: &KeyPath,
    entries: &[&Entry<'_, '_>],
    shares: &[Shares<'_>],
    environment: Option<&KeyPath>,
) -> Option<Candidate> {
    let in_environment = |path: &KeyPath| {
        path.first().is_some_and(|key| places::names_environments(key)) || entries::environment(path).is_some()
    };
    let kept = |path: &KeyPath| match environment {
        Some(way) => path.starts_with(way),
        None => !in_environment(path),
    };
    let (mut flags, mut kept_shares, mut switches) = (Vec::new(), Vec::new(), Vec::new());
    for (entry, shares) in entries.iter().zip(shares) {
        let shares: Shares<'_> = shares.iter().filter(|(path, _)| kept(path)).cloned().collect();
        let mut found = match environment.and_then(|way| Some((way, entry.node.at(way)?))) {
            Some((way, node)) => entries::switches_below(node, way),
            None => entries::switches(entry.node),
        };
        if shares.is_empty() {
            for switch in &mut found {
                switch.telling = switch.is_certain();
            }
            switches.push(found);
            continue;
        }
        switches.push(found);
        flags.push(entry.name.to_owned());
        kept_shares.push(shares);
    }
    let example = flags.first()?.clone();
    let rollout = entries::rollout_paths(&kept_shares);
    let counting = kept_shares.iter().flatten().filter(|(path, _)| rollout.contains(path));
    let numbers = Numbers::of(counting.map(|(_, text)| *text));
    let mut enabled = entries::enabled_keys(&switches);
    if enabled.is_empty() && rollout == Mapping::native().rollout {
        enabled = Mapping::native().enabled;
    }
    let usual = root.last().is_some_and(|key| places::names_flags(key));
    if usual && entries.iter().any(|entry| is_boolean(entry.node)) {
        enabled.push(EnabledKey { path: Vec::new(), words: None });
    }
    let mapping = Mapping { root: root.clone(), name: None, rollout, enabled, scale: numbers.scale() };
    Some(Candidate { mapping, flags: flags.len(), example, names: flags, numbers, bare: false })
}

fn is_boolean(node: &Node<'_>) -> bool {
    matches!(node, Node::Scalar { text, plain: true, .. } if text == "true" || text == "false")
}
