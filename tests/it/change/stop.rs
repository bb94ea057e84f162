//! A process that is stopped (SIGSTOP) while it holds the lock, and goes on when others have changed the file.

use super::toy::{Place, TEXT, Wish, down_at_once, go, name, said, up};
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

/// A writer that strace has stopped.
struct Stopped {
    child: Child,
    pid: String,
    trace: tempfile::NamedTempFile,
}

impl Stopped {
    /// Starts `task`, to be stopped right after one call; `None` if it ended before.
    fn start(place: &Place, task: &str, call: &Call, more: &[&str]) -> Option<Self> {
        let trace = tempfile::NamedTempFile::new().unwrap();
        let inject = format!("inject={}:signal=SIGSTOP:when={}", call.name, call.nth);
        let only = format!("trace={},renameat2", call.name);
        let trace_path = trace.path().to_str().unwrap();
        let mut strace = vec!["strace", "-f", "-qq", "-o", trace_path, "-e", &only, "-e", &inject];
        strace.extend(more);
        let child = start(wrapped(&strace, &place.folder, task));
        let mut it = Self { child, pid: String::new(), trace };
        let children = format!("/proc/{0}/task/{0}/children", it.child.id());
        let mut sent = 0;
        while it.child.try_wait().unwrap().is_none() {
            it.pid = fs::read_to_string(&children).unwrap_or_default().trim().to_owned();
            let stops = it.stops();
            if stops.iter().any(|thread| *thread != it.pid) {
                return Some(it);
            }
            // strace counts by thread: the harness's own stops too, at its own call, and has to go on.
            if stops.len() > sent {
                sent += 1;
                it.signal("-CONT");
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        None
    }

    /// The threads that have stopped, oldest first.
    fn stops(&self) -> Vec<String> {
        let trace = fs::read_to_string(self.trace.path()).unwrap();
        let stops = trace.lines().filter(|line| line.ends_with(" --- stopped by SIGSTOP ---"));
        let threads: Vec<&str> = stops.filter_map(|line| line.split(' ').next()).collect();
        // One stop is told by each thread; what follows the first signal is the same one.
        let mut own: Vec<String> = Vec::new();
        for line in trace.lines().filter(|line| line.contains("--- SIGSTOP {")) {
            let thread = line.split(' ').next().unwrap().to_owned();
            if threads.contains(&thread.as_str()) {
                own.push(thread);
            }
        }
        own
    }

    /// True if nothing has let the writer go on since it stopped.
    fn held(&self) -> bool {
        let trace = fs::read_to_string(self.trace.path()).unwrap();
        let own = format!("{} ", self.pid);
        let mut lines = trace.lines().skip_while(|line| !line.contains("--- SIGSTOP {") || line.starts_with(&own));
        !lines.any(|line| line.contains("--- SIGCONT"))
    }

    fn signal(&self, signal: &str) {
        Command::new("kill").args([signal, &self.pid]).stderr(Stdio::null()).status().unwrap();
    }

    /// Lets the writer go on, or die, and returns what it said.
    fn end(mut self, signal: &str) -> String {
        // Again and again: a signal that comes while strace is about to let the process stop is lost.
        while self.child.try_wait().unwrap().is_none() {
            self.signal(signal);
            std::thread::sleep(Duration::from_millis(5));
        }
        told(self.child)
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
    for _ in 0..20 {
        let place = Place::new();
        let stopped = Stopped::start(&place, task, call, more)?;
        meanwhile(&place);
        let held = stopped.held();
        let told = stopped.end(signal);
        // It may have gone on at once, by the signal that was meant for the harness's own stop: then once more.
        if held {
            return Some((place, told));
        }
    }
    panic!("{task} could not be held after {call:?}");
}

/// Stops `task` at each of its calls, does `meanwhile`, lets it go on (or kills it) and looks at the end.
fn sweep(task: &str, signals: &[&str], meanwhile: &dyn Fn(&Place), end: &dyn Fn(&Place, &str)) {
    let calls = calls(task);
    let mut hits = 0;
    for call in &calls {
        for signal in signals {
            let Some((place, told)) = stop_at(task, call, &[], signal, meanwhile) else { continue };
            hits += 1;
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| end(&place, &told)));
            if let Err(panic) = result {
                let why = panic.downcast_ref::<String>().map_or("", String::as_str);
                panic!("stopped after {call:?}, then {signal}: {why}\nit said:\n{told}");
            }
        }
    }
    assert!(hits + 3 > calls.len() * signals.len(), "only {hits} of {} stops were hit", calls.len());
}

/// A step up is stopped; another operator rolls its flag back, and another one's too; then it goes on, or is killed.
#[test]
fn a_rollback_holds_against_a_step_up_that_goes_on() {
    let rollback = |place: &Place| {
        let said = said(&go(place, &down_at_once(&["alpha", "beta"])));
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
    // Not SIGKILL: with that the call is not carried out.
    let die = ["-e", "inject=renameat2:signal=SIGUSR1"];
    let mut stops = 0;
    for call in before {
        let rollback = |place: &Place| drop(go(place, &down_at_once(&["alpha", "beta"])));
        let Some((place, _)) = stop_at("up alpha 25 1 0", call, &die, "-CONT", &rollback) else { continue };
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
