//! Text of unknown origin, made fit to be typed.

use std::fmt::{self, Write as _};
use std::path::Path;

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
        spell(self.0, f)?;
        f.write_char('\'')
    }
}

/// Writes a path as one word of a POSIX shell's command line, as [`Typed`] does; bytes that are no text are spelled out.
pub struct TypedPath<'a>(pub &'a Path);

impl fmt::Display for TypedPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.0.to_str() {
            return Typed(text).fmt(f);
        }
        f.write_str("$'")?;
        for chunk in self.0.as_os_str().as_encoded_bytes().utf8_chunks() {
            spell(chunk.valid(), f)?;
            octal(chunk.invalid(), f)?;
        }
        f.write_char('\'')
    }
}

/// Writes a text between the quotes of `$'…'`.
fn spell(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for character in text.chars() {
        match character {
            '\\' | '\'' => write!(f, "\\{character}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            hidden if super::is_hidden(hidden) => octal(hidden.encode_utf8(&mut [0; 4]).as_bytes(), f)?,
            shown => f.write_char(shown)?,
        }
    }
    Ok(())
}

fn octal(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "\\{byte:03o}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_text_can_be_typed() {
        use std::os::unix::ffi::OsStrExt as _;
        let typed = |bytes: &[u8]| TypedPath(Path::new(std::ffi::OsStr::from_bytes(bytes))).to_string();
        assert_eq!(typed(b"it's \xe9/a\xff9\n"), r"$'it\'s \351/a\3779\n'");
        assert_eq!(typed(b"a b"), "'a b'");
    }

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
