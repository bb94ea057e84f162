//! A LaunchDarkly in memory: it takes what the specification takes, and does what a test wants of it besides.

pub(crate) mod contract;
pub(crate) mod flags;
pub(crate) mod wire;

use crate::metrics::server::Server;
use contract::{Call, Refused, call};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use wire::{Asked, read, respond};

/// What goes wrong with one request.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is refused, with what comes with such an answer.
    Refuse(u16, &'static str, Vec<(&'static str, String)>),
    /// It is done, and its answer is lost.
    LoseAnswer,
    /// It is lost before it is done.
    LoseRequest,
    /// Somebody in between answers.
    Answer(u16, &'static str),
}

/// What there is.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) flags: BTreeMap<String, Value>,
    /// The newest last.
    pub(crate) log: Vec<Value>,
    /// For changes, in their order; reading is not met by them.
    pub(crate) faults: VecDeque<Fault>,
    /// The same for readings.
    pub(crate) blind: VecDeque<Fault>,
    /// Changes need an approval.
    pub(crate) approvals: bool,
    /// What the role of the token may not do.
    pub(crate) denied: Vec<&'static str>,
    /// A scheduled change stands against every other one.
    pub(crate) scheduled: bool,
    /// What was asked, in its order.
    pub(crate) asked: Vec<Asked>,
    /// What no client may send, as it was sent.
    pub(crate) mistakes: Vec<String>,
    /// What was said, by the name of its kind, in both directions.
    pub(crate) said: Vec<(String, Value)>,
    /// By how many milliseconds the log is later than the flag.
    pub(crate) late: i64,
    changes: i64,
}

/// A server that lives as long as the value.
pub(crate) struct Fake {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl Fake {
    /// Starts one with the flags.
    pub(crate) fn with(flags: impl IntoIterator<Item = Value>) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let inner = Arc::clone(&state);
        let server = Server::raw(move |stream| meet(&inner, stream));
        let fake = Self { server, state };
        for flag in flags {
            let key = flag["key"].as_str().unwrap().to_owned();
            fake.state().flags.insert(key, flag);
        }
        fake
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Changes the flag's configuration in production, as somebody else does.
    pub(crate) fn configure(&self, flag: &str, key: &str, value: Value) {
        let mut state = self.state();
        state.changes += 1;
        let change = state.changes;
        let there = &mut state.flags.get_mut(flag).unwrap()["environments"]["production"];
        there[key] = value;
        there["lastModified"] = flags::time(change).into();
        record(&mut state, flag, "production", &["updateRules"], ("ann@example.com", &Value::Null));
    }

    /// Returns how many changes were asked for.
    pub(crate) fn patches(&self) -> usize {
        self.state().asked.iter().filter(|asked| asked.method == "PATCH").count()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let mistakes = self.state().mistakes.clone();
            assert!(mistakes.is_empty(), "LaunchDarkly would refuse: {mistakes:#?}");
        }
    }
}

/// A limit that ends in a moment, as the answer tells it.
pub(crate) fn limited(length: Duration) -> Fault {
    let ends = jiff::Timestamp::now().as_millisecond() + i64::try_from(length.as_millis()).unwrap();
    Fault::Refuse(
        429,
        "rate_limited",
        vec![("X-Ratelimit-Route-Remaining", "0".into()), ("X-Ratelimit-Reset", ends.to_string())],
    )
}

fn meet(state: &Mutex<State>, stream: &mut TcpStream) {
    let Some(asked) = read(stream) else { return };
    let mut state = state.lock().unwrap();
    state.asked.push(asked.clone());
    let faults = if asked.method == "GET" { &mut state.blind } else { &mut state.faults };
    let fault = faults.pop_front();
    match &fault {
        Some(Fault::LoseRequest) => return,
        Some(Fault::Answer(status, body)) => return respond(stream, *status, &[], body),
        Some(Fault::Refuse(status, code, headers)) => {
            let body = json!({"code": code, "message": "as the test wants it"});
            state.said.push((format!("error {status}"), body.clone()));
            return respond(stream, *status, headers, &body.to_string());
        }
        Some(Fault::LoseAnswer) | None => {}
    }
    let (status, kind, body) = match call(&asked).and_then(|call| answer(&mut state, call)) {
        Ok(answer) => answer,
        Err((status, code, message)) => {
            if status == 400 && code == "invalid_request" {
                state.mistakes.push(format!("{} {} {}: {message}", asked.method, asked.path, asked.body));
            }
            (status, format!("error {status}"), json!({"code": code, "message": message}))
        }
    };
    if let Ok(body) = serde_json::from_str::<Value>(&asked.body) {
        let semantic = body.get("instructions").is_some();
        let kind = if asked.method == "POST" {
            "new flag"
        } else if semantic {
            "semantic patch"
        } else {
            "patch"
        };
        state.said.push((kind.to_owned(), body));
    }
    state.said.push((kind, body.clone()));
    if fault.is_none() {
        respond(stream, status, &[], &body.to_string());
    }
}

