//! Everything among the flags is a flag, and has a name.

use super::Subject;
use super::finding::Found;
use crate::document::{Sight, StrayKind};
use crate::model::Shown;

const CODE: &str = "not-a-flag";

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Census(census) = sight else { return };
    // Where flags are rare, what stands beside them is something else.
    let flags = census.mostly_flags() && census.limited * 2 >= census.flags && census.limited > 0;
    let nameless = census.nameless.iter().filter(|(_, valued)| flags || *valued);
    found.extend(nameless.map(|(at, _)| {
        Found::warning(CODE, at.clone(), "an entry without a name is skipped").help("name it, or take it out")
    }));
    let strays = census.strays.iter().filter(|_| flags);
    found.extend(strays.map(|stray| {
        let what = match stray.kind {
            StrayKind::Empty => "it is empty",
            StrayKind::Value => "it is a value, and the others have keys",
            StrayKind::List => "it is a list, and the others have keys",
        };
        let message = format!("`{}` is skipped, for it is no flag: {what}", Shown(&stray.name));
        Found::warning(CODE, stray.at.clone(), message).help("give it the keys of a flag, or take it out")
    }));
}
