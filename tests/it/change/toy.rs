//! A flags file of one line a flag, and changes of it: `change` is to be tested without a YAML editor.

use flagctl::change::{self, Applied, Edited, Job, Patience, Record, Request};
use flagctl::error::{Error, Result};
use flagctl::exit::Exit;
use flagctl::ledger::{Ledger, Recorded};
use flagctl::model::{Action, Field, Flag, FlagName, Mode, Percent};
use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

pub(super) const TEXT: &str = "# flags\n\
    alpha: {enabled: true, rollout: 5} # first\n\
    beta: {enabled: true, rollout: 25}\n\
    gamma: {enabled: false, rollout: 0}\n";

/// A folder with a flags file and a ledger.
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) file: PathBuf,
    pub(super) ledger: Ledger,
    _kept: Option<tempfile::TempDir>,
}

impl Place {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self::at(folder.path().to_owned());
        fs::write(&place.file, TEXT).unwrap();
        Self { _kept: Some(folder), ..place }
    }

    pub(super) fn at(folder: PathBuf) -> Self {
        let file = folder.join("flags.yaml");
        let ledger = Ledger { path: folder.join(".flagctl/ledger.jsonl"), root: folder.clone() };
        Self { folder, file, ledger, _kept: None }
    }

    pub(super) fn text(&self) -> String {
        fs::read_to_string(&self.file).unwrap()
    }

    /// Every name in the folder, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Replaces the folder's name, which is another in each run.
    pub(super) fn hide(&self, text: String) -> String {
        text.replace(&*self.folder.to_string_lossy(), "[DIR]")
    }

    /// Asserts that nothing is left beside the flags file, and that the ledger is sound.
    pub(super) fn assert_clean(&self) {
        let names = self.names();
        assert!(names.iter().all(|name| name == "flags.yaml" || name == ".flagctl"), "{names:?}");
        assert_eq!(self.ledger.verify().unwrap(), []);
    }

    pub(super) fn rollout(&self, flag: &str) -> u32 {
        read(&self.text(), &name(flag)).unwrap().rollout.value().unwrap().milli() / 1000
    }
}

/// One change, as a test says it.
pub(super) struct Wish<'a> {
    pub(super) mode: Mode,
    pub(super) flags: Vec<(&'a str, u32)>,
    pub(super) lock: Duration,
    pub(super) stopped: Option<Exit>,
    /// Done once between the plan and the lock.
    pub(super) meanwhile: &'a dyn Fn(),
}

pub(super) fn up<'a>(flag: &'a str, to: u32) -> Wish<'a> {
    let lock = Duration::from_secs(60);
    Wish { mode: Mode::Careful, flags: vec![(flag, to)], lock, stopped: None, meanwhile: &|| {} }
}

pub(super) fn down<'a>(flags: &[&'a str]) -> Wish<'a> {
    let flags = flags.iter().map(|flag| (*flag, 0)).collect();
    // A child that another test is just starting may hold a copy of the lock until it runs: that is waited for.
    Wish { mode: Mode::Urgent, flags, lock: Duration::from_secs(2), stopped: None, meanwhile: &|| {} }
}

/// As [`down`], but without any wait for a lock that is busy.
pub(super) fn down_at_once<'a>(flags: &[&'a str]) -> Wish<'a> {
    Wish { lock: Duration::ZERO, ..down(flags) }
}

/// Says in lines what came of a change.
pub(super) fn said(applied: &Applied) -> String {
    let percent = |from: Option<Percent>| from.map_or("?".to_owned(), |from| from.to_string());
    let mut lines = Vec::new();
    for change in &applied.changes {
        lines.push(format!("changed {} {} -> {}", change.flag, percent(change.from), change.to));
    }
    lines.extend(applied.unchanged.iter().map(|(flag, _)| format!("unchanged {flag}")));
    for (flag, error) in &applied.failed {
        lines.push(format!("failed {flag}: {} ({}): {error}", error.exit.name(), changed(error.changed)));
        lines.extend(error.help.iter().map(|help| format!("  help: {help}")));
    }
    lines.extend(applied.notes.iter().map(|note| format!("note: {note}")));
    lines.push(match &applied.recorded {
        Recorded::Yes(notes) if notes.is_empty() => "recorded".to_owned(),
        Recorded::Yes(notes) => format!("recorded, {}", notes.join(", ")),
        Recorded::No(why) => format!("not recorded: {why}"),
        Recorded::Nothing => "nothing to record".to_owned(),
    });
    lines.join("\n") + "\n"
}

