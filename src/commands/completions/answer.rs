//! What a shell asks the binary, and the answer: the script to register, or the candidates for a word.
//!
//! Never complains: at Tab a message would land in the middle of a command line. Any failure is an empty answer.

use super::Shell;
use super::knowledge::Knowledge;
use super::words::Line;
use crate::config::environment_variable;
use clap::{Command, ValueEnum as _};
use clap_complete::engine::{self, CompletionCandidate};
use clap_complete::env::{EnvCompleter as _, Powershell};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;

/// The variable by which a shell asks. Of our own, so that no other program's use of a shorter name changes what we do.
const VARIABLE: &str = "FLAGCTL_COMPLETE";

/// Answers a shell, if one asks; true if that was all there was to do.
///
/// The shells ask without arguments for their script, and with `--` for candidates. Whoever has the variable set and
/// types a verb gets the verb: a rollback must not end in silence.
pub fn answer(command: impl FnOnce() -> Command) -> bool {
    let Some(shell) = asking() else { return false };
    let mut arguments = std::env::args_os();
    let binary = arguments.next().unwrap_or_default();
    let answer = match arguments.next() {
        None => script(shell, &binary),
        Some(dashes) if dashes == "--" => candidates(shell, command(), arguments.collect()),
        Some(_) => return false,
    };
    // A shell that has hung up wants no answer.
    let _ = std::io::stdout().write_all(answer.as_bytes());
    true
}

fn asking() -> Option<Shell> {
    Shell::from_str(&environment_variable(VARIABLE)?, false).ok()
}

/// Returns the script that makes a shell ask this binary.
fn script(shell: Shell, binary: &OsString) -> String {
    let Some(binary) = absolute(binary) else { return String::new() };
    let script = match shell {
        Shell::Bash => include_str!("scripts/register.bash"),
        Shell::Zsh => include_str!("scripts/register.zsh"),
        Shell::Fish => include_str!("scripts/register.fish"),
        Shell::Elvish => include_str!("scripts/register.elv"),
        Shell::Powershell => return powershell(&binary),
    };
    script.replace("=SHELL FLAGCTL", &format!("={} {}", shell.name(), quoted(shell, &binary)))
}

fn powershell(binary: &str) -> String {
    let mut script = Vec::new();
    match Powershell.write_registration(VARIABLE, "flagctl", "flagctl", binary, &mut script) {
        Ok(()) => String::from_utf8(script).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// A name that the shell finds by itself stays; a path has to hold from anywhere.
fn absolute(binary: &OsString) -> Option<String> {
    let path = Path::new(binary);
    if path.components().count() > 1 {
        std::path::absolute(path).ok()?.into_os_string().into_string().ok()
    } else {
        path.to_str().map(str::to_owned)
    }
}

fn quoted(shell: Shell, text: &str) -> String {
    match shell {
        Shell::Elvish => format!("'{}'", text.replace('\'', "''")),
        Shell::Fish => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
        Shell::Bash | Shell::Zsh | Shell::Powershell => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Returns the candidates for the last word, one a line.
fn candidates(shell: Shell, command: Command, asked: Vec<OsString>) -> String {
    let asked: Vec<String> = asked.into_iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let line = match (shell, asked.as_slice()) {
        (Shell::Bash, [line, breaks]) => Line::read(line, breaks),
        (Shell::Bash, _) | (_, []) => return String::new(),
        // Fish tells the word as it is typed, quotes and all.
        (Shell::Fish, [before @ .., last]) => {
            let last = Line::read(last, "").words.pop().unwrap_or_default();
            Line::of([before, &[last]].concat())
        }
        _ => Line::of(asked),
    };
    let mut answer = String::new();
    for candidate in found(command, &line.words) {
        let Some(value) = candidate.get_value().to_str().filter(|value| is_showable(value)) else { continue };
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        let help = help.lines().next().filter(|help| is_showable(help)).unwrap_or_default();
        match shell {
            Shell::Bash => answer.extend(line.reply(value)),
            _ if help.is_empty() => answer.push_str(value),
            _ => answer.extend([value, "\t", help]),
        }
        answer.push('\n');
    }
    answer
}

fn found(command: Command, words: &[String]) -> Vec<CompletionCandidate> {
    let mut command = Knowledge::of(words).give(command);
    let words = joined(&command, words);
    let last = words.len().saturating_sub(1);
    engine::complete(&mut command, words, last, std::env::current_dir().ok().as_deref()).unwrap_or_default()
}

/// Joins options with their values, but for the last: the engine takes a value that stands apart for a verb where it
/// reads like one, such as the folder in `-C config`.
fn joined(command: &Command, words: &[String]) -> Vec<OsString> {
    let mut joined = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let mut word = word.clone();
        if takes_value(command, &word)
            && let Some(value) = words.next()
        {
            if words.peek().is_none() {
                joined.push(word.into());
                joined.push(value.into());
                break;
            }
            if word.starts_with("--") {
                word.push('=');
            }
            word.push_str(value);
        }
        joined.push(word.into());
    }
    joined
}

/// True for an option, alone in its word, that a value has to follow.
fn takes_value(command: &Command, word: &str) -> bool {
    let option = command.get_arguments().find(|arg| {
        let long = arg.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
        long || arg.get_short().is_some_and(|short| word == format!("-{short}"))
    });
    option.is_some_and(|arg| arg.get_action().takes_values())
        || command.get_subcommands().any(|verb| takes_value(verb, word))
}

/// True for a text without line ends and other control characters: no shell takes such a word back unharmed.
fn is_showable(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(char::is_control)
}
