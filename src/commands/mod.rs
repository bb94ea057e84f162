//! One verb a file: its arguments and its run. The only glue.

pub mod advance;
pub mod bucket;
pub mod check;
pub mod codegen;
pub mod completions;
pub mod config;
pub mod doc;
pub mod doctor;
pub mod drill;
pub mod init;
pub mod log;
pub mod new;
pub mod plan;
pub mod rollback;
pub mod status;
pub mod util;
pub mod validate;

mod afar;
mod aftermath;
mod beside;
mod checkout;
mod elsewhere;
mod exposed;
mod fleet;
mod ids;
mod interrupt;
mod leftover;
mod local;
mod look;
mod mapping;
mod mirror;
mod paper;
mod place;
mod prospect;
mod queries;
mod recorded;
mod sighting;
mod unparsed;

pub use unparsed::unparsed;

use crate::cli::{Cli, Color, Output, Verb};
use crate::config::{Arguments, Settings, Surroundings, environment_variable};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::http::Cancel;
use crate::model::{Percent, PercentError, Shown, Typed, TypedPath};
use crate::render;
use crate::term::{Term, Verbosity};
use jiff::Timestamp;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a verb gets beside its own arguments.
#[derive(Debug)]
pub struct Context {
    /// Where it speaks and asks.
    pub term: Term,
    /// The globals that lead to a flags file.
    pub arguments: Arguments,
    /// Ends every wait, once somebody listens to the signals that throw it.
    pub cancel: Cancel,
    /// Set by SIGTERM, once somebody listens to it.
    pub terminated: Arc<AtomicUsize>,
}

impl Context {
    /// Says by which signal something was stopped that can't tell them apart.
    fn stopped_by(&self, error: Error) -> Error {
        let terminated = error.exit == Exit::Stopped && self.terminated.load(Ordering::SeqCst) != 0;
        Error { exit: if terminated { Exit::Terminated } else { error.exit }, ..error }
    }

    /// Returns everything that the user said, resolved.
    fn settings(&self) -> Result<Settings> {
        crate::config::load(&self.arguments, &self.around()?).map_err(|error| match error.exit {
            Exit::Invalid if !error.help.iter().any(|help| help.contains("flagctl validate")) => {
                error.help(format!("every mistake at once: flagctl {}validate", self.again()))
            }
            _ => error,
        })
    }

