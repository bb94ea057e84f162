//! The next write. Pure: from what was read and what is wanted.
//!
//! Switching an environment on that has no enabled strategy makes Unleash add one for everybody. So the strategy comes
//! first, at 0, then its percentage, and the switch last; downwards it is the other way round.

use super::feature::{Environment, FLEXIBLE, Strategy};
use super::meaning;
use super::place::Place;
use crate::backend::remote::{Goal, Seen, Write};
use crate::error::{Error, Result};
use crate::http::Method;
use crate::model::{Exposure, FlagName, Mode, Percent, Shown};
use serde_json::{Value, json};

/// One flag in one environment, with the writes that it can be changed by.
struct Target<'a> {
    place: &'a Place<'a>,
    flag: &'a FlagName,
    environment: &'a Environment,
}

/// Returns the next write towards `goal`; `None` once it is there.
///
/// # Errors
/// Exit 3 where a write could mean something else than one percentage, 1 for an answer that can't be read.
pub(super) fn next(place: &Place<'_>, seen: &Seen, goal: &Goal) -> Result<Option<Write>> {
    let feature = meaning::feature(&seen.answer)?;
    let target = Target { place, flag: &seen.flag.name, environment: feature.environment(place)? };
    match goal.mode {
        Mode::Urgent if goal.rollout.is_zero() => Ok(target.off_and_zero()),
        Mode::Urgent if goal.is_safe(seen) => Ok(None),
        Mode::Urgent => target.down(goal.rollout),
        Mode::Careful => match &seen.held_back {
            Some(why) => Err(Error::invalid(format!("`{}` {why}", target.flag))
                .help("flagctl raises only a flag that is one percentage of all users; change this one in Unleash")),
            None => target.careful(goal, &seen.flag.exposure()),
        },
    }
}

/// Returns what a declared flag begins with.
pub(super) fn declare(place: &Place<'_>, flag: &FlagName, description: &str) -> Vec<Write> {
    let made = Write {
        what: format!("declare the flag `{flag}`"),
        method: Method::Post,
        path: place.features(),
        body: json!({ "name": flag.as_str(), "type": "release", "description": description }),
        tidying: false,
        completes: false,
    };
    vec![made, added(place, flag, Percent::ZERO, true)]
}

/// Adds a strategy for a share of all users.
fn added(place: &Place<'_>, flag: &FlagName, rollout: Percent, completes: bool) -> Write {
    Write {
        what: format!("add the strategy `{FLEXIBLE}` at {rollout}%"),
        method: Method::Post,
        path: place.strategies(flag),
        body: json!({
            "name": FLEXIBLE,
            "constraints": [],
            "segments": [],
            "parameters": { "rollout": rollout.to_string(), "stickiness": "default", "groupId": flag.as_str() },
        }),
        tidying: false,
        completes,
    }
}

/// Returns the write that switches a flag off, whatever it holds.
pub(super) fn off(place: &Place<'_>, flag: &FlagName) -> Write {
    switched(place, flag, false)
}

fn switched(place: &Place<'_>, flag: &FlagName, on: bool) -> Write {
    let word = if on { "on" } else { "off" };
    Write {
        what: format!("switch it {word} in `{}`", Shown(place.environment)),
        method: Method::Post,
        path: format!("{}/{word}", place.environment(flag)),
        body: Value::Null,
        tidying: false,
        completes: true,
    }
}

impl Target<'_> {
    fn careful(&self, goal: &Goal, exposure: &Exposure) -> Result<Option<Write>> {
        whole(goal.rollout)?;
        let environment = self.environment;
        if environment.enabled && goal.enabled == Some(false) {
            return Ok(Some(Write { completes: false, ..self.switched(false) }));
        }
        let on = goal.enabled.unwrap_or(environment.enabled);
        match environment.active().as_slice() {
            // It is on for everybody, as Unleash means a flag without strategies.
            [] if environment.enabled && exposure.known() == Some(goal.rollout) => Ok(None),
            [] if environment.enabled => Ok(Some(added(self.place, self.flag, goal.rollout, true))),
            [] if goal.rollout.is_zero() && !on => Ok(None),
            [] => Ok(Some(added(self.place, self.flag, Percent::ZERO, false))),
            [one] if one.rollout().value() != Some(&goal.rollout) => {
                let completes = on == environment.enabled;
                Ok(Some(Write { completes, ..self.set(one, goal.rollout, true) }))
            }
            [_] if on && !environment.enabled => Ok(Some(self.switched(true))),
            [_] => Ok(None),
            _ => Err(self.only_zero("it has several strategies")),
        }
    }

    /// Off first, which is certain; then what would be there again once somebody switches it on.
    fn off_and_zero(&self) -> Option<Write> {
        if self.environment.enabled {
            return Some(self.switched(false));
        }
        let left = |strategy: &&&Strategy| {
            strategy.is_flexible() && !strategy.is_of_plan() && strategy.rollout().value() != Some(&Percent::ZERO)
        };
        let active = self.environment.active();
        let strategy = active.iter().find(left)?;
        Some(Write { tidying: true, ..self.set(strategy, Percent::ZERO, false) })
    }

    /// Down to a share above 0, and never up.
    fn down(&self, rollout: Percent) -> Result<Option<Write>> {
        whole(rollout)?;
        match self.environment.active().as_slice() {
            [] => Ok(Some(added(self.place, self.flag, rollout, true))),
            [one] if one.is_of_plan() => Err(self.only_zero("a release plan leads it")),
            [one] if !one.is_flexible() => Err(self.only_zero("its strategy has no percentage")),
            [one] => match one.rollout().value() {
                Some(now) if *now <= rollout => Ok(None),
                Some(_) => Ok(Some(self.set(one, rollout, true))),
                None => Err(self.only_zero("what it stands at can't be read")),
            },
            several => Err(self.only_zero(&format!("it has {} strategies", several.len()))),
        }
    }

    /// Sets the one parameter. `guarded`: only if it still is what was read, which Unleash checks right before.
    fn set(&self, strategy: &Strategy, rollout: Percent, guarded: bool) -> Write {
        let parameter = "/parameters/rollout";
        let to = rollout.to_string();
        let body = match strategy.stored() {
            Some(now) if guarded => json!([
                { "op": "test", "path": parameter, "value": now },
                { "op": "replace", "path": parameter, "value": to },
            ]),
            Some(_) => json!([{ "op": "replace", "path": parameter, "value": to }]),
            None => json!([{ "op": "add", "path": parameter, "value": to }]),
        };
        Write {
            what: format!("set `rollout` to {rollout}"),
            method: Method::Patch,
            path: self.place.strategy(self.flag, &strategy.id),
            body,
            tidying: false,
            completes: true,
        }
    }

    fn switched(&self, on: bool) -> Write {
        switched(self.place, self.flag, on)
    }

    fn only_zero(&self, why: &str) -> Error {
        Error::invalid(format!("`{}` can't be set to a share of its users: {why}", self.flag))
            .help(format!("only 0 is certain, because it switches the whole flag off: flagctl rollback {}", self.flag))
    }
}

/// Refuses decimals.
fn whole(rollout: Percent) -> Result<()> {
    if rollout.is_whole() {
        return Ok(());
    }
    let below = rollout.milli() / 1000;
    Err(Error::invalid(format!("Unleash can't serve {rollout}%: its SDKs know whole percents only"))
        .help(format!("take {below}% or {}%", below + 1)))
}
