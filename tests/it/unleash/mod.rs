//! Unleash: the real one with its own SDK, and servers that only look like it.

mod binary;
mod faults;
mod odd;
mod refusals;
mod served;
mod story;
mod world;

use flagctl::backend::{self, remote::Backend, remote::Goal, remote::Seen, remote::Write};
use flagctl::error::{Error, Result};
use flagctl::http::{Cancel, Wait};
use flagctl::model::{Auth, FlagName, Mode, Percent, Remote, RemoteKind, Secret};
use std::fs;
use std::time::Duration;
use tempfile::TempDir;

/// Somebody who may do everything.
const ADMIN: &str = "*:*.admin-secret";

/// Somebody with a token, at a place in an Unleash.
struct Desk {
    remote: Remote,
    _folder: TempDir,
}

impl Desk {
    fn new(url: &str, token: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, token.unwrap_or_default()).unwrap();
        let remote = Remote {
            kind: RemoteKind::Unleash,
            url: url.to_owned(),
            project: "default".to_owned(),
            environment: "development".to_owned(),
            auth: token.map(|_| Auth::Token(Secret::File(path))),
            client_token: None,
            ca_file: None,
            proxy: None,
            timeout: Duration::from_secs(30),
            mirror: None,
        };
        Self { remote, _folder: folder }
    }

    /// At the real one.
    fn real() -> Self {
        Self::new(world::url(), Some(ADMIN))
    }

    fn backend(&self) -> Box<dyn Backend + '_> {
        backend::open(&self.remote, |_| {}).unwrap()
    }

    fn read(&self, flag: &str) -> Seen {
        self.backend().read(&name(flag), &wait()).unwrap()
    }

    fn unread(&self, flag: &str) -> Error {
        self.backend().read(&name(flag), &wait()).unwrap_err()
    }

    fn send(&self, write: &Write) -> Result<()> {
        self.backend().send(write, &wait())
    }

    fn next(&self, flag: &str, goal: &Goal) -> Result<Option<Write>> {
        self.backend().next(&self.read(flag), goal)
    }

    /// Reads, and sends what comes next, until the goal is reached; returns what was sent.
    fn drive(&self, flag: &str, goal: &Goal) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(write) = self.next(flag, goal).unwrap() {
            self.send(&write).unwrap();
            sent.push(write.what);
            assert!(sent.len() < 10, "no end: {sent:?}");
        }
        sent
    }

    /// Declares a flag.
    fn declare(&self, flag: &str) {
        for write in self.backend().declare(&name(flag), "a test's flag") {
            self.send(&write).unwrap();
        }
    }
}

fn name(flag: &str) -> FlagName {
    FlagName::new(flag).unwrap()
}

fn wait() -> Wait {
    Wait::of(Duration::from_secs(60), &Cancel::default())
}

fn up(percent: u32) -> Goal {
    Goal { rollout: Percent::from_whole(percent).unwrap(), enabled: Some(true), mode: Mode::Careful }
}

fn down(percent: u32) -> Goal {
    let enabled = (percent == 0).then_some(false);
    Goal { rollout: Percent::from_whole(percent).unwrap(), enabled, mode: Mode::Urgent }
}

/// Tells an error in one line: code, what was changed, message, help.
fn told(error: &Error) -> String {
    let changed = match error.changed {
        Some(true) => "changed",
        Some(false) => "unchanged",
        None => "not known",
    };
    format!("{} {changed}: {error} | {}", error.exit.code(), error.help.join(" | "))
}
