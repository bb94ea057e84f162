//! The native scheme: `floor(murmur3_x86_32(utf8(salt + ":" + user)) * 100000 / 2^32) < percent * 1000`.
//!
//! Scaled by multiply-shift rather than by a remainder, as flagd does (`core/pkg/evaluator/fractional.go`): so a change
//! of the scale moves nobody. The separator keeps the flag `ab` with the user `c` apart from `a` with `bc`.

use super::murmur3;
use super::scheme::{Bucket, Recipe, Salting};
use crate::model::Percent;

/// How many buckets there are: one for each thousandth of a percent.
pub const BUCKETS: u32 = 100_000;

pub(super) const RECIPE: Recipe = Recipe {
    name: "native",
    salting: Salting::Salt,
    around: |given| (format!("{}:", given.salt_or_flag()), String::new()),
    bucket: |text| Bucket::Number(scaled(murmur3::hash(text.as_bytes()))),
    is_in: |bucket, exposure| bucket.number() < exposure.milli(),
};

/// Returns the bucket of a user, 0 to 99,999. The salt is the name of the flag unless the flag has a salt of its own.
#[must_use]
pub fn bucket(salt: &str, unit: &str) -> u32 {
    scaled(hash(salt, unit))
}

/// True if the user gets the flag at this exposure.
///
/// Raising the exposure only adds users, lowering it removes those added last. A user without an identity is in at
/// 100 % only: chance would not be sticky.
#[must_use]
pub fn is_in(exposure: Percent, salt: &str, unit: &str) -> bool {
    match exposure {
        Percent::ZERO => false,
        Percent::FULL => true,
        _ => !unit.is_empty() && bucket(salt, unit) < exposure.milli(),
    }
}

/// Returns the 32-bit hash that the bucket is scaled from: the same that Unleash and flagd take.
#[must_use]
pub fn hash(salt: &str, unit: &str) -> u32 {
    murmur3::hash(&[salt.as_bytes(), b":", unit.as_bytes()].concat())
}

/// Brings a hash to the scale of the buckets.
pub(super) fn scaled(hash: u32) -> u32 {
    let scaled = (u64::from(hash) * u64::from(BUCKETS)) >> 32;
    u32::try_from(scaled).unwrap_or(BUCKETS - 1)
}
