//! The text is YAML, to its end.

use super::Subject;
use super::finding::Found;
use crate::document::{Sight, conflicts};

pub(super) fn check(subject: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Broken { refusal, at } = sight else { return };
    // What a merge left is named by its own rule.
    if conflicts(subject.text).next().is_some() {
        return;
    }
    let code = if refusal.reason.contains("template") { "template" } else { "syntax" };
    let mut error = Found::error(code, at.clone(), refusal.reason.clone());
    error.help.clone_from(&refusal.help);
    found.push(error);
}
