//! The rules that a rollout has to keep, beside its gates.

use super::FreezeWindow;
use crate::model::Ladder;
use std::time::Duration;

/// What a team allows for one flag in one environment.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// The allowed values of exposure.
    pub ladder: Ladder,
    /// The least time at a step above 0 before the next one.
    pub soak: Duration,
    /// When nothing goes forward.
    pub freeze: Vec<FreezeWindow>,
    /// How old the last drill of the flag may be; `None`: none is asked for.
    pub drill_max_age: Option<Duration>,
}
