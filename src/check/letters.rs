//! What users are hashed with is ASCII: some SDKs hash other letters by their code units, others as UTF-8.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::Shown;

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    if sight.flag.hashed().is_ascii() {
        return;
    }
    let why = "is not ASCII: not every SDK puts the same users into its rollout";
    // With a salt of its own the name is not hashed.
    let finding = match (sight.flag.salt.value(), &sight.salt_at) {
        (Some(salt), Some(at)) => {
            let message = format!("the salt `{}` of `{}` {why}", Shown(salt), sight.flag.name);
            Found::warning("not-ascii", at.clone(), message)
                .help("give it another before it is rolled out: a new salt is other users")
        }
        _ => Found::warning("not-ascii", sight.name_at.clone(), format!("`{}` {why}", sight.flag.name))
            .help("rename it before it is rolled out: a new name is other users"),
    };
    found.push(finding);
}
