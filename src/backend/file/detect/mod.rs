//! Finds how a flags file spells its flags, by looking. Pure: text in, mapping out.

mod bare;
mod candidate;
mod choice;
mod dialect;
mod entries;
mod environments;
mod leftovers;
mod names;
mod places;
mod shape;
mod switching;
mod telling;
mod unlimited;
mod words;

pub use dialect::Dialect;
pub use places::{names_default, names_environment};
pub use telling::{other_way, telling};
pub use words::{USUAL_SHARES, USUAL_SWITCHES};

use crate::document::{self, Node};
use crate::model::{EnabledKey, FlagName, Mapping, Scale};
use candidate::Candidate;
use choice::Choice;
use entries::Numbers;

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
        /// Percentages were seen, though not of flags.
        percentages: bool,
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

/// Returns how the flags of a text are spelled that are numbers among numbers that are settings; `None` where that is
/// not what stands in the way. All of them read as flags by it: for a rollback that names one.
#[must_use]
pub fn among_settings(text: &str) -> Option<Mapping> {
    let Detection::Nothing { .. } = detect(text) else { return None };
    let documents = document::outline(text, LOOKS[1]);
    let mixed = documents.iter().find_map(|document| bare::mixed(document, &mut Vec::new()))?;
    Some(bare::mapping(mixed.root, Numbers::default()))
}

/// Returns how the flags of a text may be spelled, where that can't be told: for a rollback that names one. Where they stand
/// in several places it is the native spelling: which place is meant no other one would tell.
#[must_use]
pub fn loosely(text: &str) -> Mapping {
    if let Detection::Ambiguous(_) = detect(text) {
        return Mapping::native();
    }
    let documents = document::outline(text, LOOKS[1]);
    documents.iter().find_map(unlimited::mapping).unwrap_or_else(|| {
        let spelled = |key: &&str| vec![(*key).to_owned()];
        let switch = |key: &&str| EnabledKey { path: spelled(key), words: None };
        let (rollout, enabled) = (USUAL_SHARES.iter().map(spelled), USUAL_SWITCHES.iter().map(switch));
        Mapping { rollout: rollout.collect(), enabled: enabled.collect(), ..Mapping::native() }
    })
}

/// Returns the keys at the top of a flag that read as its percentage, in file order.
#[must_use]
pub fn percentages(text: &str, mapping: &Mapping, flag: &FlagName) -> Vec<String> {
    let documents = document::outline(text, LOOKS[1]);
    let entries = entries::at(&documents, &mapping.root).filter(|entry| entry.name == flag.as_str());
    let mut keys: Vec<String> = Vec::new();
    for (key, value) in entries.flat_map(|entry| entry.node.pairs()) {
        let number = matches!(value, Node::Alias) || value.text().is_some_and(entries::is_number);
        if words::is_share(key) && number && !keys.iter().any(|known| known == key) {
            keys.push(key.clone().into_owned());
        }
    }
    keys
}

/// True for a key below which it is said who gets a feature, and by which rules: a number there may be about some of them.
#[must_use]
pub fn is_choice(key: &str) -> bool {
    words::is_one_of(key, &["targeting", "target", "targets", "rules", "rule", "segments", "segment", "audience"])
}

fn look(text: &str, limit: usize) -> Detection {
    let documents = document::outline(text, limit);
    if documents.iter().all(is_empty) {
        return Detection::Found(Mapping::native());
    }
    if let Some(mapping) = documents.iter().find_map(dialect::simple) {
        return Detection::Found(mapping);
    }
    if let Some(dialect) = documents.iter().find_map(dialect::of) {
        return Detection::OtherDialect(dialect);
    }
    let mut candidates = Vec::new();
    for document in &documents {
        candidate::collect(document, &mut Vec::new(), &mut candidates);
    }
    match choice::choose(candidates, &documents) {
        Choice::One(candidate) => Detection::Found(candidate.mapping),
        Choice::Several(several) => Detection::Ambiguous(several.into_iter().map(seen).collect()),
        Choice::None => {
            let unlimited = documents.iter().find_map(unlimited::mapping);
            // A flag that has percentages in a way of its own would be given another one, which nobody reads.
            let unlimited = unlimited.filter(|mapping| {
                let mut flags = entries::at(&documents, &mapping.root);
                !flags.any(|flag| leftovers::percentages(&[flag.node]).is_some())
            });
            unlimited.map_or_else(|| nothing(&documents), Detection::Found)
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

fn nothing(documents: &[Node<'_>]) -> Detection {
    let top: Vec<&Node<'_>> = documents.iter().filter(|document| !is_empty(document)).collect();
    let keys: Vec<String> =
        top.iter().flat_map(|node| node.pairs()).take(8).map(|(key, _)| key.clone().into_owned()).collect();
    let percentages = leftovers::percentages(&top);
    let hint = percentages.clone().unwrap_or_else(|| leftovers::hint(&top).to_owned());
    Detection::Nothing { keys, hint, percentages: percentages.is_some() }
}
