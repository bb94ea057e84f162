//! What the ledger is told of a change.

use super::lock::Patience;
use super::request::Change;
use crate::ledger::{self, Ledger, Recorded, Seen};
use crate::model::{Action, Entry, Judgement, Mode};
use jiff::Timestamp;
use std::path::Path;
use std::time::Duration;

/// How long a rollback waits for the ledger's lock.
const LEDGER_WAIT: Duration = Duration::from_millis(500);

/// What the ledger is told of a change, beside the change itself.
pub struct Record<'a> {
    /// Where.
    pub ledger: &'a Ledger,
    /// Who.
    pub actor: String,
    /// On which machine.
    pub host: String,
    /// In which environment; `None` for a nameless one.
    pub environment: Option<String>,
    /// What is done.
    pub action: Action,
    /// Why.
    pub reason: Option<String>,
    /// What the gates said.
    pub verdicts: Vec<Judgement>,
    /// Which refusals and gates were set aside.
    pub overrides: Vec<String>,
}

impl Record<'_> {
    /// Appends an entry for each change, made at its time, of flags that live in `place`.
    pub(super) fn write(
        &self,
        changes: &[(&Change, Timestamp)],
        place: &Path,
        mode: Mode,
        patience: &Patience<'_>,
        seen: &Seen,
    ) -> Recorded {
        let file = self.ledger.name_of(place);
        let entry = |(change, at): &(&Change, Timestamp)| Entry {
            v: 1,
            id: String::new(),
            prev: Vec::new(),
            at: *at,
            actor: self.actor.clone(),
            host: self.host.clone(),
            environment: self.environment.clone(),
            file: file.clone(),
            flag: change.flag.as_str().to_owned(),
            action: self.action,
            from: change.from,
            to: change.to,
            reason: self.reason.clone(),
            verdicts: self.verdicts.clone(),
            overrides: self.overrides.clone(),
            before: change.before.clone(),
            after: change.after.clone(),
        };
        let timeout = match mode {
            Mode::Careful => patience.timeout.max(LEDGER_WAIT),
            Mode::Urgent => LEDGER_WAIT,
        };
        let entries: Vec<Entry> = changes.iter().map(entry).collect();
        self.ledger.append(&entries, seen, ledger::Patience { mode, timeout })
    }
}
