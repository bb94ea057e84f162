//! What a flag that LaunchDarkly answers means for us.

use super::answer::{Answer, Environment, Serving};
use super::sides::{Sides, named};
use crate::backend::remote::{Mark, Seen};
use crate::error::{Error, Result};
use crate::model::{Beside, Field, Flag, FlagName, Percent, Shown};
use serde_json::Value;

/// Reads one flag of an answer.
///
/// # Errors
/// Exit 1 if it is not what LaunchDarkly answers; exit 2 if it is without the environment.
pub(super) fn seen(answer: Value, environment: &str) -> Result<Seen> {
    let flag = Answer::of(&answer)?;
    let there = flag.environment(environment)?;
    let name =
        FlagName::new(flag.key.as_str()).ok_or_else(|| Error::failed("LaunchDarkly answers a flag without a key"))?;
    let sides = Sides::of(&flag, there);
    let (enabled, rollout, beside) = meaning(&flag, there, &sides);
    Ok(Seen {
        flag: Flag { enabled, rollout, beside, description: flag.description.clone(), ..Flag::bare(name) },
        stored: stored(&flag, there, &sides),
        held_back: held_back(&flag, there, &sides),
        findings: findings(&flag, there, &sides),
        mark: Mark(Some(there.last_modified.to_string())),
        answer,
    })
}

/// What the three values of a flag come to.
type Meaning = (Field<bool>, Field<Percent>, Option<Beside>);

/// Returns what decides who gets it.
fn meaning(flag: &Answer, there: &Environment, sides: &Result<Sides, String>) -> Meaning {
    let share = sides.clone().and_then(|sides| sides.share(&there.fallthrough));
    let rollout = || share.as_ref().map_or(Field::Absent, |share| Field::Is(*share));
    // Without a switch, and never the bare absence of both: that would mean nobody.
    let unknown = |why: &str| {
        let share = share.clone().unwrap_or(Percent::ZERO);
        (Field::Absent, Field::Is(share), Some(Beside::Unknown(why.to_owned())))
    };
    if flag.archived || there.archived {
        return unknown("it is archived: the default in the code decides");
    }
    if there.on {
        let beside = match (sides, &share) {
            (Ok(sides), Ok(_)) => beside(there, *sides),
            (_, Err(why)) | (Err(why), _) => Some(Beside::Unknown(why.clone())),
        };
        return (Field::Is(true), rollout(), beside);
    }
    match (there.off_variation, sides) {
        (Some(off), Ok(sides)) if off == sides.on => (Field::Absent, Field::Is(Percent::FULL), None),
        (Some(off), _) if off < flag.variations.len() => (Field::Is(false), rollout(), None),
        _ => unknown("it is off and has no off variation: the default in the code decides"),
    }
}

/// Returns what decides beside the default rule of a flag that is on.
fn beside(there: &Environment, sides: Sides) -> Option<Beside> {
    if let Some(needed) = there.prerequisites.first() {
        return Some(Beside::Unknown(format!("it needs the flag `{}` too", Shown(&needed.key))));
    }
    let plain = |serving: &Serving| if serving.rollout.is_some() { None } else { serving.variation };
    let targets: Vec<_> = there
        .targets
        .iter()
        .chain(&there.context_targets)
        .filter(|target| !target.values.is_empty())
        .map(|target| target.variation)
        .collect();
    let rules: Vec<_> = there.rules.iter().filter(|rule| !rule.disabled).map(|rule| plain(&rule.serving)).collect();
    if targets.iter().any(|variation| *variation != sides.on) {
        return Some(Beside::Unknown("individual targets are kept from it".to_owned()));
    }
    if rules.iter().any(|variation| *variation != Some(sides.on)) {
        return Some(Beside::Unknown("a targeting rule decides for those who match it".to_owned()));
    }
    match (targets.is_empty(), rules.is_empty()) {
        (true, true) => None,
        (false, true) => Some(Beside::More("individual targets get it anyway".to_owned())),
        (true, false) => Some(Beside::More("a targeting rule gives it to those who match".to_owned())),
        (false, false) => Some(Beside::More("individual targets and a targeting rule get it anyway".to_owned())),
    }
}

/// Returns the stored values: the switch, the share of the default rule, and what is not as usual.
fn stored(flag: &Answer, there: &Environment, sides: &Result<Sides, String>) -> Vec<String> {
    let mut stored = vec![format!("enabled: {}", there.on)];
    match (sides.clone().and_then(|sides| sides.share(&there.fallthrough)), &there.fallthrough) {
        (Ok(share), _) => stored.push(format!("rollout: {share}")),
        (Err(_), Serving { rollout: Some(rollout), .. }) => stored.extend(
            rollout
                .variations
                .iter()
                .map(|share| format!("weight of {}: {}", named(flag, share.variation), share.weight)),
        ),
        (Err(_), Serving { variation: Some(variation), .. }) => {
            stored.push(format!("variation: {}", named(flag, *variation)));
        }
        (Err(_), _) => {}
    }
    match there.off_variation {
        Some(off) if sides.as_ref().is_ok_and(|sides| sides.safe == off) => {}
        Some(off) => stored.push(format!("off variation: {}", named(flag, off))),
        None => stored.push("off variation: none".to_owned()),
    }
    stored
}

/// Returns why it can't go forward, if it can't.
fn held_back(flag: &Answer, there: &Environment, sides: &Result<Sides, String>) -> Option<String> {
    if flag.archived || there.archived {
        return Some("is archived".to_owned());
    }
    if flag.deprecated {
        return Some("is deprecated".to_owned());
    }
    if let Some(purpose) = &flag.purpose {
        return Some(format!("is made for a {} in LaunchDarkly, which moves it by rules of its own", Shown(purpose)));
    }
    let sides = match sides {
        Ok(sides) => *sides,
        Err(why) => return Some(format!("can't be moved by one percentage: {why}")),
    };
    if let Some(losses) = there.fallthrough.rollout.as_ref().and_then(super::answer::Rollout::losses) {
        return Some(format!("would lose {losses}: end that in LaunchDarkly first"));
    }
    if there.off_variation == Some(sides.on) && !there.on {
        return Some(format!("is off and serves {} to everybody while it is", named(flag, sides.on)));
    }
    None
}

/// Returns what is odd about it.
fn findings(flag: &Answer, there: &Environment, sides: &Result<Sides, String>) -> Vec<String> {
    let mut findings = Vec::new();
    let now = if there.on { "would get" } else { "get" };
    match (there.off_variation, sides) {
        (None, _) => findings
            .push(format!("it has no off variation: when it is off, users {now} whatever default their code has")),
        (Some(off), Ok(sides)) if off == sides.on => findings.push(format!(
            "its off variation is {}: when it is off, everybody {} the feature",
            named(flag, off),
            if there.on { "would get" } else { "gets" }
        )),
        (Some(_), _) => {}
    }
    let Some(rollout) = &there.fallthrough.rollout else { return findings };
    let kind = rollout.context_kind.as_deref().unwrap_or("user");
    let by = rollout.bucket_by.as_deref().unwrap_or("key");
    let first = rollout.variations.iter().find(|share| share.weight > 0);
    if let (Some(first), true) = (first, kind != "user" || by != "key") {
        findings.push(format!(
            "its percentage is one of `{}` by `{}`: whoever has none gets {}",
            Shown(kind),
            Shown(by),
            named(flag, first.variation)
        ));
    }
    if rollout.variations.windows(2).any(|pair| pair[0].variation > pair[1].variation) {
        findings.push(
            "its weights stand in another order than its variations: the next change may choose other users".to_owned(),
        );
    }
    findings
}
