//! The first bits of SHA-1 and SHA-256, as numbers.

use sha2::Digest as _;

/// Returns the first 60 bits of SHA-1, its first 15 hexadecimal digits, as a share of the largest: 0 to 1.
pub(super) fn share_of_sha1(text: &str) -> f64 {
    const LARGEST: f64 = 0xfff_ffff_ffff_ffff_u64 as f64;
    (start(&sha1::Sha1::digest(text.as_bytes())) >> 4) as f64 / LARGEST
}

/// Returns the first 64 bits of SHA-256.
pub(super) fn start_of_sha256(text: &str) -> u64 {
    start(&sha2::Sha256::digest(text.as_bytes()))
}

/// Returns the first eight bytes of a digest, the first being the most significant.
fn start(digest: &[u8]) -> u64 {
    digest.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}
