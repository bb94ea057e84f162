//! `{{flag}}`, `{{environment}}`, `{{window}}`, `{{exposure}}`: found in a text, and filled, escaped for their place.

use super::{Shown, Subject};
use std::time::Duration;

/// A name that may stand in double braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// The flag's name.
    Flag,
    /// The environment's name.
    Environment,
    /// How far back the numbers reach.
    Window,
    /// The present exposure.
    Exposure,
}

/// Where a text with placeholders stands, so that what fills them can't become anything else than text there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A PromQL expression, or a selector.
    Query,
    /// A URL: path, query and fragment only.
    Url,
    /// A JSON pointer (RFC 6901).
    Pointer,
}

/// What is wrong with a placeholder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// No such name.
    #[error("there is no placeholder `{{{{{}}}}}`; there are `{{{{flag}}}}`, `{{{{environment}}}}`, `{{{{window}}}}` and `{{{{exposure}}}}`", Shown(.0))]
    Unknown(String),
    /// `{{` without `}}`.
    #[error("`{{{{` has no `}}}}`")]
    Unclosed,
    /// The environment is nameless.
    #[error("`{{{{environment}}}}` has nothing to stand for: no environment is named")]
    Nameless,
    /// A name outside of a string would be read as part of the query.
    #[error("`{{{{{0}}}}}` must stand inside quotes, as in `{{flag=\"{{{{{0}}}}}\"}}`")]
    Bare(&'static str),
    /// The value can't be written there so that it stays a plain text.
    #[error("{what} `{}` can't be written {place}", Shown(.value))]
    Unsafe {
        /// `the flag` or `the environment`.
        what: &'static str,
        /// Its name.
        value: String,
        /// Where it should have been written.
        place: &'static str,
    },
}

impl Placeholder {
    /// Every placeholder.
    pub const ALL: [Self; 4] = [Self::Flag, Self::Environment, Self::Window, Self::Exposure];

    /// Returns the name, as it stands between the braces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::Window => "window",
            Self::Exposure => "exposure",
        }
    }

    /// Returns how messages call what it stands for.
    const fn what(self) -> &'static str {
        match self {
            Self::Flag => "the flag",
            Self::Environment => "the environment",
            Self::Window => "the window",
            Self::Exposure => "the exposure",
        }
    }
}

/// A text in pieces.
enum Piece<'a> {
    Text(&'a str),
    Slot(Placeholder),
}

/// Returns the placeholders of `text` in the order they stand.
///
/// # Errors
/// Names the first one that is unknown or not closed.
pub fn placeholders(text: &str) -> Result<Vec<Placeholder>, PlaceholderError> {
    let slots = pieces(text)?.into_iter().filter_map(|piece| match piece {
        Piece::Slot(slot) => Some(slot),
        Piece::Text(_) => None,
    });
    Ok(slots.collect())
}

/// Returns `text` with its placeholders filled, escaped so that every value stays a plain text at its `place`.
///
/// # Errors
/// Says which placeholder can't be filled there.
pub fn fill(text: &str, place: Place, subject: &Subject, window: Duration) -> Result<String, PlaceholderError> {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text)? {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Slot(slot) => {
                let value = match slot {
                    Placeholder::Flag => subject.flag.as_str().to_owned(),
                    Placeholder::Environment if subject.environment.is_empty() => {
                        return Err(PlaceholderError::Nameless);
                    }
                    Placeholder::Environment => subject.environment.clone(),
                    Placeholder::Window => prometheus_duration(window),
                    Placeholder::Exposure => subject.exposure.to_string(),
                };
                let escaped = match place {
                    Place::Query => for_query(&filled, slot, &value)?,
                    Place::Url => for_url(&filled, slot, &value)?,
                    Place::Pointer => value.replace('~', "~0").replace('/', "~1"),
                };
                filled.push_str(&escaped);
            }
        }
    }
    Ok(filled)
}

