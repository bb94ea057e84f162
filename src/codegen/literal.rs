//! Text of unknown origin in TypeScript: it stays text, whatever it looks like.

use std::fmt::Write as _;

/// Writes a text as a string literal.
pub(super) fn string(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            plain if is_plain(plain) => literal.push(plain),
            hidden => {
                let mut units = [0; 2];
                for unit in hidden.encode_utf16(&mut units) {
                    // Writing into a text can't fail.
                    let _ = write!(literal, "\\u{unit:04x}");
                }
            }
        }
    }
    literal + "\""
}

/// Writes texts as an array literal.
pub(super) fn strings<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| string(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// Writes a text as the name of a property.
pub(super) fn property(name: &str) -> String {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    let bare = name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit());
    if bare { name.to_owned() } else { string(name) }
}

/// Writes a text as one line of a documentation comment: it neither ends the comment nor tells the compiler anything.
pub(super) fn comment(text: &str) -> String {
    let mut line = String::new();
    for character in text.trim().chars() {
        match character {
            '\n' | '\r' | '\t' => line.push(' '),
            // `@ts-ignore` in a comment would switch checks off.
            '@' => line.push_str("\\@"),
            '/' if line.ends_with('*') => line.push_str("\\/"),
            plain if is_plain(plain) => line.push(plain),
            hidden => {
                let _ = write!(line, "\\u{{{:x}}}", u32::from(hidden));
            }
        }
    }
    line
}

/// True for what shows as it is: a character that changes the look of its neighbours is written as an escape.
fn is_plain(character: char) -> bool {
    if character.is_ascii() { !character.is_ascii_control() } else { character.is_alphanumeric() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_stays_a_string() {
        assert_eq!(string("a\"; evil(); \"\\"), r#""a\"; evil(); \"\\""#);
        assert_eq!(string("é\n\u{2028}\u{202e}😀"), "\"é\\u000a\\u2028\\u202e\\ud83d\\ude00\"");
    }

    #[test]
    fn a_comment_stays_a_comment() {
        assert_eq!(comment(" ends */ evil(); /*\n@ts-ignore "), "ends *\\/ evil(); /* \\@ts-ignore");
        assert_eq!(comment("**/ \u{202e}"), "**\\/ \\u{202e}");
    }

    #[test]
    fn only_identifiers_are_bare() {
        for (name, written) in
            [("dark_mode", "dark_mode"), ("$a1", "$a1"), ("1a", "\"1a\""), ("a-b", "\"a-b\""), ("é", "\"é\"")]
        {
            assert_eq!(property(name), written);
        }
    }
}
