//! Flags that are numbers, without keys of their own: `rollouts: {new_ui: 5}`.

use super::candidate::Candidate;
use super::entries::{self, Numbers};
use super::{places, words};
use crate::document::Node;
use crate::model::{KeyPath, Mapping};

/// How deep in a file numbers are looked for, where nothing else was found.
const DEPTH: usize = 8;

/// Returns the flags below a node that are numbers. None where some of the numbers are settings: to the file they are
/// the same, and a rollback would bring them to 0 too.
pub(super) fn candidate(node: &Node<'_>, path: &KeyPath) -> Option<Candidate> {
    let pairs = numbers(node, path)?;
    if pairs.iter().any(|(name, text)| is_setting(name, text)) {
        return None;
    }
    let numbers = Numbers::of(pairs.iter().map(|(_, text)| *text));
    let names: Vec<String> = pairs.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mapping = mapping(path.clone(), numbers);
    Some(Candidate { mapping, flags: names.len(), example: names.first()?.clone(), names, numbers, bare: true })
}

/// A place with numbers of which only some are percentages of flags.
pub(super) struct Mixed<'n> {
    pub(super) root: KeyPath,
    /// Those that are none, with their names.
    pub(super) settings: Vec<(&'n str, &'n str)>,
}

/// Returns the first place below a node with numbers of which only some are percentages of flags.
pub(super) fn mixed<'n>(node: &'n Node<'_>, path: &mut KeyPath) -> Option<Mixed<'n>> {
    let mut settings = numbers(node, path).unwrap_or_default();
    settings.retain(|(name, text)| is_setting(name, text));
    if !settings.is_empty() {
        return Some(Mixed { root: path.clone(), settings });
    }
    if path.len() >= DEPTH {
        return None;
    }
    node.pairs().iter().find_map(|(key, value)| {
        path.push(key.clone().into_owned());
        let found = mixed(value, path);
        path.pop();
        found
    })
}

/// Returns how the flags of a place are spelled that are numbers.
pub(super) fn mapping(root: KeyPath, numbers: Numbers) -> Mapping {
    Mapping { root, name: None, rollout: vec![Vec::new()], enabled: Vec::new(), scale: numbers.scale() }
}

/// Returns the numbers below a node, where its name tells that they are of flags.
fn numbers<'n>(node: &'n Node<'_>, path: &KeyPath) -> Option<Vec<(&'n str, &'n str)>> {
    let Node::Mapping(pairs) = node else { return None };
    let number = |value: &'n Node<'_>| value.text().filter(|text| entries::is_number(text));
    let numbers: Vec<(&str, &str)> =
        pairs.iter().filter_map(|(name, value)| Some((name.as_ref(), number(value)?))).collect();
    let fits = match path.last() {
        Some(key) if words::names_shares(key) => numbers.len() * 2 >= pairs.len() && !numbers.is_empty(),
        Some(key) if places::names_flags(key) => numbers.len() == pairs.len() && !numbers.is_empty(),
        Some(_) => false,
        None => numbers.len() == pairs.len() && numbers.len() > 1,
    };
    let beside = |name: &str| {
        words::is_share(name)
            || places::names_settings(name)
            || places::names_environment(name)
            || places::names_environments(name)
    };
    (fits && !pairs.iter().any(|(name, _)| beside(name))).then_some(numbers)
}

/// True for a number that is no percentage of users, by its name or its size.
fn is_setting(name: &str, text: &str) -> bool {
    let percentage = text.trim().parse::<f64>().is_ok_and(|number| (0.0..=100.0).contains(&number));
    places::names_measure(name) || !percentage
}
