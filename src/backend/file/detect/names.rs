//! The key by which the entries of a list name themselves, where it is none of the usual ones.

use super::places;
use crate::document::Node;

/// How many entries of a list are looked at.
const MOST: usize = 200;

/// Returns the key that names the entries of a list; `None` if they have one of the usual keys and are not only
/// numbered by it, or have nothing that could be a name.
pub(super) fn key(node: &Node<'_>) -> Option<String> {
    let Node::List(items) = node else { return None };
    let items: Vec<&Node<'_>> = items.iter().take(MOST).collect();
    let numbered = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    let is_named = |item: &Node<'_>| item.name().is_some_and(|name| !numbered(name));
    if items.iter().any(|item| !matches!(item, Node::Mapping(_)) || is_named(item)) {
        return None;
    }
    let keys: Vec<&str> = items.first()?.pairs().iter().map(|(key, _)| key.as_ref()).collect();
    let mut fitting: Vec<&str> = keys.iter().copied().filter(|key| names_all(key, &items, is_word)).collect();
    if fitting.is_empty() {
        let prose = |key: &&str| places::names_a_name(key) && names_all(key, &items, is_prose);
        fitting = keys.into_iter().filter(prose).collect();
    }
    let named: Vec<&str> = fitting.iter().copied().filter(|key| places::names_a_name(key)).collect();
    let first = items.first()?.pairs().first().map(|(key, _)| key.as_ref())?;
    let found = match (named.as_slice(), fitting.as_slice()) {
        ([one], _) => one,
        // An entry begins with its name.
        (several, _) if several.contains(&first) => first,
        ([], [one]) => one,
        _ => return None,
    };
    Some(found.to_owned())
}

/// True if every entry has the key, each with another text that fits.
fn names_all(key: &str, items: &[&Node<'_>], fits: impl Fn(&str) -> bool) -> bool {
    let mut names: Vec<&str> =
        items.iter().filter_map(|item| item.get(key)?.text()).filter(|text| fits(text)).collect();
    let all = names.len() == items.len();
    names.sort_unstable();
    names.dedup();
    all && names.len() == items.len()
}

/// True for a text that people would use as a name.
fn is_prose(text: &str) -> bool {
    is_word(&text.replace(' ', "_"))
}

/// True for a text that a program would use as a name.
fn is_word(text: &str) -> bool {
    let boolean = matches!(text.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "null");
    let fitting = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | ':' | '/');
    !boolean && text.len() <= 100 && text.contains(char::is_alphabetic) && text.chars().all(fitting)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::outline;

    fn key_of(text: &str) -> Option<String> {
        key(outline(text, text.len()).first()?)
    }

    #[test]
    fn entries_name_themselves_by_the_key_that_each_has_with_another_word() {
        for (text, expected) in [
            ("- {flag_key: a, owner: x}\n- {flag_key: b, owner: x}\n", Some("flag_key")),
            ("- {owner: x, slug: a}\n- {owner: y, slug: b}\n", Some("slug")),
            ("- {first_id: a, second_id: b}\n", Some("first_id")),
            ("- {handle: a, percentage: 5}\n- {handle: b, percentage: 0}\n", Some("handle")),
            ("- {title: New cart, percentage: 5}\n- {title: Old cart, percentage: 0}\n", Some("title")),
            ("- {id: 1, slug: a}\n- {id: 2, slug: b}\n", Some("slug")),
            ("- {name: a, slug: b}\n", None),
            ("- {id: 1, percentage: 5}\n- {id: 2, percentage: 0}\n", None),
            ("- {left: a, right: b}\n- {left: c, right: d}\n", None),
            ("- {handle: a}\n- {handle: a}\n", None),
            ("- {about: The new cart}\n- {about: The old cart}\n", None),
            ("a: {flag_key: b}\n", None),
        ] {
            assert_eq!(key_of(text).as_deref(), expected, "{text}");
        }
    }
}
