//! A small service with two features behind flags, and a demo that rolls them out with the real `flagctl`.
//!
//! `cargo run --example holograph` plays the demo in a temporary folder; `… -- serve --port 7878` runs the service alone.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a sample speaks for itself")]
#![allow(clippy::disallowed_methods, reason = "a sample makes its own folder and reads its own surroundings")]

mod counters;
mod demo;
mod flagctl;
mod flags;
mod http;
mod service;
mod traffic;

use anyhow::{Context, bail};
use service::Service;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "usage: holograph [--flagctl PATH]                play the demo, with a flagctl that is there
       holograph serve [--port N] [--flags FILE]   run the service alone, on 127.0.0.1";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        [] => flagctl::build().and_then(demo::play),
        ["--flagctl", path] => demo::play(PathBuf::from(path)),
        ["serve", options @ ..] => serve(options),
        ["-h" | "--help"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &[&str]) -> anyhow::Result<()> {
    let mut port = 7878;
    let mut flags = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/holograph/config/feature_flags.yaml");
    for option in options.chunks(2) {
        match option {
            ["--port", number] => port = number.parse().with_context(|| format!("`{number}` is no port"))?,
            ["--flags", file] => flags = PathBuf::from(file),
            _ => bail!("can't read `{}`\n{USAGE}", option.join(" ")),
        }
    }
    let listener = TcpListener::bind(("127.0.0.1", port)).with_context(|| format!("can't listen on port {port}"))?;
    let service = Service::start(&flags)?;
    println!("The service runs at http://{}, its flags are in {}.", listener.local_addr()?, flags.display());
    println!("It has users of its own; look at /metrics. Ctrl-C ends it.");
    http::listen(&listener, &service);
    Ok(())
}
