//! What an entry says of who gets its feature, in words that are neither its percentage nor its switch.

use super::switching::{self, Meaning};
use super::{LOOKS, dialect, entries, is_choice, places, shape, words};
use crate::document::{self, Node};
use crate::model::{FlagName, KeyPath, Mapping};

/// Keys that say how a flag is given to users, where files have several ways of it.
const WAYS: [&str; 8] =
    ["type", "kind", "strategy", "mode", "rollouttype", "rolloutstrategy", "flagtype", "strategytype"];

/// Returns what in a flag's entry may give its feature to users, as `key: value`, where it has neither a percentage nor a
/// switch; a flag of another tool's format says it in that tool's way.
#[must_use]
pub fn telling(text: &str, mapping: &Mapping, flag: &FlagName) -> Option<String> {
    let documents = document::outline(text, LOOKS[1]);
    let others = documents.iter().find_map(dialect::of);
    entries::at(&documents, &mapping.root).find(|entry| entry.name == flag.as_str()).and_then(|entry| {
        let pairs = entry.node.pairs();
        let told =
            pairs.iter().find(|(key, value)| gives(key, value)).or_else(|| pairs.first().filter(|_| others.is_some()));
        told.map(|(key, value)| value.text().map_or_else(|| format!("{key}: …"), |value| format!("{key}: {value}")))
    })
}

/// Returns a flag's way of being given to users, as `key: value`, and that of all flags with a percentage, where theirs is
/// to go by it and its own is another one: to those who read the file a percentage may mean nothing in it.
#[must_use]
pub fn other_way(text: &str, mapping: &Mapping, flag: &FlagName) -> Option<(String, String)> {
    let documents = document::outline(text, LOOKS[1]);
    let (mut own, mut with_share) = (None, Vec::new());
    for entry in entries::at(&documents, &mapping.root) {
        if entry.name == flag.as_str() {
            own = Some(entry.node);
        } else if mapping.rollout.iter().any(|path| entry.node.at(path).and_then(Node::text).is_some()) {
            with_share.push(entry.node);
        }
    }
    // Such a key stands at the flag's top, or beside the percentage.
    let beside = mapping.rollout.first().and_then(|path| path.split_last()).map_or(&[][..], |(_, above)| above);
    let ways = [&[][..], beside].into_iter().filter_map(|above| Some((above, own?.at(above)?.pairs())));
    let mut ways = ways.flat_map(|(above, pairs)| pairs.iter().map(move |(key, value)| (above, key, value)));
    ways.find_map(|(above, key, value)| {
        let value = value.text().filter(|_| words::is_one_of(key, &WAYS))?;
        // A switch that is off is switched to the way of the others.
        let path: KeyPath = above.iter().cloned().chain([key.to_string()]).collect();
        let switch = mapping.enabled.iter().any(|enabled| enabled.path == path);
        if switch && switching::meaning(value) == Some(Meaning::Off) {
            return None;
        }
        let mut others = with_share.iter().map(|node| node.at(above)?.get(key)?.text());
        let first = others.next()??;
        let by_share = switching::meaning(first) == Some(Meaning::Partly);
        let other = by_share && first != value && others.all(|other| other == Some(first));
        other.then(|| (format!("{key}: {value}"), format!("{key}: {first}")))
    })
}

fn gives(key: &str, value: &Node<'_>) -> bool {
    match value {
        Node::Scalar { text, plain, .. } if !entries::is_number(text) => match switching::meaning(text) {
            Some(Meaning::On | Meaning::Partly) => {
                *plain || words::switch_rank(key).is_some() || words::is_one_of(key, &WAYS)
            }
            Some(Meaning::Off) => words::is_inverse(key),
            // What a switch says in a word that nobody knows may be anything.
            None => words::switch_rank(key).is_some() && !text.is_empty(),
        },
        Node::Scalar { text, .. } => words::is_share(key) && text.trim().parse() != Ok(0.0),
        Node::Mapping(_) | Node::List(_) => {
            words::is_container(key)
                || is_choice(key)
                || places::names_choices(key)
                || places::names_environments(key)
                || places::names_environment(key)
                || shape::says_who(value)
        }
        Node::Alias => false,
    }
}
