//! The text is YAML, to its end.

use super::Subject;
use super::finding::Found;
use crate::document::{Sight, conflicts};

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Found>) {
    // What a merge left is named by its own rule.
    if conflicts(subject.text).next().is_some() {
        return;
    }
    for sight in subject.sights {
        if let Sight::Broken { refusal, at } = sight {
            let code = if refusal.reason.contains("template") { "template" } else { "syntax" };
            let mut error = Found::error(code, at.clone(), refusal.reason.clone());
            error.help.clone_from(&refusal.help);
            found.push(error);
        }
    }
}
