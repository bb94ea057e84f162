//! One line of the ledger: who changed what, when, why, on which evidence.

use super::{Judgement, Part, Percent};
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
    ///
    /// A drill that left it where it was counts for nothing here.
    #[must_use]
    pub fn reached(&self, exposure: Percent) -> Option<Timestamp> {
        let real = self.entries.iter().rposition(|entry| entry.action != Action::Drill);
        let kept = real.filter(|at| self.entries[*at].to == exposure && self.only_drills_from(*at, exposure));
        // Of drills alone it isn't known what was before them.
        let drilled = |entry: &&Entry| real.is_none() && entry.part() == Some(Part::Back);
        let newest = kept.and_then(|at| self.entries.get(at)).or_else(|| self.newest().filter(|entry| !drilled(entry)));
        newest.filter(|entry| entry.to == exposure).map(|entry| entry.at)
    }
}
