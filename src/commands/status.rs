//! `flagctl status`: every flag, and what its users get. Asks no source.

use super::place::Place;
use super::{Context, judged};
use crate::error::Result;
use crate::exit::Exit;
use crate::render;
use crate::render::status::{self, Row, Since};
use clap::Args;
use serde_json::json;
use std::collections::HashMap;

/// Show every flag: exposure, next step, since when, latch, last change
///
/// Reads the flags file and the ledger; asks no metrics.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Only these flags
    #[arg(value_name = "FLAG")]
    flags: Vec<String>,
}

impl StatusArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let place = Place::open(context)?;
        let (mut histories, unread) = match place.histories() {
            Ok(histories) => (histories, None),
            Err(error) => (HashMap::new(), Some(error)),
        };
        let chosen = place.choose(&self.flags)?;
        let row = |flag: crate::model::Flag| Row {
            ladder: place.settings.policy(&flag.name).ladder,
            history: histories.remove(flag.name.as_str()).unwrap_or_default(),
            problems: place.problems(&flag),
            since: Since::Unknown,
            flag,
        };
        let mut rows: Vec<Row> = chosen.into_iter().map(row).collect();
        let since = place.since(&rows.iter().map(|row| (&row.flag, &row.history)).collect::<Vec<_>>());
        rows.iter_mut().zip(since).for_each(|(row, since)| row.since = since);
        if rows.iter().any(|row| row.since == Since::TooLate) {
            let note =
                "Git did not tell within 1s when lines were changed: `?` stands where the ledger doesn't know either";
            context.term.say(&render::error::caution(note));
        }
        let whole = place.whole().and_then(|()| unread.map_or(Ok(()), Err));
        if context.term.json {
            let flags = status::json(&rows);
            let answer = json!({ "environment": place.environment.name, "file": place.shown_file(), "flags": flags });
            return judged(context, answer, whole.err());
        }
        context.term.status(&place.title());
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
