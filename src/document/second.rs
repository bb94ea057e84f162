//! A second opinion on an edit, by a parser of another lineage: the values of both texts are compared.

use crate::model::{FlagName, KeyPath, Mapping};
use serde::Deserialize as _;
use serde_yaml::{Deserializer, Value};

/// Texts up to this many bytes are read a second time; larger ones would cost more memory than an edit may take.
const LIMIT: usize = 64 * 1024;

/// Returns false if another parser sees more change than the values of one flag.
///
/// A text that it could not read before the edit is no matter of its own; one that it can't read only after the edit is.
pub(super) fn agrees(old: &str, new: &str, mapping: &Mapping, name: &FlagName) -> bool {
    if old.len() > LIMIT {
        return true;
    }
    let Some(old) = documents(old) else { return true };
    let Some(new) = documents(new) else { return false };
    let paths: Vec<&[String]> =
        mapping.rollout.iter().chain(mapping.enabled.iter().map(|key| &key.path)).map(KeyPath::as_slice).collect();
    let compare = Compare { name: name.as_str(), paths: &paths };
    old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| compare.root(old, new, &mapping.root))
}

/// Returns false if another parser sees more change than one flag that is new.
pub(super) fn agrees_but_for_flag(old: &str, new: &str, mapping: &Mapping, name: &FlagName) -> bool {
    if old.len() > LIMIT {
        return true;
    }
    let Some(old) = documents(old) else { return true };
    let Some(mut new) = documents(new) else { return false };
    if old.iter().all(Value::is_null) {
        return true;
    }
    let named = |item: &Value| {
        item.as_mapping().is_some_and(|item| item.values().any(|value| value.as_str() == Some(name.as_str())))
    };
    for document in &mut new {
        let root = mapping.root.iter().try_fold(&mut *document, |node, key| node.get_mut(key.as_str()));
        match root {
            Some(Value::Mapping(flags)) => drop(flags.shift_remove(name.as_str())),
            Some(Value::Sequence(flags)) => flags.retain(|item| !named(item)),
            _ => {}
        }
    }
    let emptied = |new: &Value| new.as_mapping().is_some_and(serde_yaml::Mapping::is_empty);
    let same = |old: &Value, new: &Value| {
        let place = |document: &Value| {
            mapping.root.iter().try_fold(document.clone(), |node, key| node.get(key.as_str()).cloned())
        };
        old == new || (place(new).is_some_and(|new| emptied(&new)) && place(old).is_some_and(|old| old.is_null()))
    };
    mapping.is_grouped() || (old.len() == new.len() && old.iter().zip(&new).all(|(old, new)| same(old, new)))
}

fn documents(text: &str) -> Option<Vec<Value>> {
    Deserializer::from_str(text).map(|document| Value::deserialize(document).ok()).collect()
}

struct Compare<'c> {
    name: &'c str,
    paths: &'c [&'c [String]],
}

impl Compare<'_> {
    fn root(&self, old: &Value, new: &Value, path: &[String]) -> bool {
        match (path.split_first(), old, new) {
            (Some((key, rest)), Value::Mapping(old), Value::Mapping(new)) => {
                same_keys(
                    old,
                    new,
                    |name, old, new| if name == key || key == "*" { self.root(old, new, rest) } else { old == new },
                )
            }
            (None, Value::Mapping(old), Value::Mapping(new)) => {
                same_keys(old, new, |name, old, new| old == new || (name == self.name && entry(old, new, self.paths)))
            }
            (None, Value::Sequence(old), Value::Sequence(new)) => {
                let named = |item: &Value| {
                    item.as_mapping()
                        .is_some_and(|item| item.values().any(|value| key_text(value).as_deref() == Some(self.name)))
                };
                let same = |(old, new): (&Value, &Value)| old == new || (named(old) && entry(old, new, self.paths));
                old.len() == new.len() && old.iter().zip(new).all(same)
            }
            _ => old == new,
        }
    }
}

/// Compares two entries everywhere but at the paths.
fn entry(old: &Value, new: &Value, paths: &[&[String]]) -> bool {
    if old == new || paths.iter().any(|path| path.is_empty()) {
        return true;
    }
    let (old, new) = match (old, new) {
        (Value::Mapping(old), Value::Mapping(new)) => (old, new),
        // An entry that held nothing has keys now.
        (Value::Null, Value::Mapping(_)) => return true,
        _ => return false,
    };
    // An entry that stood for another as a whole merges it now.
    let merged = new.get("<<").filter(|_| !old.contains_key("<<")).and_then(Value::as_mapping);
    if merged == Some(old) {
        let own = |key: &str| key == "<<" || paths.iter().any(|path| path.first().is_some_and(|first| first == key));
        return new.keys().all(|key| key.as_str().is_some_and(own));
    }
    let below = |key: &Value| -> Vec<&[String]> {
        let key = key_text(key);
        let starts = |path: &&&[String]| key.is_some() && path.first() == key.as_ref();
        paths.iter().filter(starts).map(|path| &path[1..]).collect()
    };
    let kept = |(key, old): (&Value, &Value)| new.get(key).is_some_and(|new| entry(old, new, &below(key)));
    let added = |key: &Value| old.contains_key(key) || !below(key).is_empty();
    old.iter().all(kept) && new.keys().all(added)
}

fn same_keys(
    old: &serde_yaml::Mapping,
    new: &serde_yaml::Mapping,
    same: impl Fn(&str, &Value, &Value) -> bool,
) -> bool {
    let pair = |((old_key, old), (new_key, new)): ((&Value, &Value), (&Value, &Value))| {
        old_key == new_key && key_text(old_key).map_or_else(|| old == new, |name| same(&name, old, new))
    };
    old.len() == new.len() && old.iter().zip(new).all(pair)
}

fn key_text(key: &Value) -> Option<String> {
    match key {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}
