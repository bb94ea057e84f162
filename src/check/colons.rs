//! No colon in the name of a flag: it parts the name from the user in what is hashed.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    let name = &sight.flag.name;
    // With a salt of its own the name is not hashed.
    if !name.as_str().contains(':') || sight.flag.salt.value().is_some() {
        return;
    }
    let message = format!("`{name}` has a `:`, which parts the flag from the user in what is hashed");
    let help = "rename it before it is rolled out, as with `.` or `-`: a new name is other users";
    found.push(Found::warning("colon-in-name", sight.name_at.clone(), message).help(help));
}
