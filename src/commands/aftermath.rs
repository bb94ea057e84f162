//! What is said after a change: what changed and where, how to undo it, what else there is to do, and what failed.

use super::{Context, checkout, json_answer};
use crate::change::{Applied, Change};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Recorded;
use crate::model::{Action, Exposure, FlagName, Percent, Shown, Typed};
use crate::{change, document, render};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// Returns the words that set aside what may keep a flag from going back up after a change.
pub(super) type Bars<'a> = dyn Fn(&Change) -> Vec<&'static str> + 'a;

/// What a change was about.
pub(super) struct Aftermath<'a> {
    pub(super) context: &'a Context,
    pub(super) action: Action,
    pub(super) file: &'a Path,
    pub(super) ledger: PathBuf,
    pub(super) environment: Option<&'a str>,
    /// The environment was found and not said: commands have to name it.
    pub(super) inferred: bool,
    /// How the file stood before the change.
    pub(super) stood: Option<Metadata>,
    /// The exposure that a rollback was to end at; what lies below it is left.
    pub(super) limit: Option<Percent>,
    /// What else than the latch may keep a flag from going up again.
    pub(super) bars: Box<Bars<'a>>,
    /// Why not everything that was meant could be seen, and so be changed.
    pub(super) unseen: Option<Error>,
}

/// Hands an edit of the document to `change`.
pub(super) fn edited(edited: document::Edited, from: Option<Percent>, to: Percent) -> change::Edited {
    change::Edited { text: edited.text, from, to, before: edited.before, after: edited.after, notes: edited.notes }
}

