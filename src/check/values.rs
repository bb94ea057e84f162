//! Percentages are numbers, switches are booleans or the file's own words.

use super::Subject;
use super::finding::Found;
use crate::document::{Oddity, Sight, Stored};
use crate::model::{Field, Shown, Unreadable};

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    found.extend(wrong(sight.rollout.as_ref(), &sight.flag.rollout, "write a number from 0 to 100"));
    found.extend(wrong(sight.enabled.as_ref(), &sight.flag.enabled, "write `true` or `false`"));
}

fn wrong<T>(stored: Option<&Stored>, field: &Field<T>, help: &str) -> Option<Found> {
    let stored = stored.filter(|stored| stored.oddity == Some(Oddity::Type))?;
    let Field::Unreadable(Unreadable { text, reason, .. }) = field else { return None };
    let message = format!("`{}: {}` {reason}", Shown(&stored.key), Shown(text));
    Some(Found::error("wrong-type", stored.at.clone(), message).help(help))
}