/// Writes a duration as Prometheus reads it: one unit, as `10m` or `1500ms`.
#[must_use]
pub fn prometheus_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    for (unit, length) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
        if millis >= length && millis.is_multiple_of(length) {
            return format!("{}{unit}", millis / length);
        }
    }
    format!("{millis}ms")
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, PlaceholderError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        let (before, after) = (&rest[..open], &rest[open + 2..]);
        let close = after.find("}}").ok_or(PlaceholderError::Unclosed)?;
        let name = after[..close].trim();
        let slot = Placeholder::ALL
            .into_iter()
            .find(|slot| slot.name() == name)
            .ok_or_else(|| PlaceholderError::Unknown(name.to_owned()))?;
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Slot(slot));
        rest = &after[close + 2..];
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// Where the end of a part of a query stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spot {
    /// Outside of strings.
    Bare,
    /// In a string that begins with `quote`.
    Quoted { quote: char, role: Role },
}

/// What a string of a query is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Right of `=` or `!=`: compared as text.
    Text,
    /// Right of `=~` or `!~`: a regular expression.
    Regex,
    /// An argument: what the function makes of it is not known here.
    Argument,
}

/// Reads a query up to its end and tells whether that is in a string. Comments count as outside.
fn spot(query: &str) -> Spot {
    let mut spot = Spot::Bare;
    let mut characters = query.char_indices();
    while let Some((at, character)) = characters.next() {
        match (spot, character) {
            (Spot::Bare, '"' | '\'' | '`') => {
                let before = query[..at].trim_end();
                let role = if before.ends_with("=~") || before.ends_with("!~") {
                    Role::Regex
                } else if before.ends_with('=') {
                    Role::Text
                } else {
                    Role::Argument
                };
                spot = Spot::Quoted { quote: character, role };
            }
            (Spot::Bare, '#') => {
                for (_, skipped) in characters.by_ref() {
                    if skipped == '\n' {
                        break;
                    }
                }
            }
            (Spot::Bare, _) => {}
            (Spot::Quoted { quote, .. }, closing) if closing == quote => spot = Spot::Bare,
            (Spot::Quoted { quote, .. }, '\\') if quote != '`' => {
                characters.next();
            }
            (Spot::Quoted { .. }, _) => {}
        }
    }
    spot
}

fn for_query(before: &str, slot: Placeholder, value: &str) -> Result<String, PlaceholderError> {
    let refused = |place| PlaceholderError::Unsafe { what: slot.what(), value: value.to_owned(), place };
    match (spot(before), slot) {
        // Both are made of digits, a point and a unit.
        (_, Placeholder::Window | Placeholder::Exposure) => Ok(value.to_owned()),
        (Spot::Bare, Placeholder::Flag | Placeholder::Environment) => Err(PlaceholderError::Bare(slot.name())),
        (Spot::Quoted { quote, role }, Placeholder::Flag | Placeholder::Environment) => {
            let meta = |character: char| r"\.+*?()|[]{}^$".contains(character);
            let text = match role {
                Role::Text => value.to_owned(),
                Role::Regex => value.chars().fold(String::new(), |mut text, character| {
                    if meta(character) {
                        text.push('\\');
                    }
                    text.push(character);
                    text
                }),
                Role::Argument if value.contains(meta) => {
                    return Err(refused("in a function's argument, which may be a regular expression"));
                }
                Role::Argument => value.to_owned(),
            };
            if quote == '`' {
                return if text.contains('`') { Err(refused("between backticks")) } else { Ok(text) };
            }
            let mut escaped = String::with_capacity(text.len());
            for character in text.chars() {
                match character {
                    '\\' => escaped.push_str("\\\\"),
                    '\n' => escaped.push_str("\\n"),
                    '\r' => escaped.push_str("\\r"),
                    '\t' => escaped.push_str("\\t"),
                    plain => {
                        if plain == quote {
                            escaped.push('\\');
                        }
                        escaped.push(plain);
                    }
                }
            }
            Ok(escaped)
        }
    }
}

