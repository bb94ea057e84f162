//! A feature as Unleash answers it. What it does not know it passes over; what it needs has to be there.

use super::share;
use crate::model::{Field, Percent};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The one strategy whose percentage is ours to set.
pub(super) const FLEXIBLE: &str = "flexibleRollout";

/// Where it is noted in an answer that nobody could say whether a release plan leads the flag.
pub(super) const PLAN_UNREAD: &str = "releasePlanUnread";

/// A feature with all its environments.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feature {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) archived: Option<bool>,
    pub(super) dependencies: Option<Vec<Parent>>,
    pub(super) environments: Vec<Environment>,
    /// Ours, not the server's: see [`PLAN_UNREAD`].
    #[serde(default)]
    pub(super) release_plan_unread: bool,
}

/// A feature that has to be on for this one to be.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Parent {
    pub(super) feature: String,
}

/// A feature in one environment.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Environment {
    pub(super) name: String,
    pub(super) enabled: bool,
    pub(super) strategies: Vec<Strategy>,
}

/// One of the rules of which any lets a user in.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Strategy {
    pub(super) id: String,
    pub(super) name: String,
    disabled: Option<bool>,
    constraints: Option<Vec<Constraint>>,
    segments: Option<Vec<Value>>,
    parameters: Option<Map<String, Value>>,
    milestone_id: Option<Value>,
}

/// What a user has to be, too.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Constraint {
    context_name: String,
}

impl Environment {
    /// The strategies that count.
    pub(super) fn active(&self) -> Vec<&Strategy> {
        self.strategies.iter().filter(|strategy| !strategy.is_disabled()).collect()
    }
}

impl Strategy {
    pub(super) fn is_disabled(&self) -> bool {
        self.disabled == Some(true)
    }

    pub(super) fn is_flexible(&self) -> bool {
        self.name == FLEXIBLE
    }

    /// True if a release plan made it, and will change it.
    pub(super) const fn is_of_plan(&self) -> bool {
        self.milestone_id.is_some()
    }

    /// The stored percentage, as it is stored.
    pub(super) fn stored(&self) -> Option<&Value> {
        self.parameter("rollout")
    }

    /// The stored percentage, if it is one.
    pub(super) fn rollout(&self) -> Field<Percent> {
        share::read(self.stored())
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&Value> {
        self.parameters.as_ref()?.get(name)
    }

    /// What users have to be, too: the fields that its constraints name, in their order.
    pub(super) fn constrained(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = Vec::new();
        for constraint in self.constraints.iter().flatten() {
            if !fields.contains(&constraint.context_name.as_str()) {
                fields.push(&constraint.context_name);
            }
        }
        fields
    }

    /// The segments that it is for, as the server numbers them.
    pub(super) fn segments(&self) -> Vec<String> {
        self.segments.iter().flatten().map(ToString::to_string).collect()
    }

    /// True if it is for everybody, as far as its own rule goes.
    pub(super) fn is_for_all(&self) -> bool {
        self.constraints.iter().flatten().next().is_none() && self.segments.iter().flatten().next().is_none()
    }
}
