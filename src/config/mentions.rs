//! What a text speaks of, whether or not it can be parsed.

/// What a text speaks of.
#[derive(Default)]
pub(super) struct Mentions {
    /// The values of keys named `flags`, and whatever else reads like the path of a flags file: a key may be misspelt.
    pub(super) flags: Vec<String>,
    /// The value of such a key where the text ends within it: the start of a path.
    pub(super) torn: Option<String>,
    /// True if such a key has a value that is no path.
    pub(super) unclear: bool,
    /// True if the text speaks of something else than a file.
    pub(super) backend: bool,
    /// True if a place of the ledger is named.
    pub(super) ledger: bool,
}

impl Mentions {
    pub(super) fn of(text: &str) -> Self {
        let mut mentions = Self::default();
        let mut lines = text.trim_end().lines().map(str::trim).filter(|line| !line.starts_with('#')).peekable();
        while let Some(line) = lines.next() {
            let lower = line.to_lowercase();
            mentions.backend |= ["backend", "unleash", "launchdarkly"].iter().any(|word| lower.contains(word));
            mentions.ledger |=
                line.starts_with("ledger") || lower.trim_start_matches(['[', ' ']).starts_with("ledger]");
            mentions.flags.extend(paths(line));
            for (at, word) in line.match_indices("flags") {
                let bounded = line[..at].chars().next_back().is_none_or(|letter| " \t.{,\"'[".contains(letter));
                let rest = line[at + word.len()..].trim_start_matches(['"', '\'']).trim_start();
                if let (true, Some(value)) = (bounded, rest.strip_prefix('=')) {
                    mentions.value(value.trim(), lines.peek().is_none());
                }
            }
        }
        mentions
    }

    /// Takes in what stands after an equals sign, on the last line or another.
    fn value(&mut self, value: &str, last: bool) {
        let closed = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].contains(quote),
            Some(_) => true,
            None => false,
        };
        if last && !closed {
            self.torn = Some(value.trim_start_matches(['"', '\'']).to_owned());
        } else if let Some(path) = first_value(value) {
            self.flags.push(path);
        } else {
            self.unclear |= !value.is_empty();
        }
    }
}

/// Returns what of a line reads like the path of a flags file.
fn paths(line: &str) -> impl Iterator<Item = String> {
    let words = line.split(|letter: char| letter.is_whitespace() || "\"'=,;[]{}()#".contains(letter));
    let is_path = |word: &&str| {
        let ending = word.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        let named = ending.is_some_and(|ending| matches!(ending.as_str(), "yaml" | "yml" | "json"));
        named && !word.contains("://") && !word.starts_with('.')
    };
    words.filter(is_path).map(str::to_owned)
}

/// Returns the first text after an equals sign, quoted or not, closed or not.
fn first_value(text: &str) -> Option<String> {
    let value = match text.chars().next()? {
        quote @ ('"' | '\'') => text[1..].split(quote).next().unwrap_or_default(),
        _ => text.split([' ', '\t', ',', '}', '#']).next().unwrap_or_default(),
    };
    let value = value.trim();
    value.chars().any(char::is_alphabetic).then(|| value.to_owned())
}