impl Aftermath<'_> {
    /// Says what came of a change, and returns how the verb ends; `details` are the fields that the verb adds to JSON.
    pub(super) fn tell(&self, applied: &Applied, details: Value) -> Result<Exit> {
        self.tell_then(applied, details, || (Value::Null, None))
    }

    /// As [`Aftermath::tell`]; what takes its time comes `then`, after all else was said: it returns further fields, and how
    /// the verb ends if nothing else went wrong.
    pub(super) fn tell_then(
        &self,
        applied: &Applied,
        details: Value,
        then: impl FnOnce() -> (Value, Option<Error>),
    ) -> Result<Exit> {
        let unwritten = self.speak(applied).err();
        self.record(applied);
        if !self.context.term.json {
            for change in &applied.changes {
                let by_hand = || match list(&change.before).as_str() {
                    "" => format!("it is not known how `{}` stood before", change.flag),
                    before => format!("by hand, `{}` was {before}", change.flag),
                };
                let undo = match self.action {
                    Action::New if self.is_afar() => format!("archive `{}` there, by hand", change.flag),
                    Action::New => format!("take its lines out of {} again", Shown(&self.file.display().to_string())),
                    Action::Advance | Action::Rollback | Action::Drill => self.undo(change).unwrap_or_else(by_hand),
                };
                self.context.term.status(&format!("undo: {undo}"));
            }
        }
        let checkout = checkout::changed(self.action, self.file, &self.ledger, applied, self.stood.as_ref());
        if let Some(checkout) = checkout.as_ref().filter(|_| !self.context.term.json) {
            checkout.tell(self.context);
        }
        let unrecorded = match (&applied.recorded, self.action) {
            (Recorded::No(why), Action::New | Action::Advance) => Some(unrecorded(why)),
            _ => None,
        };
        let (further, late) = then();
        self.end(applied, unrecorded.or(unwritten).or_else(|| self.unseen.clone()).or(late), || {
            let mut fields = self.fields(applied, details);
            fields.insert("checkout".to_owned(), checkout.map_or(Value::Null, |checkout| checkout.json()));
            fields.extend(further.as_object().cloned().unwrap_or_default());
            fields
        })
    }

    /// True if its flags live in a backend over the wire.
    fn is_afar(&self) -> bool {
        self.file.to_string_lossy().contains("://")
    }

    /// As [`Aftermath::tell`], of a change that was only tried: shows the diff, and ends as the change would have ended.
    pub(super) fn rehearse(&self, mut applied: Applied, diff: &str, details: Value) -> Result<Exit> {
        let would: Vec<Value> = applied.changes.iter().map(|change| self.change(change)).collect();
        applied.changes.iter().flat_map(|change| &change.notes).for_each(|note| self.caution(note));
        if !self.context.term.json && !applied.changes.is_empty() {
            self.context.term.answer(diff)?;
        }
        applied.changes.clear();
        self.speak(&applied)?;
        let mut fields = self.fields(&applied, details);
        fields.insert("would_change".to_owned(), json!(would));
        fields.insert("diff".to_owned(), json!(anstream::adapter::strip_str(diff).to_string()));
        if applied.failed.is_empty() && !self.context.term.json {
            self.context.term.status("this was a dry run: nothing was changed");
        }
        self.end(&applied, self.unseen.clone(), || fields)
    }

    /// Ends with the first failure, after the others were said. In JSON it is one object, whatever became of each flag.
    fn end(
        &self,
        applied: &Applied,
        beside: Option<Error>,
        fields: impl FnOnce() -> Map<String, Value>,
    ) -> Result<Exit> {
        let several = applied.changes.len() + applied.unchanged.len() + applied.failed.len() > 1;
        let first = |(flag, error): &(FlagName, Error)| if several { named(flag, error) } else { error.clone() };
        let Some(error) = applied.failed.first().map(first).or(beside) else {
            if self.context.term.json {
                let changed = Some(!applied.changes.is_empty());
                json_answer(self.context, Value::Object(fields())).map_err(|error| error.changed(changed))?;
            }
            return Ok(Exit::Ok);
        };
        if !self.context.term.json {
            for (flag, other) in applied.failed.iter().skip(1) {
                self.context.term.say(&render::error::human(&self.context.addressed_error(named(flag, other))));
            }
        }
        let mut error = error.changed(changed(applied));
        error.details = Some(Box::new(fields()));
        Err(error)
    }

    /// Says it to a person: the answer on stdout, everything about it on stderr.
    fn speak(&self, applied: &Applied) -> Result<()> {
        let term = &self.context.term;
        let mut written = Ok(());
        if !term.json {
            let change = |change: &Change| {
                let (flag, from) = (change.flag.as_str(), change.from);
                let line = render::change::line(self.action, flag, from, change.to, self.environment, self.file);
                // What users get stays, but what is stored does not.
                let stored = (from == Some(change.to)).then(|| format!("  now {}", list(&change.after)));
                line + &stored.unwrap_or_default()
            };
            let place = self.environment.map_or_else(String::new, |name| format!(" in {}", Shown(name)));
            let unchanged = |(flag, exposure): &(FlagName, Exposure)| match self.limit {
                Some(to) if exposure.known().is_some_and(|exposure| exposure < to) => {
                    format!("{flag} is at {exposure}{place}, which is below {to}%: nothing to do")
                }
                _ => format!("{flag} is at {exposure} already{place}: nothing to do"),
            };
            for line in applied.changes.iter().map(change).chain(applied.unchanged.iter().map(unchanged)) {
                // A stdout that can't be written must not hide what else there is to say.
                written = written.and(term.answer(&line));
            }
        }
        let of_changes = applied.changes.iter().flat_map(|change| &change.notes);
        let mut told = HashSet::new();
        of_changes.chain(&applied.notes).filter(|note| told.insert(*note)).for_each(|note| self.caution(note));
        written
    }

    fn record(&self, applied: &Applied) {
        match (&applied.recorded, self.action) {
            (Recorded::Yes(notes), _) => notes.iter().for_each(|note| self.caution(note)),
            (Recorded::No(why), Action::Rollback) => self.caution(&format!(
                "changed, but not recorded: {why}; so no latch is set, and nothing but a person keeps the flag from being advanced again"
            )),
            (Recorded::No(_), Action::New | Action::Advance | Action::Drill) | (Recorded::Nothing, _) => {}
        }
    }

    fn caution(&self, note: &str) {
        self.context.term.say(&render::error::caution(&self.context.addressed(note)));
    }

    fn fields(&self, applied: &Applied, details: Value) -> Map<String, Value> {
        let mut fields = match details {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let (recorded, because, found): (_, _, &[String]) = match &applied.recorded {
            Recorded::Yes(notes) => (Some(true), None, notes),
            Recorded::No(why) => (Some(false), Some(why), &[]),
            Recorded::Nothing => (None, None, &[]),
        };
        let changes: Vec<Value> = applied.changes.iter().map(|change| self.change(change)).collect();
        let unchanged = |(flag, exposure): &(FlagName, Exposure)| json!({ "flag": flag, "exposure": exposure });
        let told = fields.get("notes").and_then(Value::as_array).cloned().unwrap_or_default();
        let notes = applied.notes.iter().chain(found).map(|note| json!(note));
        let failed = |(flag, error): &(FlagName, Error)| {
            render::error::failed(flag, &self.context.addressed_error(error.clone()))
        };
        for (key, value) in [
            ("environment", json!(self.environment)),
            ("file", json!(self.file.display().to_string())),
            ("changed", json!(changed(applied))),
            ("changes", json!(changes)),
            ("unchanged", applied.unchanged.iter().map(unchanged).collect()),
            ("failed", applied.failed.iter().map(failed).collect()),
            ("recorded", json!(recorded)),
            ("not_recorded_because", json!(because)),
            ("notes", told.into_iter().chain(notes).collect()),
            ("mirrored", json!(applied.mirrored.as_ref().map(|path| path.display().to_string()))),
            ("checkout", Value::Null),
        ] {
            fields.insert(key.to_owned(), value);
        }
        fields
    }

    fn change(&self, change: &Change) -> Value {
        json!({
            "flag": change.flag, "from": change.from, "to": change.to, "before": change.before,
            "after": change.after, "notes": change.notes, "undo": self.undo(change),
        })
    }

    /// Returns the command that undoes a change; `None` if users get what they got before.
    fn undo(&self, change: &Change) -> Option<String> {
        let found = self.environment.filter(|_| self.inferred);
        let again = self.context.again() + &found.map_or_else(String::new, |name| format!("-e {} ", Typed(name)));
        let typed = |verb: &str, options: &str| Some(render::command(&again, verb, &[change.flag.as_str()], options));
        match (change.from, self.action) {
            (Some(from), _) if from == change.to => None,
            // An advance would refuse it.
            (Some(_), Action::Rollback) if change.held_back.is_some() => None,
            (Some(from), Action::Rollback) => {
                let words = [vec!["latch"], (self.bars)(change)].concat();
                typed("advance", &format!(" --to {from} --override {} --reason \"…\"", words.join(",")))
            }
            (Some(from), Action::Advance) if !from.is_zero() => typed("rollback", &format!(" --to {from}")),
            (_, Action::Advance) => typed("rollback", ""),
            (None, Action::Rollback) | (_, Action::New | Action::Drill) => None,
        }
    }
}

/// Tells whether anything was changed; `None`: a backend got a write, and what came of it is not known.
fn changed(applied: &Applied) -> Option<bool> {
    let of = |wanted: Option<bool>| applied.failed.iter().any(|(_, error)| error.changed == wanted);
    if !applied.changes.is_empty() || of(Some(true)) {
        return Some(true);
    }
    if of(None) { None } else { Some(false) }
}

fn unrecorded(why: &str) -> Error {
    Error::failed(format!("changed, not recorded: {why}"))
        .changed(Some(true))
        .help("the change stands; mend the ledger, so that soak and latch keep working")
}

/// Writes stored values in one line.
fn list(stored: &[String]) -> String {
    stored.iter().map(|value| Shown(value).to_string()).collect::<Vec<_>>().join(", ")
}

fn named(flag: &FlagName, error: &Error) -> Error {
    let mut error = error.clone();
    if !error.message.contains(flag.as_str()) {
        error.message = format!("`{flag}`: {}", error.message);
    }
    error
}
