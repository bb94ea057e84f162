//! The append-only record of every change: append, read, verify.

mod append;
mod line;
mod place;
mod read;
mod verify;

pub use append::{Patience, Recorded, Seen};
pub use line::LineError;
pub use place::{Ledger, Place};
pub use read::{Reading, Skipped};
pub use verify::{Finding, Kind};
