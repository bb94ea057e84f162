//! What was seen in a file where no flags with a percentage were found.

use super::bare::{self, Mixed};
use super::{entries, names, words};
use crate::document::Node;
use crate::model::Shown;

/// How deep in a file percentages are looked for, and how many are named.
const DEPTH: usize = 8;
const MOST: usize = 4;

/// Says which percentages were seen, as a lowercase sentence fragment; `None` if there are none.
pub(super) fn percentages(documents: &[&Node<'_>]) -> Option<String> {
    documents.iter().find_map(|document| mixed(document)).or_else(|| strays(documents))
}

/// Says what was seen where there are no percentages.
pub(super) fn hint(documents: &[&Node<'_>]) -> &'static str {
    let is_on_or_off = |node: &Node<'_>| {
        let pairs = node.pairs();
        let boolean = |value: &Node<'_>| matches!(value.text(), Some("true" | "false"));
        !pairs.is_empty() && pairs.iter().filter(|(_, value)| boolean(value)).count() * 2 > pairs.len()
    };
    let nested = documents.iter().flat_map(|node| node.pairs()).any(|(_, node)| is_on_or_off(node));
    if documents.iter().any(|node| is_on_or_off(node)) || nested {
        "its flags are only on or off: none has a percentage"
    } else if documents.iter().all(|node| matches!(node, Node::Scalar { .. } | Node::Alias)) {
        "it is neither a mapping nor a list"
    } else {
        "no entry has a percentage (`rollout`, `rollout_percentage`, `percentage`…)"
    }
}

/// Says which numbers stand among percentages and are none.
fn mixed(document: &Node<'_>) -> Option<String> {
    let Mixed { root, settings } = bare::mixed(document, &mut Vec::new())?;
    let place = if root.is_empty() { "its top".to_owned() } else { format!("`{}`", Shown(&root.join("."))) };
    let settings = settings.iter().take(MOST).map(|(name, text)| format!("`{}: {}`", Shown(name), Shown(text)));
    let settings = settings.collect::<Vec<_>>().join(", ");
    Some(format!("the numbers at {place} are not all percentages of flags, to judge by {settings}"))
}

/// Says where percentages stand that belong to no flag.
fn strays(documents: &[&Node<'_>]) -> Option<String> {
    let mut seen = Seen::default();
    documents.iter().for_each(|document| seen.collect(document, String::new(), 0));
    let list =
        |places: &[String]| places.iter().map(|place| format!("`{}`", Shown(place))).collect::<Vec<_>>().join(", ");
    if let Some(place) = seen.nameless.first() {
        let place = if place.is_empty() { "the list".to_owned() } else { format!("`{}`", Shown(place)) };
        return Some(format!(
            "the entries of {place} have percentages, but no key that names each (`name`, `key`, `id`…)"
        ));
    }
    (!seen.percentages.is_empty())
        .then(|| format!("there are percentages, but none that is one flag's own: {}", list(&seen.percentages)))
}

/// The percentages of a file, and the lists that have some in entries without a name.
#[derive(Default)]
struct Seen {
    percentages: Vec<String>,
    nameless: Vec<String>,
}

impl Seen {
    fn collect(&mut self, node: &Node<'_>, place: String, depth: usize) {
        if depth > DEPTH || self.percentages.len() >= MOST {
            return;
        }
        for (key, value) in node.pairs() {
            let below = if place.is_empty() { key.clone().into_owned() } else { format!("{place}.{key}") };
            let number = |value: &Node<'_>| value.text().is_some_and(entries::is_number);
            let numbers = !value.pairs().is_empty()
                && value.pairs().iter().all(|(key, value)| number(value) && !words::is_share(key));
            if words::is_share(key) && (number(value) || numbers) {
                self.percentages.push(below);
            } else {
                self.collect(value, below, depth + 1);
            }
        }
        let Node::List(items) = node else { return };
        let known = self.percentages.len();
        for (index, item) in items.iter().enumerate() {
            self.collect(item, format!("{place}[{index}]"), depth + 1);
        }
        let named = names::key(node).is_some() || items.iter().any(|item| item.name().is_some());
        if self.percentages.len() > known && !named {
            self.nameless.push(place);
        }
    }
}
