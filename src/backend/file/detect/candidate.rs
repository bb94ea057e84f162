//! The places in a file where flags with a percentage stand, and the choice between them.

use super::entries::{self, Entry};
use super::words;
use crate::document::Node;
use crate::model::{EnabledKey, KeyPath, Mapping, Scale};

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
    names: Vec<String>,
    /// The entries are numbers, without keys of their own.
    bare: bool,
}

impl Candidate {
    /// Adds the flags of another place and how they are spelled.
    fn take_in(&mut self, other: &Self) {
        self.names.extend(other.names.iter().cloned());
        self.flags += other.flags;
        merge(&mut self.mapping.rollout, &other.mapping.rollout);
        merge(&mut self.mapping.enabled, &other.mapping.enabled);
        if other.mapping.scale == Scale::Percent {
            self.mapping.scale = Scale::Percent;
        }
    }
}

/// What a choice came to.
pub(super) enum Choice {
    One(Candidate),
    Several(Vec<Candidate>),
    None,
}

/// Gathers the places at and below a node.
pub(super) fn collect(node: &Node<'_>, path: &mut KeyPath, found: &mut Vec<Candidate>) {
    let before = found.len();
    found.extend(keyed(node, path));
    if found.len() == before {
        found.extend(bare(node, path));
    }
    if path.len() >= DEPTH {
        return;
    }
    for (key, value) in node.pairs() {
        path.push(key.clone().into_owned());
        collect(value, path, found);
        path.pop();
    }
}

/// True for the name of something that is no flag though it may have a percentage.
pub(super) fn is_beside(name: &str) -> bool {
    words::names_settings(name) || words::names_environment(name) || words::names_environments(name)
}

/// Returns the flags below a node that are mappings with a percentage among their keys; several candidates where they
/// have one for each environment.
fn keyed(node: &Node<'_>, path: &KeyPath) -> Vec<Candidate> {
    let entries = entries::entries(node);
    let flags: Vec<&Entry<'_, '_>> = entries.iter().filter(|entry| !is_beside(entry.name)).collect();
    let shares: Vec<_> = flags.iter().map(|entry| entries::shares(entry.node)).collect();
    let environments = environments(&shares);
    if !environments.is_empty() {
        return environments.iter().filter_map(|name| candidate(path, &flags, &shares, Some(name))).collect();
    }
    candidate(path, &flags, &shares, None).into_iter().collect()
}

