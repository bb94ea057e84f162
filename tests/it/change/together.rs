//! Several flags of one backend at once: one that the service hangs at keeps no other up.

use super::remote::{Fate, Toy, apply, down, told};
use flagctl::backend::remote::{Backend, Goal, Mark, Right, Seen, Wait, Write, Writer};
use flagctl::change::RemoteJob;
use flagctl::error::{Error, Result};
use flagctl::ledger::{Ledger, Recorded};
use flagctl::model::{Flag, FlagName, Mode};
use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

/// A toy for each flag; reading the one named `stuck` hangs until the ledger has an entry for each of the others.
struct Several {
    toys: BTreeMap<&'static str, Toy>,
    ledger: Ledger,
}

impl Several {
    fn toy(&self, flag: &FlagName) -> &Toy {
        &self.toys[flag.as_str()]
    }

    fn entries(&self) -> usize {
        self.ledger.entries().map_or(0, |read| read.history.entries.len())
    }
}

impl Backend for Several {
    fn list(&self, _wait: &Wait) -> Result<Vec<Seen>> {
        Ok(Vec::new())
    }

    fn read(&self, flag: &FlagName, wait: &Wait) -> Result<Seen> {
        while flag.as_str() == "stuck" && self.entries() + 1 < self.toys.len() {
            if wait.left().is_zero() {
                return Err(Error::failed("the service did not answer within 1 s").passing());
            }
            thread::sleep(Duration::from_millis(5));
        }
        let seen = self.toy(flag).read(flag, wait)?;
        Ok(Seen { flag: Flag { name: flag.clone(), ..seen.flag }, ..seen })
    }

    fn next(&self, seen: &Seen, goal: &Goal) -> Result<Option<Write>> {
        let write = self.toy(&seen.flag.name).next(seen, goal)?;
        Ok(write.map(|write| Write { path: seen.flag.name.as_str().to_owned(), ..write }))
    }

    fn blind(&self, flag: &FlagName) -> Write {
        Write { path: flag.as_str().to_owned(), ..self.toy(flag).blind(flag) }
    }

    fn declare(&self, _flag: &FlagName, _description: &str) -> Vec<Write> {
        Vec::new()
    }

    fn send(&self, write: &Write, wait: &Wait) -> Result<()> {
        self.toys[write.path.as_str()].send(write, wait)
    }

    fn rehearse(&self, _write: &Write, _wait: &Wait) -> Option<Result<()>> {
        None
    }

    fn writers(&self, flag: &FlagName, mark: &Mark, wait: &Wait) -> Result<Vec<Writer>> {
        self.toy(flag).writers(flag, mark, wait)
    }

    fn skew(&self) -> Option<f64> {
        None
    }

    fn rights(&self, _flag: Option<&FlagName>, _wait: &Wait) -> Result<Vec<Right>> {
        Ok(Vec::new())
    }
}

#[test]
fn a_flag_that_hangs_keeps_no_other_up() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::at(&folder.path().join(".flagctl/ledger.jsonl"));
    let toys = BTreeMap::from([
        ("one", Toy::new(true, 25, &[])),
        ("three", Toy::new(true, 5, &[Fate::Lost])),
        ("stuck", Toy::new(true, 50, &[])),
        ("two", Toy::new(false, 100, &[])),
    ]);
    let several = Several { toys, ledger: ledger.clone() };
    let want = |_: &Flag| Ok(Some(down()));
    let job = |name| RemoteJob { flag: FlagName::new(name).unwrap(), planned: None, want: &want };
    let jobs = ["stuck", "one", "two", "three"].map(job).into();
    let applied = apply(&several, Mode::Urgent, jobs, &ledger);
    assert_eq!(told(&applied), "50% → 0%\n25% → 0%\n0% → 0%\n5% → 0%");
    assert_eq!(applied.recorded, Recorded::Yes(Vec::new()));
    let entries = ledger.entries().unwrap().history.entries;
    assert_eq!((entries.len(), entries.last().unwrap().flag.as_str()), (4, "stuck"));
    assert!(ledger.verify().unwrap().is_empty());
}
