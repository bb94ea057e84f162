//! Speaking to a service: the one way in which requests are sent and told of.

use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::http::{Client, Failure, Reply, Request, Wait, hide_user_info};
use crate::model::{Auth, Remote, Secret, Shown};
use jiff::Timestamp;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Mutex;
use std::time::Instant;

/// What is told of each request: its line, made safe and with secrets masked.
pub(super) type Tell<'a> = Box<dyn Fn(&str) + Sync + 'a>;

/// A client for one backend, with what its answers told on the way.
pub struct Session<'a> {
    /// What the configuration says of it.
    pub remote: Remote,
    client: Client,
    tell: Tell<'a>,
    skew: Mutex<Option<f64>>,
}

impl<'a> Session<'a> {
    /// Makes the client; opens no connection. `tell` hears of each request.
    ///
    /// # Errors
    /// Exit 3 if the settings or a secret can't be used.
    pub fn new(remote: Remote, tell: Box<dyn Fn(&str) + Sync + 'a>) -> Result<Self> {
        let client = Client::new(&remote).map_err(|why| {
            let error = Error::invalid(format!("{} {why}", remote.kind.title()));
            match why {
                Failure::Secret(_) => error.help(match &remote.auth {
                    Some(Auth::Token(Secret::File(path))) => {
                        format!("put the token, and nothing else, into `{}`", Shown(&path.display().to_string()))
                    }
                    Some(Auth::Token(Secret::Env(name))) => {
                        format!("set the variable `{}` to the token, and nothing else", Shown(name))
                    }
                    _ => "name the token's variable in the configuration: `token-env = \"…\"`".to_owned(),
                }),
                _ => error,
            }
        })?;
        Ok(Self { remote, client, tell, skew: Mutex::new(None) })
    }

    /// Returns the client, to make addresses.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Reads: tried again while that helps and there is time.
    ///
    /// # Errors
    /// Exit 1: nobody answered.
    pub fn get(&self, request: &Request, wait: &Wait) -> Result<Reply> {
        self.told(request, |client| client.send(request, wait))
            .map_err(|why| self.unanswered(&why).changed(Some(false)))
    }

    /// Writes: sent once.
    ///
    /// # Errors
    /// Exit 1; `changed` is `None` where the service may have got it.
    pub fn put(&self, request: &Request, wait: &Wait) -> Result<Reply> {
        self.told(request, |client| client.attempt(request, wait)).map_err(|why| {
            let known = why.was_not_sent().then_some(false);
            self.unanswered(&why).changed(known)
        })
    }

    /// Returns by how many seconds the service's clock is ahead of ours, by its last answer.
    #[must_use]
    pub fn skew(&self) -> Option<f64> {
        *self.skew.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn told(&self, request: &Request, send: impl FnOnce(&Client) -> Result<Reply, Failure>) -> Result<Reply, Failure> {
        let began = Instant::now();
        let outcome = send(&self.client);
        let came = match &outcome {
            Ok(reply) => reply.status.to_string(),
            Err(why) => why.to_string(),
        };
        let body = request.body.as_ref().map_or_else(String::new, |body| format!(" {}", Shown(&body.text)));
        let line = format!(
            "{} {}{body} → {came} in {} ms",
            request.method.word(),
            Shown(request.url.as_str()),
            began.elapsed().as_millis()
        );
        (self.tell)(&self.client.mask().hide(&line));
        if let Some(at) = outcome.as_ref().ok().and_then(|reply| date(reply.header("date")?)) {
            let ahead = at.duration_since(Timestamp::now()).as_secs_f64();
            *self.skew.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(ahead);
        }
        outcome.map(|reply| self.masked(reply))
    }

    /// Takes our secrets out of an answer: a server that repeats a token in its message must not have it shown.
    fn masked(&self, mut reply: Reply) -> Reply {
        let text = String::from_utf8_lossy(&reply.body);
        let good = (200..300).contains(&reply.status);
        // JSON may spell a secret with escapes; written anew it has none but those that it needs.
        let plain = serde_json::from_str::<Value>(&text).ok().filter(|_| !good).map(|value| value.to_string());
        let text = plain.map_or(text, Cow::Owned);
        let hidden = self.client.mask().hide(&text);
        // What came in good order is left as it is, unless a secret stands in it.
        if !good || hidden != hide_user_info(&text) {
            reply.body = hidden.into_bytes();
        }
        reply
    }

    fn unanswered(&self, why: &Failure) -> Error {
        let message = format!("{} {why}", self.remote.kind.title());
        if *why == Failure::Cancelled {
            return Error::new(Exit::Stopped, message);
        }
        let error = Error::failed(message);
        let passing = matches!(why, Failure::Connect(_) | Failure::Timeout { .. } | Failure::Broken(_));
        let error = if passing { error.passing() } else { error };
        error.help(format!(
            "is `{}` right, and can it be reached from here?",
            Shown(&self.client.mask().hide(&self.remote.url))
        ))
    }
}

/// Reads the header `Date`.
fn date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp())
}
