//! A flag in a backend over the wire: what is written, what is read back, and what is told of it.

use flagctl::backend::remote::{Backend, Goal, Mark, Right, Seen, Wait, Write, Writer};
use flagctl::change::{Applied, Patience, Record, RemoteJob, RemoteRequest, Want, apply_remote};
use flagctl::error::{Error, Result};
use flagctl::http::Method;
use flagctl::ledger::{Ledger, Recorded};
use flagctl::model::{Action, Field, Flag, FlagName, Mode, Percent};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// What the service does with the next write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Does it, and says so.
    Done,
    /// Does it, and its answer is lost.
    DoneUnheard,
    /// Its answer is lost, and it was not done.
    Lost,
    /// Its answer is lost, and it is done after so many more readings.
    Late(usize),
    /// Says that it won't, for now.
    Refused,
    /// Does it, and somebody else sets the percentage right after.
    Overwritten(u32),
    /// The same, and its answer is lost.
    OverwrittenUnheard(u32),
    /// Does it, right after somebody else wrote.
    Over,
}

#[derive(Debug, Default)]
struct State {
    enabled: bool,
    rollout: u32,
    fates: Vec<Fate>,
    /// What arrives late, and after how many readings.
    late: Vec<(usize, Value)>,
    sent: Vec<String>,
    /// How many of them were done.
    done: usize,
    others: Vec<String>,
    /// Who turns it on again at every reading.
    stubborn: bool,
    /// It can't be read.
    unread: bool,
}

/// A backend in memory: a switch and a percentage.
pub(super) struct Toy(Mutex<State>);

fn percent(whole: u32) -> Percent {
    Percent::from_whole(whole).unwrap()
}

fn flag(enabled: bool, rollout: u32) -> Flag {
    Flag {
        enabled: Field::Is(enabled),
        rollout: Field::Is(percent(rollout)),
        ..Flag::bare(FlagName::new("holo").unwrap())
    }
}

impl Toy {
    pub(super) fn new(enabled: bool, rollout: u32, fates: &[Fate]) -> Self {
        Self(Mutex::new(State { enabled, rollout, fates: fates.iter().rev().copied().collect(), ..State::default() }))
    }

    fn sent(&self) -> Vec<String> {
        self.0.lock().unwrap().sent.clone()
    }
}

impl State {
    fn take(&mut self, body: &Value) {
        self.done += 1;
        if let Some(enabled) = body.get("enabled") {
            self.enabled = enabled == true;
        }
        if let Some(rollout) = body.get("rollout").and_then(Value::as_u64) {
            self.rollout = u32::try_from(rollout).unwrap();
        }
    }
}

impl Backend for Toy {
    fn list(&self, wait: &Wait) -> Result<Vec<Seen>> {
        self.read(&FlagName::new("holo").unwrap(), wait).map(|seen| vec![seen])
    }

    fn read(&self, _flag: &FlagName, _wait: &Wait) -> Result<Seen> {
        let mut state = self.0.lock().unwrap();
        if state.unread {
            return Err(Error::failed("the service answered 503").passing());
        }
        for (left, _) in &mut state.late {
            *left = left.saturating_sub(1);
        }
        while let Some(at) = state.late.iter().position(|(left, _)| *left == 0) {
            let (_, body) = state.late.remove(at);
            state.take(&body);
        }
        if state.stubborn {
            (state.enabled, state.rollout) = (true, 50);
        }
        Ok(Seen {
            flag: flag(state.enabled, state.rollout),
            stored: vec![format!("enabled: {}", state.enabled), format!("rollout: {}", state.rollout)],
            held_back: None,
            findings: Vec::new(),
            mark: Mark::default(),
            answer: json!({ "enabled": state.enabled, "rollout": state.rollout }),
        })
    }

