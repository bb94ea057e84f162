//! What the ledger knows of the flags of a place, and what of it can't be read.

use super::Context;
use super::place::Place;
use crate::error::Result;
use crate::ledger::Ledger;
use crate::model::{FlagName, History};
use crate::render;
use std::collections::HashMap;

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
        for passed in ledger.newest(&place, name)?.skipped {
            let number = ledger.line_of(passed.start).unwrap_or_default();
            let note = format!("the ledger can't tell all: its line {number} {}", passed.why);
            context.term.say(&render::error::caution(&note));
        }
        Ok(())
    }

    /// Returns what the ledger knows of every flag here.
    pub(super) fn histories(&self) -> Result<HashMap<String, History>> {
        let ledger = self.ledger();
        let place = ledger.place(self.environment.name.as_deref(), self.path());
        let mut histories: HashMap<String, History> = HashMap::new();
        for entry in ledger.entries()?.history.entries {
            if place.is_of(&entry) {
                histories.entry(entry.flag.clone()).or_default().entries.push(entry);
            }
        }
        Ok(histories)
    }
}
