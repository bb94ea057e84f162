//! A process that changes a flag, to be stopped, killed and watched: this test binary once more.

use super::toy::{Place, TEXT, Wish, down, go, said, up};
use crate::process;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// What the process is to do: `up|down FLAG TO TIMES LOCK-MS`.
const DO: &str = "FLAGCTL_TEST_DO";
/// In which folder.
const IN: &str = "FLAGCTL_TEST_IN";

/// After a sweep's run: what the file has to be, `whole` or `honest`.
pub(super) const CHECK: &str = "FLAGCTL_TEST_CHECK";

/// Does one change as it is told; by itself, one of its own.
#[test]
fn writer() {
    let (Ok(task), Ok(folder)) = (std::env::var(DO), std::env::var(IN)) else {
        let place = Place::new();
        run(&place, "up alpha 25 1 0");
        assert_eq!(place.text(), TEXT.replace("rollout: 5}", "rollout: 25}"));
        return;
    };
    let place = Place::at(folder.into());
    match std::env::var(CHECK) {
        Ok(check) => judge(&place, &task, &check),
        Err(_) => run(&place, &task),
    }
}

/// Looks at what a run that died or failed left: the old or the new file, and what was said of it; then changes another
/// flag, which has to clear up.
fn judge(place: &Place, task: &str, check: &str) {
    let said = std::fs::read_to_string(std::env::var("SAID").unwrap()).unwrap();
    let (old, new) = match task.split(' ').next().unwrap() {
        "up" => (TEXT.to_owned(), TEXT.replace("rollout: 5}", "rollout: 25}")),
        _ => (TEXT.to_owned(), TEXT.replace("true, rollout: 5}", "false, rollout: 0}")),
    };
    let text = place.text();
    assert!(text == old || text == new, "{text:?}");
    if check == "honest" {
        assert!(!said.contains("\nchanged alpha") || text == new, "changed, it said");
        assert!(!said.contains("(nothing changed)") || text == old, "nothing changed, it said");
    }
    let entries = place.ledger.entries().unwrap().history.entries.len();
    assert!(entries == 0 || text == new, "recorded, but not changed");
    assert!(!said.contains("\nrecorded") || entries == 1, "recorded, it said");
    let next = said_of(place);
    assert!(next.contains("changed beta 25 -> 50"), "{next}");
    assert_eq!(
        place.text(),
        text.replace("rollout: 25", "rollout: 50")
            .replace("alpha: {enabled: true, rollout: 50}", "alpha: {enabled: true, rollout: 25}")
    );
    let names = place.names();
    assert!(names.iter().all(|name| name == "flags.yaml" || name == ".flagctl"), "{names:?}");
    let findings = place.ledger.verify().unwrap();
    assert!(findings.iter().all(|finding| !finding.kind.is_error()), "{findings:?}");
}

fn said_of(place: &Place) -> String {
    said(&go(place, &up("beta", 50)))
}

fn run(place: &Place, task: &str) {
    let fields: Vec<&str> = task.split(' ').collect();
    let (flag, to) = (fields[1], fields[2].parse::<u32>().unwrap());
    let lock = Duration::from_millis(fields[4].parse().unwrap());
    for time in 0..fields[3].parse::<u32>().unwrap() {
        let wish = match fields[0] {
            "up" => Wish { lock, ..up(flag, if time % 2 == 0 { to } else { to + 1 }) },
            _ => Wish { lock, ..down(&[flag]) },
        };
        let said = said(&go(place, &wish));
        // In one piece, so that it stands apart from what the harness says.
        std::io::stdout().write_all(format!("\n{said}").as_bytes()).unwrap();
    }
}

/// The arguments that make this binary do `task` in `folder`.
pub(super) fn command(folder: &Path, task: &str) -> Command {
    wrapped(&[], folder, task)
}

/// The same under another program, as `strace`.
pub(super) fn wrapped(program: &[&str], folder: &Path, task: &str) -> Command {
    let me = std::env::current_exe().unwrap();
    let mut words = program.iter().map(std::ffi::OsStr::new).chain([me.as_os_str()]);
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    command.args(["--exact", "change::writer::writer", "--nocapture", "--test-threads=1", "-q"]);
    command.env(DO, task).env(IN, folder);
    command
}

/// Waits for a process and returns what it said of its change.
pub(super) fn told(child: Child) -> String {
    let output = process::ended(child);
    let text = String::from_utf8(output.stdout).unwrap();
    let about = |line: &&str| {
        let words = ["changed ", "unchanged ", "failed ", "note: ", "recorded", "not recorded", "nothing to record"];
        words.iter().any(|word| line.starts_with(word))
    };
    text.lines().filter(about).map(|line| format!("{line}\n")).collect()
}

pub(super) fn start(mut command: Command) -> Child {
    process::start(command.stdout(Stdio::piped()).stderr(Stdio::null()))
}
