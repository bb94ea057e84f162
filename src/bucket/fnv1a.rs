//! FNV-1a, 32 bits (Fowler, Noll, Vo; RFC 9923).

/// Hashes units: bytes, or the code units that JavaScript makes of a text.
pub(super) fn hash<U: Into<u32>>(units: impl IntoIterator<Item = U>) -> u32 {
    units.into_iter().fold(0x811c_9dc5, |hash: u32, unit| (hash ^ unit.into()).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_as_its_authors_do() {
        for (text, expected) in [("", 0x811c_9dc5), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] {
            assert_eq!(hash(text.bytes()), expected, "{text}");
        }
    }
}
