//! No flag shares its values with another: editing one would change both.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::Shown;

pub(super) fn check(subject: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let text = |at: &std::ops::Range<usize>| Shown(subject.text.get(at.clone()).unwrap_or_default()).to_string();
    found.extend(match sight {
        Sight::Shared { name, at, alias } => {
            let message = format!(
                "`{}` shares its values with `{}` in line {}",
                Shown(name),
                text(alias),
                subject.line(alias.start)
            );
            Some(
                Found::warning("shared-anchor", at.clone(), message)
                    .help("write the values out where the alias stands"),
            )
        }
        Sight::Aliased { name, at } => {
            let message = format!("`{}` takes a value from elsewhere: `{}`", Shown(name), text(at));
            Some(Found::warning("shared-anchor", at.clone(), message).help("write the value out"))
        }
        _ => None,
    });
}
