//! What instances of a service say that they serve, unjudged.

use super::Answer;

/// One series of a source, as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its labels but the metric's name, sorted by name.
    pub labels: Vec<(String, String)>,
    /// Its value.
    pub value: Answer,
    /// How old its sample is by the clock of the server, in seconds; `None` where that can't be told.
    pub age_s: Option<f64>,
}

/// What one instance says of one flag.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// How the instance is called.
    pub instance: String,
    /// The exposure that it serves, in percent.
    pub exposure: Answer,
    /// As [`Series::age_s`].
    pub age_s: Option<f64>,
}

impl Series {
    /// Returns what it says of the instance that `label` names; one without it is called as `otherwise` says, or where
    /// nothing is said by all its labels.
    #[must_use]
    pub fn reading(self, label: &str, otherwise: Option<&str>) -> Reading {
        let named = self.labels.iter().find(|(name, _)| name == label).map(|(_, value)| value.clone());
        let all = || {
            let labels = self.labels.iter().map(|(name, value)| format!("{name}={value:?}"));
            format!("{{{}}}", labels.collect::<Vec<_>>().join(","))
        };
        let instance = named.or_else(|| otherwise.map(str::to_owned)).unwrap_or_else(all);
        Reading { instance, exposure: self.value, age_s: self.age_s }
    }
}
