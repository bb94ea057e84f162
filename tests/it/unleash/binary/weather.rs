//! Whatever the network does: what is told is true, and a rollback gets through once it can.

use super::super::world::url;
use super::proxy::{Proxy, Weather};
use super::{UP, at, exposure, site, stand, there};
use crate::console::{Console, Outcome};
use crate::process;
use serde_json::{Value, json};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

const WEATHERS: &[Weather] = &[
    Weather::Refuse,
    Weather::Hang,
    Weather::Late(100),
    Weather::Late(1_500),
    Weather::Cut(20),
    Weather::Cut(700),
    Weather::Drip(20),
    Weather::Garbage,
    Weather::Status(200),
    Weather::Status(401),
    Weather::Status(404),
    Weather::Status(429),
    Weather::Status(503),
    Weather::Lost,
];

fn hasty(proxy: &Proxy) -> Console {
    site(&proxy.url(), "timeout = \"1s\"\n")
}

/// Runs a line in a weather, and holds what it says against what the server has.
fn held(console: &Console, proxy: &Proxy, flag: &str, line: &str, (weather, writes_only): (Weather, bool)) {
    let before = there(flag);
    proxy.set(weather, writes_only);
    let start = Instant::now();
    let (code, answer) = console.json(&line.replace("FLAG", flag));
    let took = start.elapsed();
    proxy.set(Weather::Fair, false);
    let after = there(flag);
    let case = format!(
        "{weather:?} (writes only: {writes_only}) {line}: {code} after {took:?}, {before:?} → {after:?}: {answer}"
    );
    assert!(matches!(code, 0..=3 | 7), "{case}");
    let changes = line.starts_with("advance") || line.starts_with("rollback");
    match &answer["changed"] {
        Value::Bool(changed) => assert_eq!(*changed, before != after, "{case}"),
        other => assert!(other.is_null() && (code == 1 || !changes), "{case}"),
    }
    if !changes {
        assert_eq!(before, after, "{case}");
    }
    if code == 0 && changes {
        let to = if line.starts_with("rollback") { 0 } else { 50 };
        assert_eq!(exposure(flag), to, "{case}");
    }
    let lost = matches!(weather, Weather::Lost | Weather::Cut(_) | Weather::Drip(_) | Weather::Late(_));
    // What arrives is done, and what can be read back is known.
    assert!(!(writes_only && lost && changes) || code == 0, "{case}");
}

#[test]
fn what_is_told_is_true_in_any_weather() {
    let in_one = |(number, weather): (usize, &Weather)| {
        let flag = format!("weather-{number}");
        at(&flag, "25");
        let proxy = Proxy::to(url());
        let console = hasty(&proxy);
        for line in ["status", "plan FLAG", "doctor FLAG", &format!("advance FLAG --to 50 {UP}"), "rollback FLAG"] {
            for writes_only in [false, true] {
                let reads = !line.starts_with("advance") && !line.starts_with("rollback");
                if writes_only && reads {
                    continue;
                }
                stand(&flag, "25");
                held(&console, &proxy, &flag, line, (*weather, writes_only));
            }
        }
    };
    thread::scope(|scope| {
        for case in WEATHERS.iter().enumerate() {
            scope.spawn(move || in_one(case));
        }
    });
}

/// From the first request on, or only from the first write on.
#[test]
fn a_rollback_outlasts_what_passes() {
    let passing = [Weather::Refuse, Weather::Hang, Weather::Garbage, Weather::Status(503), Weather::Lost];
    let refusals = [401, 403, 404, 409].map(Weather::Status);
    let in_one = |number: usize, weather: Weather, writes_only: bool| {
        let flag = format!("passing-{number}-{writes_only}");
        at(&flag, "25");
        let proxy = Proxy::to(url());
        let console = site(&proxy.url(), "timeout = \"2s\"\n");
        proxy.set(weather, writes_only);
        let (code, answer) = thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(1_500));
                proxy.set(Weather::Fair, false);
            });
            console.json(&format!("rollback {flag}"))
        });
        let case = format!("{weather:?}, writes only: {writes_only}: {answer}");
        assert_eq!((code, &answer["changed"], exposure(&flag)), (0, &json!(true), 0), "{case}");
        // What hangs may be switched off unread.
        let unread = !writes_only && matches!(weather, Weather::Hang | Weather::Lost);
        let from = &answer["changes"][0]["from"];
        assert!(*from == 25 || (unread && from.is_null()), "{case}");
        assert_eq!(answer["recorded"], true, "{case}");
    };
    thread::scope(|scope| {
        for (number, weather) in passing.into_iter().chain(refusals).enumerate() {
            for writes_only in [false, true] {
                scope.spawn(move || in_one(number, weather, writes_only));
            }
        }
    });
}

