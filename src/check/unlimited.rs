//! A flag that is on has a percentage, where others have one: a line that is deleted would be a full release.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::Shown;

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Census(census) = sight else { return };
    if census.limited == 0 {
        return;
    }
    let key = Shown(census.rollout.as_deref().unwrap_or_default()).to_string();
    found.extend(census.unlimited.iter().map(|(name, at)| {
        let message = format!("`{}` is on for everybody: it has no `{key}`", Shown(name));
        Found::warning("no-rollout", at.clone(), message).help(format!("write `{key}`, even if everybody is meant"))
    }));
}