    fn next(&self, seen: &Seen, goal: &Goal) -> Result<Option<Write>> {
        let write = |what: &str, body: Value, tidying| {
            let completes = goal.enabled.is_none() || what != "set the percentage";
            let (what, path) = (what.to_owned(), "/".to_owned());
            Ok(Some(Write { what, method: Method::Patch, path, body, tidying, completes }))
        };
        let (enabled, rollout) = (seen.answer["enabled"] == true, seen.answer["rollout"].as_u64().unwrap());
        let wanted = u64::from(goal.rollout.milli() / 1000);
        if goal.mode == Mode::Urgent && goal.enabled == Some(false) && enabled {
            return write("switch it off", json!({ "enabled": false }), false);
        }
        if rollout != wanted {
            let tidying = goal.mode == Mode::Urgent && !enabled;
            return write("set the percentage", json!({ "rollout": wanted }), tidying);
        }
        match goal.enabled {
            Some(on) if on != enabled => write("switch it on", json!({ "enabled": on }), false),
            _ => Ok(None),
        }
    }

    fn blind(&self, _flag: &FlagName) -> Write {
        Write {
            what: "switch it off".to_owned(),
            method: Method::Post,
            path: "/off".to_owned(),
            body: json!({ "enabled": false }),
            tidying: false,
            completes: true,
        }
    }

    fn declare(&self, _flag: &FlagName, _description: &str) -> Vec<Write> {
        Vec::new()
    }

    fn send(&self, write: &Write, _wait: &Wait) -> Result<()> {
        let mut state = self.0.lock().unwrap();
        state.sent.push(write.what.clone());
        let lost = || Error::failed("the service did not answer within 1 s").passing().changed(None);
        let fate = state.fates.pop().unwrap_or(Fate::Done);
        match fate {
            Fate::Done => state.take(&write.body),
            Fate::DoneUnheard => {
                state.take(&write.body);
                return Err(lost());
            }
            Fate::Lost => return Err(lost()),
            Fate::Late(readings) => {
                state.late.push((readings, write.body.clone()));
                return Err(lost());
            }
            Fate::Refused => return Err(Error::failed("the service could not be reached").passing()),
            Fate::Overwritten(rollout) | Fate::OverwrittenUnheard(rollout) => {
                state.take(&write.body);
                state.rollout = rollout;
                state.others.push("mallory".to_owned());
                if matches!(fate, Fate::OverwrittenUnheard(_)) {
                    return Err(lost());
                }
            }
            Fate::Over => {
                state.others.push("mallory".to_owned());
                state.take(&write.body);
            }
        }
        Ok(())
    }

    fn rehearse(&self, _write: &Write, _wait: &Wait) -> Option<Result<()>> {
        None
    }

    fn writers(&self, _flag: &FlagName, _mark: &Mark, _wait: &Wait) -> Result<Vec<Writer>> {
        let state = self.0.lock().unwrap();
        let writer = |name: &str, ours| Writer {
            name: name.to_owned(),
            what: "strategy-update".to_owned(),
            at: None,
            mark: Mark::default(),
            ours: Some(ours),
        };
        let ours = (0..state.done).map(|_| writer("ops", true));
        Ok(ours.chain(state.others.iter().map(|name| writer(name, false))).collect())
    }

    fn skew(&self) -> Option<f64> {
        None
    }

    fn rights(&self, _flag: Option<&FlagName>, _wait: &Wait) -> Result<Vec<Right>> {
        Ok(Vec::new())
    }
}

/// What came of a change, in words.
pub(super) fn told(applied: &Applied) -> String {
    let changes = applied
        .changes
        .iter()
        .map(|change| format!("{} → {}%", change.from.map_or("?".to_owned(), |from| format!("{from}%")), change.to));
    let unchanged = applied.unchanged.iter().map(|(_, exposure)| format!("at {exposure} already"));
    let failed = applied
        .failed
        .iter()
        .map(|(_, error)| format!("{}, changed {:?}: {}", error.exit.name(), error.changed, error.message));
    let notes = applied.notes.iter().map(|note| format!("note: {note}"));
    changes.chain(unchanged).chain(failed).chain(notes).collect::<Vec<_>>().join("\n")
}

