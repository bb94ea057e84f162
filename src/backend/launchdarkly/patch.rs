//! The next change of a flag towards a goal, as one patch that LaunchDarkly takes whole or not at all.

use super::answer::{Answer, Environment, WHOLE};
use super::beside::blurs;
use super::ending;
use super::held::{barred, led, loses};
use super::off::Off;
use super::place::Place;
use super::sides::{Sides, named};
use crate::backend::remote::{Goal, Seen, Write};
use crate::error::{Error, Result};
use crate::http::Method;
use crate::model::{Exposure, FlagName, Mode, Percent};
use serde_json::{Map, Value, json};

/// What a patch is made of: the instructions, and what each does.
#[derive(Default)]
pub(super) struct Steps {
    pub(super) instructions: Vec<Value>,
    pub(super) what: Vec<String>,
}

impl Steps {
    pub(super) fn add(&mut self, instruction: Value, what: impl Into<String>) {
        self.instructions.push(instruction);
        self.what.push(what.into());
    }
}

/// Returns the next write that brings what was read towards `goal`; `None` once it is there.
pub(super) fn next(place: Place<'_>, seen: &Seen, goal: &Goal) -> Result<Option<Write>> {
    let flag = match Answer::of(&seen.answer) {
        Ok(flag) => flag,
        Err(why) => return unread(place, seen, goal, why),
    };
    let there = flag.environment(place.environment)?;
    let sides = Sides::of(&flag, there);
    let steps = match goal.mode {
        Mode::Careful => careful(place, &flag, &sides, seen, goal)?,
        Mode::Urgent if goal.rollout.is_zero() => ending::off(&flag, there, &sides, seen)?,
        Mode::Urgent => down(place, &flag, &sides, seen, goal.rollout)?,
    };
    if steps.instructions.is_empty() {
        return Ok(None);
    }
    let verb = if goal.mode == Mode::Urgent { "rollback" } else { "advance" };
    let from = match seen.flag.exposure() {
        Exposure::Exactly(percent) | Exposure::AtLeast { percent, .. } => format!("{percent} → "),
        Exposure::Unknown { .. } => "to ".to_owned(),
    };
    Ok(Some(Write {
        what: steps.what.join(", "),
        method: Method::Patch,
        path: place.flag(&seen.flag.name),
        body: json!({
            "environmentKey": place.environment,
            "comment": format!("flagctl {verb} {from}{}", goal.rollout),
            "instructions": steps.instructions,
        }),
        tidying: false,
        completes: true,
    }))
}

/// Returns the write that switches a flag off, whatever it holds.
pub(super) fn blind(place: Place<'_>, flag: &FlagName) -> Write {
    Write {
        what: "switch the flag off".to_owned(),
        method: Method::Patch,
        path: place.flag(flag),
        body: json!({
            "environmentKey": place.environment,
            "comment": "flagctl rollback to 0",
            "instructions": [{"kind": "turnFlagOff"}],
        }),
        tidying: false,
        completes: true,
    }
}

/// Returns the next write to a flag that can't be read whole: off, in a rollback to 0.
fn unread(place: Place<'_>, seen: &Seen, goal: &Goal, why: Error) -> Result<Option<Write>> {
    if goal.mode != Mode::Urgent || !goal.rollout.is_zero() {
        return Err(Error::invalid(why.message).help("look at it in LaunchDarkly"));
    }
    let on = seen.answer.pointer("/environments").and_then(|all| all.get(place.environment)?.get("on")?.as_bool());
    if on == Some(false) {
        let message = format!("`{}` is off, and what off serves can't be read: {}", seen.flag.name, why.message);
        return Err(Error::failed(message).help("look at it in LaunchDarkly"));
    }
    Ok(Some(blind(place, &seen.flag.name)))
}

/// Returns what a declared flag begins with: it is made, off everywhere, and then on nobody in our environment.
///
/// A flag that is made would serve `true` to everybody once it is switched on. The ids that a semantic patch needs are
/// not known before it is made, so the second write is a plain patch, which names variations by their place.
pub(super) fn declare(place: Place<'_>, flag: &FlagName, description: &str) -> Vec<Write> {
    let pointer = place.environment.replace('~', "~0").replace('/', "~1");
    vec![
        Write {
            what: "make the flag, off everywhere".to_owned(),
            method: Method::Post,
            path: place.flags(),
            body: json!({
                "name": flag.as_str(),
                "key": flag.as_str(),
                "description": description,
                "variations": [{"value": true}, {"value": false}],
                "defaults": {"onVariation": 0, "offVariation": 1},
                "temporary": true,
            }),
            tidying: false,
            completes: false,
        },
        Write {
            what: "set its percentage to 0%".to_owned(),
            method: Method::Patch,
            path: place.flag(flag),
            body: json!({
                "comment": "flagctl new",
                "patch": [{
                    "op": "replace",
                    "path": format!("/environments/{pointer}/fallthrough"),
                    "value": {"rollout": {"variations": [
                        {"variation": 0, "weight": 0},
                        {"variation": 1, "weight": WHOLE},
                    ]}},
                }],
            }),
            tidying: false,
            completes: true,
        },
    ]
}

