//! The one test binary: properties, corpora and the world. Console sessions are in `tests/cmd`.

#![allow(clippy::disallowed_methods, reason = "tests make files, and have no settings to be given")]
#![allow(clippy::unwrap_used, reason = "Clippy takes only functions marked as tests for tests, not what they call")]

mod bucket;
mod change;
mod checkout;
mod codegen;
mod completions;
mod config;
mod console;
mod document;
mod drills;
#[cfg(unix)]
mod encodings;
mod fleet;
mod house;
mod json;
mod launchdarkly;
mod laws;
mod ledger;
mod metrics;
mod outcomes;
mod papers;
mod process;
mod sample;
mod sessions;
mod terminal;
mod unleash;
mod writable;
mod written;
