//! No two flags that only the case of letters keeps apart.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::Shown;

pub(super) fn check(subject: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Census(census) = sight else { return };
    found.extend(census.similar.iter().map(|one| {
        let (name, other, line) = (Shown(&one.name), Shown(&one.other), subject.line(one.first.start));
        let message = format!("`{name}` and `{other}` in line {line} differ in the case of letters only");
        Found::warning("similar-names", one.at.clone(), message).help("rename one of the two")
    }));
}
