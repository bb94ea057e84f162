//! Sticky bucketing: which users are in the rollout. Pure; the same answer on every machine, today and tomorrow.
//!
//! The native hash, and those of other vendors, for whoever comes from them or goes there: one file a scheme, each with
//! its formula and where the formula stands. The hashes below them stand once.

mod crc32;
mod fnv1a;
mod murmur3;
mod sha;

mod flagd;
mod flagd_v3;
mod flipt;
mod go_feature_flag;
mod growthbook;
mod launchdarkly;
mod native;
mod posthog;
mod scheme;
mod statsig;
mod unleash;

pub use native::{BUCKETS, bucket, hash, is_in};
pub use scheme::{Bucket, Bucketing, Lacking, Salting, Scheme};
