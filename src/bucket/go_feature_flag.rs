//! GO Feature Flag's percentages: `fnv1a_32(flagName + key) % 100000 < uint32(percent * 1000)`.
//!
//! Source: thomaspoignant/go-feature-flag, `modules/core/utils/hash.go` and `flag/rule.go`. Its variations lie in the
//! reverse order of their names, so this holds where the name of the variation that is rolled out is the last by
//! alphabet, as `on` of `off` and `on`, and where the percentages add up to 100.

use super::fnv1a;
use super::scheme::{Bucket, Recipe, Salting};

pub(super) const RECIPE: Recipe = Recipe {
    name: "go-feature-flag",
    salting: Salting::None,
    around: |given| (given.flag.to_owned(), String::new()),
    bucket: |text| Bucket::Number(fnv1a::hash(text.bytes()) % 100_000),
    // It is cut, not rounded: 1.001 * 1000.0 is a little less than 1001.
    is_in: |bucket, exposure| bucket.number() < (exposure.as_f64() * 1000.0) as u32,
};
