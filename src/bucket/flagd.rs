//! flagd's `fractional`, version 2: `(murmur3_x86_32(flagKey + targetingKey) * totalWeight) >> 32 < weight`.
//!
//! Source: open-feature/flagd, `core/pkg/evaluator/fractional.go`, since core 0.15.0 (before it, floats in 100 buckets), and npm
//! @openfeature/flagd-core 4.0.1. What came after is version 3.
//! No matter what the weights add up to, the same share is the same users. The salt stands for a first argument that
//! goes before the targeting key.

use super::scheme::{Bucket, Recipe, Salting};
use super::{murmur3, native};

pub(super) const RECIPE: Recipe = Recipe {
    name: "flagd",
    salting: Salting::Salt,
    around: |given| (given.salt_or_flag().to_owned(), String::new()),
    bucket: |text| Bucket::Number(native::scaled(murmur3::hash(text.as_bytes()))),
    is_in: |bucket, exposure| bucket.number() < exposure.milli(),
};
