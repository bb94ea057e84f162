//! One line of the ledger: who changed what, when, why, on which evidence.

use super::{Judgement, Percent};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One change as the ledger keeps it. The order of the fields is the order in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The version of the format: 1.
    pub v: u32,
    /// SHA-256 of the entry without this field, in the form of RFC 8785, as hex.
    pub id: String,
    /// The heads that the writer saw.
    pub prev: Vec<String>,
    /// When the change was made.
    pub at: Timestamp,
    /// Who made it.
    pub actor: String,
    /// On which machine.
    pub host: String,
    /// In which environment; `None` for a nameless one.
    pub environment: Option<String>,
    /// The flags file, relative to the folder of the ledger's project root where it is below it.
    pub file: String,
    /// The flag.
    pub flag: String,
    /// What was done.
    pub action: Action,
    /// The exposure before; `None` if it could not be read.
    pub from: Option<Percent>,
    /// The exposure after.
    pub to: Percent,
    /// What the operator gave as reason.
    pub reason: Option<String>,
    /// What the gates said.
    pub verdicts: Vec<Judgement>,
    /// Which refusals and gates were set aside.
    pub overrides: Vec<String>,
    /// The stored values before, as text of the file: `rollout: 5`, `enabled: true`.
    pub before: Vec<String>,
    /// The stored values after.
    pub after: Vec<String>,
}

impl Entry {
    /// True for the end of a drill: the way down again.
    #[must_use]
    pub fn is_drill_that_ended(&self) -> bool {
        self.action == Action::Drill && self.from.is_some_and(|from| self.to < from)
    }
}

/// What a change was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// A flag was declared.
    New,
    /// One step up.
    Advance,
    /// Down.
    Rollback,
    /// Up or down, in the rehearsal of a rollback.
    Drill,
}

/// What the ledger knows of one flag at one place, oldest first.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Its entries, oldest first.
    pub entries: Vec<Entry>,
}

impl History {
    /// Returns the newest entry.
    #[must_use]
    pub fn newest(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// Returns the rollback that latches the flag: the newest entry beside those of drills, if it is one.
    ///
    /// An advance after it needed an override of the latch, so it is the newest then and no latch is left.
    #[must_use]
    pub fn latch(&self) -> Option<&Entry> {
        let real = self.entries.iter().rev().find(|entry| entry.action != Action::Drill);
        real.filter(|entry| entry.action == Action::Rollback)
    }

    /// Returns when the flag came to `exposure`, if the newest entry says that it is there.
    #[must_use]
    pub fn reached(&self, exposure: Percent) -> Option<Timestamp> {
        self.newest().filter(|entry| entry.to == exposure).map(|entry| entry.at)
    }
}
