//! No boolean that only YAML 1.1 takes for one: to others, `no` is text, and text is true.

use super::Subject;
use super::finding::Found;
use crate::document::{Oddity, Sight};
use crate::model::Shown;

pub(super) fn check(subject: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    let Some(stored) = sight.enabled.as_ref().filter(|stored| stored.oddity == Some(Oddity::OldBoolean)) else {
        return;
    };
    let text = subject.text.get(stored.at.clone()).unwrap_or_default();
    let message = format!("`{}: {}` is a boolean to YAML 1.1 and text to YAML 1.2", Shown(&stored.key), Shown(text));
    let plain = sight.flag.enabled.value().copied().unwrap_or_default();
    found.push(Found::warning("old-boolean", stored.at.clone(), message).help(format!("write `{plain}`")));
}
