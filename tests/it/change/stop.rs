//! A process that is stopped (SIGSTOP) while it holds the lock, and goes on when others have changed the file.

use super::toy::{Place, TEXT, Wish, down, go, name, said, up};
use super::writer::{start, told, wrapped};
use flagctl::model::Action;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// One file call of a writer: the name, and which of that name it is.
#[derive(Debug)]
struct Call {
    name: String,
    nth: usize,
}

/// Returns the calls that `task` makes while it holds the lock, and its place of them.
fn calls(task: &str) -> Vec<Call> {
    let place = Place::new();
    let trace = tempfile::NamedTempFile::new().unwrap();
    let trace_path = trace.path().to_str().unwrap();
    let strace = ["strace", "-f", "-qq", "-o", trace_path, "-e", "trace=%file,%desc"];
    assert!(told(start(wrapped(&strace, &place.folder, task))).starts_with("changed"));
    let trace = fs::read_to_string(trace_path).unwrap();
    let lock = trace.lines().find(|line| line.contains(" flock(")).unwrap();
    let thread = lock.split(' ').next().unwrap();
    let mut counts = std::collections::HashMap::<String, usize>::new();
    let mut calls = Vec::new();
    let mut locked = false;
    for line in trace.lines().filter(|line| line.starts_with(thread)) {
        let Some(name) = line.split_whitespace().nth(1).and_then(|rest| rest.split('(').next()) else { continue };
        // `resumed` lines and signals are no calls.
        if !name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_') {
            continue;
        }
        let nth = counts.entry(name.to_owned()).or_default();
        *nth += 1;
        locked |= line == lock;
        // Between two that change nothing there is nothing new to see.
        let idle = ["readlink", "statx", "lseek", "fcntl", "close", "newfstatat", "fstat"];
        if locked && !idle.contains(&name) {
            calls.push(Call { name: name.to_owned(), nth: *nth });
        }
    }
    let exchange = calls.iter().position(|call| call.name == "renameat2");
    assert!(exchange.is_some_and(|at| at > 5 && at + 5 < calls.len()), "{calls:?}");
    calls
}

/// Starts `task`, to be stopped right after one call; returns it with its process id, when it is stopped.
fn stopped(place: &Place, task: &str, call: &Call, more: &[&str]) -> Option<(Child, String)> {
    let trace = tempfile::NamedTempFile::new().unwrap();
    let inject = format!("inject={}:signal=SIGSTOP:when={}", call.name, call.nth);
    let only = format!("trace={},renameat2", call.name);
    let trace_path = trace.path().to_str().unwrap();
    let mut strace = vec!["strace", "-f", "-qq", "-o", trace_path, "-e", &only, "-e", &inject];
    strace.extend(more);
    let mut child = start(wrapped(&strace, &place.folder, task));
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    loop {
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        let trace = fs::read_to_string(trace.path()).unwrap();
        let stops: Vec<&str> = trace
            .lines()
            .filter(|line| line.ends_with("--- SIGSTOP {si_signo=SIGSTOP, si_code=SI_KERNEL} ---"))
            .filter_map(|line| line.split(' ').next())
            .collect();
        let pid = fs::read_to_string(&children).unwrap_or_default().trim().to_owned();
        // strace counts by thread: the harness's own stops too, at its own call, and goes on.
        if let Some(writer) = stops.iter().find(|thread| **thread != pid) {
            if trace.contains(&format!("{writer} --- stopped by SIGSTOP ---")) {
                return Some((child, pid));
            }
        } else if !stops.is_empty() {
            signal(&pid, "-CONT");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn signal(pid: &str, signal: &str) {
    Command::new("kill").args([signal, pid]).stderr(Stdio::null()).status().unwrap();
}

/// Stops `task` at each of its calls, does `meanwhile`, lets it go on (or kills it) and looks at the end.
fn sweep(task: &str, signals: &[&str], meanwhile: &dyn Fn(&Place), end: &dyn Fn(&Place, &str)) {
    let calls = calls(task);
    let mut hits = 0;
    for call in &calls {
        for last in signals {
            let place = Place::new();
            let Some((mut child, pid)) = stopped(&place, task, call, &[]) else { continue };
            hits += 1;
            meanwhile(&place);
            // Again and again: a signal that comes while strace is about to let the process stop is lost.
            while child.try_wait().unwrap().is_none() {
                signal(&pid, last);
                std::thread::sleep(Duration::from_millis(5));
            }
            let told = told(child);
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| end(&place, &told)));
            if let Err(panic) = result {
                let why = panic.downcast_ref::<String>().map_or("", String::as_str);
                panic!("stopped after {call:?}, then {last}: {why}\nit said:\n{told}");
            }
        }
    }
    assert!(hits + 3 > calls.len() * signals.len(), "only {hits} of {} stops were hit", calls.len());
}

/// A step up is stopped; another operator rolls its flag back, and another one's too; then it goes on, or is killed.
#[test]
fn a_rollback_holds_against_a_step_up_that_goes_on() {
    let rollback = |place: &Place| {
        let said = said(&go(place, &down(&["alpha", "beta"])));
        assert!(said.starts_with("changed alpha ") && said.contains("changed beta 25 -> 0"), "{said}");
    };
    sweep("up alpha 25 1 0", &["-CONT", "-KILL"], &rollback, &|place, told| {
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
    let calls = calls("up alpha 25 1 0");
    let before = calls.iter().take_while(|call| call.name != "renameat2");
    let mut stops = 0;
    for call in before {
        let place = Place::new();
        let die = ["-e", "inject=renameat2:signal=SIGKILL"];
        let Some((mut child, pid)) = stopped(&place, "up alpha 25 1 0", call, &die) else { continue };
        stops += 1;
        go(&place, &down(&["alpha", "beta"]));
        while child.try_wait().unwrap().is_none() {
            signal(&pid, "-CONT");
            std::thread::sleep(Duration::from_millis(5));
        }
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
        let said = said(&go(place, &down(&["beta"])));
        assert!(said.starts_with("changed beta 25 -> 0"), "{said}");
    };
    sweep("down alpha 0 1 0", &["-CONT"], &other, &|place, told| {
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
    sweep("up alpha 25 1 0", &["-CONT"], &editor, &|place, told| {
        assert_eq!(place.rollout("gamma"), 50, "{told}");
        let changed = told.contains("changed alpha 5 -> 25\n");
        assert_eq!(place.rollout("alpha"), if changed { 25 } else { 5 }, "{told}");
        assert!(changed || told.contains("failed alpha: conflict (nothing changed)"), "{told}");
        place.assert_clean();
    });
}

/// The file is deleted meanwhile: that is a change too.
#[test]
fn a_deleted_file_stays_deleted() {
    let delete = |place: &Place| fs::remove_file(&place.file).unwrap();
    sweep("up alpha 25 1 0", &["-CONT"], &delete, &|place, told| {
        assert!(!place.file.exists(), "{told}");
        assert!(told.contains("changed alpha") || told.contains("failed alpha"), "{told}");
        fs::write(&place.file, TEXT).unwrap();
        go(place, &Wish { ..up("beta", 50) });
        place.assert_clean();
    });
}
