//! Which variation of a flag is the feature, which one is without it, and what share gets the feature.

use super::answer::{Answer, Environment, Serving, WHOLE};
use crate::model::{Percent, Shown};
use serde_json::Value;
use std::ops::Range;

/// The two variations of a flag that is either on or off, by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sides {
    /// With the feature.
    pub(super) on: usize,
    /// Without it.
    pub(super) safe: usize,
}

impl Sides {
    /// Tells them apart: by their values where those are `true` and `false`, else by what the flag serves when off.
    pub(super) fn of(flag: &Answer, environment: &Environment) -> Result<Self, String> {
        let [first, second] = flag.variations.as_slice() else {
            return Err(format!("it has {} variations, and no one percentage", flag.variations.len()));
        };
        match (&first.value, &second.value, environment.off_variation) {
            (Value::Bool(true), Value::Bool(false), _) => Ok(Self { on: 0, safe: 1 }),
            (Value::Bool(false), Value::Bool(true), _) => Ok(Self { on: 1, safe: 0 }),
            (_, _, Some(safe @ (0 | 1))) => Ok(Self { on: 1 - safe, safe }),
            _ => {
                Err("its variations are not `true` and `false`, and it has no off variation to tell them apart".into())
            }
        }
    }

    /// Returns the share of users that a rule without conditions gives the feature to.
    pub(super) fn share(self, serving: &Serving) -> Result<Percent, String> {
        match (serving.variation, &serving.rollout) {
            (Some(variation), None) if variation == self.on => Ok(Percent::FULL),
            (Some(variation), None) if variation == self.safe => Ok(Percent::ZERO),
            (None, Some(rollout)) => {
                let sum = |of: &dyn Fn(usize) -> bool| -> u64 {
                    rollout
                        .variations
                        .iter()
                        .filter(|share| of(share.variation))
                        .fold(0, |sum, share| sum.saturating_add(share.weight))
                };
                let total = sum(&|_| true);
                if total != WHOLE {
                    return Err(format!("the weights of its variations sum up to {total} instead of {WHOLE}"));
                }
                if sum(&|variation| variation != self.on && variation != self.safe) > 0 {
                    return Err("its weights are of variations that it doesn't have".into());
                }
                let on = u32::try_from(sum(&|variation| variation == self.on)).unwrap_or(u32::MAX);
                Percent::from_milli(on).ok_or_else(|| "its weights can't be read".to_owned())
            }
            _ => Err("its default rule serves nothing that is known".into()),
        }
    }
}

impl Sides {
    /// True if the users with the feature are those beyond the others, where LaunchDarkly deals by the variations' order.
    pub(super) const fn are_turned(self) -> bool {
        self.on > self.safe
    }

    /// Returns which of all users have the feature, as thousandths of a percent of the hash: shares are dealt in the order
    /// in which they stand.
    fn dealt(self, serving: &Serving) -> Vec<Range<u64>> {
        let mut dealt: Vec<Range<u64>> = Vec::new();
        let mut from = 0_u64;
        for share in serving.rollout.iter().flat_map(|rollout| &rollout.variations) {
            let to = from.saturating_add(share.weight);
            match dealt.last_mut() {
                _ if share.variation != self.on || from == to => {}
                Some(last) if last.end == from => last.end = to,
                _ => dealt.push(from..to),
            }
            from = to;
        }
        dealt
    }

    /// True if a change of the weights chooses nobody else: LaunchDarkly deals anew in the order of the variations, and
    /// that is how they are dealt already.
    pub(super) fn are_in_order(self, serving: &Serving) -> bool {
        let (dealt, Ok(share)) = (self.dealt(serving), self.share(serving)) else { return true };
        let share = u64::from(share.milli());
        let usual = if self.are_turned() { WHOLE - share..WHOLE } else { 0..share };
        serving.rollout.is_none() || usual.is_empty() || dealt == [usual]
    }

    /// True if the users with the feature are those with the highest hashes.
    pub(super) fn deals_from_above(self, serving: &Serving) -> bool {
        let place = |side| {
            let rollout = serving.rollout.as_ref()?;
            rollout.variations.iter().position(|share| share.variation == side)
        };
        match (place(self.on), place(self.safe)) {
            (Some(on), Some(safe)) => on > safe,
            _ => self.are_turned(),
        }
    }
}

/// Returns a variation's value as people read it.
pub(super) fn named(flag: &Answer, index: usize) -> String {
    flag.variations.get(index).map_or_else(
        || format!("variation {index}"),
        |variation| {
            let text = variation.value.to_string();
            let short: String = text.chars().take(40).collect();
            format!("`{}`", Shown(&short))
        },
    )
}
