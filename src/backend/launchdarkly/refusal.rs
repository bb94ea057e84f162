//! What LaunchDarkly refuses, as errors that say what to do.

use super::ending::ARCHIVED_OFF;
use super::place::Place;
use crate::backend::remote::{Refused, Write, segment};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::http::Reply;
use crate::model::{Auth, Remote, Secret, Shown};
use serde_json::Value;
use std::time::Duration;

/// What was asked for.
#[derive(Clone, Copy)]
pub(super) enum Asked<'a> {
    /// To read.
    Read,
    /// To change.
    Change(&'a Write),
}

/// Returns the error of an answer that is no good one; `limit` is when a limit of requests ends.
pub(super) fn refusal(reply: &Reply, asked: Asked<'_>, remote: &Remote, limit: Option<Duration>) -> Error {
    let refused = Refused::of(reply);
    let place = Place::of(remote);
    let environment = Shown(place.environment);
    let error = |exit: Exit| {
        let text = match asked {
            Asked::Read => format!("LaunchDarkly {refused}"),
            Asked::Change(write) => format!("LaunchDarkly was asked to {}, and {refused}", write.what),
        };
        Error::new(exit, text)
    };
    match (reply.status, asked) {
        (401, _) => error(Exit::Invalid).help(format!("{}: is it the token of this account, and still valid?", token(remote))),
        (403, Asked::Read) => error(Exit::Failed)
            .help(format!("the token's role needs `viewProject` on `proj/{}`", Shown(place.project))),
        (403, Asked::Change(write)) => error(Exit::Failed).help(format!(
            "the token's role needs {} on `{}`",
            actions(write),
            Shown(&place.resource("*"))
        )),
        (404, _) if above_api(remote).is_some() => error(Exit::Usage).help(above_api(remote).unwrap_or_default()),
        (404, _) => error(Exit::Usage).help(format!(
            "is the flag's key right, the project `{}`, and its environment `{environment}`? What a token may not read looks the same",
            Shown(place.project)
        )),
        (405, Asked::Change(_)) => error(Exit::Refused).help(format!(
            "changes in `{environment}` need an approval: request one in LaunchDarkly"
        )).help(
            "in an emergency: a token whose role has `bypassRequiredApproval` for this environment gets past it",
        ),
        (409, Asked::Change(_)) if refused.code.as_deref() == Some("key_exists") => error(Exit::Usage),
        (409, _) => error(Exit::Conflict).help("somebody else is changing it: read it again, and try again"),
        (429, _) => error(Exit::Failed).help(match limit {
            Some(limit) => format!("too many requests by this account: try again in {} s", limit.as_secs() + 1),
            None => "too many requests by this account: try again in a minute".to_owned(),
        })
        .passing(),
        (400, Asked::Change(write)) if write.body.get("variations").is_some() => error(Exit::Usage).help(
            "a flag's key in LaunchDarkly is made of letters, digits, `.`, `_` and `-`, and begins with a letter or a digit",
        ),
        (400, Asked::Change(write)) if write.what == ARCHIVED_OFF => error(Exit::Failed).help(
            "it hands out no archived flag: users get the default that their code hands over; restore it there to change it",
        ),
        (400, Asked::Change(_)) => error(Exit::Failed).help(
            "if a scheduled change or a pending approval stands against it: flagctl does not override those (`ignoreConflicts`); they are on the flag's page in LaunchDarkly, under pending changes",
        ),
        (500.., Asked::Change(_)) => error(Exit::Failed).passing().changed(None),
        (500.., Asked::Read) => error(Exit::Failed).passing(),
        _ => error(Exit::Failed),
    }
}

/// Says what is wrong with an address that goes on where LaunchDarkly's own begins.
fn above_api(remote: &Remote) -> Option<String> {
    let url = remote.url.trim_end_matches('/');
    let (above, _) = url.rsplit_once("/api").filter(|(_, rest)| matches!(*rest, "" | "/v2"))?;
    Some(format!("`url` is the address without `{}`", Shown(&url[above.len()..])))
}

/// Takes a good answer to a change only from LaunchDarkly itself: it is the flag, as it is by then.
///
/// # Errors
/// Exit 1: something else answered; whether anything was done is not known.
pub(super) fn own(reply: &Reply, write: &Write) -> Result<()> {
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let key = answer.get("key").and_then(Value::as_str);
    let asked = match write.body.get("key").and_then(Value::as_str) {
        Some(made) => key == Some(made),
        None => key.is_some_and(|key| write.path.rsplit('/').next() == Some(segment(key).as_str())),
    };
    if asked && answer.get("variations").is_some_and(Value::is_array) {
        return Ok(());
    }
    let kind = if reply.content_type.is_empty() { "no type" } else { &reply.content_type };
    Err(Error::failed(format!(
        "LaunchDarkly was asked to {}, and the answer {} is not LaunchDarkly's ({})",
        write.what,
        reply.status,
        Shown(kind)
    ))
    .help("is `url` the address of the service itself, and not of a login page or a proxy?")
    .passing()
    .changed(None))
}

/// Names the actions that a role needs for a change.
fn actions(write: &Write) -> String {
    let Some(instructions) = write.body.get("instructions").and_then(Value::as_array) else {
        return if write.body.get("patch").is_some() { "`updateFallthrough`" } else { "`createFlag`" }.to_owned();
    };
    let mut actions: Vec<&str> = instructions
        .iter()
        .map(|instruction| match instruction.get("kind").and_then(Value::as_str) {
            Some("turnFlagOn" | "turnFlagOff") => "`updateOn`",
            Some("updateOffVariation") => "`updateOffVariation`",
            _ => "`updateFallthrough`",
        })
        .collect();
    actions.dedup();
    actions.join(" and ")
}

/// Names where the token comes from.
fn token(remote: &Remote) -> String {
    match &remote.auth {
        Some(Auth::Token(secret) | Auth::Bearer(secret) | Auth::Basic { password: secret, .. }) => match secret {
            Secret::Env(name) => format!("the token is that of the environment variable `{}`", Shown(name)),
            Secret::File(path) => format!("the token is that of the file `{}`", Shown(&path.to_string_lossy())),
        },
        None => "the configuration names no token (`token-env` or `token-file`)".to_owned(),
    }
}
