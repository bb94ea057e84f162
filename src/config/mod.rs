//! `flagctl.toml`, environment and arguments → settings, each value knowing where it came from; and, lenient, the
//! little that a rollback reads.

mod settings;

pub use settings::{Environment, Gate};