fn answer(state: &mut State, call: Call) -> Result<(u16, String, Value), Refused> {
    let missing = || (404, "not_found", "Unknown flag key".to_owned());
    match call {
        Call::Read { flag, environment } => {
            let flag = state.flags.get(&flag).ok_or_else(missing)?;
            Ok((200, "flag".into(), flags::shown(flag, &environment, false)))
        }
        Call::List { environment, summary, limit, offset } => {
            let page = state.flags.values().skip(offset).take(limit);
            let items: Vec<_> = page.map(|flag| flags::shown(flag, &environment, summary)).collect();
            let mut links = json!({"self": {"href": "/api/v2/flags/shop", "type": "application/json"}});
            if offset + limit < state.flags.len() {
                links["next"] = json!({"href": "/api/v2/flags/elsewhere", "type": "application/json"});
            }
            Ok((200, "flags".into(), json!({"items": items, "_links": links, "totalCount": state.flags.len()})))
        }
        Call::Create(body) => {
            let flag = flags::created(&body);
            let key = body["key"].as_str().unwrap_or_default().to_owned();
            permitted(state, &["createFlag"])?;
            if state.flags.contains_key(&key) {
                return Err((409, "key_exists", "Key already exists".into()));
            }
            state.flags.insert(key, flag.clone());
            Ok((201, "flag".into(), flag))
        }
        Call::Patch { flag: key, dry, body } => {
            let flag = state.flags.get(&key).ok_or_else(missing)?;
            let (patched, environment, actions) = flags::patched(flag, &body, state.changes + 1)?;
            permitted(state, &actions)?;
            if state.approvals {
                return Err((405, "method_not_allowed", "Approval is required to make this request".into()));
            }
            if state.scheduled {
                return Err((400, "scheduled_conflict", "A scheduled change would fail".into()));
            }
            if !dry {
                state.changes += 1;
                state.flags.insert(key.clone(), patched.clone());
                record(state, &key, &environment, &actions, ("flagctl@example.com", &body["comment"]));
            }
            Ok((200, "flag".into(), patched))
        }
        Call::Log { resource, after, before, limit } => {
            let wanted = |entry: &&Value| {
                let date = entry["date"].as_i64().unwrap();
                entry["accesses"][0]["resource"] == resource && date > after && date < before
            };
            let items: Vec<_> = state.log.iter().rev().filter(wanted).take(limit).cloned().collect();
            Ok((200, "log".into(), json!({"items": items, "_links": {"self": {"href": "/", "type": "x"}}})))
        }
    }
}

fn permitted(state: &State, actions: &[&'static str]) -> Result<(), Refused> {
    match actions.iter().find(|action| state.denied.contains(action)) {
        Some(_) => Err((403, "forbidden", "Access to the requested resource was denied".into())),
        None => Ok(()),
    }
}

fn record(state: &mut State, flag: &str, environment: &str, actions: &[&str], (who, comment): (&str, &Value)) {
    let resource = format!("proj/{}:env/{environment}:flag/{flag}", contract::PROJECT);
    let accesses: Vec<_> = actions.iter().map(|action| json!({"action": action, "resource": resource})).collect();
    let date = flags::time(state.changes) + state.late;
    let mut entry = json!({
        "_links": {}, "_id": state.log.len().to_string(), "_accountId": "a", "date": date,
        "accesses": accesses, "kind": "flag", "name": flag, "description": "", "shortDescription": "",
        "member": {"email": who}, "titleVerb": "changed",
    });
    if !comment.is_null() {
        entry["comment"] = comment.clone();
    }
    state.log.push(entry);
}
