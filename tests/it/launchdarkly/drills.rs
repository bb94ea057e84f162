//! Drills of a flag that lives in LaunchDarkly: it stands as before afterwards, or what differs is told.

use super::desk::FLAG;
use super::fake::contract::TOKEN;
use super::fake::{Fake, Fault, flags};
use crate::console::{Console, Outcome};
use crate::drills::service::{Service, gate};
use crate::metrics::server::{Server, respond};
use crate::process;
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const MIRROR: &str = "mirror = \"file\"\nflags = \"mirror.yaml\"\n";

fn console(fake: &Fake, more: &str) -> Console {
    let config = format!(
        "version = 1\ndefault-environment = \"production\"\n[rollout]\nsoak = \"0s\"\n[environments.production]\n\
         backend = \"launchdarkly\"\nurl = \"{}\"\nproject = \"shop\"\nenvironment = \"production\"\ntoken-file = \"token\"\n{more}",
        fake.url()
    );
    Console::empty().with("flagctl.toml", &config).with("token", TOKEN)
}

/// A flag that is on for 25 %, as a person's click leaves it.
fn at_25() -> Fake {
    let fake = Fake::with([flags::boolean(FLAG)]);
    let shares = json!([{"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]);
    fake.configure(FLAG, "fallthrough", json!({"rollout": {"contextKind": "user", "variations": shares}}));
    fake.configure(FLAG, "on", json!(true));
    fake
}

/// What decides who gets it.
fn stands(fake: &Fake) -> Value {
    let there = fake.state().flags[FLAG]["environments"]["production"].clone();
    json!([there["on"], there["fallthrough"], there["offVariation"], there["rules"], there["targets"]])
}

#[test]
fn it_is_on_again_at_what_it_was() {
    for more in ["", MIRROR] {
        let fake = at_25();
        let (before, console) = (stands(&fake), console(&fake, more));
        let (code, answer) = console.json("drill checkout --yes");
        assert_eq!((code, stands(&fake)), (0, before.clone()), "{answer}");
        let told = (&answer["as_before"], &answer["differences"], &answer["changed"]);
        assert_eq!(told, (&json!(true), &json!([]), &json!(false)), "{answer}");
        let outcome = console.run("drill checkout --yes");
        assert!(outcome.stdout.contains("LaunchDarkly stores what it stored before, at 25%"), "{outcome:?}");
        assert!(!format!("{outcome:?}").contains("the file"), "{outcome:?}");
        assert_eq!(stands(&fake), before);
        if !more.is_empty() {
            assert_eq!(console.read("mirror.yaml").matches("rollout: 25").count(), 1);
        }
    }
}

#[test]
fn what_cant_be_put_back_is_told() {
    // What it is off with is made safe on the way down, and stays so.
    let fake = at_25();
    fake.configure(FLAG, "offVariation", json!(0));
    let (code, answer) = console(&fake, "").json("drill checkout --yes");
    let differs = json!(["`offVariation` was `0`, and is `1`"]);
    assert_eq!((code, &answer["as_before"], &answer["differences"]), (0, &json!(false), &differs), "{answer}");
    // A percentage by no kind gets the usual one.
    let fake = at_25();
    let shares = json!([{"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]);
    fake.configure(FLAG, "fallthrough", json!({"rollout": {"variations": shares}}));
    let outcome = console(&fake, "").run("drill checkout --yes");
    let told = "the flag is at 25% again; LaunchDarkly stores otherwise than before: `fallthrough.rollout.contextKind` was not there";
    assert!(outcome.stdout.contains(told) && !outcome.stdout.contains("the file"), "{outcome:?}");
    // One variation for all is no percentage.
    let fake = Fake::with([flags::boolean(FLAG)]);
    fake.configure(FLAG, "fallthrough", json!({"variation": 1}));
    let (code, answer) = console(&fake, "").json("drill checkout --yes");
    assert_eq!((code, &answer["as_before"], &answer["changed"]), (0, &json!(false), &json!(true)), "{answer}");
    assert!(answer["differences"].to_string().contains("fallthrough.variation"), "{answer}");
}

/// Stops a drill that is up and sees no breach; returns what it said.
fn stopped(fake: &Fake, flag: &str) -> Outcome {
    let service = Service::healthy();
    let console = console(fake, &format!("{MIRROR}{}", service.gate()));
    let (switch, mut command) = (service.switch(), console.command(&["drill", flag, "--yes", "--within", "600s"]));
    let child = process::start(command.args(["--misbehave", &switch]).stdout(Stdio::piped()).stderr(Stdio::piped()));
    let ledger = console.path(".flagctl/ledger.jsonl");
    let late = Instant::now() + process::PATIENCE;
    while !std::fs::read_to_string(&ledger).is_ok_and(|text| text.ends_with('\n')) {
        assert!(Instant::now() < late, "the flag did not go up");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").args(["-s", "INT", &child.id().to_string()]).status().unwrap().success());
    let outcome = Outcome::of(&process::ended(child));
    assert_eq!(outcome.code, Some(130), "{outcome:?}");
    assert!(console.read("mirror.yaml").contains("enabled: ") && !outcome.stderr.contains("mirror"), "{outcome:?}");
    outcome
}

#[test]
fn who_stops_it_is_told_that_it_is_where_it_was() {
    let flag = "checkout_v2";
    for at in [0, 25] {
        let fake = Fake::with([flags::boolean(flag)]);
        let shares = json!([{"variation": 0, "weight": at * 1000}, {"variation": 1, "weight": 100_000 - at * 1000}]);
        fake.configure(flag, "fallthrough", json!({"rollout": {"contextKind": "user", "variations": shares}}));
        fake.configure(flag, "on", json!(at > 0));
        let stands = || {
            let there = fake.state().flags[flag]["environments"]["production"].clone();
            json!([there["on"], there["fallthrough"]])
        };
        let before = stands();
        let outcome = stopped(&fake, flag);
        assert_eq!(stands(), before, "{outcome:?}");
        let told = format!("stopped by Ctrl-C; `{flag}` is back at {at}%");
        assert!(outcome.stderr.contains(&told) && outcome.stderr.contains("nothing was changed"), "{outcome:?}");
        assert!(!outcome.stderr.contains("help:") && !outcome.stderr.contains("not waited for"), "{outcome:?}");
    }
}

#[test]
fn where_it_cant_be_looked_at_again_from_0_no_way_back_is_told() {
    let flag = "checkout_v2";
    for at in [0, 25] {
        let fake = Arc::new(Fake::with([flags::boolean(flag)]));
        let shares = json!([{"variation": 0, "weight": at * 1000}, {"variation": 1, "weight": 100_000 - at * 1000}]);
        fake.configure(flag, "fallthrough", json!({"rollout": {"contextKind": "user", "variations": shares}}));
        fake.configure(flag, "on", json!(at > 0));
        let (seen, sick) = (Arc::clone(&fake), AtomicBool::new(false));
        let service = Server::start(move |asked, stream| {
            sick.fetch_or(asked.method == "PUT", Ordering::SeqCst);
            // It is healed when the flag is down: from then on nothing is told of it.
            if asked.method == "DELETE" {
                seen.state().blind.extend(std::iter::repeat_n(Fault::Refuse(403, "forbidden", Vec::new()), 100));
            }
            let count = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap();
            let failed = if sick.load(Ordering::SeqCst) { count } else { 0 };
            let series = |code: u32, count: u64| {
                format!("http_requests_total{{flag=\"{flag}\",variant=\"on\",code=\"{code}\"}} {count}\n")
            };
            let page = series(200, count) + &series(500, failed);
            respond(stream, "200 OK", "text/plain", &format!("# TYPE http_requests_total counter\n{page}"));
        });
        let console = console(&fake, &gate(&format!("{}/metrics", service.url()), "http_requests_total"));
        let outcome = console.run(&format!("drill {flag} --yes --misbehave {}/misbehave", service.url()));
        assert_eq!(outcome.code, Some(1), "{outcome:?}");
        let told = match at {
            0 => {
                "is at 0%, as before the drill; whether LaunchDarkly stores all of it as before could not be made sure of"
            }
            _ => "is at 0% now, and was at 25% before the drill",
        };
        assert!(outcome.stderr.contains(told), "{outcome:?}");
        assert_eq!(outcome.stderr.contains("to go back to"), at > 0, "{outcome:?}");
        assert_eq!(outcome.stderr.contains("something was changed"), at > 0, "{outcome:?}");
    }
}
