//! The switch and the percentage say the same.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::{Field, Shown};

pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Found>) {
    for sight in subject.sights {
        let Sight::Flag(sight) = sight else { continue };
        let (Some(stored), Field::Is(enabled), Field::Is(rollout)) =
            (&sight.rollout, &sight.flag.enabled, &sight.flag.rollout)
        else {
            continue;
        };
        let name = Shown(sight.flag.name.as_str());
        let message = match enabled {
            true if rollout.is_zero() => format!("`{name}` is on, and nobody gets it: its percentage is 0"),
            false if !rollout.is_zero() => format!("`{name}` is off, and its percentage is {rollout}: nobody gets it"),
            _ => continue,
        };
        found.push(Found::warning("contradiction", stored.at.clone(), message));
    }
}
