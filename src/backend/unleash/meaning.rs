//! What a feature means for us: who gets it, and why it can't go forward. Pure.

use super::feature::{Environment, FLEXIBLE, Feature, Strategy};
use super::place::Place;
use crate::backend::remote::{Mark, Seen};
use crate::error::{Error, Result};
use crate::model::{Beside, Field, Flag, FlagName, Percent, Shown};
use serde_json::Value;

/// Reads an answer as a feature.
///
/// # Errors
/// Exit 1: something that is needed is missing, or is not what it should be.
pub(super) fn feature(answer: &Value) -> Result<Feature> {
    Feature::deserialized(answer)
        .map_err(|error| Error::failed(format!("Unleash answered with a feature that can't be read: {error}")))
}

impl Feature {
    fn deserialized(answer: &Value) -> serde_json::Result<Self> {
        serde::Deserialize::deserialize(answer)
    }

    /// Returns the feature in our environment.
    ///
    /// # Errors
    /// Exit 2: it is not in that environment; says in which it is.
    pub(super) fn environment(&self, place: &Place<'_>) -> Result<&Environment> {
        self.environments.iter().find(|environment| environment.name == place.environment).ok_or_else(|| {
            let known: Vec<String> =
                self.environments.iter().map(|known| format!("`{}`", Shown(&known.name))).collect();
            let list = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Error::usage(format!(
                "the project `{}` of Unleash has no environment `{}`",
                Shown(place.project),
                Shown(place.environment)
            ))
            .help(format!("it has: {list}"))
        })
    }
}

/// Returns what an answer means.
///
/// # Errors
/// Exit 1 for an answer that can't be read, 2 for an environment that is not there.
pub(super) fn seen(answer: Value, place: &Place<'_>, mark: Mark) -> Result<Seen> {
    let feature = feature(&answer)?;
    let environment = feature.environment(place)?;
    let name = FlagName::new(feature.name.as_str())
        .ok_or_else(|| Error::failed("Unleash answered with a feature that has no name"))?;
    let active = environment.active();
    let (rollout, beside) = users(&feature, &active);
    let flag = Flag {
        enabled: Field::Is(environment.enabled),
        rollout,
        description: feature.description.clone().filter(|text| !text.is_empty()),
        salt: salt(&active, &feature.name),
        beside,
        ..Flag::bare(name)
    };
    Ok(Seen {
        stored: stored(environment, &active),
        held_back: held_back(&feature, environment, &active),
        findings: findings(environment, &active),
        flag,
        mark,
        answer,
    })
}

/// Returns the percentage, and what else decides.
fn users(feature: &Feature, active: &[&Strategy]) -> (Field<Percent>, Option<Beside>) {
    let shares: Vec<Field<Percent>> = active.iter().filter_map(|strategy| all(strategy)).collect();
    let largest = shares.iter().filter_map(Field::value).max().copied();
    let alone = match active {
        [] => Field::Absent,
        [one] => all(one).unwrap_or_else(|| if one.is_flexible() { one.rollout() } else { Field::Absent }),
        _ => largest.map_or(Field::Absent, Field::Is),
    };
    if let Some(parent) = parents(feature) {
        return (alone, Some(Beside::Unknown(format!("it {parent}"))));
    }
    let beside = match active {
        [] => None,
        [one] if shares.len() == 1 && one.is_for_all() => None,
        _ if largest == Some(Percent::FULL) => None,
        _ => {
            let why = format!("it {}", odd(active).join("; it "));
            Some(if largest.is_some() { Beside::More(why) } else { Beside::Unknown(why) })
        }
    };
    (alone, beside)
}

/// Returns the share of all users that a strategy lets in by itself; `None` if it is for some only, or not by share.
fn all(strategy: &Strategy) -> Option<Field<Percent>> {
    match strategy.name.as_str() {
        _ if !strategy.is_for_all() => None,
        FLEXIBLE => Some(strategy.rollout()),
        "default" => Some(Field::Is(Percent::FULL)),
        _ => None,
    }
}

/// What users are hashed with, where that is not the flag's name.
fn salt(active: &[&Strategy], name: &str) -> Option<String> {
    let [one] = active else { return None };
    let group = one.parameter("groupId").and_then(Value::as_str).filter(|_| one.is_flexible())?;
    (group != name && !group.is_empty()).then(|| group.to_owned())
}

