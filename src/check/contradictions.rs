//! The switch and the percentage say the same.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::{Field, Shown};

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    let (Some(stored), Field::Is(enabled), Field::Is(rollout)) =
        (&sight.rollout, &sight.flag.enabled, &sight.flag.rollout)
    else {
        return;
    };
    let name = Shown(sight.flag.name.as_str());
    let message = match enabled {
        true if rollout.is_zero() => format!("`{name}` is on, and nobody gets it: its percentage is 0"),
        false if !rollout.is_zero() => format!("`{name}` is off, and its percentage is {rollout}: nobody gets it"),
        _ => return,
    };
    found.push(Found::warning("contradiction", stored.at.clone(), message));
}
