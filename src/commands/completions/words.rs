//! Reads a command line up to the cursor as bash would, and writes words as bash would have to be told them.

/// A command line up to the cursor.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its words without their quotes; the last is the one being typed, empty after a blank.
    pub(super) words: Vec<String>,
    /// How much of the last word stays on the line when bash replaces the rest of it, in bytes.
    kept: usize,
    /// The quote that is still open.
    quote: Option<char>,
}

impl Line {
    /// Reads a line. `breaks` are the characters at which bash begins a new piece to replace (`COMP_WORDBREAKS`).
    pub(super) fn read(line: &str, breaks: &str) -> Self {
        let mut words = Vec::new();
        let mut word = String::new();
        let mut begun = false;
        let mut kept = 0;
        let mut quote = None;
        let mut characters = line.chars().peekable();
        while let Some(character) = characters.next() {
            match (quote, character) {
                (Some(open), close) if open == close => quote = None,
                (None, '\'' | '"') => {
                    (quote, kept, begun) = (Some(character), word.len(), true);
                }
                (None, '\\') => {
                    word.extend(characters.next());
                    begun = true;
                }
                (Some('"'), '\\') => {
                    let escapes = characters.peek().is_some_and(|next| matches!(next, '"' | '\\' | '$' | '`'));
                    word.push(if escapes { characters.next().unwrap_or('\\') } else { '\\' });
                }
                (None, ' ' | '\t' | '\n') => {
                    if begun {
                        words.push(std::mem::take(&mut word));
                    }
                    (kept, begun) = (0, false);
                }
                _ => {
                    word.push(character);
                    begun = true;
                    if quote.is_none() && breaks.contains(character) {
                        kept = word.len();
                    }
                }
            }
        }
        words.push(word);
        Self { words, kept, quote }
    }

    /// Takes words that the shell has already read.
    pub(super) const fn of(words: Vec<String>) -> Self {
        Self { words, kept: 0, quote: None }
    }

    /// Returns what bash has to be told to put in place of the last word: only the part it replaces, in the quotes
    /// that are open; `None` if the value does not go on from what is typed.
    pub(super) fn reply(&self, value: &str) -> Option<String> {
        let typed = self.words.last()?.get(..self.kept)?;
        let rest = value.strip_prefix(typed)?;
        Some(match self.quote {
            Some('\'') => rest.replace('\'', r"'\''"),
            Some(_) => escape(rest, |character| matches!(character, '"' | '\\' | '$' | '`')),
            None => escape(rest, |character| !is_plain(character)),
        })
    }
}

fn escape(text: &str, special: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if special(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn is_plain(character: char) -> bool {
    character.is_alphanumeric() || !character.is_ascii() || "_-./,:@%+=".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKS: &str = " \t\n\"'><=;|&(:";

    fn words(line: &str) -> Vec<String> {
        Line::read(line, BREAKS).words
    }

    #[test]
    fn reads_the_words_without_their_quotes() {
        for (line, expected) in [
            ("flagctl ", ["flagctl", ""]),
            ("flagctl adv", ["flagctl", "adv"]),
            ("flagctl   --env=pro", ["flagctl", "--env=pro"]),
            (r"flagctl my\ fl", ["flagctl", "my fl"]),
            (r"flagctl 'my fl", ["flagctl", "my fl"]),
            (r#"flagctl "a \" \x"b"#, ["flagctl", r#"a " \xb"#]),
            ("flagctl a:b", ["flagctl", "a:b"]),
            (r"flagctl x\", ["flagctl", "x"]),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
        assert_eq!(words("flagctl '' x "), ["flagctl", "", "x", ""]);
        assert_eq!(words(""), [""]);
    }

    #[test]
    fn replies_with_what_bash_replaces() {
        for (line, value, reply) in [
            ("flagctl ho", "holograph", "holograph"),
            ("flagctl ", "my flag", r"my\ flag"),
            (r"flagctl my\ fl", "my flag", r"my\ flag"),
            ("flagctl 'my fl", "my flag's", r"my flag'\''s"),
            (r#"flagctl "my fl"#, r#"my flag $1 "x""#, r#"my flag \$1 \"x\""#),
            ("flagctl a:", "a:b:c", "b:c"),
            ("flagctl a:b", "a:b:c", "b:c"),
            ("flagctl a:b:", "a:b:c", "c"),
            ("flagctl --env=pro", "--env=production", "production"),
            ("flagctl ", "50%*?", r"50%\*\?"),
            ("flagctl ", "Zoë", "Zoë"),
        ] {
            assert_eq!(Line::read(line, BREAKS).reply(value).as_deref(), Some(reply), "{line} {value}");
        }
        assert_eq!(Line::read("flagctl a:b", BREAKS).reply("x"), None);
        assert_eq!(Line::read("flagctl a:b", " ").reply("a:b:c").as_deref(), Some("a:b:c"));
    }
}