/// Returns what keeps the strategies from being one percentage of all users; each follows the flag's name.
fn odd(active: &[&Strategy]) -> Vec<String> {
    let mut odd = Vec::new();
    if active.len() > 1 {
        odd.push(format!("has {} strategies, and is on for whoever one of them lets in", active.len()));
    }
    for strategy in active {
        if !strategy.is_flexible() {
            odd.push(format!("has the strategy `{}`, which has no percentage of its own", Shown(&strategy.name)));
        }
        let fields = strategy.constrained();
        if !fields.is_empty() {
            let fields: Vec<String> = fields.iter().map(|field| format!("`{}`", Shown(field))).collect();
            odd.push(format!("has a strategy with constraints on {}", fields.join(", ")));
        }
        let segments = strategy.segments();
        if !segments.is_empty() {
            odd.push(format!("has a strategy for the segment {} only", Shown(&segments.join(" and "))));
        }
    }
    odd.dedup();
    odd
}

fn parents(feature: &Feature) -> Option<String> {
    let parents = feature.dependencies.as_deref().unwrap_or_default();
    let names: Vec<String> = parents.iter().map(|parent| format!("`{}`", Shown(&parent.feature))).collect();
    (!names.is_empty()).then(|| format!("depends on {}", names.join(", ")))
}

/// Returns why it can't go forward.
fn held_back(feature: &Feature, environment: &Environment, active: &[&Strategy]) -> Option<String> {
    let mut held = Vec::new();
    if feature.archived == Some(true) {
        held.push("is archived".to_owned());
    }
    held.extend(parents(feature));
    if active.iter().any(|strategy| strategy.is_of_plan()) {
        held.push("is led by a release plan".to_owned());
    } else if feature.release_plan_unread {
        held.push("may be led by a release plan: its strategies could not be listed".to_owned());
    }
    held.extend(odd(active));
    for value in active.iter().filter(|strategy| strategy.is_flexible()).map(|strategy| strategy.rollout()) {
        held.extend(value.unreadable().map(|value| format!("has `rollout: {}`, which {}", value.text, value.reason)));
    }
    if active.is_empty() && !environment.strategies.is_empty() {
        held.push("has no strategy that is enabled: to switch it on would give it to everybody".to_owned());
    }
    (!held.is_empty()).then(|| held.join("; it "))
}

/// Returns what is odd; each is a sentence that follows a colon.
fn findings(environment: &Environment, active: &[&Strategy]) -> Vec<String> {
    let mut findings = Vec::new();
    if environment.enabled && active.is_empty() {
        findings.push("it is on without a strategy that is enabled: everybody gets it".to_owned());
    }
    for strategy in active.iter().filter(|strategy| strategy.is_flexible()) {
        // Where it is the only one, its value is told with the flag.
        if let (Some(value), true) = (strategy.rollout().unreadable(), active.len() > 1) {
            findings.push(format!("`rollout: {}` {}", value.text, value.reason));
        }
        if strategy.parameter("stickiness").and_then(Value::as_str) == Some("random") {
            findings.push("its stickiness is `random`: nobody keeps it from one request to the next".to_owned());
        }
    }
    if active.iter().any(|strategy| strategy.is_of_plan()) {
        findings.push(
            "a release plan leads it: a rollback only switches it off, and leaves the plan's percentage".to_owned(),
        );
    }
    findings.dedup();
    findings
}

/// Returns the stored values as the service spells them.
fn stored(environment: &Environment, active: &[&Strategy]) -> Vec<String> {
    let mut stored = vec![format!("enabled: {}", environment.enabled)];
    for strategy in active {
        let prefix = if active.len() == 1 && strategy.is_flexible() {
            String::new()
        } else {
            stored.push(format!("strategy: {}", Shown(&strategy.name)));
            "  ".to_owned()
        };
        for key in ["rollout", "stickiness", "groupId"] {
            if let Some(value) = strategy.parameter(key) {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                stored.push(format!("{prefix}{key}: {}", Shown(&text)));
            }
        }
    }
    stored
}
