//! The program itself, stopped (SIGSTOP) while it holds the lock; it goes on when others have changed the file.

use super::toy::{Place, TEXT, Wish, down_at_once, go, name, said, up};
use crate::console::{BINARY, alone};
use crate::process;
use flagctl::model::Action;
use serde_json::Value;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const UP: &str = "advance alpha --to 25 --override gates,soak,latch --reason test --yes --lock-timeout 0s";
const DOWN: &str = "rollback alpha --lock-timeout 0s";

/// One call of a writer: the name, and which of that name it is.
#[derive(Debug)]
struct Call {
    name: String,
    nth: usize,
}

/// Starts the program under strace, which follows its one thread.
fn start(place: &Place, trace: &str, options: &[&str], task: &str) -> Child {
    let mut strace = alone("strace", &place.folder);
    strace.args(["-qq", "-o", trace]).args(options).arg(BINARY);
    strace.args(["-o", "json", "-f", "flags.yaml"]).args(task.split(' '));
    process::start(strace.stdout(Stdio::piped()).stderr(Stdio::null()))
}

/// Waits for the program and says in lines what came of it.
fn told(child: Child) -> String {
    let output = process::ended(child);
    // One that was killed said nothing.
    let Ok(answer) = serde_json::from_slice::<Value>(&output.stdout) else { return String::new() };
    let mut told = String::new();
    for change in answer["changes"].as_array().unwrap() {
        told += &format!("changed {} {} -> {}\n", change["flag"].as_str().unwrap(), change["from"], change["to"]);
    }
    if let Some(code) = answer["error"]["code"].as_str() {
        told += &format!("failed: {code}, changed: {}\n", answer["changed"]);
    }
    told
}

/// Returns the calls that `task` makes while it holds the lock.
fn calls(task: &str) -> Vec<Call> {
    let place = Place::new();
    let trace = tempfile::NamedTempFile::new().unwrap();
    let child = start(&place, trace.path().to_str().unwrap(), &["-e", "trace=%file,%desc"], task);
    assert!(told(child).starts_with("changed"));
    let mut counts = std::collections::HashMap::<String, usize>::new();
    let mut calls = Vec::new();
    let mut locked = false;
    for line in fs::read_to_string(trace.path()).unwrap().lines() {
        let Some((name, _)) = line.split_once('(') else { continue };
        let nth = counts.entry(name.to_owned()).or_default();
        *nth += 1;
        locked |= name == "flock";
        // Between two that change nothing there is nothing new to see.
        let idle = ["readlink", "statx", "lseek", "fcntl", "close", "newfstatat", "fstat", "ioctl", "getcwd"];
        if locked && !idle.contains(&name) {
            calls.push(Call { name: name.to_owned(), nth: *nth });
        }
    }
    let exchange = calls.iter().position(|call| call.name == "renameat2");
    assert!(exchange.is_some_and(|at| at > 5 && at + 5 < calls.len()), "{calls:?}");
    calls
}

/// The program, stopped.
struct Stopped {
    strace: Child,
    pid: String,
}

impl Stopped {
    /// Starts `task`, to be stopped right after one call; `None` if it ended before.
    fn start(place: &Place, task: &str, call: &Call, more: &[&str]) -> Option<Self> {
        let trace = tempfile::NamedTempFile::new().unwrap();
        let inject = format!("inject={}:signal=SIGSTOP:when={}", call.name, call.nth);
        let only = format!("trace={},renameat2", call.name);
        let options = [&["-e", &only, "-e", &inject], more].concat();
        let mut strace = start(place, trace.path().to_str().unwrap(), &options, task);
        let children = format!("/proc/{0}/task/{0}/children", strace.id());
        let late = Instant::now() + process::PATIENCE;
        while strace.try_wait().unwrap().is_none() {
            let seen = fs::read_to_string(trace.path()).unwrap();
            if seen.contains("--- stopped by SIGSTOP ---") {
                let pid = fs::read_to_string(&children).unwrap().trim().to_owned();
                return Some(Self { strace, pid });
            }
            assert!(Instant::now() < late, "neither stopped nor ended after {call:?}: {seen}");
            std::thread::sleep(Duration::from_millis(1));
        }
        None
    }

    /// Lets the program go on, or die, and returns what it said.
    fn end(mut self, signal: &str) -> String {
        // Again and again: a signal that comes while strace is about to let the process stop is lost.
        let late = Instant::now() + process::PATIENCE;
        while self.strace.try_wait().unwrap().is_none() && Instant::now() < late {
            Command::new("kill").args([signal, &self.pid]).stderr(Stdio::null()).status().unwrap();
            std::thread::sleep(Duration::from_millis(5));
        }
        told(self.strace)
    }
}

/// Stops `task` after `call`, does `meanwhile`, and lets it end; `None` if it could not be stopped there.
fn stop_at(
    task: &str,
    call: &Call,
    more: &[&str],
    signal: &str,
    meanwhile: &dyn Fn(&Place),
) -> Option<(Place, String)> {
    let place = Place::new();
    let stopped = Stopped::start(&place, task, call, more)?;
    meanwhile(&place);
    let told = stopped.end(signal);
    Some((place, told))
}

