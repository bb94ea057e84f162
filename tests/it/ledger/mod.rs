//! Tests of `ledger`: what an append writes, what a reader finds, and what verifying sees.

mod append;
mod canonical;
mod order;
mod properties;
mod verify;

use flagctl::ledger::{Ledger, Patience, Recorded};
use flagctl::model::{Action, Entry, FlagName, Mode, Percent};
use jiff::Timestamp;
use std::time::Duration;

/// A ledger in a folder of its own.
struct Desk {
    ledger: Ledger,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger { path: folder.path().join(".flagctl/ledger.jsonl"), root: folder.path().to_owned() };
        Self { ledger, _folder: folder }
    }

    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.ledger.path).unwrap_or_default()
    }

    fn write(&self, bytes: &[u8]) {
        std::fs::create_dir_all(self.ledger.path.parent().unwrap()).unwrap();
        std::fs::write(&self.ledger.path, bytes).unwrap();
    }

    fn append(&self, entry: &Entry) {
        let recorded = self.ledger.append(std::slice::from_ref(entry), &self.ledger.seen(), patient());
        assert!(matches!(recorded, Recorded::Yes(_)), "{recorded:?}");
    }

    /// What verifying finds, in lines.
    fn found(&self) -> String {
        let findings = self.ledger.verify().unwrap();
        findings.iter().map(|finding| format!("{}: {:?}: {}\n", finding.line, finding.kind, finding.message)).collect()
    }

    fn newest(&self, flag: &str) -> Option<Entry> {
        let place = self.ledger.place(Some("production"), &self.ledger.root.join("flags.yaml"));
        let reading = self.ledger.newest(&place, &FlagName::new(flag).unwrap()).unwrap();
        reading.history.newest().cloned()
    }
}

const fn patient() -> Patience {
    Patience { mode: Mode::Careful, timeout: Duration::from_secs(60) }
}

/// An entry of `flag`, made `second` seconds after the turn of 2026.
fn entry(flag: &str, action: Action, to: u32, second: i64) -> Entry {
    Entry {
        v: 1,
        id: String::new(),
        prev: Vec::new(),
        at: "2026-01-01T00:00:00Z".parse::<Timestamp>().unwrap() + Duration::from_secs(second.unsigned_abs()),
        actor: "ada".into(),
        host: "box".into(),
        environment: Some("production".into()),
        file: "flags.yaml".into(),
        flag: flag.into(),
        action,
        from: Percent::from_milli(12_500),
        to: Percent::from_whole(to).unwrap(),
        reason: Some("a \"reason\" — with\nall\u{1b}kinds".into()),
        verdicts: Vec::new(),
        overrides: vec!["latch".into()],
        before: vec!["rollout: 12.5".into()],
        after: vec![format!("rollout: {to}")],
    }
}
