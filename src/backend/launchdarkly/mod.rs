//! LaunchDarkly: one environment of one project, over its REST API.
//!
//! A flag's percentage is the weight of its `true` variation in the default rule. A change is one semantic patch, which
//! is taken whole or not at all; what LaunchDarkly says it has not done may be sent again.

mod answer;
mod history;
mod limit;
mod patch;
mod place;
mod refusal;
mod rights;
mod sides;
mod sight;
#[cfg(test)]
mod tests;

use super::remote::{Backend, Goal, Mark, Right, Seen, Session, Write, Writer, asked, parse, stored, unknown};
use crate::error::{Error, Result};
use crate::http::{Method, Reply, Request, Wait};
use crate::model::{FlagName, Shown};
use place::Place;
use refusal::{Asked, refusal};
use serde_json::Value;
use std::collections::BTreeSet;

/// The version of the API that is spoken; what it answers is fixed by it.
const HEADERS: &[(&str, &str)] = &[("LD-API-Version", "20240415")];

/// What is understood.
const JSON: &str = "application/json";

/// How a patch says that it is one of instructions, and not of pointers into the answer.
const SEMANTIC: &str = "application/json; domain-model=launchdarkly.semanticpatch";

/// How many flags one answer of a list holds.
const PAGE: usize = 100;

/// How many answers are read for a list at most.
const PAGES: usize = 100;

/// One environment of one project in LaunchDarkly.
pub struct LaunchDarkly<'a> {
    session: Session<'a>,
}

impl<'a> LaunchDarkly<'a> {
    /// Makes it; opens no connection.
    #[must_use]
    pub const fn new(session: Session<'a>) -> Self {
        Self { session }
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
        let request =
            Request { headers: HEADERS, ..Request::bare(write.method, url, JSON) }.with(kind, write.body.to_string());
        self.patiently(wait, || self.session.put(&request, wait))
    }

    /// Sends a write, or only has it looked at, and takes no refusal.
    fn change(&self, write: &Write, query: &[(&str, &str)], wait: &Wait) -> Result<()> {
        let reply = self.put(write, query, wait)?;
        if matches!(reply.status, 200 | 201) { Ok(()) } else { Err(self.refusal(&reply, Asked::Change(write))) }
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

    fn refusal(&self, reply: &Reply, asked: Asked<'_>) -> Error {
        refusal(reply, asked, &self.session.remote, self.limit(reply))
    }
}

impl Backend for LaunchDarkly<'_> {
    fn list(&self, wait: &Wait) -> Result<Vec<Seen>> {
        let (path, filter) = (self.place().flags(), format!("filterEnv:{}", self.place().environment));
        let mut flags = Vec::new();
        for page in 0..PAGES {
            let (limit, offset) = (PAGE.to_string(), (page * PAGE).to_string());
            let query = [
                ("env", self.place().environment),
                ("filter", &filter),
                ("summary", "0"),
                ("sort", "key"),
                ("limit", &limit),
                ("offset", &offset),
            ];
            let mut answer = self.ask(&path, &query, wait)?;
            let Some(Value::Array(items)) = answer.get_mut("items").map(Value::take) else {
                return Err(Error::failed("LaunchDarkly answers a list without `items`"));
            };
            let ended = items.is_empty();
            for item in items {
                flags.push(sight::seen(item, self.place().environment)?);
            }
            if ended || answer.pointer("/_links/next").is_none_or(Value::is_null) {
                // A flag that is made meanwhile moves the others, and one of them may come twice.
                let mut names = BTreeSet::new();
                flags.retain(|seen| names.insert(seen.flag.name.clone()));
                return Ok(flags);
            }
        }
        Err(Error::failed(format!("LaunchDarkly has more than {} flags in the project", PAGE * PAGES))
            .help("name the flags that you mean"))
    }

    fn read(&self, flag: &FlagName, wait: &Wait) -> Result<Seen> {
        let query = [("env", self.place().environment)];
        let reply = self.get(&self.place().flag(flag), &query, wait)?;
        let answer = match reply.status {
            200 => parse(&reply, "LaunchDarkly")?,
            404 => return Err(self.absent(flag, &reply, wait)),
            _ => return Err(self.refusal(&reply, Asked::Read)),
        };
        let seen = sight::seen(answer, self.place().environment)?;
        if seen.flag.name == *flag {
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

    /// A rollback leaves the weights: off does not look at them.
    fn stored_after(&self, seen: &Seen, goal: &Goal) -> Vec<String> {
        stored(seen, goal, goal.enabled != Some(false))
    }

    fn declare(&self, flag: &FlagName, description: &str) -> Vec<Write> {
        patch::declare(self.place(), flag, description)
    }

    fn send(&self, write: &Write, wait: &Wait) -> Result<()> {
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
        let pages = if mark.0.is_some() { history::PAGES } else { 1 };
        let mut before = String::new();
        let (mut ids, mut writers) = (BTreeSet::new(), Vec::new());
        for _ in 0..pages {
            let mut query = vec![("spec", resource.as_str()), ("limit", &page)];
            query.extend(mark.0.as_deref().map(|after| ("after", after)));
            if !before.is_empty() {
                query.push(("before", &before));
            }
            let answer = self.ask("/api/v2/auditlog", &query, wait)?;
            let log: history::Log = serde_json::from_value(answer)
                .map_err(|error| Error::failed(format!("LaunchDarkly's audit log can't be read: {error}")))?;
            let known = ids.len();
            writers.extend(log.items.iter().filter(|entry| ids.insert(entry.id.clone())).map(history::Entry::writer));
            let Some(oldest) = log.items.last() else { break };
            if log.items.len() < history::PAGE || ids.len() == known {
                break;
            }
            // Several entries may be of one millisecond: it is asked for again.
            before = oldest.date.saturating_add(1).to_string();
        }
        writers.reverse();
        Ok(writers)
    }

    fn skew(&self) -> Option<f64> {
        self.session.skew()
    }

    fn rights(&self, flag: Option<&FlagName>, wait: &Wait) -> Result<Vec<Right>> {
        rights::rights(self, flag, wait)
    }
}
