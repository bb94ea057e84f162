//! What is called `.json` is JSON: its readers take no comments, no commas at an end, no YAML.

use super::Subject;
use super::finding::Found;
use super::syntax::broken;
use crate::document::conflicts;

/// Looks at a text after all other rules.
pub(super) fn check(subject: &Subject<'_>, found: &mut Vec<Found>) {
    let Some((refusal, at)) = subject.language.refused(subject.text) else { return };
    let new = broken(&refusal, at);
    // A template or what a merge left is named already.
    let named = new.code == "template" && found.iter().any(|other| other.code == "template");
    if !named && conflicts(subject.text).next().is_none() {
        found.push(new);
    }
}
