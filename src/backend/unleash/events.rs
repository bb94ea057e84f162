//! The record of changes: who wrote to a flag. Its numbers only grow.

use super::Unleash;
use crate::backend::remote::asked;
use crate::backend::remote::{Mark, Writer, parse};
use crate::error::{Error, Result};
use crate::http::Wait;
use crate::model::{FlagName, Shown};
use jiff::Timestamp;
use serde::Deserialize;

/// How many of a flag's newest changes are looked at.
const NEWEST: &str = "100";
/// The mark of a flag whose record could not be read. Everything ever done to it would be after no mark at all.
const UNREAD: &str = "unread";

#[derive(Deserialize)]
struct Events {
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    id: u64,
    r#type: String,
    created_by: Option<String>,
    created_at: Option<Timestamp>,
    environment: Option<String>,
}

fn events(unleash: &Unleash<'_>, flag: &FlagName, most: &str, wait: &Wait) -> Result<Vec<Event>> {
    let feature = format!("IS:{}", flag.as_str());
    let query = [("feature", feature.as_str()), ("limit", most)];
    let url = asked(unleash.session.client(), "/api/admin/search/events", &query);
    Ok(parse::<Events>(&unleash.get(url, wait)?, "Unleash")?.events)
}

/// Returns where the record stands; [`UNREAD`] if that can't be read.
pub(super) fn mark(unleash: &Unleash<'_>, flag: &FlagName, wait: &Wait) -> Mark {
    match events(unleash, flag, "1", wait) {
        Ok(events) => Mark(events.first().map(|event| event.id.to_string())),
        Err(_) => Mark(Some(UNREAD.to_owned())),
    }
}

/// Returns who changed the flag in our environment, or as a whole, after `mark`; without one, its newest changes.
pub(super) fn writers(unleash: &Unleash<'_>, flag: &FlagName, mark: &Mark, wait: &Wait) -> Result<Vec<Writer>> {
    let after = match mark.0.as_deref().map(str::parse::<u64>) {
        None => 0,
        Some(Ok(id)) => id,
        Some(Err(_)) => return Err(Error::failed("where Unleash's record of changes stood before could not be read")),
    };
    let mut events = events(unleash, flag, NEWEST, wait)?;
    events.sort_by_key(|event| event.id);
    let ours = |event: &Event| {
        let here = |environment: &str| environment == unleash.place().environment;
        event.id > after && event.environment.as_deref().is_none_or(here)
    };
    let writer = |event: Event| Writer {
        name: event.created_by.map_or_else(|| "somebody".to_owned(), |name| Shown(&name).to_string()),
        what: Shown(&event.r#type).to_string(),
        at: event.created_at,
        mark: Mark(Some(event.id.to_string())),
        ours: None,
    };
    Ok(events.into_iter().filter(ours).map(writer).collect())
}
