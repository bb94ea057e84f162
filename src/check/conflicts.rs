//! No line that Git left in a file it could not merge.

use super::Subject;
use super::finding::Found;
use crate::document;

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Found>) {
    found.extend(document::conflicts(subject.text).map(|line| {
        Found::error("merge-conflict", line, "a line of an unresolved merge conflict").help("resolve the conflict")
    }));
}
