//! Refusals of Unleash as errors that say what to do.

use super::place::Place;
use crate::backend::remote::{Refused, Write};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::http::{Method, Reply};
use crate::model::{Auth, Remote, Secret, Shown};
use serde_json::Value;

/// The permission to change what needs an approval.
const SKIP: &str = "SKIP_CHANGE_REQUEST";

/// Takes an answer that was good; for others the error, which says what was changed: nothing, or that it isn't known.
///
/// # Errors
/// Exit 1, or 2 for what is not there, 3 for a token that isn't taken, 7 for a change by somebody else.
pub(super) fn good(reply: Reply, method: Method, remote: &Remote) -> Result<Reply> {
    if (200..300).contains(&reply.status) {
        return Ok(reply);
    }
    let refused = Refused::of(&reply);
    let told = format!("Unleash {refused}");
    let code = refused.code.as_deref().unwrap_or_default();
    let place = Place::of(remote);
    Err(match reply.status {
        401 => unknown_token(&told, remote),
        403 => forbidden(&told, &reply, &place),
        404 if refused.message.contains("strategy") => Error::new(Exit::Conflict, told)
            .help("somebody has taken the strategy away meanwhile: look again, and repeat the command"),
        404 => Error::usage(told).help(format!("is the project `{}` right, and the address?", Shown(place.project))),
        409 if code == "NameExistsError" => exists(&told, &refused.message),
        409 => Error::new(Exit::Conflict, told).help("look again, and repeat the command"),
        400 if code == "ArchivedFeatureError" => Error::usage(told)
            .help("nobody gets an archived flag as a flag of its own; bring it back in Unleash to change it"),
        429 => {
            Error::failed(told).help("it has had too many requests: wait a moment, and repeat the command").passing()
        }
        500.. if refused.message.starts_with("Test operation failed") => {
            Error::new(Exit::Conflict, "somebody else has changed the flag in Unleash meanwhile")
                .help("look again, and repeat the command")
        }
        // Something before Unleash may have given up on a request that Unleash still works on.
        500.. => Error::failed(told).passing().changed(if method == Method::Get { Some(false) } else { None }),
        _ => Error::failed(told),
    })
}

/// Takes the answer to a write only from Unleash itself: what was made or set comes back with its name, and a switch
/// answers with nothing.
///
/// # Errors
/// Exit 1: something came that is not Unleash's; whether it did something is not known.
pub(super) fn own(reply: &Reply, write: &Write) -> Result<()> {
    let empty = reply.body.iter().all(u8::is_ascii_whitespace);
    let named = || serde_json::from_slice::<Value>(&reply.body).is_ok_and(|body| body.get("name").is_some());
    if if write.body == Value::Null { empty } else { named() } {
        return Ok(());
    }
    let kind = if reply.content_type.is_empty() { "no type" } else { &reply.content_type };
    Err(Error::failed(format!("the answer {} is not from Unleash ({})", reply.status, Shown(kind)))
        .help("is `url` the address of the service itself, and not of a login page or a proxy?")
        .passing()
        .changed(None))
}

/// Says where our token comes from.
fn source(remote: &Remote) -> String {
    match &remote.auth {
        Some(Auth::Token(secret) | Auth::Bearer(secret) | Auth::Basic { password: secret, .. }) => match secret {
            Secret::Env(name) => format!("the environment variable `{}`, as `token-env` says", Shown(name)),
            Secret::File(path) => {
                format!("the file `{}`, as `token-file` says", Shown(&path.to_string_lossy()))
            }
        },
        None => "nowhere: set `token-env` or `token-file`".to_owned(),
    }
}

fn unknown_token(told: &str, remote: &Remote) -> Error {
    let error = if remote.auth.is_none() {
        Error::invalid("Unleash wants a token, and the configuration names none")
    } else {
        Error::invalid(format!("our token is not known: {told}"))
    };
    error.help(format!(
        "the token comes from {}; make one for a service account, or a personal access token, in Unleash",
        source(remote)
    ))
}

fn forbidden(told: &str, reply: &Reply, place: &Place<'_>) -> Error {
    let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let needed: Vec<&str> = body
        .get("permissions")
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let environment = Shown(place.environment);
    if told.contains("expected a different token type") {
        return Error::invalid(told)
            .help("this token is for SDKs; changing flags needs one of a service account, or a personal access token");
    }
    if needed.contains(&SKIP) || told.to_lowercase().contains("change request") {
        return Error::failed(format!("Unleash wants an approval for changes in `{environment}`: {told}"))
            .help(format!("change it in Unleash's own pages, as a change request, or give the token `{SKIP}`"));
    }
    if needed.is_empty() {
        return Error::failed(told).help("the token may not do this; who runs Unleash can change that");
    }
    let needed: Vec<String> = needed.iter().map(|name| format!("`{}`", Shown(name))).collect();
    Error::failed(told).help(format!(
        "the token needs {} in the project `{}`, environment `{environment}`",
        needed.join(" or "),
        Shown(place.project)
    ))
}

fn exists(told: &str, message: &str) -> Error {
    let error = Error::usage(told);
    if message.to_lowercase().contains("archived") {
        error.help("bring the archived flag back in Unleash, or take another name")
    } else {
        error.help("to raise it: flagctl advance NAME; to see it: flagctl status NAME")
    }
}
