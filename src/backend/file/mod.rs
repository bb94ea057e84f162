//! The file backend: reads a flags file, replaces it whole or not at all, and knows the checkout it stands in.

mod exchange;
mod identity;
mod overwrite;
mod replace;
mod spare;
mod text;

pub use replace::{ReplaceError, replace};
pub use spare::{set_aside, sweep};
pub use text::FlagsFile;
