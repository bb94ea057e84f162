//! What is to be written for a flag.

use super::Percent;

/// The values to write; a key that is `None` is left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Values {
    /// The percentage.
    pub rollout: Option<Percent>,
    /// Whether the flag is on.
    pub enabled: Option<bool>,
}
