//! What the ledger knows of the flags of a place, and what of it can't be read.

use super::Context;
use super::place::Place;
use crate::error::Result;
use crate::ledger::{Ledger, Skipped};
use crate::model::{FlagName, History};
use crate::render;
use std::collections::HashMap;

/// How many lines that can't be read are told one by one.
const MOST_TOLD: usize = 3;

impl Place {
    /// Returns the ledger.
    pub(super) fn ledger(&self) -> Ledger {
        Ledger::at(&self.settings.ledger)
    }

    /// Returns what the ledger's end knows of a flag here.
    pub(super) fn history(&self, name: &FlagName) -> Result<History> {
        let ledger = self.ledger();
        let place = ledger.place(self.environment.name.as_deref(), self.path());
        Ok(ledger.newest(&place, name)?.history)
    }

    /// Says what of the ledger's end could not be read, where it may be about the flag: a rollback may be among it.
    pub(super) fn doubt_ledger(&self, context: &Context, name: &FlagName) -> Result<()> {
        let ledger = self.ledger();
        let place = ledger.place(self.environment.name.as_deref(), self.path());
        let notes = told(&ledger, &ledger.newest(&place, name)?.skipped);
        notes.iter().for_each(|note| context.term.say(&render::error::caution(&context.addressed(note))));
        Ok(())
    }

    /// Returns what the ledger knows of every flag here, and says what of it can't be read.
    pub(super) fn histories(&self) -> Result<(HashMap<String, History>, Vec<String>)> {
        let ledger = self.ledger();
        let place = ledger.place(self.environment.name.as_deref(), self.path());
        let mut histories: HashMap<String, History> = HashMap::new();
        let read = ledger.entries()?;
        for entry in read.history.entries {
            if place.is_of(&entry) {
                histories.entry(entry.flag.clone()).or_default().entries.push(entry);
            }
        }
        Ok((histories, told(&ledger, &read.skipped)))
    }
}

/// Says which lines of a ledger were passed over; of many the first ones.
fn told(ledger: &Ledger, skipped: &[Skipped]) -> Vec<String> {
    let line = |passed: &Skipped| {
        let number = ledger.line_of(passed.start).unwrap_or_default();
        format!("the ledger can't tell all: its line {number} {}", passed.why)
    };
    let more = skipped.len().saturating_sub(MOST_TOLD);
    let rest =
        (more > 0).then(|| format!("the ledger can't tell all: {more} more lines, which `flagctl log --verify` shows"));
    skipped.iter().take(MOST_TOLD).map(line).chain(rest).collect()
}
