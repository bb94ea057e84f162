//! One look at every source, all at the same time.

use super::{Trouble, exposition, json, prometheus};
use crate::http::{Cancel, Client, Failure, Mask, Reply, Request, Wait};
use crate::model::placeholder::{self, Place};
use crate::model::{Answer, Evidence, Query, Question, Shown, Source, SourceKind};
use jiff::Timestamp;
use std::sync::mpsc::{self, Sender};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::Duration;

/// How far a look has come that has to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The source's name.
    pub source: String,
    /// How long it has waited for its second look.
    pub waited: Duration,
    /// How long it waits in all.
    pub window: Duration,
}

/// Asks every question, all at the same time, and returns what came, in the order of the questions.
///
/// Never fails: a look that came to nothing is evidence with a `failure`. Each ends within three times its source's
/// `timeout`, plus the window where a second look is needed, and at once when `cancel` is thrown. `progress` is called
/// on the caller's thread.
#[must_use]
pub fn look(questions: &[Question], cancel: &Cancel, progress: &dyn Fn(Progress)) -> Vec<Evidence> {
    let clients = Clients::of(questions);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        let looks: Vec<_> = questions
            .iter()
            .map(|question| {
                let (sender, clients) = (sender.clone(), &clients);
                scope.spawn(move || Look::begin(question, cancel, sender).end(clients.get(&question.source)))
            })
            .collect();
        drop(sender);
        while let Ok(step) = receiver.recv() {
            progress(step);
        }
        looks
            .into_iter()
            .zip(questions)
            .map(|(look, question)| {
                look.join().unwrap_or_else(|_| {
                    let why = "its look ended in a bug of flagctl".to_owned();
                    let window = question.window.as_secs_f64();
                    Evidence::failed(&question.source.name, Vec::new(), window, Timestamp::now(), why)
                })
            })
            .collect()
    })
}

/// One client a source, made when the first question needs it.
struct Clients<'a>(Vec<(&'a Source, OnceLock<Result<Client, Failure>>)>);

impl<'a> Clients<'a> {
    fn of(questions: &'a [Question]) -> Self {
        let mut clients: Vec<(&Source, OnceLock<_>)> = Vec::new();
        for question in questions {
            if !clients.iter().any(|(source, _)| *source == &question.source) {
                clients.push((&question.source, OnceLock::new()));
            }
        }
        Self(clients)
    }

    fn get(&self, source: &Source) -> Result<&Client, Failure> {
        let (_, client) = self
            .0
            .iter()
            .find(|(known, _)| *known == source)
            .ok_or_else(|| Failure::Settings("has no client".to_owned()))?;
        client.get_or_init(|| Client::new(source)).as_ref().map_err(Clone::clone)
    }
}

/// A look under way: the question, the time it has, and what was asked so far.
pub(super) struct Look<'a> {
    pub(super) question: &'a Question,
    pub(super) wait: Wait,
    progress: Sender<Progress>,
    queries: Mutex<Vec<Query>>,
    began: Timestamp,
}

/// What a kind of source found out.
pub(super) struct Findings {
    pub(super) errors: Answer,
    pub(super) total: Answer,
    pub(super) errors_exist: Option<bool>,
    pub(super) newest_sample: Option<Timestamp>,
    pub(super) warnings: Vec<String>,
    /// How far back the numbers reach, where that is not the question's window.
    pub(super) window: Option<Duration>,
    /// The end of the window, where that is not the beginning of the look.
    pub(super) looked_at: Option<Timestamp>,
}

impl<'a> Look<'a> {
    fn begin(question: &'a Question, cancel: &Cancel, progress: Sender<Progress>) -> Self {
        let patience = question.source.timeout.saturating_mul(crate::http::PATIENCE);
        let waits = match question.source.kind {
            SourceKind::Exposition => question.window,
            SourceKind::Prometheus | SourceKind::Json => Duration::ZERO,
        };
        Self {
            question,
            wait: Wait::of(patience.saturating_add(waits), cancel),
            progress,
            queries: Mutex::default(),
            began: Timestamp::now(),
        }
    }

