//! No key has letters that nobody sees: what looks like `rollout` would be another key to its readers.

use super::Subject;
use super::finding::Found;
use crate::document::unseen_keys;
use crate::model::Shown;

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Found>) {
    for key in unseen_keys(subject.text) {
        let code = format!("U+{:04X}", u32::from(key.letter));
        let message =
            format!("the key `{}` holds an invisible {code}: to its readers it is another key", Shown(&key.seen));
        let new = if key.passes_for_one(subject.mapping) { Found::error } else { Found::warning };
        found.push(new("invisible-letter", key.at, message).help("write it anew, without that letter"));
    }
}
