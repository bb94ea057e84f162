//! A salt is a text, and not an empty one.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::{Field, Shown};

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    let (Some(at), name) = (&sight.salt_at, &sight.flag.name) else { return };
    match &sight.flag.salt {
        Field::Is(_) => {}
        Field::Absent => {
            let message = format!("the `salt` of `{name}` is empty: its users are hashed with its name");
            found.push(Found::warning("empty-salt", at.clone(), message).help("give it a text, or take it out"));
        }
        Field::Unreadable(salt) => {
            let message = format!("`{}: {}` {}", Shown(&salt.key), Shown(&salt.text), salt.reason);
            let help = "write a text, in quotes if need be: nobody can tell who is in the rollout";
            found.push(Found::error("wrong-salt", at.clone(), message).help(help));
        }
    }
}
