//! Reading flags.

use super::feature::PLAN_UNREAD;
use super::{Unleash, events, meaning, missing, refusal};
use crate::backend::remote::{Mark, Seen, parse};
use crate::error::{Error, Result};
use crate::http::{Method, Reply, Wait};
use crate::model::FlagName;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many flags are asked for at once.
const AT_ONCE: usize = 6;

/// A project's flags as its list has them: without their strategies.
#[derive(Deserialize)]
pub(super) struct Features {
    pub(super) features: Vec<Listed>,
}

#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) name: String,
}

/// A strategy as the list of one environment has it; only there stands which release plan made it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Planned {
    id: String,
    milestone_id: Option<Value>,
}

/// Reads one flag whole. The three questions are asked at once: a rollback should not wait three times.
pub(super) fn read(unleash: &Unleash<'_>, flag: &FlagName, wait: &Wait) -> Result<Seen> {
    let (mark, planned, answer) = thread::scope(|scope| {
        let mark = scope.spawn(|| events::mark(unleash, flag, wait));
        let planned = scope.spawn(|| planned(unleash, flag, wait));
        let answer = answer(unleash, flag, wait);
        (mark.join().unwrap_or_default(), planned.join().ok().and_then(Result::ok), answer)
    });
    let mut answer = answer?.map_err(|reply| missing::explain(unleash, flag, &reply, wait))?;
    note_plans(&mut answer, unleash.place().environment, planned);
    named(meaning::seen(answer, &unleash.place(), mark)?, flag)
}

/// Asks for a flag; `Err` within is the answer that it is not there.
fn answer(unleash: &Unleash<'_>, flag: &FlagName, wait: &Wait) -> Result<Result<Value, Reply>> {
    let reply = unleash.ask(unleash.address(&unleash.place().feature(flag)), wait)?;
    if reply.status == 404 {
        return Ok(Err(reply));
    }
    parse(&refusal::good(reply, Method::Get, unleash.remote())?, "Unleash").map(Ok)
}

/// Takes an answer only for the flag that was asked for.
fn named(seen: Seen, flag: &FlagName) -> Result<Seen> {
    if seen.flag.name == *flag {
        return Ok(seen);
    }
    Err(Error::failed(format!("Unleash was asked for `{flag}` and answered with `{}`", seen.flag.name)))
}

/// Returns the strategies in our environment that a release plan made, with what the server says of it.
fn planned(unleash: &Unleash<'_>, flag: &FlagName, wait: &Wait) -> Result<BTreeMap<String, Value>> {
    let reply = unleash.get(unleash.address(&unleash.place().strategies(flag)), wait)?;
    let list: Vec<Planned> = parse(&reply, "Unleash")?;
    Ok(list.into_iter().filter_map(|strategy| Some((strategy.id, strategy.milestone_id?))).collect())
}

/// Notes in the answer which strategies a release plan made, or that nobody could say.
fn note_plans(answer: &mut Value, environment: &str, planned: Option<BTreeMap<String, Value>>) {
    let Some(planned) = planned else {
        if let Some(feature) = answer.as_object_mut() {
            feature.insert(PLAN_UNREAD.to_owned(), Value::Bool(true));
        }
        return;
    };
    let environments = answer.get_mut("environments").and_then(Value::as_array_mut).into_iter().flatten();
    let ours = environments.filter(|found| found.get("name").and_then(Value::as_str) == Some(environment));
    let strategies = ours.filter_map(|found| found.get_mut("strategies")).filter_map(Value::as_array_mut).flatten();
    for strategy in strategies.filter_map(Value::as_object_mut) {
        let milestone = strategy.get("id").and_then(Value::as_str).and_then(|id| planned.get(id));
        if let Some(milestone) = milestone.cloned() {
            strategy.insert("milestoneId".to_owned(), milestone);
        }
    }
}

/// Reads every flag of the project. The list has no strategies, and an export would leave an entry in the record of
/// changes: so each is asked for, a few at a time. Release plans and marks are left out.
pub(super) fn list(unleash: &Unleash<'_>, wait: &Wait) -> Result<Vec<Seen>> {
    let names = names(unleash, wait)?;
    if names.is_empty() {
        missing::project(unleash, wait)?;
    }
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(name) = names.get(next.fetch_add(1, Ordering::SeqCst)) {
            let Some(seen) = listed(unleash, name, wait).transpose() else { continue };
            found.lock().unwrap_or_else(PoisonError::into_inner).push((name, seen));
        }
    };
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(names.len()) {
            scope.spawn(work);
        }
    });
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.sort_by_key(|(name, _)| *name);
    // Where none can be read it isn't they who are odd.
    if let Some((_, Err(_))) = found.first()
        && found.iter().all(|(_, seen)| seen.is_err())
    {
        return found.into_iter().map(|(_, seen)| seen).collect();
    }
    let seen = |(name, seen): (&FlagName, Result<Seen>)| seen.unwrap_or_else(|error| Seen::unread(name, &error));
    Ok(found.into_iter().map(seen).collect())
}

/// Reads a flag that the list has; `None` where it is gone since.
fn listed(unleash: &Unleash<'_>, name: &FlagName, wait: &Wait) -> Result<Option<Seen>> {
    let reply = match answer(unleash, name, wait)? {
        Ok(answer) => return named(meaning::seen(answer, &unleash.place(), Mark(None))?, name).map(Some),
        Err(reply) => reply,
    };
    // A server that has just lost its database says that of what is there.
    if names(unleash, wait)?.contains(name) {
        return Err(missing::contradiction(name, &reply));
    }
    Ok(None)
}

/// Returns the names of the project's flags.
pub(super) fn names(unleash: &Unleash<'_>, wait: &Wait) -> Result<Vec<FlagName>> {
    let reply = unleash.get(unleash.address(&unleash.place().features()), wait)?;
    let list: Features = parse(&reply, "Unleash")?;
    Ok(list.features.into_iter().filter_map(|listed| FlagName::new(listed.name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_release_plan_is_noted_where_it_is_ours() {
        let strategy = |id: &str| json!({ "id": id });
        let bare = json!({ "environments": [
            { "name": "development", "strategies": [strategy("a"), strategy("b")] },
            { "name": "production", "strategies": [strategy("a")] },
        ]});
        let mut answer = bare.clone();
        note_plans(&mut answer, "development", Some(BTreeMap::from([("a".to_owned(), json!("m1"))])));
        let mut right = bare.clone();
        right["environments"][0]["strategies"][0]["milestoneId"] = json!("m1");
        assert_eq!(answer, right);
        let mut answer = bare.clone();
        note_plans(&mut answer, "development", Some(BTreeMap::new()));
        assert_eq!(answer, bare);
        note_plans(&mut answer, "development", None);
        assert_eq!(answer[PLAN_UNREAD], json!(true));
    }
}
