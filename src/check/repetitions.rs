//! No flag and no key twice: readers take the first, the last, or none.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::Shown;

pub(super) fn check(subject: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    found.extend(match sight {
        Sight::RepeatedFlag { name, at, first } => {
            let message = format!("the flag `{}` stands in line {} already", Shown(name), subject.line(first.start));
            Some(Found::error("duplicate-flag", at.clone(), message).help("leave one of the two"))
        }
        Sight::RepeatedKey { key, at, first } => {
            let message = format!("the key `{}` stands in line {} already", Shown(key), subject.line(first.start));
            Some(Found::error("duplicate-key", at.clone(), message).help("leave one of the two"))
        }
        _ => None,
    });
}
