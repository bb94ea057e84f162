//! LaunchDarkly's percentage rollout: `int(sha1(flagKey.salt.key)[:15], 16) / 0xFFFFFFFFFFFFFFF < weight / 100000`;
//! with a seed, `seed.key` is hashed.
//!
//! Source: PyPI launchdarkly-server-sdk 9.18.2, `ldclient/impl/evaluator_common.py`. Shares are
//! dealt in the order of the rule: where the variation that is rolled out is the last, its users are those with the
//! highest hashes ([`super::Bucketing::from_above`]).

use super::scheme::{Bucket, Recipe, Salting};
use super::sha;

pub(super) const RECIPE: Recipe = Recipe {
    name: "launchdarkly",
    salting: Salting::SaltOrNumber,
    around: |given| match given.seed {
        Some(seed) => (format!("{seed}."), String::new()),
        None => (format!("{}.{}.", given.flag, given.salt.unwrap_or_default()), String::new()),
    },
    bucket: |text| Bucket::Share(sha::share_of_sha1(text)),
    is_in: |bucket, exposure| bucket.share() < f64::from(exposure.milli()) / 100_000.0,
};
