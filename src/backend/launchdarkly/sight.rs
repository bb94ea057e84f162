//! What a flag that LaunchDarkly answers means for us.

use super::answer::{Answer, Environment, Rollout, Serving};
use super::beside::beside;
use super::held::held_back;
use super::off::{Off, is_archived};
use super::sides::{Sides, named};
use crate::backend::remote::{Hashing, Mark, Seen};
use crate::error::{Error, Result};
use crate::model::{Beside, Field, Flag, FlagName, Percent, Shown};
use serde_json::Value;

/// Reads one flag of an answer. One that can't be read whole can be rolled back all the same, and keeps no others up.
///
/// # Errors
/// Exit 1 if it is not what LaunchDarkly answers; exit 2 if it is without the environment.
pub(super) fn seen(answer: Value, environment: &str) -> Result<Seen> {
    let flag = match Answer::of(&answer) {
        Ok(flag) => flag,
        Err(why) => return unreadable(answer, environment, &why.message).ok_or(why),
    };
    let there = flag.environment(environment)?;
    let name =
        FlagName::new(flag.key.as_str()).ok_or_else(|| Error::failed("LaunchDarkly answers a flag without a key"))?;
    let sides = Sides::of(&flag, there);
    let (enabled, rollout, beside) = meaning(&flag, there, &sides);
    let salt = there.salt.clone().map_or(Field::Absent, Field::Is);
    Ok(Seen {
        flag: Flag { enabled, rollout, beside, salt, description: flag.description.clone(), ..Flag::bare(name) },
        stored: stored(&flag, there, &sides),
        held_back: held_back((&answer, environment), &flag, there, &sides),
        findings: findings(&flag, there, &sides),
        mark: Mark(Some(there.last_modified.to_string())),
        answer,
    })
}

/// Returns a flag of which only the key and the switch can be read.
fn unreadable(answer: Value, environment: &str, why: &str) -> Option<Seen> {
    let name = FlagName::new(answer.get("key")?.as_str()?)?;
    let there = answer.get("environments")?.get(environment)?;
    let on = there.get("on")?.as_bool()?;
    let mark = there.get("lastModified").and_then(Value::as_i64).map(|at| at.to_string());
    let doubt = Some(Beside::Unknown(why.to_owned()));
    // Without a switch that could be taken for nobody.
    let flag = Flag { rollout: Field::Is(Percent::FULL), beside: doubt, ..Flag::bare(name) };
    Some(Seen {
        flag,
        stored: vec![format!("enabled: {on}")],
        held_back: Some("can't be moved: it can't be read".to_owned()),
        findings: Vec::new(),
        mark: Mark(mark),
        answer,
    })
}

/// Returns how the users of a percentage are told apart.
pub(super) fn hashing(seen: &Seen, environment: &str) -> Option<Hashing> {
    let flag = Answer::of(&seen.answer).ok()?;
    let there = flag.environment(environment).ok()?;
    let sides = Sides::of(&flag, there).ok()?;
    let rollout = there.fallthrough.rollout.as_ref();
    Some(Hashing {
        seed: rollout.and_then(|rollout| rollout.seed).map(|seed| seed.to_string()),
        from_above: sides.deals_from_above(&there.fallthrough),
        of: rollout.and_then(Rollout::peculiar).map(|(kind, by)| (kind.to_owned(), by.to_owned())),
    })
}

/// What the three values of a flag come to.
type Meaning = (Field<bool>, Field<Percent>, Option<Beside>);

/// Returns what decides who gets it.
fn meaning(flag: &Answer, there: &Environment, sides: &Result<Sides, String>) -> Meaning {
    let share = sides.clone().and_then(|sides| sides.share(&there.fallthrough));
    let rollout = share.as_ref().map_or(Field::Absent, |share| Field::Is(*share));
    if there.on {
        let beside = match (sides, &share) {
            _ if is_archived(flag, there) => {
                Some(Beside::Unknown("it is archived: the default in the code decides".to_owned()))
            }
            (Ok(sides), Ok(share)) => beside(there, *sides, *share),
            (_, Err(why)) | (Err(why), _) => Some(Beside::Unknown(why.clone())),
        };
        return (Field::Is(true), rollout, beside);
    }
    match Off::of(flag, there, sides) {
        Off::Safe | Off::Code => (Field::Is(false), rollout, None),
        // Without a switch that could be taken for nobody.
        Off::Feature => (Field::Absent, Field::Is(Percent::FULL), None),
        Off::Same(why) => (Field::Absent, Field::Is(Percent::FULL), Some(Beside::Unknown(why))),
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

/// Returns what is odd about it.
fn findings(flag: &Answer, there: &Environment, sides: &Result<Sides, String>) -> Vec<String> {
    let mut findings = Vec::new();
    let (get, gets) = if there.on { ("would get", "would get") } else { ("get", "gets") };
    let code = "the default that their code hands over, which counts as being without the feature";
    match Off::of(flag, there, sides) {
        Off::Code if is_archived(flag, there) => findings.push(format!("it is archived: users get {code}")),
        Off::Code => findings.push(format!("it has no off variation: when it is off, users {get} {code}")),
        Off::Feature => findings.push(format!(
            "its off variation is {}: when it is off, everybody {gets} the feature",
            named(flag, there.off_variation.unwrap_or_default())
        )),
        Off::Same(why) => findings.push(format!(
            "switching it off ends nothing: {why}; choose the variation without the feature as its off variation"
        )),
        Off::Safe => {}
    }
    findings.extend(of_default_rule(flag, there, sides));
    findings
}

/// Returns what is odd about what a flag serves by default that is on.
fn of_default_rule(flag: &Answer, there: &Environment, sides: &Result<Sides, String>) -> Option<String> {
    let sides = sides.as_ref().ok().filter(|_| there.on)?;
    let peculiar = there.fallthrough.rollout.as_ref().and_then(|rollout| Some((rollout.peculiar()?, rollout.first()?)));
    if let Some(((kind, by), first)) = peculiar {
        return Some(format!(
            "its percentage is one of `{}` by `{}`: whoever has none gets {}",
            Shown(kind),
            Shown(by),
            named(flag, first)
        ));
    }
    // The feature is what the off variation is not; that everybody has the latter may be a mistake.
    let boolean = flag.variations.iter().any(|variation| variation.value.is_boolean());
    let nobody = sides.share(&there.fallthrough) == Ok(Percent::ZERO);
    (nobody && !boolean).then(|| {
        let safe = named(flag, sides.safe);
        format!("its default rule serves {safe}, the off variation: that counts as being without the feature")
    })
}
