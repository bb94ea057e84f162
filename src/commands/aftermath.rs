//! What is said after a change: what changed and where, how to undo it, what else there is to do, and what failed.

use super::{Context, json_answer};
use crate::change::{Applied, Change};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Recorded;
use crate::model::{Action, FlagName, Percent};
use crate::{change, document, render};
use serde_json::{Value, json};
use std::path::Path;

/// What a change was about.
pub(super) struct Aftermath<'a> {
    pub(super) context: &'a Context,
    pub(super) action: Action,
    pub(super) file: &'a Path,
    pub(super) environment: Option<&'a str>,
}

/// Hands an edit of the document to `change`.
pub(super) fn edited(edited: document::Edited, to: Percent) -> change::Edited {
    change::Edited { text: edited.text, to, before: edited.before, after: edited.after, notes: edited.notes }
}

impl Aftermath<'_> {
    /// Says what came of a change, and returns how the verb ends; `details` are the fields that the verb adds to JSON.
    pub(super) fn tell(&self, applied: Applied, details: Value) -> Result<Exit> {
        let unrecorded = match (&applied.recorded, self.action) {
            (Recorded::No(why), Action::New | Action::Advance) => Some(self.unrecorded(why)),
            _ => None,
        };
        let failure = applied.failed.first().map(|(_, error)| error.clone()).or(unrecorded);
        let exit = failure.as_ref().map_or(Exit::Ok, |error| error.exit);
        self.speak(&applied);
        let fields = self.fields(&applied, details);
        match failure {
            // With several flags the others' changes are part of the answer, whatever became of the first.
            Some(error) if applied.changes.is_empty() || !self.context.term.json => {
                let mut error = error.changed(Some(!applied.changes.is_empty()));
                error.details = Some(Box::new(fields));
                for (flag, other) in applied.failed.iter().skip(1) {
                    self.context.term.say(&render::error::human(&named(flag, other)));
                }
                Err(error)
            }
            failure => {
                if self.context.term.json {
                    let mut answer = Value::Object(fields);
                    if let Some(error) = failure {
                        answer["error"] = render::error::json(&error)["error"].take();
                    }
                    json_answer(self.context, answer)?;
                }
                Ok(exit)
            }
        }
    }

    /// Says it to a person: the answer on stdout, everything about it on stderr.
    fn speak(&self, applied: &Applied) {
        let term = &self.context.term;
        for change in &applied.changes {
            if !term.json {
                // A stdout that can't be written must not hide what was done.
                if let Err(error) = term.answer(&render::change::line(
                    self.action,
                    change.flag.as_str(),
                    change.from,
                    change.to,
                    self.environment,
                    self.file,
                )) {
                    term.say(&render::error::human(&error));
                }
            }
            change.notes.iter().for_each(|note| term.say(&render::error::caution(note)));
        }
        for flag in &applied.unchanged {
            let text = format!("{flag} is there already: nothing to do");
            if term.json { term.detail(&text) } else { term.status(&text) }
        }
        applied.notes.iter().for_each(|note| term.say(&render::error::caution(note)));
        match (&applied.recorded, self.action) {
            (Recorded::Yes(notes), _) => notes.iter().for_each(|note| term.say(&render::error::caution(note))),
            (Recorded::No(why), Action::Rollback) => {
                let text = format!(
                    "changed, but not recorded: {why}; so no latch is set, and nothing but a person keeps the flag from being advanced again"
                );
                term.say(&render::error::caution(&text));
            }
            _ => {}
        }
        if applied.changes.is_empty() {
            return;
        }
        for change in &applied.changes {
            if let Some(undo) = self.undo(change) {
                term.status(&format!("undo: {undo}"));
            }
        }
    }

    fn fields(&self, applied: &Applied, details: Value) -> serde_json::Map<String, Value> {
        let mut fields = match details {
            Value::Object(fields) => fields,
            _ => serde_json::Map::new(),
        };
        let changes: Vec<Value> = applied
            .changes
            .iter()
            .map(|change| {
                json!({
                    "flag": change.flag, "from": change.from, "to": change.to, "before": change.before,
                    "after": change.after, "notes": change.notes, "undo": self.undo(change),
                })
            })
            .collect();
        let failed: Vec<Value> = applied
            .failed
            .iter()
            .map(|(flag, error)| {
                let mut failure = render::error::json(error)["error"].take();
                failure["flag"] = json!(flag);
                failure
            })
            .collect();
        let notes: Vec<&String> = applied.notes.iter().collect();
        let not_recorded = match &applied.recorded {
            Recorded::No(why) => Some(why),
            Recorded::Yes(_) | Recorded::Nothing => None,
        };
        for (key, value) in [
            ("environment", json!(self.environment)),
            ("file", json!(self.file.display().to_string())),
            ("changed", json!(!changes.is_empty())),
            ("changes", json!(changes)),
            ("unchanged", json!(applied.unchanged)),
            ("failed", json!(failed)),
            ("recorded", json!(matches!(applied.recorded, Recorded::Yes(_)))),
            ("not_recorded_because", json!(not_recorded)),
            ("notes", json!(notes)),
        ] {
            fields.insert(key.to_owned(), value);
        }
        fields
    }

    fn unrecorded(&self, why: &str) -> Error {
        Error::failed(format!("changed, not recorded: {why}"))
            .changed(Some(true))
            .help("the change stands; mend the ledger, so that soak and latch keep working")
    }

    /// Returns the command that undoes a change; `None` if users get what they got before.
    fn undo(&self, change: &Change) -> Option<String> {
        let (name, again) = (render::plan::quoted(change.flag.as_str()), self.context.again());
        match (change.from, self.action) {
            (Some(from), _) if from == change.to => None,
            (Some(from), Action::Rollback) => {
                Some(format!("flagctl {again}advance {name} --to {from} --override latch,ladder,gates --reason \"…\""))
            }
            (Some(from), Action::Advance) if !from.is_zero() => {
                Some(format!("flagctl {again}rollback {name} --to {from}"))
            }
            (_, Action::Advance) => Some(format!("flagctl {again}rollback {name}")),
            (None, Action::Rollback) | (_, Action::New) => None,
        }
    }
}

fn named(flag: &FlagName, error: &Error) -> Error {
    let mut error = error.clone();
    if !error.message.contains(flag.as_str()) {
        error.message = format!("`{flag}`: {}", error.message);
    }
    error
}
