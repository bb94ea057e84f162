//! Text of unknown origin, made safe to show.

use std::fmt::{self, Write as _};

/// Shows a text from a file, a server or an argument with its control characters made visible, so that it can't move
/// the cursor, colour a line or end one. Bidirectional controls are shown too: they can make a name read as another.
pub struct Shown<'a>(pub &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                hidden if is_hidden(hidden) => write!(f, "\\u{{{:x}}}", u32::from(hidden))?,
                plain => f.write_char(plain)?,
            }
        }
        Ok(())
    }
}

/// True for characters that a terminal acts on, or that change the order or the look of their neighbours.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// True for letters beyond ASCII that leave no mark of their own: blanks of other kinds, and what has no width.
#[must_use]
pub fn is_unseen(character: char) -> bool {
    let blank = character.is_whitespace() || is_hidden(character);
    let bare =
        matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}');
    !character.is_ascii() && (blank || bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_controls_visible() {
        assert_eq!(Shown("a\u{1b}[31mb\n\u{202e}é 日本").to_string(), "a\\u{1b}[31mb\\n\\u{202e}é 日本");
    }
}
