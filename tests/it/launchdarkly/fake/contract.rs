//! What LaunchDarkly's API takes, as its public specification has it, and nothing else: a request that would be refused
//! there is refused here, and remembered as a mistake of ours.

use super::wire::Asked;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// The project that there is.
pub(crate) const PROJECT: &str = "shop";
/// Its environments.
pub(crate) const ENVIRONMENTS: [&str; 2] = ["production", "test"];
/// The token that is taken.
pub(crate) const TOKEN: &str = "api-0000-secret";

/// Why a request is refused: status, code, message.
pub(crate) type Refused = (u16, &'static str, String);

/// A request that the API takes, if its names are known.
#[derive(Debug, PartialEq)]
pub(crate) enum Call {
    Read { flag: String, environment: String },
    List { environment: String, summary: bool, limit: usize, offset: usize },
    Create(Value),
    Patch { flag: String, dry: bool, body: Value },
    Log { resource: String, after: i64, before: i64, limit: usize },
}

fn bad<T>(message: impl Into<String>) -> Result<T, Refused> {
    Err((400, "invalid_request", message.into()))
}

/// Reads a request as the specification does.
pub(crate) fn call(asked: &Asked) -> Result<Call, Refused> {
    if asked.header("authorization") != TOKEN {
        return Err((401, "unauthorized", "Invalid access token".into()));
    }
    if asked.header("ld-api-version") != "20240415" {
        return bad("the version of the API is not pinned");
    }
    let segments: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    match (asked.method.as_str(), segments.as_slice()) {
        ("GET", ["api", "v2", "flags", project]) => project_of(project).and_then(|()| list(asked)),
        ("POST", ["api", "v2", "flags", project]) => project_of(project).and_then(|()| create(asked)),
        ("GET", ["api", "v2", "flags", project, flag]) => {
            project_of(project)?;
            only(&asked.query, &["env", "expand"])?;
            Ok(Call::Read { flag: (*flag).to_owned(), environment: environment(asked.parameter("env"))? })
        }
        ("PATCH", ["api", "v2", "flags", project, flag]) => project_of(project).and_then(|()| patch(asked, flag)),
        ("GET", ["api", "v2", "auditlog"]) => log(asked),
        _ => Err((404, "not_found", format!("there is no {} {}", asked.method, asked.path))),
    }
}

fn project_of(name: &str) -> Result<(), Refused> {
    if name == PROJECT { Ok(()) } else { Err((404, "not_found", "Invalid resource identifier".into())) }
}

fn environment(name: &str) -> Result<String, Refused> {
    if ENVIRONMENTS.contains(&name) {
        Ok(name.to_owned())
    } else {
        Err((404, "not_found", "Unknown environment key".into()))
    }
}

fn only(query: &HashMap<String, String>, known: &[&str]) -> Result<(), Refused> {
    match query.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => bad(format!("the query has no `{key}`")),
        None => Ok(()),
    }
}

fn number<T: std::str::FromStr>(asked: &Asked, key: &str, default: T) -> Result<T, Refused> {
    match asked.query.get(key) {
        None => Ok(default),
        Some(text) => text.parse().or_else(|_| bad(format!("`{key}` is no integer"))),
    }
}

fn list(asked: &Asked) -> Result<Call, Refused> {
    only(&asked.query, &["env", "tag", "limit", "offset", "archived", "summary", "filter", "sort", "expand"])?;
    let filter = asked.parameter("filter");
    // The environments come only where they are filtered for.
    let name = match filter.strip_prefix("filterEnv:") {
        Some(name) => environment(name)?,
        None if filter.is_empty() => String::new(),
        None => return bad("a filter that is not played here"),
    };
    if !name.is_empty() && asked.parameter("env") != name {
        return bad("the fields beyond a summary need `env`");
    }
    let limit = number(asked, "limit", 20)?;
    let offset = number(asked, "offset", 0)?;
    Ok(Call::List { environment: name, summary: asked.parameter("summary") != "0", limit, offset })
}

fn log(asked: &Asked) -> Result<Call, Refused> {
    only(&asked.query, &["before", "after", "q", "limit", "spec"])?;
    let limit = number(asked, "limit", 10)?;
    if !(1..=20).contains(&limit) {
        return bad("`limit` is between 1 and 20");
    }
    let (after, before) = (number(asked, "after", 0)?, number(asked, "before", i64::MAX)?);
    Ok(Call::Log { resource: asked.parameter("spec").to_owned(), after, before, limit })
}

fn object<'a>(value: &'a Value, what: &str, known: &[&str]) -> Result<&'a Map<String, Value>, Refused> {
    let Some(object) = value.as_object() else { return bad(format!("{what} is no object")) };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => bad(format!("{what} has no `{key}`")),
        None => Ok(object),
    }
}

fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Result<&'a str, Refused> {
    match object.get(key).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text),
        _ => bad(format!("`{key}` is needed, and is a text")),
    }
}

