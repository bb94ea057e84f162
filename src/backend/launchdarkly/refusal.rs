//! What LaunchDarkly refuses, as errors that say what to do.

use super::place::Place;
use crate::backend::remote::{Refused, Write};
use crate::error::Error;
use crate::exit::Exit;
use crate::http::Reply;
use crate::model::{Auth, Remote, Secret, Shown};
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
        (400, Asked::Change(_)) => error(Exit::Failed).help(
            "if a scheduled change or a pending approval stands against it: flagctl does not override those (`ignoreConflicts`); they are on the flag's page in LaunchDarkly, under pending changes",
        ),
        (500.., Asked::Change(_)) => error(Exit::Failed).passing().changed(None),
        (500.., Asked::Read) => error(Exit::Failed).passing(),
        _ => error(Exit::Failed),
    }
}

/// Names the actions that a role needs for a change.
fn actions(write: &Write) -> String {
    let Some(instructions) = write.body.get("instructions").and_then(serde_json::Value::as_array) else {
        return if write.body.get("patch").is_some() { "`updateFallthrough`" } else { "`createFlag`" }.to_owned();
    };
    let mut actions: Vec<&str> = instructions
        .iter()
        .map(|instruction| match instruction.get("kind").and_then(serde_json::Value::as_str) {
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