    /// Asks, and turns what came into evidence.
    fn end(self, client: Result<&Client, Failure>) -> Evidence {
        let no_secrets = Mask::default();
        let (found, mask) = match client {
            Ok(client) => (self.ask(client), client.mask()),
            Err(failure) => (Err(Trouble::from(failure)), &no_secrets),
        };
        let mut queries = self.queries.into_inner().unwrap_or_default();
        for query in &mut queries {
            query.text = mask.hide(&query.text);
        }
        let (source, window) = (&self.question.source.name, self.question.window);
        match found {
            Err(trouble) => {
                let why = mask.hide(&trouble.to_string());
                Evidence::failed(source, queries, window.as_secs_f64(), self.began, why)
            }
            Ok(found) => Evidence {
                source: source.clone(),
                queries,
                window_s: found.window.unwrap_or(window).as_secs_f64(),
                looked_at: found.looked_at.unwrap_or(self.began),
                newest_sample: found.newest_sample,
                errors: tidy(found.errors, mask),
                total: tidy(found.total, mask),
                errors_exist: found.errors_exist,
                warnings: found.warnings.iter().map(|warning| mask.hide(warning)).collect(),
                failure: None,
            },
        }
    }

    fn ask(&self, client: &Client) -> Result<Findings, Trouble> {
        match self.question.source.kind {
            SourceKind::Prometheus => prometheus::ask(self, client),
            SourceKind::Exposition => exposition::ask(self, client),
            SourceKind::Json => json::ask(self, client),
        }
    }

    /// Fills the placeholders of a key's text and notes the question as asked.
    pub(super) fn fill(&self, key: &'static str, text: &str, place: Place) -> Result<String, Trouble> {
        let filled = placeholder::fill(text, place, &self.question.subject, self.question.window)
            .map_err(|error| Trouble::Placeholder { key, error })?;
        self.note(key, &filled);
        Ok(filled)
    }

    /// Notes a question as asked.
    pub(super) fn note(&self, of: &str, text: &str) {
        if let Ok(mut queries) = self.queries.lock() {
            queries.push(Query { of: of.to_owned(), text: text.to_owned() });
        }
    }

    /// Reports how long the look has waited.
    pub(super) fn tell(&self, waited: Duration) {
        let source = self.question.source.name.clone();
        // Nobody listens any more only when the look was given up.
        let _ = self.progress.send(Progress { source, waited, window: self.question.window });
    }

    /// As [`fetch`], in the time of this look.
    pub(super) fn fetch(&self, client: &Client, request: &Request) -> Result<Reply, Trouble> {
        fetch(client, request, &self.wait)
    }
}

/// Sends a request and takes nothing but an answer of status 200.
pub(super) fn fetch(client: &Client, request: &Request, wait: &Wait) -> Result<Reply, Trouble> {
    let reply = client.send(request, wait)?;
    if reply.status == 200 { Ok(reply) } else { Err(Trouble::Answer(refusal(&reply))) }
}

/// Masks what an answer says; -0 is 0.
pub(super) fn tidy(answer: Answer, mask: &Mask) -> Answer {
    match answer {
        Answer::Number(number) => Answer::Number(number + 0.0),
        Answer::Nonsense(what) => Answer::Nonsense(mask.hide(&what)),
        Answer::Absent | Answer::Several(_) | Answer::Unknown => answer,
    }
}

/// Says what a server answered instead of 200: the `error` of a JSON body, else its first line.
fn refusal(reply: &Reply) -> String {
    let json: Option<serde_json::Value> = serde_json::from_slice(&reply.body).ok();
    let said = json.as_ref().and_then(|json| json.get("error")).and_then(|error| error.as_str());
    let text = String::from_utf8_lossy(&reply.body);
    let said = said.unwrap_or_else(|| text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default());
    match (reply.status, said) {
        (status @ (401 | 403), said) => format!("did not let us in ({status}{}{})", colon(said), excerpt(said)),
        (status, said) => format!("answered {status}{}{}", colon(said), excerpt(said)),
    }
}

const fn colon(said: &str) -> &'static str {
    if said.is_empty() { "" } else { ": " }
}

/// Returns the beginning of a foreign text, fit to show.
pub(super) fn excerpt(text: &str) -> String {
    const MOST: usize = 200;
    let shown = Shown(text).to_string();
    match shown.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}
