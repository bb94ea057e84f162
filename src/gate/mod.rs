//! Pure judges: evidence → verdict. Fetches nothing.

mod figures;
mod fleet;
mod interval;
mod judge;
#[cfg(test)]
mod tests;

pub use fleet::{Fleet, Instance, Safety, Standing};
pub use interval::wilson;
pub use judge::judge;

use crate::model::{AbsentErrors, Percent};
use jiff::Timestamp;
use std::time::Duration;

/// The name of the gate that the command line alone sets up, and of its source.
pub const ADHOC: &str = "ad-hoc";

/// A gate that compares a rate with a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// Its name in the configuration.
    pub name: String,
    /// The highest rate that passes, a fraction of 1.
    pub max: f64,
    /// The fewest requests that tell anything.
    pub min_requests: f64,
    /// How old the newest sample may be.
    pub max_age: Duration,
    /// What an absent errors series means.
    pub absent_errors: AbsentErrors,
    /// When the gate has a say.
    pub applies: Applies,
}

/// When a gate has a say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Applies {
    /// Above exposure 0 only: its numbers come from exposed users.
    #[default]
    Exposed,
    /// Always.
    Always,
}

/// What a judge has to know beside the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The flag's present exposure.
    pub exposure: Percent,
    /// When the present step began, if that is known.
    pub began: Option<Timestamp>,
    /// True if the flag came down to where it is.
    pub after_rollback: bool,
    /// The time of judging.
    pub now: Timestamp,
}
