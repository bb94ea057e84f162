//! LaunchDarkly: one environment of one project, over its REST API.
//!
//! A flag's percentage is the weight of its `true` variation in the default rule. A change is one semantic patch, which
//! is taken whole or not at all; what LaunchDarkly says it has not done may be sent again.

mod answer;
mod beside;
mod ending;
mod held;
mod history;
mod limit;
mod machinery;
mod off;
mod pages;
mod patch;
mod place;
mod refusal;
mod rights;
mod sides;
mod sight;
#[cfg(test)]
mod tests;

use super::remote::{Backend, Goal, Hashing, Mark, Right, Seen, Session, Write, Writer, asked, parse, stored, unknown};
use crate::error::{Error, Result};
use crate::http::{Method, Reply, Request, Wait};
use crate::model::{FlagName, Mode, Shown};
use place::Place;
use refusal::{Asked, own, refusal};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The version of the API that is spoken; what it answers is fixed by it.
const HEADERS: &[(&str, &str)] = &[("LD-API-Version", "20240415")];

/// What is understood.
const JSON: &str = "application/json";

/// How a patch says that it is one of instructions, and not of pointers into the answer.
const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";

/// One environment of one project in LaunchDarkly.
pub struct LaunchDarkly<'a> {
    session: Session<'a>,
    /// What ends the comments of this run, by which its audit log tells our changes from those of others.
    run: String,
    /// The off variations that were set, by the path of their flag.
    turned: Mutex<BTreeMap<String, String>>,
}

impl<'a> LaunchDarkly<'a> {
    /// Makes it; opens no connection.
    #[must_use]
    pub fn new(session: Session<'a>) -> Self {
        let number = RandomState::new().build_hasher().finish();
        Self { session, run: format!("[{:06x}]", number & 0xff_ffff), turned: Mutex::default() }
    }

