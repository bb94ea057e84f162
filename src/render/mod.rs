//! The only maker of text: values in, text or JSON out.

pub mod change;
pub mod diff;
pub mod error;
pub mod ledger;
pub mod plan;
pub mod status;
pub mod style;
pub mod time;
