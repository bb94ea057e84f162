//! No key that is nearly one that counts: it is skipped without a word.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::{Shown, is_unseen};

/// From how many letters on a key two slips away from one that is there is more likely misspelt than another word.
const LONG: usize = 7;

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Misspelt { key, at, near, beside } = sight else { return };
    // What can't be seen is told by its own rule.
    if key.contains(is_unseen) || (*beside && is_its_own(key, near)) {
        return;
    }
    let (key, near) = (Shown(key), Shown(near));
    let message = format!("`{key}` looks like `{near}`, which is the key that counts");
    found.push(Found::warning("misspelt-key", at.clone(), message).help(format!("rename it to `{near}`")));
}

/// True if a key beside the one it looks like is a word of its own: `rollouts`, `rollout_a`, `stage` beside `state`.
fn is_its_own(key: &str, near: &str) -> bool {
    let (key, near) = (key.to_lowercase(), near.to_lowercase());
    let longer = key.len() > near.len();
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    longer && (key.contains(['_', '-']) || key.starts_with(&near) || key.ends_with(&near))
        || near.chars().count() < LONG && sorted(&key) != sorted(&near)
}