#[test]
fn what_is_in_rollout_is_asked_for_until_it_is_known() {
    at("passing-all", "25");
    for weather in [401, 403, 404, 409, 302].map(Weather::Status).into_iter().chain([Weather::Refuse]) {
        let proxy = Proxy::to(url());
        let console = site(&proxy.url(), "timeout = \"4s\"\n");
        proxy.set(weather, false);
        let (_, answer) = thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(700));
                proxy.set(Weather::Fair, false);
            });
            console.json("rollback --all -n")
        });
        let would = answer["would_change"].as_array().unwrap();
        assert!(would.iter().any(|change| change["flag"] == "passing-all"), "{weather:?}: {answer}");
    }
}

/// Rolls back what can't be read until it was switched off.
fn unread(console: &Console, proxy: &Proxy, flag: &str) -> (i32, Value) {
    proxy.set(Weather::Lost, false);
    let (sent, came) = channel();
    proxy.before_write(move || sent.send(()).unwrap());
    let (code, answer) = thread::scope(|scope| {
        scope.spawn(move || {
            came.recv().unwrap();
            proxy.set(Weather::Fair, false);
        });
        console.json(&format!("rollback {flag}"))
    });
    assert_eq!(there(flag), (false, "0".to_owned()), "{answer}");
    let note = answer["notes"][0].as_str().unwrap();
    assert!(note.starts_with(&format!("`{flag}` could not be read at first (")), "{answer}");
    (code, answer)
}

/// The flag is switched off without having been read, and the latch is set once it can be.
#[test]
fn what_can_not_be_read_is_switched_off_all_the_same() {
    // With 25% stored there would be more to do, by which it is seen that it was up.
    at("unread", "0");
    let proxy = Proxy::to(url());
    let console = hasty(&proxy);
    let (code, answer) = unread(&console, &proxy, "unread");
    let change = &answer["changes"][0];
    assert_eq!((code, &answer["changed"], &change["from"]), (0, &json!(true), &json!(null)), "{answer}");
    let (code, answer) = console.json("advance unread --yes --override gates --reason test");
    assert_eq!((code, &answer["refusals"][0]["refusal"]), (6, &json!("latch")), "{answer}");
    // Where it was off, that was no change. The record tells seconds: those of the first are to be over.
    thread::sleep(Duration::from_secs(2));
    let (code, answer) = unread(&console, &proxy, "unread");
    assert_eq!((code, &answer["changed"], &answer["recorded"]), (0, &json!(false), &json!(null)), "{answer}");
}

#[test]
fn whoever_stops_it_stops_it() {
    at("stopped", "25");
    let up = format!("advance stopped --to 50 {UP}");
    for (line, signal, exit) in [("rollback stopped", "-INT", 130), (&*up, "-INT", 130), (&*up, "-TERM", 143)] {
        let proxy = Proxy::to(url());
        let console = hasty(&proxy);
        proxy.set(Weather::Status(503), false);
        let words: Vec<&str> = ["-o", "json"].into_iter().chain(line.split_whitespace()).collect();
        let child = process::start(console.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()));
        while proxy.requests() == 0 {
            thread::sleep(Duration::from_millis(5));
        }
        let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let outcome = Outcome::of(&process::ended(child));
        assert!(killed.success());
        assert_eq!((outcome.code, &outcome.json()["changed"]), (Some(exit), &json!(false)), "{outcome:?}");
        assert_eq!(exposure("stopped"), 25);
    }
}