    fn place(&self) -> Place<'_> {
        Place::of(&self.session.remote)
    }

    /// Reads.
    fn get(&self, path: &str, query: &[(&str, &str)], wait: &Wait) -> Result<Reply> {
        let url = asked(self.session.client(), path, query);
        let request = Request { headers: HEADERS, ..Request::bare(Method::Get, url, JSON) };
        self.patiently(wait, || self.session.get(&request, wait))
    }

    /// Returns the answer to a question.
    fn ask(&self, path: &str, query: &[(&str, &str)], wait: &Wait) -> Result<Value> {
        let reply = self.get(path, query, wait)?;
        if reply.status == 200 { parse(&reply, "LaunchDarkly") } else { Err(self.refusal(&reply, Asked::Read)) }
    }

    /// Sends a write, or only has it looked at.
    fn put(&self, write: &Write, query: &[(&str, &str)], wait: &Wait) -> Result<Reply> {
        let mut url = self.session.client().below(&write.path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let kind = if write.body.get("instructions").is_some() { SEMANTIC } else { JSON };
        let mut body = write.body.clone();
        if let Some(Value::String(comment)) = body.get_mut("comment") {
            *comment = format!("{comment} {}", self.run);
        }
        let request =
            Request { headers: HEADERS, ..Request::bare(write.method, url, JSON) }.with(kind, body.to_string());
        self.patiently(wait, || self.session.put(&request, wait))
    }

    /// Sends a write, or only has it looked at, and takes no refusal.
    fn change(&self, write: &Write, query: &[(&str, &str)], wait: &Wait) -> Result<()> {
        let reply = self.put(write, query, wait)?;
        if (200..300).contains(&reply.status) {
            own(&reply, write)
        } else {
            Err(self.refusal(&reply, Asked::Change(write)))
        }
    }

    /// Sends again what met a limit of requests, when it is over and while there is time: nothing was done of it.
    fn patiently(&self, wait: &Wait, send: impl Fn() -> Result<Reply>) -> Result<Reply> {
        for attempt in 1.. {
            let reply = send()?;
            if reply.status != 429 || attempt >= limit::TRIES {
                return Ok(reply);
            }
            let pause = limit::pause(self.limit(&reply), attempt);
            if wait.left() <= pause {
                return Ok(reply);
            }
            wait.pause(pause, &mut |_| {}).map_err(Error::from)?;
        }
        Err(Error::failed("LaunchDarkly was not asked"))
    }

    fn limit(&self, reply: &Reply) -> Option<std::time::Duration> {
        limit::of(reply, self.session.skew().unwrap_or_default())
    }

    /// Tells a flag that is not there from a project or an environment that isn't: the latter has no other flags either.
    fn absent(&self, flag: &FlagName, reply: &Reply, wait: &Wait) -> Error {
        let filter = format!("filterEnv:{}", self.place().environment);
        let query = [("env", self.place().environment), ("filter", &filter), ("limit", "1")];
        match self.get(&self.place().flags(), &query, wait) {
            Ok(other) if other.status == 200 => unknown(flag, &Shown(&self.session.remote.address()).to_string()),
            _ => self.refusal(reply, Asked::Read),
        }
    }

    fn turned(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.turned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusal(&self, reply: &Reply, asked: Asked<'_>) -> Error {
        refusal(reply, asked, &self.session.remote, self.limit(reply))
    }
}

impl Backend for LaunchDarkly<'_> {
    fn list(&self, wait: &Wait) -> Result<Vec<Seen>> {
        pages::list(self, wait)
    }

    fn read(&self, flag: &FlagName, wait: &Wait) -> Result<Seen> {
        let query = [("env", self.place().environment)];
        let reply = self.get(&self.place().flag(flag), &query, wait)?;
        let answer = match reply.status {
            200 => parse(&reply, "LaunchDarkly")?,
            404 => return Err(self.absent(flag, &reply, wait)),
            _ => return Err(self.refusal(&reply, Asked::Read)),
        };
        let mut seen = sight::seen(answer, self.place().environment)?;
        if seen.flag.name == *flag {
            seen.findings.extend(
                self.turned().get(&self.place().flag(flag)).and_then(|id| ending::is_off(self.place(), &seen, id)),
            );
            Ok(seen)
        } else {
            Err(Error::failed(format!("LaunchDarkly was asked for the flag `{flag}` and answers `{}`", seen.flag.name)))
        }
    }

    fn next(&self, seen: &Seen, goal: &Goal) -> Result<Option<Write>> {
        patch::next(self.place(), seen, goal)
    }

    fn blind(&self, flag: &FlagName) -> Write {
        patch::blind(self.place(), flag)
    }

    fn falls_short(&self, seen: &Seen, goal: &Goal) -> Option<String> {
        let down = goal.mode == Mode::Urgent && goal.rollout.is_zero();
        ending::no_end(self.place(), seen).filter(|_| down)
    }

    /// A rollback leaves the weights: off does not look at them.
    fn stored_after(&self, seen: &Seen, goal: &Goal) -> Vec<String> {
        let mut after = stored(seen, goal, goal.enabled != Some(false));
        let down = goal.mode == Mode::Urgent && goal.rollout.is_zero();
        if let Some(safe) = ending::new_off(self.place(), seen).filter(|_| down) {
            after.retain(|stored| !stored.starts_with(ending::OFF_VARIATION));
            after.push(format!("{}{safe}", ending::OFF_VARIATION));
        }
        after
    }

    fn declare(&self, flag: &FlagName, description: &str) -> Vec<Write> {
        patch::declare(self.place(), flag, description)
    }

    fn send(&self, write: &Write, wait: &Wait) -> Result<()> {
        // Before its answer, which may be lost: whether it was done is read.
        if let Some(id) = ending::turns(write) {
            self.turned().insert(write.path.clone(), id.to_owned());
        }
        self.change(write, &[], wait)
    }

    fn rehearse(&self, write: &Write, wait: &Wait) -> Option<Result<()>> {
        let rehearsed = || {
            // Nothing is changed by a rehearsal, whatever became of its answer.
            self.change(write, rights::REHEARSAL, wait).map_err(|error| error.changed(Some(false)))
        };
        (write.method == Method::Patch).then(rehearsed)
    }

    fn writers(&self, flag: &FlagName, mark: &Mark, wait: &Wait) -> Result<Vec<Writer>> {
        let resource = self.place().resource(flag.as_str());
        let page = history::PAGE.to_string();
        // Without a mark the newest are asked for, and they come first.
        let after = history::after(mark);
        let pages = if after.is_some() { history::PAGES } else { 1 };
        let mut before = String::new();
        let (mut ids, mut entries) = (BTreeSet::new(), Vec::new());
        for _ in 0..pages {
            let mut query = vec![("spec", resource.as_str()), ("limit", &page)];
            query.extend(after.as_deref().map(|after| ("after", after)));
            if !before.is_empty() {
                query.push(("before", &before));
            }
            let answer = self.ask("/api/v2/auditlog", &query, wait)?;
            let log: history::Log = serde_json::from_value(answer)
                .map_err(|error| Error::failed(format!("LaunchDarkly's audit log can't be read: {error}")))?;
            let known = ids.len();
            let (count, oldest) = (log.items.len(), log.items.last().map(|entry| entry.date));
            entries.extend(log.items.into_iter().filter(|entry| ids.insert(entry.id.clone())));
            let Some(oldest) = oldest.filter(|_| count == history::PAGE && ids.len() > known) else { break };
            // Several entries may be of one millisecond: it is asked for again.
            before = oldest.saturating_add(1).to_string();
        }
        Ok(history::writers(&entries, &self.run))
    }

    fn hashing(&self, seen: &Seen) -> Hashing {
        sight::hashing(seen, self.place().environment).unwrap_or_default()
    }

    fn skew(&self) -> Option<f64> {
        self.session.skew()
    }

    fn rights(&self, flag: Option<&FlagName>, wait: &Wait) -> Result<Vec<Right>> {
        rights::rights(self, flag, wait)
    }
}