/// Stops `task` at each of its calls, does `meanwhile`, lets it go on (or kills it) and looks at the end.
fn sweep(task: &str, signals: &[&str], meanwhile: &dyn Fn(&Place), end: &dyn Fn(&Place, &str)) {
    let calls = calls(task);
    for call in &calls {
        for signal in signals {
            let stopped = stop_at(task, call, &[], signal, meanwhile);
            let (place, told) = stopped.unwrap_or_else(|| panic!("{task} was not stopped after {call:?}"));
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| end(&place, &told)));
            if let Err(panic) = result {
                let why = panic.downcast_ref::<String>().map_or("", String::as_str);
                panic!("stopped after {call:?}, then {signal}: {why}\nit said:\n{told}");
            }
        }
    }
}

/// A step up is stopped; another operator rolls its flag back, and another one's too; then it goes on, or is killed.
#[test]
fn a_rollback_holds_against_a_step_up_that_goes_on() {
    let rollback = |place: &Place| {
        let said = said(&go(place, &down_at_once(&["alpha", "beta"])));
        assert!(said.starts_with("changed alpha ") && said.contains("changed beta 25 -> 0"), "{said}");
    };
    sweep(UP, &["-CONT", "-KILL"], &rollback, &|place, told| {
        // What a killed one left is settled by the next who has the lock.
        assert!(said(&go(place, &up("gamma", 5))).contains("changed gamma"));
        assert_eq!((place.rollout("alpha"), place.rollout("beta"), place.rollout("gamma")), (0, 0, 5), "{told}");
        // Whichever entry came last: the rollback is the newer one, and latches.
        let seen = place.ledger.place(Some("production"), &place.file);
        let history = place.ledger.newest(&seen, &name("alpha")).unwrap().history;
        assert_eq!(history.newest().unwrap().action, Action::Rollback, "{told}");
        place.assert_clean();
    });
}

/// The same, and the writer goes on, but dies right after it has exchanged the files: at once, and not only when
/// somebody clears up, the rollback has to stand.
#[test]
fn a_rollback_holds_against_a_step_up_that_dies_in_its_exchange() {
    let calls = calls(UP);
    let before = calls.iter().take_while(|call| call.name != "renameat2");
    // Not SIGKILL: with that the call is not carried out.
    let die = ["-e", "inject=renameat2:signal=SIGUSR1"];
    let mut stops = 0;
    for call in before {
        let rollback = |place: &Place| drop(go(place, &down_at_once(&["alpha", "beta"])));
        let (place, _) = stop_at(UP, call, &die, "-CONT", &rollback).unwrap();
        stops += 1;
        assert_eq!((place.rollout("alpha"), place.rollout("beta")), (0, 0), "stopped after {call:?}");
        go(&place, &up("gamma", 5));
        place.assert_clean();
    }
    assert!(stops > 5, "{stops}");
}

/// A rollback is stopped, another one goes on without the lock: both hold.
#[test]
fn two_rollbacks_hold_both() {
    let other = |place: &Place| {
        let said = said(&go(place, &down_at_once(&["beta"])));
        assert!(said.starts_with("changed beta 25 -> 0"), "{said}");
    };
    sweep(DOWN, &["-CONT"], &other, &|place, told| {
        assert_eq!((place.rollout("alpha"), place.rollout("beta")), (0, 0), "{told}");
        assert_eq!(place.ledger.entries().unwrap().history.entries.len(), 2, "{told}");
        place.assert_clean();
    });
}

/// An editor that knows no lock saves the file meanwhile, as editors do: a new file is renamed over it.
#[test]
fn an_editor_s_change_is_never_lost() {
    let editor = |place: &Place| {
        let text = place.text().replace("gamma: {enabled: false, rollout: 0}", "gamma: {enabled: true, rollout: 50}");
        let new = place.folder.join("flags.yaml~");
        fs::write(&new, text).unwrap();
        fs::rename(new, &place.file).unwrap();
    };
    sweep(UP, &["-CONT"], &editor, &|place, told| {
        assert_eq!(place.rollout("gamma"), 50, "{told}");
        let changed = told.contains("changed alpha 5 -> 25\n");
        assert_eq!(place.rollout("alpha"), if changed { 25 } else { 5 }, "{told}");
        assert!(changed || told == "failed: conflict, changed: false\n", "{told}");
        place.assert_clean();
    });
}

/// The file is deleted meanwhile: that is a change too.
#[test]
fn a_deleted_file_stays_deleted() {
    let delete = |place: &Place| fs::remove_file(&place.file).unwrap();
    sweep(UP, &["-CONT"], &delete, &|place, told| {
        assert!(!place.file.exists(), "{told}");
        assert!(told.contains("changed alpha") || told.contains("failed"), "{told}");
        fs::write(&place.file, TEXT).unwrap();
        go(place, &Wish { ..up("beta", 50) });
        place.assert_clean();
    });
}
