//! Text of unknown origin, made fit to be typed.

use std::fmt::{self, Write as _};

/// Writes a text as one word of a POSIX shell's command line, in quotes where it needs them.
///
/// What is shown must not act on the terminal: control characters are spelled out, as `$'…'`, which bash, zsh, ksh and
/// the newer POSIX shells read.
pub struct Typed<'a>(pub &'a str);

impl fmt::Display for Typed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+,=".contains(&byte);
        if !self.0.is_empty() && self.0.bytes().all(plain) && !self.0.starts_with('-') {
            return f.write_str(self.0);
        }
        if !self.0.contains(super::is_hidden) {
            return write!(f, "'{}'", self.0.replace('\'', r"'\''"));
        }
        f.write_str("$'")?;
        for character in self.0.chars() {
            match character {
                '\\' | '\'' => write!(f, "\\{character}")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                hidden if super::is_hidden(hidden) => {
                    let mut bytes = [0; 4];
                    hidden.encode_utf8(&mut bytes).bytes().try_for_each(|byte| write!(f, "\\{byte:03o}"))?;
                }
                shown => f.write_char(shown)?,
            }
        }
        f.write_char('\'')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_a_shell_would_take_apart() {
        for (word, typed) in [
            ("checkout_v2", "checkout_v2"),
            ("config/flags.yaml", "config/flags.yaml"),
            ("", "''"),
            ("-x", "'-x'"),
            ("my flag", "'my flag'"),
            ("it's $HOME", r"'it'\''s $HOME'"),
            ("a\nb", r"$'a\nb'"),
            ("it's \\ \u{1b}[31m", r"$'it\'s \\ \033[31m'"),
            ("a\u{202e}b", r"$'a\342\200\256b'"),
        ] {
            assert_eq!(Typed(word).to_string(), typed, "{word:?}");
        }
    }
}
