//! No character that readers of YAML disagree about.

use super::Subject;
use super::finding::Found;
use crate::document;

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Found>) {
    found.extend(document::control(subject.text).map(|(at, character)| {
        let message = format!("the control character U+{:04X}", u32::from(character));
        Found::error("control-character", at..at + 1, message).help("remove it")
    }));
}
