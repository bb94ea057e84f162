//! What a mapping's children are, where their names don't tell: those that look alike are flags.

use super::entries::{self, Entry};
use super::places;
use super::words;
use crate::document::Node;

/// True if the children of a mapping are flags, though one has the name of a part of a flag: its siblings look like it.
pub(super) fn holds_flags(name: &str, node: &Node<'_>) -> bool {
    if !node.pairs().iter().any(|(key, child)| is_mapping(child) && words::is_container(key)) {
        return false;
    }
    let usual = places::names_flags(name);
    let single = is_one_flag(node);
    if single && !usual {
        return false;
    }
    let children = node
        .pairs()
        .iter()
        .filter(|(key, child)| is_mapping(child) && !places::names_settings(key) && !places::names_environments(key));
    let (parts, others): (Vec<_>, Vec<_>) = children.partition(|(key, _)| words::is_container(key));
    let like_another = |part: &Node<'_>| others.iter().any(|(_, other)| shares_alike(part, other));
    parts.iter().any(|(_, part)| like_another(part) || (usual && !single && has_switch(part) && has_share(part)))
}

/// True for an entry that is no flag though it may have a percentage: by its name, unless it looks like one beside it,
/// or like a whole one where flags usually stand.
pub(super) fn is_beside(entry: &Entry<'_, '_>, all: &[Entry<'_, '_>], place: &str) -> bool {
    let environment = places::names_environment(entry.name) && !words::is_container(entry.name);
    let whole = has_share(entry.node) && has_switch(entry.node);
    if whole && places::names_flags(place) && !environment && !places::names_environments(entry.name) {
        return false;
    }
    if places::names_settings(entry.name) || places::names_environments(entry.name) {
        return true;
    }
    let is_odd = |name: &str| places::names_environment(name) || places::names_manner(name);
    let alike = |other: &Entry<'_, '_>| (whole && has_switch(other.node)) || shares_alike(entry.node, other.node);
    let known = |name: &str| is_odd(name) || places::names_settings(name) || places::names_environments(name);
    is_odd(entry.name) && !all.iter().any(|other| !known(other.name) && alike(other))
}

/// True for a flag that says of each environment by itself who gets it: of every part that says so, the name is one's.
pub(super) fn holds_environments(name: &str, node: &Node<'_>) -> bool {
    let says = |child: &Node<'_>| is_mapping(child) && (has_share(child) || has_switch(child));
    let known = |key: &str| places::names_environment(key) || words::is_container(key);
    let odd = node.pairs().iter().any(|(key, child)| says(child) && !known(key));
    !odd && !places::names_flags(name)
}

/// True for a part of a flag that says who gets it.
pub(super) fn says_who(node: &Node<'_>) -> bool {
    let plain_true = |value: &Node<'_>| matches!(value, Node::Scalar { text, plain: true, .. } if text == "true");
    has_share(node) || has_switch(node) || node.pairs().iter().any(|(_, value)| plain_true(value))
}

const fn is_mapping(node: &Node<'_>) -> bool {
    matches!(node, Node::Mapping(_))
}

/// True for a mapping that says of itself what a flag says.
fn is_one_flag(node: &Node<'_>) -> bool {
    let telling = |key: &str| {
        words::is_certain_switch(key)
            || words::is_share(key)
            || matches!(key, "description" | "owner" | "name" | "key" | "id" | "title")
    };
    node.pairs().iter().any(|(key, value)| value.text().is_some() && telling(key))
}

fn has_share(node: &Node<'_>) -> bool {
    let number = |value: &Node<'_>| value.text().is_some_and(entries::is_number);
    node.pairs().iter().any(|(key, value)| words::is_share(key) && number(value))
}

fn has_switch(node: &Node<'_>) -> bool {
    node.pairs().iter().any(|(key, value)| words::is_certain_switch(key) && value.text().is_some())
}

/// True if the percentages of two mappings stand at the same place in them.
fn shares_alike(one: &Node<'_>, other: &Node<'_>) -> bool {
    if has_share(one) && has_share(other) {
        return true;
    }
    let (one, other) = (entries::shares("", one), entries::shares("", other));
    one.iter().any(|(path, _)| other.iter().any(|(known, _)| known == path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::outline;

    #[test]
    fn siblings_that_look_alike_are_flags() {
        for (name, text, expected) in [
            ("flags", "{new_ui: {on: true, percentage: 5}, canary: {on: true, percentage: 5}}", true),
            ("shop", "{new_ui: {on: true, pct: 5}, canary: {on: true, percentage: 5}}", true),
            ("shop", "{new_ui: {rollout: {percentage: 5}}, release: {rollout: {percentage: 5}}}", true),
            ("flags", "{traffic: {enabled: true, percentage: 5}}", true),
            ("shop", "{traffic: {enabled: true, percentage: 5}}", false),
            ("new_ui", "{enabled: true, canary: {percentage: 5}, beta: {percentage: 50}}", false),
            ("new_ui", "{rollout: {percentage: 5}, canary: {percentage: 1}}", false),
            ("new_ui", "{rollout: {enabled: true, percentage: 5}, metrics: {enabled: true}}", false),
            ("feature", "{enabled: true, rollout: {enabled: true, percentage: 5}}", false),
            ("flags", "{new_ui: {on: true, percentage: 5}, old_ui: {on: true, percentage: 5}}", false),
        ] {
            let documents = outline(text, text.len());
            assert_eq!(holds_flags(name, &documents[0]), expected, "{name}: {text}");
        }
    }
}
