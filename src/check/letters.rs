//! Names of flags are ASCII: some SDKs hash other letters by their code units, others as UTF-8.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    let name = &sight.flag.name;
    // With a salt of its own the name is not hashed.
    if name.as_str().is_ascii() || sight.flag.salt.value().is_some() {
        return;
    }
    let message = format!("`{name}` is not ASCII: not every SDK puts the same users into its rollout");
    let help = "rename it before it is rolled out: a new name is other users";
    found.push(Found::warning("not-ascii", sight.name_at.clone(), message).help(help));
}
