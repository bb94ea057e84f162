//! Unleash's gradual and flexible rollout: `murmur3_x86_32(groupId + ":" + id) % 100 + 1 <= percent`.
//!
//! Source: npm unleash-client 6.12.1, `lib/strategy/util.js` and `flexible-rollout-strategy.js`. The salt is the
//! `groupId`, by default the name of the flag. A fraction of a percent counts for nothing.

use super::murmur3;
use super::scheme::{Bucket, Recipe, Salting};

pub(super) const RECIPE: Recipe = Recipe {
    name: "unleash",
    salting: Salting::Salt,
    around: |given| (format!("{}:", given.salt_or_flag()), String::new()),
    bucket: |text| Bucket::Number(murmur3::hash(text.as_bytes()) % 100 + 1),
    is_in: |bucket, exposure| bucket.number() * 1000 <= exposure.milli(),
};
