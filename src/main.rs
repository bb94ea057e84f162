//! Completion hook, parse, run, exit.

use clap::Parser as _;
use flagctl::{cli::Cli, commands};
use std::process::ExitCode;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => commands::run(cli).into(),
        Err(error) => commands::unparsed(&error).into(),
    }
}
