//! Completion hook, parse, run, exit.

use clap::{CommandFactory as _, FromArgMatches as _};
use flagctl::{cli::Cli, commands};
use std::process::ExitCode;

fn main() -> ExitCode {
    if commands::completions::answer(Cli::command) {
        return ExitCode::SUCCESS;
    }
    let mut command = Cli::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let parsed = matches
        .and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command)));
    // The process ends soon, and in an incident taking it apart piece by piece is time that somebody waits.
    std::mem::forget(command);
    match parsed {
        Ok(cli) => commands::run(cli).into(),
        Err(error) => commands::unparsed(&error).into(),
    }
}
