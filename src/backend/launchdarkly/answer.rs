//! A flag as LaunchDarkly answers it, as far as we need it. What is absent and what is null mean the same there.

use crate::error::{Error, Result};
use crate::model::Shown;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// All of a percentage.
pub(super) const WHOLE: u64 = 100_000;

/// One flag, with the environments that were asked for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) key: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    pub(super) variations: Vec<Variation>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) archived: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) deprecated: bool,
    #[serde(default, rename = "_purpose")]
    pub(super) purpose: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    environments: BTreeMap<String, Environment>,
}

/// One of the values that a flag can have.
#[derive(Deserialize)]
pub(super) struct Variation {
    #[serde(default, rename = "_id")]
    pub(super) id: Option<String>,
    pub(super) value: Value,
}

/// Who gets which variation in one environment. Variations are named by their index.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Environment {
    pub(super) on: bool,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) archived: bool,
    pub(super) last_modified: i64,
    /// What users are hashed with beside the flag's key.
    #[serde(default)]
    pub(super) salt: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) targets: Vec<Target>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) context_targets: Vec<Target>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) rules: Vec<Rule>,
    /// What everybody else gets.
    #[serde(default, deserialize_with = "nullable")]
    pub(super) fallthrough: Serving,
    #[serde(default)]
    pub(super) off_variation: Option<usize>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) prerequisites: Vec<Prerequisite>,
}

/// Single users and what they get. With a `contextKind` of `user` and no values it stands for one of `targets`.
#[derive(Deserialize)]
pub(super) struct Target {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) values: Vec<Value>,
    pub(super) variation: usize,
}

/// Users of a kind and what they get.
#[derive(Deserialize)]
pub(super) struct Rule {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) disabled: bool,
    #[serde(flatten)]
    pub(super) serving: Serving,
}

/// Another flag that has to have a variation.
#[derive(Deserialize)]
pub(super) struct Prerequisite {
    pub(super) key: String,
}

/// One variation, or shares of several.
#[derive(Default, Deserialize)]
pub(super) struct Serving {
    #[serde(default)]
    pub(super) variation: Option<usize>,
    #[serde(default)]
    pub(super) rollout: Option<Rollout>,
}

/// Shares of several variations.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rollout {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) variations: Vec<Weight>,
    #[serde(default)]
    pub(super) bucket_by: Option<String>,
    #[serde(default)]
    pub(super) context_kind: Option<String>,
    #[serde(default)]
    pub(super) seed: Option<i64>,
    #[serde(default)]
    pub(super) experiment_allocation: Option<Value>,
    /// What we don't know, and a change of the weights would lose.
    #[serde(flatten)]
    pub(super) rest: BTreeMap<String, Value>,
}

/// One share, in thousandths of a percent.
#[derive(Deserialize)]
pub(super) struct Weight {
    pub(super) variation: usize,
    pub(super) weight: u64,
}

impl Answer {
    /// Reads what [`super::sight::seen`] has read before.
    pub(super) fn of(value: &Value) -> Result<Self> {
        Self::deserialize(value).map_err(|error| Error::failed(format!("LaunchDarkly's flag can't be read: {error}")))
    }

    /// Returns one environment.
    pub(super) fn environment(&self, name: &str) -> Result<&Environment> {
        self.environments.get(name).ok_or_else(|| {
            Error::usage(format!(
                "LaunchDarkly answers the flag `{}` without an environment `{}`",
                Shown(&self.key),
                Shown(name)
            ))
            .help("`environment` is the environment's key, as its settings in LaunchDarkly have it; may the token read it?")
        })
    }
}

impl Rollout {
    /// Names the kind and the attribute of what it is a percentage of, where that is not users by their key.
    pub(super) fn peculiar(&self) -> Option<(&str, &str)> {
        let kind = self.context_kind.as_deref().unwrap_or("user");
        let by = self.bucket_by.as_deref().unwrap_or("key");
        (kind != "user" || by != "key").then_some((kind, by))
    }

    /// Returns the variation of those who have no such kind or attribute: they count as the first of all.
    pub(super) fn first(&self) -> Option<usize> {
        self.variations.iter().find(|share| share.weight > 0).map(|share| share.variation)
    }

    /// Names what a change of the weights would lose, if it would lose anything.
    pub(super) fn losses(&self) -> Option<String> {
        let rest = self.rest.iter().find(|(key, value)| *key != "kind" && !value.is_null());
        match (&self.experiment_allocation, self.seed, rest) {
            (Some(Value::Object(allocation)), _, _) => Some(match allocation.get("type").and_then(Value::as_str) {
                Some("measuredRollout") => "its guarded rollout".to_owned(),
                Some(kind) => format!("its `{}`", Shown(kind)),
                None => "its experiment".to_owned(),
            }),
            (Some(_), _, _) => Some("its experiment".to_owned()),
            (None, _, _) if self.rest.get("kind").is_some_and(|kind| kind == "experiment") => {
                Some("its experiment".to_owned())
            }
            (None, Some(_), _) => Some("the `seed` of its percentage".to_owned()),
            (None, None, Some((key, _))) => Some(format!("the `{}` of its percentage", Shown(key))),
            (None, None, None) => None,
        }
    }
}

/// Reads null as the empty value.
fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
