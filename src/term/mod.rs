//! The terminal: colour, verbosity, prompts. The only one that speaks and asks.
//!
//! stdout is the answer, stderr is everything said about it: callers name the intent, not the stream.

mod line;
mod progress;
mod stream;

pub use progress::Progress;
pub use stream::Stream;

use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::is_hidden;
use anstream::{AutoStream, ColorChoice};
use dialoguer::console;
use std::io::{self, IsTerminal as _, Write as _};

/// How much is said beside the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Only warnings and errors.
    Quiet,
    /// What happens.
    Normal,
    /// Also what was read and asked.
    Verbose,
    /// Also every request to a backend.
    Wire,
}

/// The two streams and what the user wants of them.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// The answer is one JSON object.
    pub json: bool,
    /// How much is said.
    pub verbosity: Verbosity,
    /// Whether somebody can be asked.
    pub interactive: bool,
    /// `--color`; `Auto` follows `NO_COLOR`, `CLICOLOR_FORCE` and the stream.
    pub color: ColorChoice,
}

impl Term {
    /// Makes a terminal of what the user said; asks only where stdin and stderr are terminals.
    #[must_use]
    pub fn new(json: bool, verbosity: Verbosity, color: ColorChoice, may_ask: bool) -> Self {
        let interactive = may_ask && io::stdin().is_terminal() && io::stderr().is_terminal();
        Self { json, verbosity, interactive, color }
    }

    /// Writes the answer for a person.
    ///
    /// # Errors
    /// stdout could not be written; a reader that went away (`| head`) is no error.
    pub fn answer(&self, text: &str) -> Result<()> {
        let mut out = AutoStream::new(io::stdout().lock(), self.color);
        let ended = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let written =
            out.write_all(text.as_bytes()).and_then(|()| out.write_all(ended.as_bytes())).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::failed(format!("can't write the answer to stdout: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Writes the answer as one line of JSON.
    ///
    /// # Errors
    /// As [`Term::answer`].
    pub fn answer_json(&self, value: &serde_json::Value) -> Result<()> {
        self.answer(&json_line(value))
    }

    /// Writes the answer as JSON over several lines, where it is to be kept in a file and compared.
    ///
    /// # Errors
    /// As [`Term::answer`].
    pub fn answer_json_lines(&self, value: &serde_json::Value) -> Result<()> {
        let text: String = format!("{value:#}").chars().map(escaped).collect();
        self.answer(&text)
    }

    /// Says what happens.
    pub fn status(&self, text: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.say(text);
        }
    }

    /// Says what was read or asked, if the user wants to know.
    pub fn detail(&self, text: &str) {
        if self.verbosity >= Verbosity::Verbose {
            self.say(text);
        }
    }

    /// Says what went over the wire, if the user wants to know.
    pub fn wire(&self, text: &str) {
        if self.verbosity >= Verbosity::Wire {
            self.say(text);
        }
    }

    /// Says what the user must know also when quiet.
    pub fn say(&self, text: &str) {
        let mut err = AutoStream::new(io::stderr().lock(), self.color);
        // Nothing can be said about a stderr that can't be written.
        let _ = writeln!(err, "{}", text.trim_end_matches('\n'));
    }

    /// Returns the width to wrap and to fit tables to; `None` where stdout is no terminal and nothing is cut.
    #[must_use]
    pub fn width(&self) -> Option<u16> {
        let out = console::Term::stdout();
        out.is_term().then(|| out.size().1)
    }

    /// True if progress may be drawn on stderr.
    #[must_use]
    pub fn draws_progress(&self) -> bool {
        self.verbosity >= Verbosity::Normal && io::stderr().is_terminal()
    }

    /// Writes a line over the one that the cursor stands in, cut to what fits in; an empty one leaves nothing.
    pub(super) fn redraw(line: &str) {
        let err = console::Term::stderr();
        let line: String = line.chars().take(usize::from(err.size().1).saturating_sub(1)).collect();
        let _ = err.clear_line().and_then(|()| err.write_str(&line));
    }

    /// Drops what was typed before a question was to be seen.
    pub fn forget_typed(&self) {
        #[cfg(unix)]
        let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
    }

    /// Asks a question whose default is no; an end of the input is a no too. `None` if `stopped` before an answer came.
    ///
    /// # Errors
    /// The terminal can't be read.
    pub fn confirm(&self, question: &str, stopped: &dyn Fn() -> bool) -> Result<Option<bool>> {
        let mut err = AutoStream::new(io::stderr().lock(), self.color);
        let _ = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
        drop(err);
        let line = line::read(stopped).map_err(|error| unreadable(&error))?;
        if line.as_ref().is_none_or(|line| !line.ends_with('\n')) {
            // What is said next begins on a line of its own.
            self.say("");
        }
        Ok(line.map(|line| ["y", "yes"].contains(&line.trim().to_lowercase().as_str())))
    }

    /// Lets the user pick some of `items`; returns their indices; `None` for a menu that was left.
    ///
    /// # Errors
    /// Interrupted, or the terminal went away.
    pub fn pick(&self, question: &str, items: &[String]) -> Result<Option<Vec<usize>>> {
        let asked = dialoguer::MultiSelect::new().with_prompt(question).items(items).interact_opt();
        asked.map_err(|error| unanswered(&error))
    }
}

/// Returns a value as JSON on one line, without its end.
fn json_line(value: &serde_json::Value) -> String {
    let text = value.to_string();
    if text.is_ascii() { text } else { text.chars().map(escaped).collect() }
}

/// Escapes the characters that JSON lets through but that change how a terminal shows their neighbours. They stand in
/// strings only, where an escape means the same.
fn escaped(character: char) -> String {
    if !character.is_ascii() && is_hidden(character) {
        let mut units = [0; 2];
        character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    } else {
        character.to_string()
    }
}

fn unanswered(error: &dialoguer::Error) -> Error {
    let dialoguer::Error::IO(io) = error;
    // A prompt that is broken off leaves the cursor hidden, in the line of the question.
    let screen = console::Term::stderr();
    let _ = screen.show_cursor().and_then(|()| screen.write_line(""));
    match io.kind() {
        io::ErrorKind::Interrupted => Error::new(Exit::Stopped, "interrupted at the prompt"),
        _ => unreadable(io),
    }
}

fn unreadable(error: &io::Error) -> Error {
    Error::usage(format!("can't ask on this terminal: {error}"))
        .help("say on the command line what is meant, with `--yes` or with names")
}
