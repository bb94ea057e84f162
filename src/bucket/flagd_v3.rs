//! flagd's `fractional`, version 3: `(murmur3_x86_32(cbor([flagKey, targetingKey])) * totalWeight) >> 32 < weight`.
//!
//! Source: PyPI openfeature-flagd-core 2.0.0, `targeting/custom_ops.py`, and `@fractional-v3` of flagd-testbed: what is
//! hashed is the canonical CBOR (RFC 8949) of the pair, or of a first argument that is a text. The salt stands for one
//! that goes before the targeting key.

use super::scheme::{Bucket, Recipe, Salting};
use super::{murmur3, native};

pub(super) const RECIPE: Recipe = Recipe {
    name: "flagd-v3",
    salting: Salting::Salt,
    // How long the name is parts it from the user; with a salt it is one text.
    around: |given| match given.salt {
        Some(salt) => (format!(":{salt}"), String::new()),
        None => (format!("{}:{}", given.flag.len(), given.flag), String::new()),
    },
    bucket: |text| Bucket::Number(native::scaled(murmur3::hash(&encoded(text)))),
    is_in: |bucket, exposure| bucket.number() < exposure.milli(),
};

/// Encodes `LENGTH:FLAGUSER` as a list of two texts, `:TEXT` as one.
fn encoded(text: &str) -> Vec<u8> {
    const TEXT: u8 = 0x60;
    const LIST_OF_TWO: u8 = 0x82;
    let (length, rest) = text.split_once(':').unwrap_or_default();
    let mut bytes = Vec::with_capacity(rest.len() + 11);
    match length.parse().ok().and_then(|length| rest.split_at_checked(length)) {
        Some((flag, user)) => {
            bytes.push(LIST_OF_TWO);
            push(&mut bytes, TEXT, flag.as_bytes());
            push(&mut bytes, TEXT, user.as_bytes());
        }
        None => push(&mut bytes, TEXT, rest.as_bytes()),
    }
    bytes
}

/// Writes a text behind its length, in as few bytes as hold that.
fn push(bytes: &mut Vec<u8>, kind: u8, text: &[u8]) {
    let length = text.len() as u64;
    let digits = length.to_be_bytes();
    match length {
        0..24 => bytes.push(kind | digits[7]),
        24..0x100 => bytes.extend([kind | 24, digits[7]]),
        0x100..0x1_0000 => bytes.extend([kind | 25, digits[6], digits[7]]),
        0x1_0000..0x1_0000_0000 => bytes.extend([&[kind | 26], &digits[4..]].concat()),
        _ => bytes.extend([&[kind | 27], &digits[..]].concat()),
    }
    bytes.extend(text);
}
