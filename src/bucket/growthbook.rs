//! GrowthBook's coverage of a rule. Version 1: `fnv1a_32(id + seed) % 1000 / 1000 < coverage`; version 2:
//! `fnv1a_32(decimal(fnv1a_32(seed + id))) % 10000 / 10000 < coverage`.
//!
//! Source: PyPI growthbook 4.0.0, `growthbook/core.py`, and npm @growthbook/growthbook 1.8.0, `src/util.ts`. Both take a
//! rule without `hashVersion` for version 1. The seed is the name of the flag unless the rule has its own. Hashed are
//! UTF-16 code units, as JavaScript has them.
//!
//! At a bucket that is the coverage itself the two disagree: Python says out, JavaScript (`n <= coverage`) in.

use super::fnv1a;
use super::scheme::{Bucket, Given, Recipe, Salting};
use crate::model::Percent;

pub(super) const V1: Recipe = Recipe {
    name: "growthbook",
    salting: Salting::Text,
    around: |given| (String::new(), seed(given).to_owned()),
    bucket: |text| Bucket::Share(f64::from(fnv1a::hash(text.encode_utf16()) % 1000) / 1000.0),
    is_in: is_covered,
};

pub(super) const V2: Recipe = Recipe {
    name: "growthbook-v2",
    salting: Salting::Text,
    around: |given| (seed(given).to_owned(), String::new()),
    bucket: |text| Bucket::Share(f64::from(twice(text) % 10_000) / 10_000.0),
    is_in: is_covered,
};

fn seed<'g>(given: &Given<'g>) -> &'g str {
    given.seed.unwrap_or(given.flag)
}

fn is_covered(bucket: Bucket, exposure: Percent) -> bool {
    bucket.share() < f64::from(exposure.milli()) / 100_000.0
}

/// Hashes the decimal digits of the hash.
fn twice(text: &str) -> u32 {
    let once = fnv1a::hash(text.encode_utf16());
    let digits = once.checked_ilog10().unwrap_or_default();
    fnv1a::hash((0..=digits).rev().map(|place| u32::from(b'0') + once / 10_u32.pow(place) % 10))
}