/// Returns the environments inside the flags, if percentages stand only there.
fn environments(shares: &[Shares<'_>]) -> Vec<String> {
    let inside = |path: &KeyPath| path.first().is_some_and(|key| words::names_environments(key)) && path.len() > 2;
    let all = || shares.iter().flatten().map(|(path, _)| path);
    if all().any(|path| !inside(path)) {
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for path in all() {
        if !names.contains(&path[1]) {
            names.push(path[1].clone());
        }
    }
    names
}

/// What an entry says of its percentages.
type Shares<'n> = Vec<(KeyPath, &'n str)>;

fn candidate(
    root: &KeyPath,
    entries: &[&Entry<'_, '_>],
    shares: &[Shares<'_>],
    environment: Option<&String>,
) -> Option<Candidate> {
    let in_environment = |path: &KeyPath| path.first().is_some_and(|key| words::names_environments(key));
    let kept = |path: &KeyPath| match environment {
        Some(name) => path.get(1) == Some(name),
        None => !in_environment(path),
    };
    let (mut flags, mut kept_shares, mut switches) = (Vec::new(), Vec::new(), Vec::new());
    for (entry, shares) in entries.iter().zip(shares) {
        let shares: Shares<'_> = shares.iter().filter(|(path, _)| kept(path)).cloned().collect();
        let mut found = match environment.and_then(|name| entries::environment(entry.node, name)) {
            Some((above, node)) => entries::switches_below(node, &above),
            None => entries::switches(entry.node),
        };
        if shares.is_empty() {
            // What is no certain name of a switch is only one beside a percentage.
            found.retain(entries::Switch::is_certain);
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
    let scale = entries::scale(counting.map(|(_, text)| *text));
    let mut enabled = entries::enabled_keys(&switches);
    if enabled.is_empty() && rollout == Mapping::native().rollout {
        enabled = Mapping::native().enabled;
    }
    let usual = root.last().is_some_and(|key| words::names_flags(key));
    if usual && entries.iter().any(|entry| is_boolean(entry.node)) {
        enabled.push(EnabledKey { path: Vec::new(), words: None });
    }
    let mapping = Mapping { root: root.clone(), rollout, enabled, scale };
    Some(Candidate { mapping, flags: flags.len(), example, names: flags, bare: false })
}

fn is_boolean(node: &Node<'_>) -> bool {
    matches!(node, Node::Scalar { text, plain: true, .. } if text == "true" || text == "false")
}

/// Returns the flags below a node that are numbers: `rollouts: {new_ui: 5}`.
fn bare(node: &Node<'_>, path: &KeyPath) -> Option<Candidate> {
    let Node::Mapping(pairs) = node else { return None };
    let number = |node: &Node<'_>| match node {
        Node::Scalar { text, .. } if entries::is_number(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    let in_range = |node: &Node<'_>| number(node).is_some_and(|number| (0.0..=100.0).contains(&number));
    let numbers: Vec<&str> =
        pairs.iter().filter(|(_, node)| in_range(node)).filter_map(|(_, node)| node.text()).collect();
    let fits = match path.last() {
        Some(key) if words::names_shares(key) => numbers.len() * 2 >= pairs.len() && !numbers.is_empty(),
        Some(key) if words::names_flags(key) => numbers.len() == pairs.len() && !numbers.is_empty(),
        Some(_) => false,
        None => numbers.len() == pairs.len() && numbers.len() > 1,
    };
    let telling = |name: &str| words::is_share(name) || is_beside(name);
    if !fits || pairs.iter().any(|(name, _)| telling(name)) {
        return None;
    }
    let names: Vec<String> =
        pairs.iter().filter(|(_, node)| in_range(node)).map(|(name, _)| name.clone().into_owned()).collect();
    let mapping = Mapping {
        root: path.clone(),
        rollout: vec![Vec::new()],
        enabled: Vec::new(),
        scale: entries::scale(numbers.iter().copied()),
    };
    Some(Candidate { mapping, flags: names.len(), example: names.first()?.clone(), names, bare: true })
}

/// Chooses one place: where flags usually stand, else the only one; several groups of flags side by side are one.
pub(super) fn choose(candidates: Vec<Candidate>) -> Choice {
    let mut candidates = by_root(candidates);
    if candidates.iter().any(|candidate| !candidate.bare) {
        candidates.retain(|candidate| !candidate.bare);
    }
    // What lies inside a flag of another candidate is no place of its own.
    let roots: Vec<(KeyPath, Vec<String>)> =
        candidates.iter().map(|candidate| (candidate.mapping.root.clone(), candidate.names.clone())).collect();
    let inside_flag = |root: &KeyPath| {
        roots.iter().any(|(other, names)| {
            root.len() > other.len() && root.starts_with(other) && names.contains(&root[other.len()])
        })
    };
    candidates.retain(|candidate| !inside_flag(&candidate.mapping.root));
    prefer(&mut candidates, |candidate| !candidate.mapping.root.iter().any(|key| words::names_environments(key)));
    if let Some(one) = together(&candidates) {
        return Choice::One(one);
    }
    prefer(&mut candidates, |candidate| candidate.mapping.root.last().is_some_and(|key| words::names_flags(key)));
    if candidates.len() > 1 {
        let least = candidates.iter().map(|candidate| candidate.mapping.root.len()).min();
        prefer(&mut candidates, |candidate| Some(candidate.mapping.root.len()) == least);
    }
    prefer(&mut candidates, |candidate| candidate.mapping.root.last().is_some_and(|key| words::names_default(key)));
    match candidates.len() {
        0 => Choice::None,
        1 => candidates.pop().map_or(Choice::None, Choice::One),
        _ => Choice::Several(candidates),
    }
}

/// Takes what stands at the same path, in several documents or under a key that stands twice, for one place.
fn by_root(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        let environment = |candidate: &Candidate| candidate.mapping.rollout.first().map(|path| path.len()) > Some(2);
        let same = |known: &&mut Candidate| {
            known.mapping.root == candidate.mapping.root && known.bare == candidate.bare && !environment(known)
        };
        match kept.iter_mut().find(same) {
            Some(known) => known.take_in(&candidate),
            None => kept.push(candidate),
        }
    }
    kept
}

/// Keeps those that pass, if any does.
fn prefer(candidates: &mut Vec<Candidate>, test: impl Fn(&Candidate) -> bool) {
    if candidates.iter().any(&test) {
        candidates.retain(test);
    }
}

/// Takes groups of flags that stand side by side for one place, if no flag stands in two of them.
fn together(candidates: &[Candidate]) -> Option<Candidate> {
    let (first, rest) = candidates.split_first().filter(|(_, rest)| !rest.is_empty())?;
    let (_, parent) = first.mapping.root.split_last()?;
    let beside = |candidate: &Candidate| candidate.mapping.root.split_last().is_some_and(|(_, above)| above == parent);
    if first.bare
        || !rest.iter().all(beside)
        || candidates
            .iter()
            .any(|candidate| candidate.mapping.root.last().is_some_and(|key| words::names_environment(key)))
    {
        return None;
    }
    let mut one = first.clone();
    for candidate in rest {
        let alike = candidate.mapping.rollout.iter().all(|path| one.mapping.rollout.contains(path));
        if !alike || candidate.names.iter().any(|name| one.names.contains(name)) {
            return None;
        }
        one.take_in(candidate);
    }
    one.mapping.root = parent.iter().cloned().chain(["*".to_owned()]).collect();
    Some(one)
}

fn merge<T: Clone + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !all.contains(item) {
            all.push(item.clone());
        }
    }
}
