//! What Unleash hands out to its clients, asked as an SDK asks it: a change is not there yet when it is stored.

use crate::backend::remote::{Refused, parse};
use crate::error::{Error, Result};
use crate::http::{Client, Request, Wait};
use crate::model::{Auth, Exposure, FlagName, Percent, Remote, Secret, Shown};
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a client gets.
#[derive(Deserialize)]
struct Answer {
    features: Vec<Feature>,
    /// Who is answered: what the token's own environment made of the question.
    query: Query,
}

#[derive(Deserialize)]
struct Query {
    environment: Option<String>,
}

#[derive(Deserialize)]
struct Feature {
    name: String,
    enabled: bool,
    #[serde(default)]
    strategies: Vec<Strategy>,
}

#[derive(Deserialize)]
struct Strategy {
    name: String,
    #[serde(default)]
    parameters: Map<String, Value>,
    #[serde(default)]
    constraints: Vec<Value>,
    #[serde(default)]
    segments: Vec<Value>,
}

/// Returns what clients are told of a flag; `None` without a token of theirs.
///
/// # Errors
/// Exit 1 and 3: nobody answered, or not of our environment.
pub(super) fn served(remote: &Remote, flag: &FlagName, wait: &Wait) -> Option<Result<Exposure>> {
    remote.client_token.clone().map(|token| ask(remote, token, flag, wait))
}

fn ask(remote: &Remote, token: Secret, flag: &FlagName, wait: &Wait) -> Result<Exposure> {
    let as_client = Remote { auth: Some(Auth::Token(token)), ..remote.clone() };
    let client = Client::new(&as_client).map_err(|why| Error::invalid(format!("Unleash {why}")))?;
    // The list, which SDKs poll: what is asked of one flag alone is looked up anew, and may be ahead of it.
    let mut url = client.below("/api/client/features");
    url.query_pairs_mut().append_pair("namePrefix", flag.as_str());
    let reply = client
        .send(&Request::get(url, "application/json"), wait)
        .map_err(|why| Error::failed(format!("Unleash {}", client.mask().hide(&why.to_string()))))?;
    if reply.status != 200 {
        let refused = client.mask().hide(&Refused::of(&reply).to_string());
        return Err(Error::failed(format!("Unleash {refused} to `client-token-env`")));
    }
    told(&parse(&reply, "Unleash")?, remote, flag)
}

/// Reads what an answer tells of a flag.
fn told(answer: &Answer, remote: &Remote, flag: &FlagName) -> Result<Exposure> {
    let environment = answer.query.environment.as_deref().unwrap_or_default();
    if environment != remote.environment {
        return Err(Error::invalid(format!(
            "Unleash takes `client-token-env` for a token of the environment `{}`, not of `{}`",
            Shown(environment),
            Shown(&remote.environment)
        )));
    }
    let feature = answer.features.iter().find(|feature| feature.name == flag.as_str());
    let missing = || Error::failed(format!("Unleash hands out no `{flag}` to `client-token-env`"));
    feature.map(exposure).ok_or_else(missing)
}

fn exposure(feature: &Feature) -> Exposure {
    if !feature.enabled {
        return Exposure::Exactly(Percent::ZERO);
    }
    let shares: Vec<Option<Percent>> = feature.strategies.iter().map(share).collect();
    match (feature.strategies.as_slice(), shares.as_slice()) {
        ([], _) => Exposure::Exactly(Percent::FULL),
        (_, shares) if shares.iter().all(|share| *share == Some(Percent::ZERO)) => Exposure::Exactly(Percent::ZERO),
        ([only], [Some(share)]) if only.constraints.is_empty() && only.segments.is_empty() => Exposure::Exactly(*share),
        (strategies, _) => Exposure::Unknown { reason: format!("handed out by {} strategies", strategies.len()) },
    }
}

/// Returns the most that a strategy gives, if it is one that has a share.
fn share(strategy: &Strategy) -> Option<Percent> {
    match (strategy.name.as_str(), strategy.parameters.get("rollout")) {
        ("default", _) => Some(Percent::FULL),
        ("flexibleRollout", Some(Value::String(text))) => Percent::parse_decimal(text, 0).ok(),
        ("flexibleRollout", Some(Value::Number(number))) => Percent::parse_decimal(&number.to_string(), 0).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(feature: &Value) -> Exposure {
        exposure(&serde_json::from_value(feature.clone()).unwrap())
    }

    fn rollout(share: &Value) -> Value {
        json!({ "name": "flexibleRollout", "parameters": { "rollout": share }, "constraints": [] })
    }

    #[test]
    fn one_share_is_told_and_several_are_not() {
        let on = |strategies: Value| json!({ "name": "f", "enabled": true, "strategies": strategies });
        let limited = json!({ "name": "flexibleRollout", "parameters": { "rollout": "25" }, "constraints": [{}] });
        for (feature, known) in [
            (json!({ "name": "f", "enabled": false, "strategies": [rollout(&"25".into())] }), Some(0)),
            (json!({ "name": "f", "enabled": true }), Some(100)),
            (on(json!([])), Some(100)),
            (on(json!([{ "name": "default" }])), Some(100)),
            (on(json!([rollout(&"25".into())])), Some(25)),
            (on(json!([rollout(&25.into())])), Some(25)),
            (on(json!([rollout(&"0".into()), rollout(&0.into())])), Some(0)),
            (on(json!([rollout(&"0".into()), rollout(&"5".into())])), None),
            (on(json!([rollout(&"many".into())])), None),
            (on(json!([rollout(&Value::Null)])), None),
            (on(json!([{ "name": "userWithId", "parameters": { "userIds": "" } }])), None),
            (on(json!([limited])), None),
        ] {
            assert_eq!(of(&feature).known(), known.and_then(Percent::from_whole), "{feature}");
        }
    }
}
