//! The sticky hash: which users are in the rollout. Pure; the same answer on every machine, today and tomorrow.
//!
//! MurmurHash3 x86_32 (Austin Appleby, public domain) over the UTF-8 bytes of `salt:unit`, seed 0, scaled to 100,000
//! buckets by multiply-shift rather than by a remainder: so a change of the scale moves nobody.

use crate::model::Percent;

/// How many buckets there are: one for each thousandth of a percent.
pub const BUCKETS: u32 = 100_000;

/// Returns the bucket of a user, 0 to 99,999. The salt is the name of the flag unless the flag has a salt of its own.
#[must_use]
pub fn bucket(salt: &str, unit: &str) -> u32 {
    let scaled = (u64::from(hash(salt, unit)) * u64::from(BUCKETS)) >> 32;
    u32::try_from(scaled).unwrap_or(BUCKETS - 1)
}

/// True if the user gets the flag at this exposure.
///
/// Raising the exposure only adds users, lowering it removes those added last. A user without an identity is in at
/// 100 % only: chance would not be sticky.
#[must_use]
pub fn is_in(exposure: Percent, salt: &str, unit: &str) -> bool {
    match exposure {
        Percent::ZERO => false,
        Percent::FULL => true,
        _ => !unit.is_empty() && bucket(salt, unit) < exposure.milli(),
    }
}

/// Returns the 32-bit hash that the bucket is scaled from: the same that Unleash and flagd take.
#[must_use]
pub fn hash(salt: &str, unit: &str) -> u32 {
    murmur3(&[salt.as_bytes(), b":", unit.as_bytes()].concat())
}

fn murmur3(bytes: &[u8]) -> u32 {
    let (blocks, tail) = bytes.as_chunks::<4>();
    let mut hash = blocks.iter().fold(0_u32, |hash, block| {
        (hash ^ scramble(u32::from_le_bytes(*block))).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64)
    });
    let mut last = [0; 4];
    last[..tail.len()].copy_from_slice(tail);
    hash ^= scramble(u32::from_le_bytes(last));
    // The algorithm takes the length modulo 2^32.
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

fn scramble(block: u32) -> u32 {
    block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}
