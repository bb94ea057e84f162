//! Why a flag can't go forward from here.

use super::answer::{Answer, Environment, Rollout};
use super::beside::{beside, blurs};
use super::machinery;
use super::off::{Off, is_archived};
use super::sides::{Sides, named};
use crate::model::{Percent, Shown};
use serde_json::Value;

/// Returns why it can't go forward, if it can't.
pub(super) fn held_back(
    (answer, environment): (&Value, &str),
    flag: &Answer,
    there: &Environment,
    sides: &Result<Sides, String>,
) -> Option<String> {
    if let Some(why) = barred((answer, environment), flag, there) {
        return Some(why);
    }
    let sides = match sides {
        Ok(sides) => *sides,
        Err(why) => return Some(format!("can't be moved by one percentage: {why}")),
    };
    if let Some(why) = loses(there, sides) {
        return Some(why);
    }
    if !there.on && Off::of(flag, there, &Ok(sides)) == Off::Feature {
        return Some(format!("is off and serves {} to everybody while it is", named(flag, sides.on)));
    }
    let share = match sides.share(&there.fallthrough) {
        Ok(share) => share,
        // Of a flag that is on, its exposure says so.
        Err(why) => return (!there.on).then(|| format!("would not be one percentage once it is on: {why}")),
    };
    // The least step that there is stands for all but the last, at which more makes no difference.
    let why = blurs(there, sides, Percent::from_milli(1)?)?;
    if !there.on {
        return Some(format!("would not be one percentage once it is on: {why}"));
    }
    let exact = share < Percent::FULL && beside(there, sides, share).is_none();
    exact.then(|| format!("would not be one percentage of all users: {why}"))
}

/// Returns why nobody is to lead it on, or LaunchDarkly itself does.
pub(super) fn barred((answer, environment): (&Value, &str), flag: &Answer, there: &Environment) -> Option<String> {
    if is_archived(flag, there) {
        return Some("is archived".to_owned());
    }
    if flag.deprecated {
        return Some("is deprecated".to_owned());
    }
    led((answer, environment), flag)
}

/// Returns what of LaunchDarkly's may move it by itself.
pub(super) fn led((answer, environment): (&Value, &str), flag: &Answer) -> Option<String> {
    if let Some(purpose) = &flag.purpose {
        return Some(format!("is made for a {} in LaunchDarkly, which moves it by rules of its own", Shown(purpose)));
    }
    let machinery = machinery::found(answer, environment)?;
    Some(format!("has {machinery}, by which LaunchDarkly may move it: end that in LaunchDarkly first"))
}

/// Returns what a change of the weights would lose, or whom it would choose anew.
pub(super) fn loses(there: &Environment, sides: Sides) -> Option<String> {
    if let Some(losses) = there.fallthrough.rollout.as_ref().and_then(Rollout::losses) {
        return Some(format!("would lose {losses}: end that in LaunchDarkly first"));
    }
    (!sides.are_in_order(&there.fallthrough)).then(|| {
        "has its weights in another order than its variations: a change of them would choose other users".to_owned()
    })
}
