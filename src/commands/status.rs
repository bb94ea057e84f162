//! `flagctl status`: every flag, and what its users get. Asks no source.

use super::place::Place;
use super::{Context, judged};
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Flag, Shown};
use crate::render;
use crate::render::status::{self, Column, Row, Since};
use clap::Args;
use serde_json::json;
use std::collections::HashMap;

/// Show every flag: exposure, next step, since when, latch, last change
///
/// Reads the flags file and the ledger; asks no metrics. Where the configuration has several environments and none is
/// meant, it shows them side by side.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Only these flags
    #[arg(value_name = "FLAG")]
    flags: Vec<String>,
    /// Every environment of the configuration, side by side
    #[arg(long)]
    everywhere: bool,
}

impl StatusArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let settings = context.settings()?;
        if self.everywhere || settings.is_open() {
            return self.everywhere(context, &settings);
        }
        let place = Place::open(context)?;
        let Read { rows, notes, unread } = rows(context, &place, place.choose(&self.flags)?);
        let whole = place.whole().and_then(|()| unread.map_or(Ok(()), Err)).and_then(|()| readable(&place, &rows));
        if context.term.json {
            let flags = status::json(&rows);
            let answer = json!({ "environment": place.environment.name, "file": place.shown_file(), "flags": flags, "notes": notes });
            return judged(context, answer, whole.err());
        }
        context.term.status(&place.title());
        doubt(context, &notes);
        if rows.is_empty() && whole.is_err() {
            context.term.status("no flag could be read");
        } else if rows.is_empty() {
            let new = format!("flagctl {}new NAME --description \"…\"", context.again());
            context.term.status(&format!("there is no flag in it yet; declare one: {new}"));
        } else {
            context.term.answer(&status::human(&rows, super::now(), context.term.width()))?;
        }
        whole.map(|()| Exit::Ok)
    }
}

/// Fails if nothing can be told of any flag that is shown.
fn readable(place: &Place, rows: &[Row]) -> Result<()> {
    if rows.is_empty() || rows.iter().any(|row| row.flag.exposure().known().is_some()) {
        return Ok(());
    }
    let message = format!("what users get can't be told of any flag in {}", Shown(&place.shown_file()));
    let verb = if place.environment.remote.is_some() { "doctor" } else { "validate" };
    Err(Error::invalid(message).help(format!("every mistake in it: flagctl {}{verb}", place.again)))
}

/// What was read of a place.
struct Read {
    rows: Vec<Row>,
    /// What of the ledger can't be read: a latch may be among it.
    notes: Vec<String>,
    /// Why nothing of the ledger can be read.
    unread: Option<Error>,
}

/// Says what of the ledger can't be read.
fn doubt(context: &Context, notes: &[String]) {
    notes.iter().for_each(|note| context.term.say(&render::error::caution(&context.addressed(note))));
}

/// Reads the rows of flags at a place.
fn rows(context: &Context, place: &Place, flags: Vec<Flag>) -> Read {
    let (mut histories, notes, unread) = match place.histories() {
        Ok((histories, notes)) => (histories, notes, None),
        Err(error) => (HashMap::new(), Vec::new(), Some(error)),
    };
    let row = |flag: Flag| {
        let history = histories.remove(flag.name.as_str()).unwrap_or_default();
        let left = place.left_by_drill(&flag, &history).map(|left| left.told());
        let problems = place.problems(&flag).into_iter().chain(left).collect();
        let ladder = place.policy(&flag.name).ladder;
        Row { ladder, history, problems, since: Since::Unknown, flag }
    };
    let mut rows: Vec<Row> = flags.into_iter().map(row).collect();
    let since = place.since(&rows.iter().map(|row| (&row.flag, &row.history)).collect::<Vec<_>>());
    rows.iter_mut().zip(since).for_each(|(row, since)| row.since = since);
    if rows.iter().any(|row| row.since == Since::TooLate) {
        let note =
            "Git did not tell within 1s when lines were changed: `?` stands where the ledger doesn't know either";
        context.term.say(&render::error::caution(note));
    }
    Read { rows, notes, unread }
}

impl StatusArgs {
    /// Shows every environment; one that can't be read is told, and fails the verb at its end.
    fn everywhere(&self, context: &Context, settings: &Settings) -> Result<Exit> {
        if settings.environments.is_empty() {
            return Err(Error::usage("the configuration has no environments to show side by side").help("flagctl init"));
        }
        let mut failed = None;
        let mut columns = Vec::new();
        // One ledger serves all of them.
        let mut doubts: Vec<String> = Vec::new();
        for environment in &settings.environments {
            let name = environment.name.clone().unwrap_or_default();
            let place = Place::of(context, settings.clone(), environment.clone());
            let read = place.and_then(|place| {
                let wanted =
                    |flag: &&Flag| self.flags.is_empty() || self.flags.iter().any(|name| name == flag.name.as_str());
                let flags = place.flags()?.iter().filter(wanted).cloned().collect();
                let Read { rows, notes, unread } = rows(context, &place, flags);
                doubts = notes;
                place.whole().and_then(|()| unread.map_or(Ok(rows), Err))
            });
            let (rows, error) = match read {
                Ok(rows) => (rows, None),
                Err(error) => (Vec::new(), Some(error)),
            };
            let message = error.as_ref().map(|error| error.message.clone());
            failed = failed.or(error);
            columns.push(Column { environment: name, file: environment.flags.display().to_string(), rows, message });
        }
        let known = |name: &&String| columns.iter().any(|column| column.row(name).is_some());
        if let (Some(missing), None) = (self.flags.iter().find(|name| !known(name)), &failed) {
            let message = format!("no flag is named `{}` in any environment", Shown(missing));
            return Err(Error::usage(message).help("flagctl status --everywhere"));
        }
        if context.term.json {
            let mut answer = status::everywhere_json(&columns);
            answer["notes"] = json!(doubts);
            return judged(context, answer, failed);
        }
        doubt(context, &doubts);
        context.term.answer(&status::everywhere(&columns, super::now(), context.term.width()))?;
        failed.map_or(Ok(Exit::Ok), Err)
    }
}
