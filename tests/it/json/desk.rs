//! A folder with flags and settings, and the binary at work in it.

use super::book::Book;
use crate::metrics::server::{EMPTY, Server, number};
use crate::process;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

pub(super) const FLAGS: &str = "\
alpha:
  enabled: true
  rollout: 5
  description: The first
beta:
  enabled: false
  rollout: 0
full:
  enabled: true
  rollout: 100
";

pub(super) struct Desk {
    folder: tempfile::TempDir,
    _source: Option<Server>,
}

impl Desk {
    /// A folder with these flags, an hour old, and settings with an environment.
    pub(super) fn new(flags: &str) -> Self {
        let desk = Self::empty();
        desk.write("flags.yaml", flags);
        desk.age("flags.yaml");
        desk.write("flagctl.toml", "version = 1\n[environments.production]\nflags = \"flags.yaml\"\n");
        desk
    }

    pub(super) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), _source: None }
    }

    /// A folder with the usual flags, and a gate over a server that answers so: a number, or a whole body.
    pub(super) fn gated(errors: &'static str, total: &'static str) -> Self {
        let body = |answer: &str| match answer {
            "" => EMPTY.to_owned(),
            body if body.starts_with('{') => body.to_owned(),
            value => number(value),
        };
        let source = Server::saying(move |asked| match asked.parameter("query") {
            "" => r#"{"status":"success","data":["http_errors_total","http_requests_total"]}"#.to_owned(),
            query if query.contains("timestamp(") => number(&jiff::Timestamp::now().as_second().to_string()),
            query if query.contains("http_errors_total") => body(errors),
            _ => body(total),
        });
        let mut desk = Self::new(FLAGS);
        desk.gate(&source.url());
        desk._source = Some(source);
        desk
    }

    pub(super) fn gate(&self, url: &str) {
        let text = fs::read_to_string(self.path().join("flagctl.toml")).unwrap();
        let gate = format!(
            r#"
[sources.prod]
kind = "prometheus"
url = "{url}"
[gates.error-rate]
source = "prod"
errors = 'sum(increase(http_errors_total[{{{{window}}}}]))'
total = 'sum(increase(http_requests_total[{{{{window}}}}]))'
window = "10m"
max = "1%"
min-requests = 100
absent-errors = "zero"
"#
        );
        self.write("flagctl.toml", &(text + &gate));
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    pub(super) fn append(&self, name: &str, text: &str) {
        let old = fs::read_to_string(self.path().join(name)).unwrap();
        self.write(name, &(old + text));
    }

    /// Makes a file an hour old: older than soak and window.
    fn age(&self, name: &str) {
        let file = fs::File::options().write(true).open(self.path().join(name)).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }

    /// Makes the folder a clone on `main`, whose flags were committed an hour ago.
    pub(super) fn clone_of(&self, upstream: bool) {
        let self_made =
            ["init --quiet --initial-branch=main", "add flags.yaml flagctl.toml", "commit --quiet -m first"];
        self_made.iter().for_each(|words| self.git(words));
        if upstream {
            self.git("init --quiet --bare far.git");
            self.git("remote add origin far.git");
            self.git("push --quiet --set-upstream origin main");
        }
    }

    pub(super) fn git(&self, words: &str) {
        let then = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() - 3600;
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]);
        git.args(["-c", "core.hooksPath=/dev/null"]).args(words.split(' ')).current_dir(self.path());
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        git.env("GIT_COMMITTER_DATE", format!("@{then} +0000"));
        let output = process::output(&mut git);
        assert!(output.status.success(), "git {words}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs a line that asks the command line about itself.
    pub(super) fn about(&self, book: &mut Book, line: &str) -> Value {
        let mut flagctl = Command::new(env!("CARGO_BIN_EXE_flagctl"));
        flagctl.args(["-o", "json"]).args(line.split(' ')).current_dir(self.path());
        let output = process::output(&mut flagctl);
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "flagctl {line}\n{told}");
        let answer: Value = serde_json::from_str(&told).unwrap_or_else(|error| panic!("{line}: {error}\n{told}"));
        book.hold("--help", &answer);
        answer
    }

    /// Runs a line of words, which has to end with this code, and holds the answer to the paper.
    pub(super) fn run(&self, book: &mut Book, line: &str, exit: i32) -> Value {
        self.run_with(book, &[], line, exit)
    }

    pub(super) fn run_with(&self, book: &mut Book, variables: &[(&str, &str)], line: &str, exit: i32) -> Value {
        let words: Vec<&str> = line.split(' ').collect();
        let mut flagctl = Command::new(env!("CARGO_BIN_EXE_flagctl"));
        flagctl.args(["-o", "json"]).args(&words).current_dir(self.path());
        flagctl.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("FLAGCTL_ACTOR", "ada");
        flagctl.env("GIT_CEILING_DIRECTORIES", "/").envs(variables.iter().copied());
        let output = process::output(&mut flagctl);
        let (told, said) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(exit), "flagctl {line}\n{told}{said}");
        assert_eq!(told.matches('\n').count(), 1, "flagctl {line} wrote no single line:\n{told}");
        let answer: Value =
            serde_json::from_str(&told).unwrap_or_else(|error| panic!("flagctl {line}: {error}\n{told}"));
        assert!(answer.is_object() && answer.get("error").is_some() == (exit != 0), "flagctl {line}\n{told}");
        let verb = match words.iter().position(|word| ["config", "codegen"].contains(word)) {
            Some(at) => words[at..at + 2].join(" "),
            None if words.contains(&"log") && words.contains(&"--verify") => "log --verify".to_owned(),
            None => words[words.iter().position(|word| VERBS.contains(word)).unwrap()].to_owned(),
        };
        let parsed = !told.contains("`flagctl --help` shows the verbs");
        if parsed && ["new", "advance", "rollback", "drill"].contains(&verb.as_str()) {
            let tells = ["changed", "changes", "failed"].iter().all(|key| answer.get(key).is_some());
            assert!(tells, "flagctl {line} doesn't tell what was changed:\n{told}");
        }
        book.hold(&verb, &answer);
        answer
    }
}

const VERBS: [&str; 15] = [
    "init",
    "new",
    "status",
    "plan",
    "check",
    "advance",
    "rollback",
    "drill",
    "doc",
    "doctor",
    "bucket",
    "log",
    "validate",
    "completions",
    "util",
];
