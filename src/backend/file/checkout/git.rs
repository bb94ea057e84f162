//! `git` as a program, asked with a deadline.

use std::ffi::OsStr;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a `git` command that only reads, and returns what it says; `None` if it fails, or not in time.
pub(super) fn ask(root: &Path, words: &[&str], timeout: Duration) -> Option<String> {
    let (code, said) = run(root, words, None, timeout)?;
    if code == 0 { Some(said) } else { None }
}

/// The same about one file.
pub(super) fn ask_about(root: &Path, words: &[&str], file: &Path, timeout: Duration) -> Option<String> {
    let (code, said) = run(root, words, Some(file), timeout)?;
    if code == 0 { Some(said) } else { None }
}

/// Tells whether a `git` command about one file says yes or no; `None` if it could not be run, or not in time.
pub(super) fn succeeds(root: &Path, words: &[&str], file: &Path, timeout: Duration) -> Option<bool> {
    match run(root, words, Some(file), timeout)?.0 {
        0 => Some(true),
        1 => Some(false),
        _ => None,
    }
}

fn run(root: &Path, words: &[&str], file: Option<&Path>, timeout: Duration) -> Option<(i32, String)> {
    let deadline = Instant::now() + timeout;
    let mut git = Command::new("git");
    git.arg("-C").arg(root).args(words).args(file.map(Path::as_os_str).into_iter().collect::<Vec<&OsStr>>());
    // No lock, no question, no pager; and no other repository than the one that was found.
    git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(name);
    }
    git.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = git.spawn().ok()?;
    let mut pipe = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        let _ = pipe.read_to_string(&mut said);
        said
    });
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some((status.code()?, reader.join().unwrap_or_default())),
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(1)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
        }
    }
}
