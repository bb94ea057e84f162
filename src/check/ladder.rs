//! Exposures are steps of the ladder.

use super::Subject;
use super::finding::Found;
use crate::document::Sight;
use crate::model::{Percent, Shown};

pub(super) fn check(subject: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    let ladder = (subject.ladder)(&sight.flag.name);
    let Some(exposure) = sight.flag.exposure().known().filter(|exposure| !ladder.contains(*exposure)) else {
        return;
    };
    let at = sight.rollout.as_ref().map_or(&sight.name_at, |stored| &stored.at).clone();
    let steps: Vec<String> = ladder.steps().iter().map(Percent::to_string).collect();
    let message = format!("`{}` is at {exposure}%, which is no step", Shown(sight.flag.name.as_str()));
    found.push(Found::warning("off-ladder", at, message).help(format!("the steps are {}", steps.join(", "))));
}
