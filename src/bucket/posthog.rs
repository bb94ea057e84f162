//! PostHog's rollout: `int(sha1(flagKey.distinctId)[:15], 16) / 0xFFFFFFFFFFFFFFF <= percent / 100`.
//!
//! Source: PyPI posthog 7.91.1, `posthog/feature_flags.py`.

use super::scheme::{Bucket, Recipe, Salting};
use super::sha;

pub(super) const RECIPE: Recipe = Recipe {
    name: "posthog",
    salting: Salting::None,
    around: |given| (format!("{}.", given.flag), String::new()),
    bucket: |text| Bucket::Share(sha::share_of_sha1(text)),
    is_in: |bucket, exposure| bucket.share() <= exposure.as_f64() / 100.0,
};