    fn around(&self) -> Result<Surroundings<'static>> {
        let absolute = |path: &Option<PathBuf>| path.as_ref().is_some_and(|path| path.is_absolute());
        let directory = match std::env::current_dir() {
            Ok(directory) => directory,
            // A folder that is gone is no obstacle where it isn't needed.
            Err(_) if absolute(&self.arguments.chdir) || absolute(&self.arguments.file) => PathBuf::from("/"),
            Err(error) => {
                return Err(Error::failed(format!("the current folder can't be told: {error}"))
                    .help("go to a folder that is there, or name one by its whole path: `-C /DIR` or `-f /FILE`"));
            }
        };
        Ok(Surroundings { directory, variable: &environment_variable })
    }

    /// Returns who acts; where nothing names them, the number that the system knows them by.
    fn actor(&self) -> String {
        let around = Surroundings { directory: PathBuf::new(), variable: &environment_variable };
        let actor = around.actor();
        #[cfg(unix)]
        if actor == "unknown" {
            return format!("uid {}", rustix::process::getuid().as_raw());
        }
        actor
    }

    /// Returns the global arguments that lead to the same configuration again, each with a blank after it.
    fn elsewhere(&self) -> String {
        let path = |path: &PathBuf| TypedPath(path).to_string();
        let chdir = self.arguments.chdir.as_ref().map(|folder| format!("-C {} ", path(folder)));
        let config = self.arguments.config.as_ref().map(|file| format!("--config {} ", path(file)));
        chdir.into_iter().chain(config).collect()
    }

    /// Puts the global arguments into the commands that the rooms below suggest: those know nothing of them, and write
    /// them in backticks, from the verb on.
    fn addressed(&self, text: &str) -> String {
        let (again, elsewhere, start) = (self.again(), self.elsewhere(), "`flagctl ");
        let mut parts = text.split(start);
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // `init` looks for the files in a folder, and `--help` needs none.
            let globals = match part {
                part if part.starts_with("init") => elsewhere.as_str(),
                part if part.starts_with('-') => "",
                _ => again.as_str(),
            };
            whole.extend([start, globals, part]);
        }
        whole
    }

    fn addressed_error(&self, mut error: Error) -> Error {
        error.help.iter_mut().for_each(|help| *help = self.addressed(help));
        error
    }

    /// Returns the global arguments that lead to the same place again, each with a blank after it.
    fn again(&self) -> String {
        let Arguments { file, env, .. } = &self.arguments;
        let path = |path: &PathBuf| TypedPath(path).to_string();
        [
            Some(self.elsewhere()),
            file.as_ref().map(|file| format!("-f {} ", path(file))),
            env.as_ref().map(|name| format!("-e {} ", Typed(name))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Runs a verb and says how it ended.
#[must_use]
pub fn run(cli: Cli) -> Exit {
    let globals = cli.globals;
    let verbosity = match (globals.quiet, globals.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 2..) => Verbosity::Wire,
        (false, 1) => Verbosity::Verbose,
        (false, 0) => Verbosity::Normal,
    };
    let color = match globals.color {
        Color::Auto => anstream::ColorChoice::Auto,
        Color::Always => anstream::ColorChoice::Always,
        Color::Never => anstream::ColorChoice::Never,
    };
    let term = Term::new(globals.output == Output::Json, verbosity, color, !globals.no_input);
    let arguments = Arguments { chdir: globals.chdir, config: globals.config, file: globals.file, env: globals.env };
    let changes_flags = cli.verb.changes_flags();
    let context = Context { term, arguments, cancel: Cancel::default(), terminated: Arc::default() };
    let ended = crate::config::readable_variables(&context.arguments).and_then(|()| dispatch(cli.verb, &context));
    match ended.map_err(|error| context.stopped_by(context.addressed_error(error))) {
        Ok(exit) => exit,
        Err(error) if changes_flags => report(&term, &whole(error)),
        Err(error) => report(&term, &error),
    }
}

/// Adds which flags were changed and which could not be, where a failure came too early to know of any.
fn whole(mut error: Error) -> Error {
    let details = error.details.get_or_insert_default();
    for key in ["changes", "failed"] {
        details.entry(key).or_insert_with(|| serde_json::json!([]));
    }
    error
}

/// Says a failure on the stream where it belongs, and returns its exit.
pub fn report(term: &Term, error: &Error) -> Exit {
    let written = if term.json { term.answer_json(&render::error::json(error)) } else { Ok(()) };
    if !term.json || written.is_err() {
        term.say(&render::error::human(error));
        term.say(&render::error::changed(error.changed));
    }
    error.exit
}

/// Writes a verb's answer as JSON, its version first.
fn json_answer(context: &Context, answer: serde_json::Value) -> Result<()> {
    context.term.answer_json(&versioned(answer))
}

/// Puts the version before an answer's own fields.
fn versioned(answer: serde_json::Value) -> serde_json::Value {
    let mut object = serde_json::Map::new();
    object.insert("version".to_owned(), 1.into());
    if let serde_json::Value::Object(fields) = answer {
        object.extend(fields);
    }
    serde_json::Value::Object(object)
}

/// Writes a verb's answer as JSON where what was looked at decides how it ends: beside the answer's own fields it has
/// those of a failure, unless all is well.
fn judged(context: &Context, answer: serde_json::Value, bad: Option<Error>) -> Result<Exit> {
    let Some(bad) = bad else {
        json_answer(context, answer)?;
        return Ok(Exit::Ok);
    };
    let (exit, fields) = (bad.exit, answer.as_object().cloned().unwrap_or_default());
    context.term.answer_json(&render::error::json(&Error { details: Some(Box::new(fields)), ..bad }))?;
    Ok(exit)
}

/// Reads a percentage from the command line.
fn percent(text: &str) -> std::result::Result<Percent, String> {
    text.parse().map_err(|error: PercentError| format!("`{}` {error}", Shown(text)))
}

/// Returns the time of looking.
fn now() -> Timestamp {
    Timestamp::now()
}

/// Returns this machine's name, for the record.
fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    return environment_variable("COMPUTERNAME").unwrap_or_else(|| "unknown".to_owned());
}

fn dispatch(verb: Verb, context: &Context) -> Result<Exit> {
    match verb {
        Verb::Init(args) => args.run(context),
        Verb::New(args) => args.run(context),
        Verb::Status(args) => args.run(context),
        Verb::Plan(args) => args.run(context),
        Verb::Check(args) => args.run(context),
        Verb::Advance(args) => args.run(context),
        Verb::Rollback(args) => args.run(context),
        Verb::Drill(args) => args.run(context),
        Verb::Doc(args) => args.run(context),
        Verb::Doctor(args) => args.run(context),
        Verb::Bucket(args) => args.run(context),
        Verb::Log(args) => args.run(context),
        Verb::Validate(args) => args.run(context),
        Verb::Config(args) => args.run(context),
        Verb::Codegen(args) => args.run(context),
        Verb::Completions(args) => args.run(context),
        Verb::Util(args) => args.run(context),
    }
}