/// Forward, and whatever else has time: what may mean something else than one percentage is refused.
fn careful(place: Place<'_>, flag: &Answer, sides: &Result<Sides, String>, seen: &Seen, goal: &Goal) -> Result<Steps> {
    let there = flag.environment(place.environment)?;
    let refused = |why: &str| Error::invalid(format!("`{}` {why}", seen.flag.name)).help("look at it in LaunchDarkly");
    let stands = sides.clone().and_then(|sides| sides.share(&there.fallthrough)) == Ok(goal.rollout);
    let on = goal.enabled.unwrap_or(there.on);
    // What stands there already is nothing to be refused; whether users get it is read.
    if stands && on == there.on {
        return Ok(Steps::default());
    }
    if let Some(why) = barred((&seen.answer, place.environment), flag, there) {
        return Err(refused(&why));
    }
    if let Exposure::Unknown { reason } = seen.flag.exposure() {
        return Err(refused(&format!("can't be moved by one percentage: {reason}")));
    }
    let sides = sides.as_ref().map_err(|why| refused(&format!("can't be moved by one percentage: {why}")))?;
    if !there.on && Off::of(flag, there, &Ok(*sides)) == Off::Feature {
        return Err(refused(&format!("is off and serves {} to everybody while it is", named(flag, sides.on))));
    }
    // Before anybody gets it: what stands beside the default rule has its say as soon as it is on.
    if let (true, Some(why)) = (on, blurs(there, *sides, goal.rollout)) {
        return Err(refused(&format!("would not be at {}%: {why}", goal.rollout)));
    }
    let mut steps = Steps::default();
    if !stands {
        if let Some(why) = loses(there, *sides) {
            return Err(refused(&why));
        }
        give(&mut steps, flag, there, *sides, goal.rollout)?;
    }
    match (on, there.on) {
        (true, false) => steps.add(json!({"kind": "turnFlagOn"}), "switch the flag on"),
        (false, true) => steps.add(json!({"kind": "turnFlagOff"}), "switch the flag off"),
        (true, true) | (false, false) => {}
    }
    Ok(steps)
}

/// Down to a share: the weights alone, never up, and among those who have it.
fn down(place: Place<'_>, flag: &Answer, sides: &Result<Sides, String>, seen: &Seen, to: Percent) -> Result<Steps> {
    let there = flag.environment(place.environment)?;
    let refused = |why: &str| {
        Error::invalid(format!("`{}` can't be rolled back to {to}%: {why}", seen.flag.name))
            .help(format!("`flagctl rollback {}` switches it off, for everybody", seen.flag.name))
    };
    let mut steps = Steps::default();
    if !there.on {
        return match seen.flag.exposure() {
            Exposure::Exactly(share) if share <= to => Ok(steps),
            _ => Err(refused("it is off, and off does not mean nobody")),
        };
    }
    let sides = sides.as_ref().map_err(|why| refused(why))?;
    if sides.share(&there.fallthrough).is_ok_and(|share| share <= to) {
        return Ok(steps);
    }
    // Others than now might be among those who keep it, and nobody looked at them.
    if let Some(why) = led((&seen.answer, place.environment), flag).or_else(|| loses(there, *sides)) {
        return Err(refused(&format!("it {why}")));
    }
    give(&mut steps, flag, there, *sides, to)?;
    Ok(steps)
}

/// Gives the feature to a share of users, hashed as they were.
fn give(steps: &mut Steps, flag: &Answer, there: &Environment, sides: Sides, share: Percent) -> Result<()> {
    let kind = there.fallthrough.rollout.as_ref().and_then(|rollout| rollout.context_kind.as_deref());
    let by = there.fallthrough.rollout.as_ref().and_then(|rollout| rollout.bucket_by.as_deref());
    let usual = kind.is_none_or(|kind| kind == "user") && by.is_none_or(|by| by == "key");
    let (on, safe) = (id(flag, sides.on)?, id(flag, sides.safe)?);
    let mut instruction = Map::new();
    instruction.insert("kind".to_owned(), "updateFallthroughVariationOrRollout".into());
    // One variation has no kind and no attribute: what is not the usual would be forgotten on the way back.
    if share == Percent::FULL && usual {
        instruction.insert("variationId".to_owned(), on.into());
    } else {
        instruction.extend(kind.map(|kind| ("rolloutContextKind".to_owned(), kind.into())));
        instruction.extend(by.map(|by| ("rolloutBucketBy".to_owned(), by.into())));
        let rest = Percent::FULL.milli() - share.milli();
        instruction.insert("rolloutWeights".to_owned(), json!({ on: share.milli(), safe: rest }));
    }
    steps.add(instruction.into(), format!("give {} to {share}%", named(flag, sides.on)));
    Ok(())
}

/// Returns the id of a variation, as instructions name it.
pub(super) fn id(flag: &Answer, index: usize) -> Result<&str> {
    flag.variations.get(index).and_then(|variation| variation.id.as_deref()).ok_or_else(|| {
        Error::failed(format!("LaunchDarkly answers {} without the id that a change needs", named(flag, index)))
    })
}