fn for_url(before: &str, slot: Placeholder, value: &str) -> Result<String, PlaceholderError> {
    let refused = |place| PlaceholderError::Unsafe { what: slot.what(), value: value.to_owned(), place };
    let authority = before.find("://").map_or(0, |at| at + 3);
    if !before[authority..].contains(['/', '?', '#']) {
        return Err(refused("in the host of a URL"));
    }
    // Dots alone would climb the path, also when they are percent-encoded.
    if value.bytes().all(|byte| byte == b'.') && !before.contains(['?', '#']) {
        return Err(refused("in the path of a URL"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    Ok(value.bytes().fold(String::new(), |mut text, byte| {
        if plain(byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FlagName, Percent};

    fn filled(text: &str, place: Place, flag: &str) -> Result<String, String> {
        let subject = Subject {
            flag: FlagName::new(flag).unwrap(),
            environment: "production".into(),
            exposure: Percent::from_milli(12_500).unwrap(),
        };
        fill(text, place, &subject, Duration::from_secs(600)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_value_stays_a_text_wherever_it_stands_in_a_query() {
        for (text, flag, expected) in [
            (r#"a{f="{{flag}}"}[{{window}}]"#, "x", r#"a{f="x"}[10m]"#),
            (r#"a{f="{{ flag }}",e='{{environment}}'}"#, "x", r#"a{f="x",e='production'}"#),
            (r#"a{f="{{flag}}"}"#, r#"x"} or b{c=""#, r#"a{f="x\"} or b{c=\""}"#),
            (r#"a{f='{{flag}}'}"#, "it's\\", r"a{f='it\'s\\'}"),
            ("a{f=`{{flag}}`}", "x\\y", "a{f=`x\\y`}"),
            (r#"a{f=~"{{flag}}|other"}"#, "a.b", r#"a{f=~"a\\.b|other"}"#),
            (r#"a{f!~ "{{flag}}"}"#, "a|b", r#"a{f!~ "a\\|b"}"#),
            ("a{f=~`{{flag}}`}", "a.b", r"a{f=~`a\.b`}"),
            (r#"a{f="\"{{flag}}"}"#, "x", r#"a{f="\"x"}"#),
            ("a{f=\"x\"} # it's\n+ b{f=\"{{flag}}\"}", "y", "a{f=\"x\"} # it's\n+ b{f=\"y\"}"),
            ("a * {{exposure}}", "x", "a * 12.5"),
            (r#"label_replace(a, "b", "{{flag}}", "c", "(.*)")"#, "x", r#"label_replace(a, "b", "x", "c", "(.*)")"#),
        ] {
            assert_eq!(filled(text, Place::Query, flag).as_deref(), Ok(expected), "{text} {flag}");
        }
    }

    #[test]
    fn what_can_not_be_written_safely_is_refused() {
        for (text, place, flag, expected) in [
            ("{{flag}}_total", Place::Query, "x", "`{{flag}}` must stand inside quotes, as in `{flag=\"{{flag}}\"}`"),
            ("a{f=`{{flag}}`}", Place::Query, "x`y", "the flag `x`y` can't be written between backticks"),
            (
                r#"f(a, "{{flag}}")"#,
                Place::Query,
                "a.b",
                "the flag `a.b` can't be written in a function's argument, which may be a regular expression",
            ),
            ("http://{{flag}}/", Place::Url, "x", "the flag `x` can't be written in the host of a URL"),
            ("http://h/{{flag}}/x", Place::Url, "..", "the flag `..` can't be written in the path of a URL"),
            (
                "{{flaag}}",
                Place::Pointer,
                "x",
                "there is no placeholder `{{flaag}}`; there are `{{flag}}`, `{{environment}}`, `{{window}}` and `{{exposure}}`",
            ),
            ("a{{flag}", Place::Pointer, "x", "`{{` has no `}}`"),
        ] {
            assert_eq!(filled(text, place, flag), Err(expected.to_owned()), "{text} {flag}");
        }
    }

    #[test]
    fn urls_and_pointers_escape_their_own_signs() {
        assert_eq!(
            filled("https://h/v1/{{flag}}?e={{environment}}&w={{window}}", Place::Url, "a/../b c&é").as_deref(),
            Ok("https://h/v1/a%2F..%2Fb%20c%26%C3%A9?e=production&w=10m")
        );
        assert_eq!(filled("/flags/{{flag}}/n", Place::Pointer, "a/b~c").as_deref(), Ok("/flags/a~1b~0c/n"));
    }

    #[test]
    fn durations_are_written_in_one_unit() {
        for (millis, text) in [(600_000, "10m"), (90_000, "90s"), (7_200_000, "2h"), (1_500, "1500ms"), (0, "0ms")] {
            assert_eq!(prometheus_duration(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn placeholders_are_listed() {
        assert_eq!(placeholders("{{flag}} {{window}}"), Ok(vec![Placeholder::Flag, Placeholder::Window]));
    }
}
