//! Someone at work against the fake: reads, asks what comes next, sends it, reads again.

use super::fake::contract::{PROJECT, TOKEN};
use super::fake::{Fake, flags};
use flagctl::backend::open;
use flagctl::backend::remote::{Backend, Cancel, Goal, Seen, Wait};
use flagctl::error::Result;
use flagctl::model::{Auth, FlagName, Mode, Percent, Remote, RemoteKind, Secret};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The flag that the tests move.
pub(super) const FLAG: &str = "checkout";

pub(super) struct Desk {
    pub(super) fake: Fake,
    pub(super) backend: Box<dyn Backend>,
    /// What was told of requests.
    pub(super) told: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
}

pub(super) fn name(flag: &str) -> FlagName {
    FlagName::new(flag).unwrap()
}

pub(super) fn wait() -> Wait {
    Wait::of(Duration::from_secs(60), &Cancel::default())
}

impl Desk {
    /// A desk with one flag, off, and the token that is taken.
    pub(super) fn new() -> Self {
        Self::at(Fake::with([flags::boolean(FLAG)]), PROJECT, "production", TOKEN)
    }

    pub(super) fn at(fake: Fake, project: &str, environment: &str, token: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, format!("{token}\n")).unwrap();
        let remote = Remote {
            kind: RemoteKind::LaunchDarkly,
            url: fake.url(),
            project: project.to_owned(),
            environment: environment.to_owned(),
            auth: Some(Auth::Token(Secret::File(path))),
            client_token: None,
            ca_file: None,
            proxy: None,
            timeout: Duration::from_secs(10),
            mirror: None,
        };
        let told = Arc::new(Mutex::new(Vec::new()));
        let hear = Arc::clone(&told);
        let backend = open(&remote, move |line: &str| hear.lock().unwrap().push(line.to_owned())).unwrap();
        Self { fake, backend, told, folder }
    }

    pub(super) fn read(&self) -> Seen {
        self.backend.read(&name(FLAG), &wait()).unwrap()
    }

    pub(super) fn exposure(&self) -> String {
        self.read().flag.exposure().to_string()
    }

    /// Goes up, whatever it takes.
    pub(super) fn up(&self, percent: u32) -> Result<usize> {
        self.bring(percent, Some(true), Mode::Careful)
    }

    /// Goes down, whatever it takes.
    pub(super) fn down(&self, percent: u32) -> Result<usize> {
        self.bring(percent, (percent == 0).then_some(false), Mode::Urgent)
    }

    /// Returns how many writes it took.
    pub(super) fn bring(&self, percent: u32, enabled: Option<bool>, mode: Mode) -> Result<usize> {
        let goal = Goal { rollout: Percent::from_whole(percent).unwrap(), enabled, mode };
        for sent in 0..5 {
            let seen = self.backend.read(&name(FLAG), &wait())?;
            let Some(write) = self.backend.next(&seen, &goal)? else { return Ok(sent) };
            match self.backend.send(&write, &wait()) {
                // Whether it was done is read.
                Err(error) if error.changed.is_none() => {}
                other => other?,
            }
        }
        panic!("it does not come to an end: {:?}", self.told.lock().unwrap());
    }

    /// The error of one write to 0, without its answer to be waited for.
    pub(super) fn refused(&self) -> flagctl::error::Error {
        self.down(0).unwrap_err()
    }

    /// Leaves no token behind in what is compared.
    pub(super) fn plain(&self, text: &str) -> String {
        assert!(!text.contains(TOKEN), "{text}");
        text.replace(&*self.folder.path().to_string_lossy(), "DIR").replace(&self.fake.url(), "URL")
    }
}
