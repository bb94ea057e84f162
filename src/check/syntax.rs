//! The text is YAML, to its end.

use super::Subject;
use super::finding::Found;
use crate::document::{Refusal, Sight, conflicts};
use std::ops::Range;

pub(super) fn check(subject: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Broken { refusal, at } = sight else { return };
    // What a merge left is named by its own rule, and so is what is no JSON either.
    if conflicts(subject.text).next().is_none() && subject.language.holds(subject.text).is_ok() {
        found.push(broken(refusal, at.clone()));
    }
}

/// Returns the finding for a text that is broken.
pub(super) fn broken(refusal: &Refusal, at: Range<usize>) -> Found {
    let code = if refusal.reason.contains("template") { "template" } else { "syntax" };
    let mut error = Found::error(code, at, refusal.reason.clone());
    error.help.clone_from(&refusal.help);
    error
}