fn run(toy: &Toy, mode: Mode, planned: Option<&Flag>, want: Want) -> (String, usize) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::at(&folder.path().join(".flagctl/ledger.jsonl"));
    let want = |_: &Flag| Ok(Some(want));
    let jobs = vec![RemoteJob { flag: FlagName::new("holo").unwrap(), planned, want: &want }];
    let applied = apply(toy, mode, jobs, &ledger);
    let entries = ledger.entries().map_or(0, |read| read.history.entries.len());
    assert_eq!(matches!(applied.recorded, Recorded::Yes(_)), entries > 0);
    (told(&applied), entries)
}

pub(super) fn apply(backend: &dyn Backend, mode: Mode, jobs: Vec<RemoteJob<'_>>, ledger: &Ledger) -> Applied {
    apply_remote(&RemoteRequest {
        backend,
        place: Path::new("toy://here/p/e"),
        mode,
        jobs,
        record: Record {
            ledger,
            actor: "ops".to_owned(),
            host: "here".to_owned(),
            environment: Some("production".to_owned()),
            action: if mode == Mode::Careful { Action::Advance } else { Action::Rollback },
            reason: None,
            verdicts: Vec::new(),
            overrides: Vec::new(),
        },
        patience: Patience { timeout: Duration::from_secs(5), stopped: &|| None, waiting: &|_| {} },
        limit: Duration::from_secs(3),
    })
}

fn up(to: u32, enabled: Option<bool>) -> Want {
    Want { to: percent(to), goal: Goal { rollout: percent(to), enabled, mode: Mode::Careful } }
}

pub(super) fn down() -> Want {
    Want { to: Percent::ZERO, goal: Goal { rollout: Percent::ZERO, enabled: Some(false), mode: Mode::Urgent } }
}

#[test]
fn the_percentage_stands_before_the_switch_is_thrown() {
    let toy = Toy::new(false, 0, &[]);
    assert_eq!(run(&toy, Mode::Careful, Some(&flag(false, 0)), up(5, Some(true))), ("0% → 5%".to_owned(), 1));
    assert_eq!(toy.sent(), ["set the percentage", "switch it on"]);
}

#[test]
fn what_changed_since_it_was_planned_is_left_alone() {
    let toy = Toy::new(true, 25, &[]);
    let (told, entries) = run(&toy, Mode::Careful, Some(&flag(true, 5)), up(25, None));
    assert_eq!(told, "conflict, changed Some(false): `holo` changed since it was planned: from 5% to 25%");
    assert_eq!((toy.sent().len(), entries), (0, 0));
}

#[test]
fn another_writer_is_named_and_no_success_is_told() {
    let toy = Toy::new(true, 5, &[Fate::Overwritten(50)]);
    let (told, entries) = run(&toy, Mode::Careful, Some(&flag(true, 5)), up(25, None));
    let told_of = "conflict, changed Some(true): `holo` was set to 25%, and is at 50% now: somebody else wrote to it";
    assert!(told.starts_with(told_of) && told.contains("mallory"), "{told}");
    assert_eq!((toy.sent().len(), entries), (1, 0));
}

#[test]
fn a_lost_answer_is_looked_for() {
    for fate in [Fate::DoneUnheard, Fate::Late(3)] {
        let toy = Toy::new(true, 5, &[fate]);
        assert_eq!(
            run(&toy, Mode::Careful, Some(&flag(true, 5)), up(25, None)),
            ("5% → 25%".to_owned(), 1),
            "{fate:?}"
        );
        assert_eq!(toy.sent().len(), 1, "what may be on its way is not sent again");
    }
}

#[test]
fn what_is_not_known_is_called_unknown() {
    let toy = Toy::new(true, 5, &[Fate::Lost]);
    let (told, entries) = run(&toy, Mode::Careful, Some(&flag(true, 5)), up(25, None));
    let expected = "failed, changed None: the service did not answer within 1 s; what was sent (set the percentage) is not there yet, and may still arrive";
    assert_eq!((told.as_str(), entries), (expected, 0));
}

