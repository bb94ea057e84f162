//! What users get of a flag that is off, and whether that is to be without the feature.

use super::answer::{Answer, Environment, Target};
use super::sides::{Sides, named};
use serde_json::Value;

/// What off comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Off {
    /// It serves the variation without the feature.
    Safe,
    /// It serves none: SDKs return the default that the code hands them, by convention the one without the feature.
    Code,
    /// It serves the feature itself.
    Feature,
    /// It serves what users get anyway; why that is no end of the feature, as a fragment.
    Same(String),
}

impl Off {
    /// Tells what off comes to, also of a flag that is on.
    pub(super) fn of(flag: &Answer, there: &Environment, sides: &Result<Sides, String>) -> Self {
        let off = there.off_variation.filter(|off| *off < flag.variations.len());
        let Some(off) = off.filter(|_| !is_archived(flag, there)) else { return Self::Code };
        match sides {
            Ok(sides) if off == sides.on => Self::Feature,
            Ok(_) => Self::Safe,
            Err(_) if flag.variations.len() == 1 => {
                Self::Same(format!("its one variation is {}, on or off", named(flag, off)))
            }
            Err(_) if default_is(flag, there, off) && !gives_others_more(there, off) => Self::Same(format!(
                "off serves {} to everybody, as its default rule does, and nothing tells that this is without the feature",
                named(flag, off)
            )),
            Err(_) => Self::Safe,
        }
    }
}

/// True if the flag is archived, as a whole or in this environment: it is handed out to nobody.
pub(super) const fn is_archived(flag: &Answer, there: &Environment) -> bool {
    flag.archived || there.archived
}

/// True if somebody is named, or meant by a rule, who may get something else than the default rule gives.
fn gives_others_more(there: &Environment, off: usize) -> bool {
    let more = |target: &Target| target.variation != off && !target.values.is_empty();
    let named = |targets: &[Target]| targets.iter().any(more);
    named(&there.targets) || named(&there.context_targets) || !there.rules.is_empty()
}

/// True if everybody whom no rule meets gets the value of this variation while the flag is on.
fn default_is(flag: &Answer, there: &Environment, off: usize) -> bool {
    let value = |index: usize| flag.variations.get(index).map(|variation| &variation.value);
    let is_off = |index: usize| value(index).is_some_and(|other: &Value| Some(other) == value(off));
    match (there.fallthrough.variation, &there.fallthrough.rollout) {
        (Some(variation), _) => is_off(variation),
        (None, Some(rollout)) => {
            let mut served = rollout.variations.iter().filter(|share| share.weight > 0).peekable();
            served.peek().is_some() && served.all(|share| is_off(share.variation))
        }
        (None, None) => false,
    }
}
