//! The numbers one look at a source gave, unjudged.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What one look at a source gave, with query, window and age. A look that failed is evidence too: of nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The source's name.
    pub source: String,
    /// The literal questions, placeholders filled, in the order asked.
    pub queries: Vec<Query>,
    /// How far back the numbers reach, in seconds.
    pub window_s: f64,
    /// The end of the window, by our clock: when the source was asked, or asked for the second time.
    pub looked_at: Timestamp,
    /// The time of the newest sample behind `total`; `None` if the source can't tell.
    pub newest_sample: Option<Timestamp>,
    /// What went wrong in the window.
    pub errors: Answer,
    /// What was tried in the window.
    pub total: Answer,
    /// Whether the error metric's name exists at all; asked only where an absent one could count as 0.
    pub errors_exist: Option<bool>,
    /// What the source said beside its answer.
    pub warnings: Vec<String>,
    /// Why the look failed as a whole: not in time, refused, not understood. A sentence fragment, secrets masked.
    pub failure: Option<String>,
}

/// One literal question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// What it is for: `errors`, `total`, `rate`, `freshness`, `exists`.
    pub of: String,
    /// As it was sent.
    pub text: String,
}

/// What came back for one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "answer", content = "value")]
pub enum Answer {
    /// One number, as it came: may be NaN, infinite or negative. Counts may be fractional.
    #[serde(with = "any_number")]
    Number(f64),
    /// No series, no value.
    Absent,
    /// More than one series.
    Several(usize),
    /// An answer that is no number: says what it is.
    Nonsense(String),
    /// Not asked, or not answered.
    Unknown,
}

/// JSON has no NaN and no infinity: they are written as text, so that no number is made of them.
mod any_number {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        if number.is_finite() { serializer.serialize_f64(*number) } else { serializer.collect_str(number) }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
        use serde::de::Error as _;
        let value = serde_json::Value::deserialize(deserializer)?;
        value
            .as_f64()
            .or_else(|| value.as_str().and_then(|text| text.parse().ok()))
            .ok_or_else(|| D::Error::custom("expected a number"))
    }
}

impl Answer {
    /// Returns the number, if it is one that can be counted with: finite and not negative.
    #[must_use]
    pub fn usable(&self) -> Option<f64> {
        match self {
            Self::Number(number) if number.is_finite() && *number >= 0.0 => Some(*number),
            _ => None,
        }
    }
}

impl Evidence {
    /// Returns evidence of nothing: a look that failed as a whole.
    #[must_use]
    pub fn failed(source: &str, queries: Vec<Query>, window_s: f64, looked_at: Timestamp, why: String) -> Self {
        Self {
            source: source.to_owned(),
            queries,
            window_s,
            looked_at,
            newest_sample: None,
            errors: Answer::Unknown,
            total: Answer::Unknown,
            errors_exist: None,
            warnings: Vec::new(),
            failure: Some(why),
        }
    }
}
