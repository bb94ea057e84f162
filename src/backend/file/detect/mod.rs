//! Finds how a flags file spells its flags, by looking. Pure: text in, mapping out.

mod candidate;
mod dialect;
mod entries;
mod switching;
mod words;

pub use dialect::Dialect;

use crate::document::{self, Node};
use crate::model::{FlagName, KeyPath, Mapping, Scale};
use candidate::Candidate;

/// How far a file is looked into first; and how far where that was not enough.
const LOOKS: [usize; 2] = [256 * 1024, 4 * 1024 * 1024];

/// What a look at a file found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detection {
    /// How its flags are spelled.
    Found(Mapping),
    /// Flags in several places, of which one has to be named.
    Ambiguous(Vec<Seen>),
    /// No flags with a percentage.
    Nothing {
        /// The keys at the top of the file, the first of them.
        keys: Vec<String>,
        /// What was seen instead: a lowercase sentence fragment.
        hint: String,
    },
    /// The format of another tool.
    OtherDialect(Dialect),
}

/// One place where flags could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How flags are spelled there.
    pub mapping: Mapping,
    /// How many of them have a percentage.
    pub flags: usize,
    /// The first of them.
    pub example: String,
}

/// Looks at a flags file. An empty one is taken for native.
#[must_use]
pub fn detect(text: &str) -> Detection {
    let mut detection = look(text, LOOKS[0]);
    let unsure = |detection: &Detection| match detection {
        Detection::Found(mapping) => mapping.scale == Scale::Doubtful,
        Detection::Nothing { .. } => true,
        Detection::Ambiguous(_) | Detection::OtherDialect(_) => false,
    };
    if text.len() > LOOKS[0] && unsure(&detection) {
        detection = look(text, LOOKS[1]);
    }
    detection
}

/// Returns the keys at the top of a flag that read as its percentage, in file order.
#[must_use]
pub fn percentages(text: &str, mapping: &Mapping, flag: &FlagName) -> Vec<String> {
    let documents = document::outline(text, LOOKS[1]);
    let mut nodes: Vec<&Node<'_>> = documents.iter().collect();
    for key in &mapping.root {
        let pairs = nodes.into_iter().flat_map(|node| node.pairs());
        nodes = pairs.filter(|(name, _)| key == "*" || name == key).map(|(_, node)| node).collect();
    }
    let entries = nodes.into_iter().flat_map(entries::entries).filter(|entry| entry.name == flag.as_str());
    let mut keys: Vec<String> = Vec::new();
    for (key, value) in entries.flat_map(|entry| entry.node.pairs()) {
        let number = matches!(value, Node::Alias) || value.text().is_some_and(entries::is_number);
        if words::is_share(key) && number && !keys.iter().any(|known| known == key) {
            keys.push(key.clone().into_owned());
        }
    }
    keys
}

fn look(text: &str, limit: usize) -> Detection {
    let documents = document::outline(text, limit);
    if documents.iter().all(is_empty) {
        return Detection::Found(Mapping::native());
    }
    if let Some(dialect) = documents.iter().find_map(dialect::of) {
        return Detection::OtherDialect(dialect);
    }
    let mut candidates = Vec::new();
    for document in &documents {
        candidate::collect(document, &mut Vec::new(), &mut candidates);
    }
    match candidate::choose(candidates) {
        candidate::Choice::One(candidate) => Detection::Found(candidate.mapping),
        candidate::Choice::Several(several) => Detection::Ambiguous(several.into_iter().map(seen).collect()),
        candidate::Choice::None => {
            documents.iter().find_map(without_shares).map_or_else(|| nothing(&documents), Detection::Found)
        }
    }
}

fn seen(candidate: Candidate) -> Seen {
    Seen { mapping: candidate.mapping, flags: candidate.flags, example: candidate.example }
}

fn is_empty(document: &Node<'_>) -> bool {
    match document {
        Node::Scalar { empty, .. } => *empty,
        Node::Mapping(pairs) => pairs.is_empty(),
        Node::List(items) => items.is_empty(),
        Node::Alias => false,
    }
}

/// Returns how flags without any percentage are spelled: at the usual places, with the native name for what is missing.
fn without_shares(document: &Node<'_>) -> Option<Mapping> {
    let conventional = document.pairs().iter().filter(|(key, _)| words::names_flags(key));
    let roots =
        conventional.map(|(key, node)| (vec![key.clone().into_owned()], node)).chain([(KeyPath::new(), document)]);
    for (root, node) in roots {
        let entries = entries::entries(node);
        let mappings =
            entries.iter().filter(|entry| matches!(entry.node, Node::Mapping(_)) && !candidate::is_beside(entry.name));
        let (flags, others): (Vec<_>, Vec<_>) = mappings.partition(|entry| looks_like_a_flag(entry.node));
        if flags.is_empty() || flags.len() < others.len() {
            continue;
        }
        let switches: Vec<_> = flags.iter().map(|entry| entries::switches(entry.node)).collect();
        let mut mapping = Mapping { root, ..Mapping::native() };
        let enabled = entries::enabled_keys(&switches);
        if !enabled.is_empty() {
            mapping.enabled = enabled;
        }
        return Some(mapping);
    }
    None
}

/// True for a mapping that holds a switch or a description, or nothing yet.
fn looks_like_a_flag(entry: &Node<'_>) -> bool {
    let pairs = entry.pairs();
    let telling = |key: &str| words::switch_rank(key).is_some() || matches!(key, "description" | "rollout");
    pairs.is_empty() || pairs.iter().any(|(key, _)| telling(key))
}

fn nothing(documents: &[Node<'_>]) -> Detection {
    let top: Vec<&Node<'_>> = documents.iter().filter(|document| !is_empty(document)).collect();
    let keys: Vec<String> =
        top.iter().flat_map(|node| node.pairs()).take(8).map(|(key, _)| key.clone().into_owned()).collect();
    let switches = |node: &Node<'_>| {
        let pairs = node.pairs();
        let boolean = |value: &Node<'_>| matches!(value.text(), Some("true" | "false"));
        !pairs.is_empty() && pairs.iter().filter(|(_, value)| boolean(value)).count() * 2 > pairs.len()
    };
    let nested = top.iter().flat_map(|node| node.pairs()).any(|(_, node)| switches(node));
    let hint = if top.iter().any(|node| switches(node)) || nested {
        "its flags are only on or off: none has a percentage"
    } else if top.iter().all(|node| matches!(node, Node::Scalar { .. } | Node::Alias)) {
        "it is neither a mapping nor a list"
    } else {
        "no entry has a percentage (`rollout`, `rollout_percentage`, `percentage`…)"
    };
    Detection::Nothing { keys, hint: hint.to_owned() }
}
