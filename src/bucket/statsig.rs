//! Statsig's pass percentage: `u64(sha256(configSalt.ruleSalt.unitID)[:8]) % 10000 < passPercentage * 100`.
//!
//! Source: npm statsig-node 6.5.2, `dist/Evaluator.js` and `dist/utils/EvaluatorUtils.js`. The salt is both salts with
//! a dot between: that of the gate, and that of the rule (its id, if it has none).

use super::scheme::{Bucket, Recipe, Salting};
use super::sha;

pub(super) const RECIPE: Recipe = Recipe {
    name: "statsig",
    salting: Salting::TwoSalts,
    around: |given| (format!("{}.", given.salt.unwrap_or_default()), String::new()),
    bucket: |text| Bucket::Number((sha::start_of_sha256(text) % 10_000) as u32),
    // In floats, as there: 1.1 * 100.0 is a little more than 110.
    is_in: |bucket, exposure| f64::from(bucket.number()) < exposure.as_f64() * 100.0,
};
