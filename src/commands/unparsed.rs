//! A command line that was not understood, or that asks to be told about itself.

use super::{report, whole};
use crate::error::Error;
use crate::exit::Exit;
use crate::model::Shown;
use crate::render;
use crate::term::{Term, Verbosity};
use clap::error::ErrorKind;
use serde_json::{Value, json};
use std::io;

/// Says why the command line was not understood, or what it asked to be told about itself.
pub fn unparsed(error: &clap::Error) -> Exit {
    let words: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    let term = Term::new(wants_json(&words), Verbosity::Normal, anstream::ColorChoice::Auto, false);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion if term.json => {
            match term.answer_json(&about(error.kind(), &error.to_string())) {
                Ok(()) => Exit::Ok,
                Err(error) => report(&term, &error),
            }
        }
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            // A reader that went away is no failure.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                report(&term, &Error::failed(format!("can't write the answer to stdout: {error}")))
            }
            _ => Exit::Ok,
        },
        kind if term.json || kind == ErrorKind::InvalidUtf8 => {
            let error = if kind == ErrorKind::InvalidUtf8 { no_text() } else { told(&error.to_string()) };
            let changes = words.iter().any(|word| ["new", "advance", "rollback"].contains(&word.as_str()));
            report(&term, &if changes { whole(error) } else { error })
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            // Nothing can be said about a stderr that can't be written.
            let _ = error.print();
            Exit::Usage
        }
        _ => {
            let _ = error.print();
            term.say(&render::error::changed(Some(false)));
            Exit::Usage
        }
    }
}

/// Returns the error for an argument that is no text, where one is needed: the first that isn't.
fn no_text() -> Error {
    let word = std::env::args_os().skip(1).find(|word| word.to_str().is_none()).unwrap_or_default();
    let word = word.to_string_lossy();
    Error::usage(format!("the argument `{}` is not UTF-8", Shown(&word))).help(
        "names are UTF-8 in flags files, whatever the terminal's encoding is; paths and `--reason` may be anything",
    )
}

/// Makes an answer of what the command line tells about itself.
fn about(kind: ErrorKind, text: &str) -> Value {
    match kind {
        ErrorKind::DisplayVersion => json!({ "version": 1, "flagctl": env!("CARGO_PKG_VERSION"), "help": null }),
        _ => json!({ "version": 1, "flagctl": env!("CARGO_PKG_VERSION"), "help": text }),
    }
}

/// Makes an error of what the parser says: its first paragraph is the message, its tips and its usage are help.
fn told(text: &str) -> Error {
    let mut paragraphs = text.split("\n\n").map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" "));
    let message = paragraphs.next().unwrap_or_default();
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    paragraphs.fold(Error::usage(message), |error, paragraph| match paragraph.split_once(": ") {
        Some(("tip", tip)) => error.help(tip),
        Some(("Usage", usage)) => error.help(format!("usage: {usage}")),
        _ if paragraph.starts_with("For more information") => {
            error.help("`flagctl --help` shows the verbs and options")
        }
        _ => error,
    })
}

/// True if the command line that could not be parsed asks for JSON.
fn wants_json(words: &[String]) -> bool {
    let mut next = words.iter().skip(1).map(String::as_str).chain([""]);
    words.iter().any(|word| {
        let next = next.next().unwrap_or_default();
        let value = match word.strip_prefix("--") {
            Some(long) => long.strip_prefix("output"),
            None => word
                .strip_prefix('-')
                .map(|short| short.trim_start_matches(['q', 'v', 'y', 'n']))
                .and_then(|rest| rest.strip_prefix('o')),
        };
        value.is_some_and(|value| matches!(value, "json" | "=json") || (value.is_empty() && next == "json"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_who_asks_for_json() {
        let asks = |line: &str| wants_json(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        for line in ["-o json x", "x -ojson", "x -o=json", "--output json", "x --output=json", "x -yno json", "-qojson"]
        {
            assert!(asks(line), "{line}");
        }
        for line in ["", "json", "-o human", "--out json", "-o", "x -y json", "--output=human json"] {
            assert!(!asks(line), "{line}");
        }
    }

    #[test]
    fn takes_the_parsers_words_apart() {
        let error = told(
            "error: the following required arguments were not provided:\n  <FLAG>\n\n  tip: a tip\n\nUsage: flagctl advance <FLAG>\n\nFor more information, try '--help'.\n",
        );
        assert_eq!(error.message, "the following required arguments were not provided: <FLAG>");
        assert_eq!(
            error.help,
            ["a tip", "usage: flagctl advance <FLAG>", "`flagctl --help` shows the verbs and options"]
        );
    }
}