#[test]
fn nobody_is_written_over_twice() {
    for fate in [Fate::Overwritten(0), Fate::OverwrittenUnheard(0)] {
        let toy = Toy::new(true, 25, &[fate]);
        let (told, entries) = run(&toy, Mode::Careful, Some(&flag(true, 25)), up(50, None));
        assert!(told.starts_with("conflict, changed ") && told.contains("is at 0% now: somebody else wrote"), "{told}");
        assert_eq!((toy.sent(), entries), (vec!["set the percentage".to_owned()], 0), "{fate:?}");
    }
    // Switched off by somebody after it was switched on.
    let toy = Toy::new(false, 0, &[Fate::Done, Fate::OverwrittenUnheard(0)]);
    let (told, entries) = run(&toy, Mode::Careful, Some(&flag(false, 0)), up(5, Some(true)));
    assert!(told.starts_with("conflict, changed ") && told.contains("mallory"), "{told}");
    assert_eq!((toy.sent().len(), entries), (2, 0));
}

#[test]
fn a_step_over_somebody_elses_write_is_recorded_and_no_success() {
    let toy = Toy::new(true, 25, &[Fate::Over]);
    let (told, entries) = run(&toy, Mode::Careful, Some(&flag(true, 25)), up(50, None));
    let expected = "25% → 50%\nconflict, changed Some(true): `holo` was changed, and others wrote to it meanwhile: strategy-update by mallory";
    assert_eq!((told.as_str(), entries), (expected, 1));
}

#[test]
fn a_rollback_that_was_taken_and_can_not_be_seen_is_recorded() {
    let toy = Toy::new(true, 25, &[]);
    toy.0.lock().unwrap().unread = true;
    let (told, entries) = run(&toy, Mode::Urgent, None, down());
    let expected = "failed, changed None: `holo` can't be read (the service answered 503); it was told to switch it off all the same, and took that";
    assert_eq!((told.as_str(), entries, toy.sent().len()), (expected, 1, 1));
}

#[test]
fn what_was_tidied_unheard_is_neither_left_nor_somebody_elses() {
    let toy = Toy::new(true, 25, &[Fate::Done, Fate::DoneUnheard]);
    assert_eq!(run(&toy, Mode::Urgent, None, down()), ("25% → 0%".to_owned(), 1));
}

#[test]
fn a_rollback_tries_until_it_is_down() {
    let toy = Toy::new(true, 25, &[Fate::Refused, Fate::Lost, Fate::Refused]);
    assert_eq!(run(&toy, Mode::Urgent, None, down()), ("25% → 0%".to_owned(), 1));
    assert_eq!(toy.sent().last().unwrap(), "set the percentage");
}

#[test]
fn a_rollback_that_can_not_be_done_says_so_by_its_deadline() {
    let toy = Toy::new(true, 25, &[Fate::Refused; 40]);
    let (told, entries) = run(&toy, Mode::Urgent, None, down());
    assert_eq!((told.as_str(), entries), ("failed, changed Some(false): the service could not be reached", 0));
    let lost = Toy::new(true, 25, &[Fate::Lost; 40]);
    let (told, _) = run(&lost, Mode::Urgent, None, down());
    assert!(told.starts_with("failed, changed None: "), "{told}");
}

#[test]
fn what_can_not_be_tidied_is_told_and_the_flag_is_down() {
    let fates = [vec![Fate::Done], vec![Fate::Refused; 40]].concat();
    let toy = Toy::new(true, 25, &fates);
    let (told, entries) = run(&toy, Mode::Urgent, None, down());
    let note = "25% → 0%\nnote: `holo`: could not set the percentage: the service could not be reached; users get 0%";
    assert_eq!((told.as_str(), entries), (note, 1));
}

#[test]
fn who_turns_it_on_again_and_again_is_no_success() {
    let toy = Toy::new(true, 50, &[]);
    toy.0.lock().unwrap().stubborn = true;
    let (told, entries) = run(&toy, Mode::Urgent, None, down());
    assert!(
        told.starts_with(
            "conflict, changed Some(true): `holo` was set to 0%, and is at 50% now: somebody else wrote to it"
        ),
        "{told}"
    );
    assert_eq!(entries, 0);
}

#[test]
fn a_second_rollback_has_nothing_to_do() {
    let toy = Toy::new(false, 0, &[]);
    assert_eq!(run(&toy, Mode::Urgent, None, down()), ("at 0% already".to_owned(), 0));
}
