//! flagctl: step a feature flag up on good metrics, and back to zero with one word.
//!
//! The library is for tests and reading order, not an API promise. The code map is in `docs/architecture.md`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make files, and have no settings to be given"))]

pub mod backend;
pub mod bucket;
pub mod change;
pub mod check;
pub mod cli;
pub mod codegen;
pub mod commands;
pub mod config;
pub mod document;
pub mod error;
pub mod exit;
pub mod gate;
pub mod http;
pub mod ledger;
pub mod metrics;
pub mod model;
pub mod plan;
pub mod render;
pub mod term;
