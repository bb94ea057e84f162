//! No number with a leading zero: `010` is 8 to some readers and 10 to others.

use super::Subject;
use super::finding::Found;
use crate::document::{Oddity, Sight};
use crate::model::{Field, Shown};

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    if let (Some(stored), Field::Unreadable(value)) = (&sight.rollout, &sight.flag.rollout)
        && stored.oddity == Some(Oddity::Octal)
    {
        let message = format!("`{}: {}` {}", Shown(&stored.key), Shown(&value.text), value.reason);
        found.push(Found::warning("octal", stored.at.clone(), message).help("write the number without the zero"));
    }
}
