//! Flipt's threshold rollout of a boolean flag: `float32(crc32_ieee(entityId + flagKey) % 100) < float32(percent)`.
//!
//! Source: flipt-io/flipt, `internal/server/evaluation/evaluation.go`. The id comes first.

use super::crc32;
use super::scheme::{Bucket, Recipe, Salting};

pub(super) const RECIPE: Recipe = Recipe {
    name: "flipt",
    salting: Salting::None,
    around: |given| (String::new(), given.flag.to_owned()),
    bucket: |text| Bucket::Number(crc32::hash(text.as_bytes()) % 100),
    is_in: |bucket, exposure| (bucket.number() as f32) < exposure.as_f64() as f32,
};
