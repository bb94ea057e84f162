//! The one table of keys. Unknown-key errors, nearest names, `config show`, `config set`, the manual and the JSON
//! Schema all follow from it.

use super::table::KEYS;

/// One key of `flagctl.toml`.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its dotted path; `*` stands for a name that the user chooses, `[]` for an entry of a list.
    pub path: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What rules where it isn't written: TOML text, or nothing.
    pub default: Option<&'static str>,
    /// An example value as TOML text.
    pub example: &'static str,
    /// What it means, for the manual: one or two sentences.
    pub about: &'static str,
}

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The number 1.
    Version,
    /// Any text that is not empty.
    Text,
    /// A path, relative to the folder of `flagctl.toml`.
    Path,
    /// An `http://` or `https://` address without a user name or password.
    Url,
    /// Text with units: `30s`, `10m`, `1h30m`, `2d`; longer than nothing.
    Duration,
    /// A duration that may be `0s`.
    Pause,
    /// Text with its `%`.
    Rate,
    /// A whole number from 1.
    Count,
    /// `true` or `false`.
    Truth,
    /// One of some words; the second list holds words that other versions may know.
    Word(&'static [&'static str], &'static [&'static str]),
    /// Ascending percentages.
    Steps,
    /// A list of texts.
    Names,
    /// A list of keys, from the outer to the inner one.
    KeyPath,
    /// A key path, or a list of them.
    KeyPaths,
    /// A key path, a table `{ path, on, off }`, or a list of these.
    Enabled,
    /// The name of an environment variable.
    Variable,
    /// Text, or where it is kept: `{ env = … }`, `{ file = … }`.
    Header,
    /// An IANA name.
    Zone,
    /// A weekday and time, or a date and time.
    Moment,
    /// An expression, selector or pointer, with placeholders.
    Question,
}

impl Kind {
    /// Returns what a value of this kind is, for messages and the manual: `a duration`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Version => "the number 1",
            Self::Text => "a text",
            Self::Path => "a path",
            Self::Url => "an address",
            Self::Duration | Self::Pause => "a duration",
            Self::Rate => "a rate",
            Self::Count => "a whole number from 1",
            Self::Truth => "`true` or `false`",
            Self::Word(..) => "a word",
            Self::Steps => "a list of percentages",
            Self::Names => "a list of texts",
            Self::KeyPath => "a path of keys",
            Self::KeyPaths => "a path of keys, or a list of them",
            Self::Enabled => "a path of keys, a table `{ path, on, off }`, or a list of them",
            Self::Variable => "the name of an environment variable",
            Self::Header => "a text, `{ env = … }` or `{ file = … }`",
            Self::Zone => "a time zone",
            Self::Moment => "a time",
            Self::Question => "a query",
        }
    }
}

/// Makes a row of the table.
pub(super) const fn key(
    path: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    example: &'static str,
    about: &'static str,
) -> Key {
    Key { path, kind, default, example, about }
}

/// What stands at a path.
pub(super) enum Place {
    /// A value.
    Key(&'static Key),
    /// A table with keys of its own.
    Table,
    /// A list of tables.
    List,
}

/// Returns what may stand at `path`, whose names are already replaced by `*` and `[]`.
pub(super) fn place(path: &[&str]) -> Option<Place> {
    let path = canonical(path);
    let mut inside = KEYS.iter().filter_map(|key| rest(key.path, path)).peekable();
    inside.peek()?;
    let mut list = false;
    for rest in inside {
        match rest {
            "" => return KEYS.iter().find(|key| key.path.split('.').eq(path.iter().copied())).map(Place::Key),
            rest => list |= rest == "[]" || rest.starts_with("[]."),
        }
    }
    Some(if list { Place::List } else { Place::Table })
}

/// Returns the names that may follow `path`: `*` alone where the user chooses them.
pub(super) fn children(path: &[&str]) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for rest in KEYS.iter().filter_map(|key| rest(key.path, canonical(path))) {
        let name = rest.split('.').next().unwrap_or(rest);
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    if let ["environments", "*"] = path {
        names.push("flags-file");
    }
    names
}

/// `environments.*.flags-file` holds what `flags-file` holds.
fn canonical<'a, 'b>(path: &'a [&'b str]) -> &'a [&'b str] {
    match path {
        ["environments", "*", rest @ ..] if rest.first() == Some(&"flags-file") => rest,
        path => path,
    }
}

/// Returns what is left of `pattern` below `path`.
fn rest<'p>(pattern: &'p str, path: &[&str]) -> Option<&'p str> {
    let mut rest = pattern;
    for (at, name) in path.iter().enumerate() {
        let (head, tail) = rest.split_once('.').unwrap_or((rest, ""));
        if head != *name || (tail.is_empty() && at + 1 < path.len()) {
            return None;
        }
        rest = tail;
    }
    Some(rest)
}

/// Returns the known name that is nearest to `name`, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .map(|(distance, candidate)| if begins(&lower, candidate) { (1, candidate) } else { (distance, candidate) })
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// True if one is the other's beginning, as `prod` is of `production`.
fn begins(name: &str, candidate: &str) -> bool {
    let candidate = candidate.to_lowercase();
    name.len() >= 3 && (candidate.starts_with(name) || (candidate.len() >= 3 && name.starts_with(&candidate)))
}

/// Writes a path with dots, quotes where TOML needs them, and the numbers of list entries in brackets.
pub(super) fn dotted(path: &[String]) -> String {
    let mut text = String::new();
    let pattern = pattern(path).unwrap_or_default();
    for (at, name) in path.iter().enumerate() {
        if pattern.get(at) == Some(&"[]") {
            text.push_str(&format!("[{name}]"));
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(&bare(name));
        }
    }
    text
}

/// Returns the pattern of a path, if there is such a place.
pub(super) fn pattern(path: &[String]) -> Option<Vec<&'static str>> {
    let mut pattern: Vec<&'static str> = Vec::new();
    for name in path {
        let children = children(&pattern);
        let step = children.iter().find(|child| **child == name || **child == "*" || **child == "[]")?;
        pattern.push(step);
    }
    Some(pattern)
}

/// Returns a name as TOML writes it in a key.
#[must_use]
pub fn bare(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.is_empty() && name.bytes().all(plain) { name.to_owned() } else { toml_edit::Value::from(name).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_places_by_pattern() {
        assert!(matches!(place(&["gates", "*", "max"]), Some(Place::Key(key)) if key.kind == Kind::Rate));
        assert!(matches!(place(&["environments", "*", "flags-file", "scale"]), Some(Place::Key(_))));
        assert!(matches!(place(&["environments", "*", "flags-file"]), Some(Place::Table)));
        assert!(matches!(place(&["gates"]), Some(Place::Table)));
        assert!(matches!(place(&["freeze", "windows"]), Some(Place::List)));
        assert!(matches!(place(&["freeze", "windows", "[]"]), Some(Place::Table)));
        assert!(place(&["gates", "*", "maxx"]).is_none());
        assert!(place(&["gates", "*", "max", "x"]).is_none());
        assert_eq!(children(&["rollout"]), ["steps", "soak", "on-breach"]);
        assert_eq!(children(&["gates"]), ["*"]);
    }

    #[test]
    fn finds_the_nearest_name() {
        assert_eq!(nearest("min_requests", ["max", "min-requests"]), Some("min-requests"));
        assert_eq!(nearest("sorce", ["source", "soak"]), Some("source"));
        assert_eq!(nearest("prod", ["staging", "production"]), Some("production"));
        assert_eq!(nearest("zebra", ["source", "soak"]), None);
    }
}
