//! A folder with files and the real binary in it, alone: none of the machine's environment shows.

use crate::process;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_flagctl");

/// Where the flags are by default.
pub(crate) const FLAGS: &str = "config/feature_flags.yaml";

/// One flag at 25, one at 0.
pub(crate) const TEXT: &str = "\
checkout_v2:
  enabled: true
  rollout: 25 # since June
dark_mode:
  enabled: false
  rollout: 0
";

/// A production without a soak.
pub(crate) const CONFIG: &str = "\
version = 1
default-environment = \"production\"
[rollout]
soak = \"0s\"
[environments.production]
flags = \"config/feature_flags.yaml\"
";

/// A folder that the binary is run in.
pub(crate) struct Console {
    folder: tempfile::TempDir,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Console {
    /// Makes an empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// Makes a folder with flags that are a day old, so that every gate's window lies within the present step.
    pub(crate) fn new() -> Self {
        let console = Self::empty().with(FLAGS, TEXT).with("flagctl.toml", CONFIG);
        let yesterday = SystemTime::now() - Duration::from_secs(86_400);
        fs::File::options().append(true).open(console.path(FLAGS)).unwrap().set_modified(yesterday).unwrap();
        console
    }

    /// Makes a folder with flags and a gate over a Prometheus.
    pub(crate) fn gated(url: &str) -> Self {
        Self::new().with("flagctl.toml", &format!("{CONFIG}{}", gate(url)))
    }

    pub(crate) fn with(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Returns the binary with these words, not yet run.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = alone(BINARY, self.folder.path());
        command.args(words).stdin(Stdio::null());
        command
    }

    /// Runs a command line; words are parted by blanks, `_` in single quotes stands for none.
    pub(crate) fn run(&self, line: &str) -> Outcome {
        Outcome::of(&process::output(&mut self.command(&line.split_whitespace().collect::<Vec<_>>())))
    }

    /// Runs a command line that answers in JSON: exactly one object on stdout, of version 1.
    pub(crate) fn json(&self, line: &str) -> (i32, Value) {
        let outcome = self.run(&format!("-o json {line}"));
        (outcome.code.unwrap(), outcome.json())
    }
}

impl Outcome {
    pub(crate) fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// Returns the one object on stdout.
    pub(crate) fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in {:?}; stderr: {}", self.stdout, self.stderr));
        assert_eq!(value["version"], 1, "{value}");
        assert_eq!(self.stdout.matches('\n').count(), 1, "one line: {}", self.stdout);
        value
    }
}

/// Returns a program without the machine's environment.
pub(crate) fn alone(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap();
    command.env_clear().env("PATH", path).env("HOME", "").env("TERM", "xterm").env("FLAGCTL_ACTOR", "ada");
    command.current_dir(folder);
    command
}

/// Returns a source that is a Prometheus, and a gate over it.
pub(crate) fn gate(url: &str) -> String {
    format!(
        r#"
[sources.prod]
kind = "prometheus"
url = "{url}"
timeout = "1s"
[gates.error-rate]
errors = 'sum(increase(http_requests_total{{flag="{{{{flag}}}}",code=~"5.."}}[{{{{window}}}}]))'
total = 'sum(increase(http_requests_total{{flag="{{{{flag}}}}"}}[{{{{window}}}}]))'
window = "10m"
max = "1%"
min-requests = 500
"#
    )
}
