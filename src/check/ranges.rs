//! Percentages lie between 0 and 100.

use super::Subject;
use super::finding::Found;
use crate::document::{Oddity, Sight};
use crate::model::{Field, Shown};

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    if let (Some(stored), Field::Unreadable(value)) = (&sight.rollout, &sight.flag.rollout)
        && stored.oddity == Some(Oddity::Range)
    {
        let message = format!("`{}: {}` {}", Shown(&stored.key), Shown(&value.text), value.reason);
        found.push(Found::error("out-of-range", stored.at.clone(), message));
    }
}
