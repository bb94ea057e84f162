//! What is to be written for a flag.

use super::Percent;

/// What a flag should hold. A key that holds it already is not touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Values {
    /// The percentage.
    pub rollout: Percent,
    /// Whether it is on; `None`: as it is.
    pub enabled: Option<bool>,
}
