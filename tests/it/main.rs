//! The one test binary: properties, corpora and the world. Console sessions are in `tests/cmd`.

mod bucket;
mod change;
mod completions;
mod config;
mod document;
mod house;
mod ledger;
mod metrics;
mod sessions;