const fn changed(changed: Option<bool>) -> &'static str {
    match changed {
        Some(true) => "changed",
        Some(false) => "nothing changed",
        None => "not known whether changed",
    }
}

/// Plans a wish on the text as it is, and applies it.
pub(super) fn go(place: &Place, wish: &Wish<'_>) -> Applied {
    let seen: Vec<Option<Flag>> = match wish.mode {
        Mode::Careful => {
            let text = place.text();
            wish.flags.iter().map(|(flag, _)| read(&text, &name(flag)).ok()).collect()
        }
        Mode::Urgent => wish.flags.iter().map(|_| None).collect(),
    };
    (wish.meanwhile)();
    let readers: Vec<_> = wish.flags.iter().map(|(flag, _)| move |text: &str| read(text, &name(flag))).collect();
    let editors: Vec<_> = wish
        .flags
        .iter()
        .map(|(flag, to)| move |text: &str| edit(text, &name(flag), Percent::from_whole(*to).unwrap()))
        .collect();
    let mut jobs = Vec::new();
    for (at, (flag, _)) in wish.flags.iter().enumerate() {
        jobs.push(Job { flag: name(flag), planned: seen[at].as_ref(), read: &readers[at], edit: &editors[at] });
    }
    let told = Cell::new(0);
    let stopped = wish.stopped;
    let request = Request {
        file: &place.file,
        mode: wish.mode,
        jobs,
        apart: None,
        record: Record {
            ledger: &place.ledger,
            actor: "ada".into(),
            host: "box".into(),
            environment: Some("production".into()),
            action: if wish.mode == Mode::Careful { Action::Advance } else { Action::Rollback },
            reason: None,
            verdicts: Vec::new(),
            overrides: Vec::new(),
        },
        patience: Patience { timeout: wish.lock, stopped: &|| stopped, waiting: &|_| told.set(told.get() + 1) },
    };
    change::apply(&request)
}

pub(super) fn name(flag: &str) -> FlagName {
    FlagName::new(flag).unwrap()
}

fn line<'t>(text: &'t str, flag: &FlagName) -> Result<&'t str> {
    let start = format!("{}: {{", flag.as_str());
    text.lines().find(|line| line.starts_with(&start)).ok_or_else(|| Error::usage(format!("no flag `{flag}`")))
}

pub(super) fn read(text: &str, flag: &FlagName) -> Result<Flag> {
    let line = line(text, flag)?;
    let rollout = line.split("rollout: ").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
    let enabled = Field::Is(line.contains("enabled: true"));
    let rollout = Field::Is(rollout.parse().unwrap());
    Ok(Flag { enabled, rollout, line: 1, value_lines: vec![1], ..Flag::bare(flag.clone()) })
}

fn edit(text: &str, flag: &FlagName, to: Percent) -> Result<Option<Edited>> {
    let old = line(text, flag)?;
    let comment = old.split('}').nth(1).unwrap();
    let new = format!("{}: {{enabled: {}, rollout: {to}}}{comment}", flag.as_str(), !to.is_zero());
    if old == new {
        return Ok(None);
    }
    let text_before = text;
    let text = text.replacen(&format!("{old}\n"), &format!("{new}\n"), 1);
    let from = read(text_before, flag)?.exposure().known();
    Ok(Some(Edited { text, from, to, before: vec![old.to_owned()], after: vec![new], notes: Vec::new() }))
}
