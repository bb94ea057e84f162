//! No colon in what users are hashed with: it parts that from the user.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::Shown;

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    if !sight.flag.hashed().contains(':') {
        return;
    }
    // With a salt of its own the name is not hashed.
    let finding = match (sight.flag.salt.value(), &sight.salt_at) {
        (Some(salt), Some(at)) => {
            let what = format!("the salt `{}` of `{}`", Shown(salt), sight.flag.name);
            let message = format!("{what} has a `:`, which parts it from the user in what is hashed");
            Found::warning("colon-in-salt", at.clone(), message)
                .help("give it another before it is rolled out: a new salt is other users")
        }
        _ => {
            let name = &sight.flag.name;
            let message = format!("`{name}` has a `:`, which parts the flag from the user in what is hashed");
            let help = "rename it before it is rolled out, as with `.` or `-`: a new name is other users";
            Found::warning("colon-in-name", sight.name_at.clone(), message).help(help)
        }
    };
    found.push(finding);
}
