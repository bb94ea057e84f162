//! How every run ends: the exit code and the JSON answer of each row of the table of exit codes, by the real binary.

mod again;
mod beside;
mod causes;
mod commands;
mod config;
mod hostile;
mod inside;
mod json;
mod narrow;
mod odd;
mod places;
mod rows;
mod stops;
mod streams;
mod wording;

use crate::console::{Console, FLAGS};
use flagctl::exit::Exit;
use serde_json::Value;
use std::fmt::Write as _;

/// Runs a command line that answers in JSON, checks what every answer has to keep, and says in lines how it ended.
fn told(console: &Console, line: &str) -> String {
    let read = || std::fs::read(console.path(FLAGS)).unwrap_or_default();
    let before = read();
    let (code, answer) = console.json(line);
    checked(line, code, &answer);
    if answer["changed"] == false {
        assert_eq!(before, read(), "{line} says that nothing was changed");
    }
    let mut text = format!("$ {line}\n{} {}", code, name(code));
    if let Some(changed) = answer.get("changed") {
        let _ = write!(text, ", changed {changed}");
    }
    text.push('\n');
    for change in answer["changes"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "  change {} {} -> {}", word(&change["flag"]), change["from"], change["to"]);
    }
    for failed in answer["failed"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "  failed {}: {}", word(&failed["flag"]), word(&failed["code"]));
    }
    if let Some(message) = answer["error"]["message"].as_str() {
        let _ = writeln!(text, "  {message}");
    }
    timeless(&text)
}

/// Replaces dates and times.
fn timeless(text: &str) -> String {
    let shape = |word: &str| word.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect::<String>();
    let word = |word: &str| match shape(word).as_str() {
        "0000-00-00" => "DATE".to_owned(),
        "00:00" => "TIME".to_owned(),
        _ => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Asserts what holds for every answer.
fn checked(line: &str, code: i32, answer: &Value) {
    let error = answer.get("error");
    assert_eq!(code == 0, error.is_none(), "{line}: {answer}");
    if let Some(error) = error {
        assert_eq!(word(&error["code"]), name(code), "{line}");
        assert!(error["message"].as_str().is_some_and(|message| !message.is_empty()), "{line}");
        assert!(error["help"].is_string() || error["help"].is_null(), "{line}");
        assert!(answer["changed"].is_boolean() || answer["changed"].is_null(), "{line}");
        assert!(answer.get("changed").is_some(), "{line}");
    }
    let verb = line.split_whitespace().find(|word| ["new", "advance", "rollback"].contains(word));
    if verb.is_some() {
        assert!(answer["changed"].is_boolean(), "{line}");
        assert!(answer["changes"].is_array(), "{line}: {answer}");
        assert!(answer["failed"].is_array(), "{line}: {answer}");
        let any = answer["changes"].as_array().is_some_and(|changes| !changes.is_empty());
        assert_eq!(answer["changed"], any, "{line}: {answer}");
    }
}

fn name(code: i32) -> &'static str {
    Exit::ALL.iter().find(|exit| i32::from(exit.code()) == code).expect("a code of the table").name()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("?")
}
