//! From end to end: the sample service on Node behind a real Prometheus, and a thousand users, while flagctl rolls a
//! flag out, and another one back.

use super::load::{Connection, Load, USERS};
use crate::console::{BINARY, Outcome, alone};
use crate::metrics::world::Component;
use crate::process;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

const GOOD: (&str, &str) = ("holograph_reality_enabled", "/holograph");
const BAD: (&str, &str) = ("hyperspace_ui_enabled", "/hyperspace");

/// How long something that will happen may take to happen.
const SOON: Duration = Duration::from_secs(60);

/// Returns the settings of the sample, but for a Prometheus that scrapes every second.
fn settings(url: &str) -> String {
    format!(
        r#"version = 1
default-environment = "production"
[rollout]
soak = "5s"
[environments.production]
flags = "config/feature_flags.yaml"
source = "prod"
[sources.prod]
kind = "prometheus"
url = "{url}"
[gates.error-rate]
errors = 'sum(increase(http_requests_total{{flag="{{{{flag}}}}",variant="on",code=~"5.."}}[{{{{window}}}}]))'
total = 'sum(increase(http_requests_total{{flag="{{{{flag}}}}",variant="on"}}[{{{{window}}}}]))'
window = "4s"
max = "1%"
min-requests = 20
"#
    )
}

struct Stage {
    folder: tempfile::TempDir,
    service: Component,
    connection: Connection,
    _prometheus: Component,
}

impl Stage {
    fn set() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let flags = folder.path().join("config/feature_flags.yaml");
        fs::create_dir(folder.path().join("config")).unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/holograph/config/feature_flags.yaml");
        fs::copy(sample, &flags).unwrap();
        let service = Component::start("start-holograph.sh", &[flags.display().to_string()], &[]);
        let port = service.url.rsplit(':').next().unwrap().to_owned();
        let prometheus = Component::start("start-prometheus.sh", &[port], &[]);
        fs::write(folder.path().join("flagctl.toml"), settings(&prometheus.url)).unwrap();
        let connection = Connection::open(&service.url);
        Self { folder, service, connection, _prometheus: prometheus }
    }

    fn flagctl(&self, words: &[&str]) -> Outcome {
        Outcome::of(&process::output(alone(BINARY, self.folder.path()).args(words)))
    }

    /// Types a command until it ends with this code; until then it may hold (5) or be refused (6), or end well.
    fn until(&self, words: &[&str], code: i32) {
        let start = Instant::now();
        loop {
            let outcome = self.flagctl(words);
            if outcome.code == Some(code) {
                return;
            }
            let waits = [Some(0), Some(5), Some(6)].contains(&outcome.code) && start.elapsed() < SOON;
            assert!(waits, "{words:?}: {outcome:#?}");
            thread::sleep(Duration::from_millis(250));
        }
    }

    /// Waits until the service serves an exposure, and returns the users who have the flag's page then.
    fn served(&mut self, (flag, path): (&str, &str), percent: usize) -> BTreeSet<usize> {
        let gauge = format!("flag_exposure_percent{{flag=\"{flag}\"}} {percent}\n");
        let start = Instant::now();
        while !self.connection.ask("GET", "/metrics", "").1.contains(&gauge) {
            assert!(start.elapsed() < SOON, "the service doesn't serve {flag} at {percent}%");
            thread::sleep(Duration::from_millis(5));
        }
        self.connection.exposed(path)
    }
}

/// Holds the users who have a flag to its exposure, and to those who had it before.
#[expect(clippy::print_stderr, reason = "the numbers that were measured are there to be seen")]
fn hold(flag: &str, percent: usize, users: &BTreeSet<usize>, before: &BTreeSet<usize>) {
    let share = users.len() as f64 * 100.0 / USERS as f64;
    eprintln!("{flag} at {percent}%: {} of {USERS} users have it, {share}%", users.len());
    assert!((share - percent as f64).abs() <= 1.5, "{share}% of the users have {flag} at {percent}%");
    assert!(users.is_superset(before), "{flag} at {percent}% is gone for {:?}", before - users);
}

#[test]
fn a_rollout_from_the_file_to_a_thousand_users() {
    let begin = Instant::now();
    let mut stage = Stage::set();
    let load = Load::start(&stage.service.url, [GOOD.1, BAD.1]);
    let (mut good, mut bad) = (stage.served(GOOD, 0), stage.served(BAD, 0));
    assert!(good.is_empty() && bad.is_empty());
    for percent in [5, 25, 50, 100] {
        stage.until(&["advance", GOOD.0, "--yes"], 0);
        let users = stage.served(GOOD, percent);
        hold(GOOD.0, percent, &users, &good);
        good = users;
        if percent <= 25 {
            stage.until(&["advance", BAD.0, "--yes"], 0);
            let users = stage.served(BAD, percent);
            hold(BAD.0, percent, &users, &bad);
            bad = users;
        }
    }
    for seen in load.seen.iter() {
        assert_eq!(seen.lost.load(Ordering::SeqCst), 0, "users lost a feature on the way up");
    }

    // The other one breaks at 25 %.
    let broken = Instant::now();
    assert_eq!(stage.connection.ask("PUT", &format!("/misbehave/{}", BAD.0), "").0, 204);
    stage.until(&["check", BAD.0], 4);
    let breach = Instant::now();
    let refused = stage.flagctl(&["advance", BAD.0, "--yes"]);
    assert_eq!(refused.code, Some(4), "{refused:#?}");
    let typed = Instant::now();
    let back = stage.flagctl(&["rollback", BAD.0]);
    assert_eq!(back.code, Some(0), "{back:#?}");
    let done = typed.elapsed();
    assert_eq!(stage.served(BAD, 0), BTreeSet::new());
    // Every user has asked again by now, and whoever asks later is off too.
    assert_eq!(stage.connection.exposed(BAD.1), BTreeSet::new());
    assert_eq!(stage.served(GOOD, 100).len(), USERS, "the other flag stays");
    let last = load.seen[1].last.lock().unwrap().unwrap();
    load.end();
    eprintln!(
        "the breach was seen {:?} after the first error; the last exposed request was answered {:?} after the breach was \
         seen, {:?} after the rollback was typed, which took {done:?}; all in {:?}",
        breach - broken,
        last.saturating_duration_since(breach),
        last.saturating_duration_since(typed),
        begin.elapsed()
    );
}
