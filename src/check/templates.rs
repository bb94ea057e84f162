//! No place that a template has still to fill.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;

pub(super) fn check(_: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    found.extend(match sight {
        Sight::Template(at) => {
            let help = "check the rendered file; quote the value if the braces are meant";
            Some(Found::error("template", at.clone(), "a template that was not filled in").help(help))
        }
        _ => None,
    });
}
