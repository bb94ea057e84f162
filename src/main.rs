//! Completion hook, parse, run, exit.

use clap::CommandFactory as _;
use flagctl::{cli::Cli, commands};
use std::process::ExitCode;

fn main() -> ExitCode {
    if commands::completions::answer(Cli::command) {
        return ExitCode::SUCCESS;
    }
    match Cli::read(std::env::args_os().collect()) {
        Ok(cli) => commands::run(cli).into(),
        Err(error) => commands::unparsed(&error).into(),
    }
}
