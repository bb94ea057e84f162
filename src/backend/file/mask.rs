//! Bytes that are no UTF-8, carried through a text as characters that stand for them: what is around them can be read
//! and edited, and they come out as they went in.

use std::borrow::Cow;

/// Where a block of 256 characters begins of which none has a meaning; the first that a text doesn't use is taken.
const BLOCKS: [u32; 3] = [0xF700, 0xF_0000, 0x10_0000];

/// Which characters of a text stand for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mask {
    block: u32,
}

impl Mask {
    /// Makes a text of bytes of which some are no UTF-8; `None` if no block of characters is free to stand for them.
    pub(super) fn cover(bytes: &[u8]) -> Option<(String, Self)> {
        let sound = |chunk: std::str::Utf8Chunk<'_>| chunk.valid().chars().map(u32::from).collect::<Vec<_>>();
        let used: Vec<u32> = bytes.utf8_chunks().flat_map(sound).filter(|code| *code >= BLOCKS[0]).collect();
        let free = |block: &u32| used.iter().all(|code| !(*block..*block + 256).contains(code));
        let mask = Self { block: BLOCKS.into_iter().find(free)? };
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().filter_map(|byte| char::from_u32(mask.block + u32::from(*byte))));
        }
        Some((text, mask))
    }

    /// Returns the bytes that a text stands for.
    pub(super) fn bytes<'t>(mask: Option<&Self>, text: &'t str) -> Cow<'t, [u8]> {
        let Some(mask) = mask else { return Cow::Borrowed(text.as_bytes()) };
        let mut bytes = Vec::with_capacity(text.len());
        for character in text.chars() {
            match u32::from(character).checked_sub(mask.block).map(u8::try_from) {
                Some(Ok(byte)) => bytes.push(byte),
                _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        Cow::Owned(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_as_they_went_in() {
        for bytes in
            [&b"caf\xe9: 1\n"[..], b"\xff\xc3\x28\xe2\x82", "\u{f7e9} \u{f00e9}".as_bytes(), b"\xed\xa0\x80\x85\xa0"]
        {
            let whole = [bytes, b"a: \xe9\n"].concat();
            let (text, mask) = Mask::cover(&whole).unwrap();
            assert_eq!(Mask::bytes(Some(&mask), &text).as_ref(), whole);
            let edited = text.replace("a: ", "b: 0 ");
            let expected = [bytes, b"b: 0 \xe9\n"].concat();
            assert_eq!(Mask::bytes(Some(&mask), &edited).as_ref(), expected);
        }
        // Every block is in use.
        assert_eq!(Mask::cover("\u{f700}\u{f0000}\u{100000}".as_bytes()), None);
    }
}
