//! What a gate says.

use super::Evidence;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A gate's word. Only [`Verdict::Pass`] moves forward; [`Verdict::NotApplicable`] doesn't stop the first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The numbers are good.
    Pass,
    /// The numbers are bad.
    Breach,
    /// They can't tell: none, too few, stale, unreachable, nonsense.
    Hold,
    /// Nobody is exposed yet.
    NotApplicable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Breach => "breach",
            Self::Hold => "hold",
            Self::NotApplicable => "not applicable",
        })
    }
}

/// One gate's verdict with its reason and the evidence it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The gate's name.
    pub gate: String,
    /// Its word.
    pub verdict: Verdict,
    /// Why, for a person: a sentence fragment with the numbers in it.
    pub reason: String,
    /// The observed rate, a fraction of 1, where there is one.
    pub rate: Option<f64>,
    /// The Wilson interval of the rate at 95 %, for the eye only: no verdict rests on it.
    pub interval: Option<(f64, f64)>,
    /// The highest rate that passes, a fraction of 1.
    pub limit: Option<f64>,
    /// What it rests on; `None` where no source was asked.
    pub evidence: Option<Evidence>,
}
