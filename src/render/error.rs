//! Failures, as text and as JSON.

use super::style::{BAD, CARE, GOOD, Styled};
use crate::error::{Error, Spot};
use crate::model::{FlagName, is_hidden};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Returns a failure as a person reads it: what, where with the line, and what to do next.
#[must_use]
pub fn human(error: &Error) -> String {
    titled(&Level::ERROR, None, error)
}

/// Returns a warning that has a place.
#[must_use]
pub fn warning(error: &Error) -> String {
    titled(&Level::WARNING, None, error)
}

/// Returns one finding of `validate` with its code.
#[must_use]
pub fn finding(code: &str, is_error: bool, error: &Error) -> String {
    let level = if is_error { Level::ERROR } else { Level::WARNING };
    titled(&level, Some(code), error)
}

fn titled(level: &Level<'static>, code: Option<&str>, error: &Error) -> String {
    let message = visible(&error.message);
    let title = level.clone().primary_title(message.as_str());
    let title = match code {
        Some(code) => title.id(code),
        None => title,
    };
    let mut text = match error.spot.as_deref() {
        Some(spot) => {
            let path = visible(&spot.file.display().to_string());
            let source = spot.source.as_deref().map(one_to_one);
            let mut group = annotate_snippets::Group::with_title(title);
            match &source {
                Some(source) => {
                    let snippet = Snippet::source(source.as_str())
                        .line_start(spot.line)
                        .path(path.as_str())
                        .annotation(AnnotationKind::Primary.span(underlined(source, spot)));
                    group = group.element(snippet);
                }
                None => {
                    let origin =
                        annotate_snippets::Origin::path(path.as_str()).line(spot.line).char_column(spot.column);
                    group = group.element(origin);
                }
            }
            Renderer::styled().render(&[group])
        }
        None => Renderer::styled().render(&[annotate_snippets::Group::with_title(title)]),
    };
    for line in &error.help {
        let _ = write!(text, "\n{}", help(line));
    }
    text
}

/// Returns a line that says what to do next.
#[must_use]
pub fn help(text: &str) -> String {
    format!("{} {}", Styled(GOOD, "help:"), visible(text))
}

/// Returns the note that says whether anything was changed.
#[must_use]
pub fn changed(changed: Option<bool>) -> String {
    match changed {
        Some(false) => format!("{} nothing was changed", Styled(GOOD, "note:")),
        Some(true) => format!("{} something was changed, see above", Styled(CARE, "note:")),
        None => format!("{} whether anything was changed is not known", Styled(BAD, "note:")),
    }
}

/// Returns a warning of one sentence.
#[must_use]
pub fn caution(text: &str) -> String {
    format!("{} {}", Styled(CARE, "warning:"), visible(text))
}

/// Returns a failure as one JSON object.
#[must_use]
pub fn json(error: &Error) -> Value {
    let mut object = Map::new();
    object.insert("version".to_owned(), json!(1));
    object.insert("error".to_owned(), Value::Object(body(error)));
    object.insert("changed".to_owned(), json!(error.changed));
    if let Some(details) = &error.details {
        object.extend(details.as_ref().clone());
    }
    Value::Object(object)
}

/// Returns the failure of one of several flags.
#[must_use]
pub fn failed(flag: &FlagName, error: &Error) -> Value {
    let mut failure = Map::new();
    failure.insert("flag".to_owned(), json!(flag));
    failure.extend(body(error));
    Value::Object(failure)
}

/// Returns what every failure has in JSON: the same keys always, null where there is nothing to say.
fn body(error: &Error) -> Map<String, Value> {
    let spot = error.spot.as_deref();
    [
        ("code", json!(error.exit.name())),
        ("message", json!(error.message)),
        ("help", json!((!error.help.is_empty()).then(|| error.help.join("\n")))),
        ("file", json!(spot.map(|spot| spot.file.display().to_string()))),
        ("line", json!(spot.map(|spot| spot.line))),
        ("column", json!(spot.map(|spot| spot.column))),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// Makes control characters visible but keeps line ends: messages may have several lines.
fn visible(text: &str) -> String {
    text.split('\n').map(|line| crate::model::Shown(line).to_string()).collect::<Vec<_>>().join("\n")
}

/// Replaces each hidden character by one that shows, so that columns stay true.
fn one_to_one(source: &str) -> String {
    source
        .chars()
        .map(|character| if character != '\t' && is_hidden(character) { '\u{fffd}' } else { character })
        .collect()
}

fn underlined(source: &str, spot: &Spot) -> std::ops::Range<usize> {
    let at = |column: usize| source.char_indices().nth(column).map_or(source.len(), |(byte, _)| byte);
    let start = at(spot.column.saturating_sub(1));
    let end = at(spot.column.saturating_sub(1) + spot.width.max(1));
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapbox::{assert_data_eq, str};

    #[test]
    fn shows_place_cause_and_next_command() {
        let text = "a:\n  rollout: 5%\u{1b}[31m\n";
        let error = Error::invalid("`rollout` is not a number")
            .at(Spot::of("flags.yaml", text, 14..16))
            .help("write `rollout: 5`");
        let plain = anstream::adapter::strip_str(&human(&error)).to_string();
        assert_data_eq!(
            plain,
            str![[r#"
error: `rollout` is not a number
 --> flags.yaml:2:12
  |
2 |   rollout: 5%�[31m
  |            ^^
help: write `rollout: 5`
"#]]
        );
    }
}
