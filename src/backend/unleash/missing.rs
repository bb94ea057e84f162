//! What is not there: why, and what is near.

use super::{Unleash, reading};
use crate::backend::remote::asked;
use crate::backend::remote::{Refused, parse, unknown};
use crate::error::{Error, Result};
use crate::http::{Reply, Wait};
use crate::model::{FlagName, Shown};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    features: Vec<Archived>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Archived {
    name: String,
    archived_at: Option<String>,
}

/// Says why a flag that was asked for is not there, as far as the server tells.
pub(super) fn explain(unleash: &Unleash<'_>, flag: &FlagName, reply: &Reply, wait: &Wait) -> Error {
    let refused = Refused::of(reply);
    // Something that is not Unleash, or an Unleash below another path.
    if refused.code.as_deref() != Some("NotFoundError") || refused.message.starts_with("The path you were looking for")
    {
        let remote = unleash.remote();
        return Error::failed(format!("there is no Unleash at `{}`: it {refused}", Shown(&remote.url)))
            .help("`url` is the address without `/api`");
    }
    let place = format!("the project `{}` of Unleash", Shown(unleash.place().project));
    if let Some((_, elsewhere)) = refused.message.split_once("in project").and_then(|(_, rest)| rest.split_once("but "))
    {
        return unknown(flag, &place).help(elsewhere.to_owned());
    }
    if let Err(error) = project(unleash, wait) {
        return error;
    }
    if is_archived(unleash, flag, wait) {
        return Error::usage(format!("`{flag}` is archived in {place}"))
            .help("bring it back in Unleash to change it; no user gets an archived flag");
    }
    // That it isn't there is said only where the list says so too.
    let names = match reading::names(unleash, wait) {
        Ok(names) if names.contains(flag) => return contradiction(flag, reply),
        Ok(names) => names,
        Err(error) => return error,
    };
    let error = unknown(flag, &place);
    match nearest(flag, &names) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}

/// Returns the error for a flag that the list has, and that is not there when it is asked for.
pub(super) fn contradiction(flag: &FlagName, reply: &Reply) -> Error {
    Error::failed(format!("Unleash lists `{flag}`, and {} when it is asked for it", Refused::of(reply))).passing()
}

/// Fails where the project is not there. A list of its flags would just be empty.
pub(super) fn project(unleash: &Unleash<'_>, wait: &Wait) -> Result<()> {
    let path = format!("{}/overview", unleash.place().project());
    let reply = unleash.ask(unleash.address(&path), wait)?;
    if reply.status == 404 {
        return Err(Error::usage(format!("Unleash has no project `{}`", Shown(unleash.place().project)))
            .help("the project's name in a URL of Unleash's own pages is what is meant"));
    }
    // Not every token may see it; what it may see of the flags is what counts.
    Ok(())
}

fn is_archived(unleash: &Unleash<'_>, flag: &FlagName, wait: &Wait) -> bool {
    let project = format!("IS:{}", unleash.place().project);
    let query = [("query", flag.as_str()), ("archived", "IS:true"), ("project", project.as_str()), ("limit", "50")];
    let url = asked(unleash.session.client(), "/api/admin/search/features", &query);
    let found = unleash.get(url, wait).and_then(|reply| parse::<Found>(&reply, "Unleash"));
    found.is_ok_and(|found| {
        found.features.iter().any(|found| found.name == flag.as_str() && found.archived_at.is_some())
    })
}

/// Returns the name that is near enough to be meant.
fn nearest<'a>(flag: &FlagName, names: &'a [FlagName]) -> Option<&'a FlagName> {
    let lower = flag.as_str().to_lowercase();
    names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.as_str().to_lowercase()), name))
        .filter(|(distance, name)| *distance <= (name.as_str().chars().count() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
