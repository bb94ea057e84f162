//! Where flags live.

pub mod file;