fn create(asked: &Asked) -> Result<Call, Refused> {
    only(&asked.query, &["clone"])?;
    if asked.header("content-type") != "application/json" {
        return bad("a new flag is plain JSON");
    }
    let body = json(asked)?;
    let fields = ["name", "key", "description", "variations", "defaults", "temporary", "tags", "isFlagOn"];
    let flag = object(&body, "a new flag", &fields)?;
    text(flag, "name")?;
    let key = text(flag, "key")?;
    let first = key.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !first || !key.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
        return bad("a key is letters, digits, `.`, `_` and `-`, and begins with one of the first two");
    }
    for variation in flag.get("variations").and_then(Value::as_array).into_iter().flatten() {
        if object(variation, "a variation", &["value", "name", "description"])?.get("value").is_none() {
            return bad("a variation has a value");
        }
    }
    if let Some(defaults) = flag.get("defaults") {
        let defaults = object(defaults, "defaults", &["onVariation", "offVariation"])?;
        if defaults.len() != 2 || !defaults.values().all(|index| index.as_u64().is_some_and(|index| index < 2)) {
            return bad("defaults are two indices of variations");
        }
    }
    Ok(Call::Create(body))
}

fn json(asked: &Asked) -> Result<Value, Refused> {
    serde_json::from_str(&asked.body).or_else(|error| bad(format!("the body is no JSON: {error}")))
}

fn patch(asked: &Asked, flag: &str) -> Result<Call, Refused> {
    only(&asked.query, &["dryRun", "ignoreConflicts"])?;
    if asked.query.contains_key("ignoreConflicts") {
        return bad("ignoring conflicts is nothing that this client may do");
    }
    let dry = match asked.parameter("dryRun") {
        "" => false,
        "true" => true,
        _ => return bad("`dryRun` is no boolean"),
    };
    let body = json(asked)?;
    match asked.header("content-type") {
        "application/json; domain-model=launchdarkly.semanticpatch" => {
            let patch = object(&body, "a semantic patch", &["environmentKey", "comment", "instructions"])?;
            environment(text(patch, "environmentKey")?)?;
            let Some(instructions) = patch.get("instructions").and_then(Value::as_array) else {
                return bad("a semantic patch has instructions");
            };
            instructions.iter().try_for_each(instruction)?;
            if instructions.is_empty() {
                return bad("a semantic patch has instructions");
            }
        }
        "application/json" => {
            let patch = object(&body, "a patch without `domain-model`", &["comment", "patch"])?;
            let Some(operations) = patch.get("patch").and_then(Value::as_array) else {
                return bad("a patch has operations");
            };
            operations.iter().try_for_each(operation)?;
        }
        kind => return bad(format!("a patch is no `{kind}`")),
    }
    Ok(Call::Patch { flag: flag.to_owned(), dry, body })
}

fn instruction(value: &Value) -> Result<(), Refused> {
    let kind = value.get("kind").and_then(Value::as_str).unwrap_or_default();
    let of = |fields: &[&str]| object(value, kind, &[&["kind"], fields].concat());
    match kind {
        "turnFlagOn" | "turnFlagOff" => of(&[]).map(|_| ()),
        "updateOffVariation" => text(of(&["variationId"])?, "variationId").map(|_| ()),
        "updateFallthroughVariationOrRollout" => {
            let fields = of(&["variationId", "rolloutWeights", "rolloutBucketBy", "rolloutContextKind"])?;
            match (fields.get("variationId"), fields.get("rolloutWeights")) {
                (Some(_), None) if fields.len() == 2 => text(fields, "variationId").map(|_| ()),
                (None, Some(Value::Object(weights))) => {
                    for optional in ["rolloutBucketBy", "rolloutContextKind"] {
                        if fields.contains_key(optional) {
                            text(fields, optional)?;
                        }
                    }
                    sum(weights.values())
                }
                _ => bad("either a variation or weights"),
            }
        }
        _ => bad(format!("there is no instruction `{kind}`")),
    }
}

/// The only one that is sent: what a rule without conditions serves.
fn operation(value: &Value) -> Result<(), Refused> {
    let operation = object(value, "an operation", &["op", "path", "value"])?;
    let path = text(operation, "path")?;
    let known = ENVIRONMENTS.iter().any(|name| path == format!("/environments/{name}/fallthrough"));
    if text(operation, "op")? != "replace" || !known {
        return bad("an operation that is not played here");
    }
    let Some(shares) = value.pointer("/value/rollout/variations").and_then(Value::as_array) else {
        return bad("weights are needed");
    };
    for share in shares {
        object(share, "a share", &["variation", "weight"])?;
    }
    sum(shares.iter().map(|share| &share["weight"]))
}

fn sum<'a>(weights: impl Iterator<Item = &'a Value>) -> Result<(), Refused> {
    let weights: Option<Vec<u64>> = weights.map(Value::as_u64).collect();
    match weights {
        Some(weights) if weights.iter().sum::<u64>() == 100_000 => Ok(()),
        Some(_) => bad("weights sum up to 100000"),
        None => bad("weights are integers"),
    }
}
