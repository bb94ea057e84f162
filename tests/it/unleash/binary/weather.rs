//! Whatever the network does: what is told is true, and a rollback gets through once it can.

use super::super::world::url;
use super::proxy::{Proxy, Weather};
use super::{UP, at, exposure, site, stand, there};
use crate::console::Console;
use serde_json::{Value, json};
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
    let weathers = [Weather::Refuse, Weather::Hang, Weather::Garbage, Weather::Status(503), Weather::Lost];
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
        assert_eq!((&answer["changes"][0]["from"], &answer["recorded"]), (&json!(25), &json!(true)), "{case}");
    };
    thread::scope(|scope| {
        for (number, weather) in weathers.into_iter().enumerate() {
            for writes_only in [false, true] {
                scope.spawn(move || in_one(number, weather, writes_only));
            }
        }
    });
}

/// The flag is switched off without having been read, and the latch is set once it can be.
#[test]
fn what_can_not_be_read_is_switched_off_all_the_same() {
    at("unread", "25");
    let proxy = Proxy::to(url());
    let console = hasty(&proxy);
    // Its answers are too late to be taken, until it is over; what is asked for arrives.
    proxy.set(Weather::Lost, false);
    let (code, answer) = thread::scope(|scope| {
        scope.spawn(|| {
            while there("unread").0 {
                thread::sleep(Duration::from_millis(50));
            }
            proxy.set(Weather::Fair, false);
        });
        console.json("rollback unread")
    });
    let change = &answer["changes"][0];
    assert_eq!((code, &answer["changed"], &change["from"]), (0, &json!(true), &json!(null)), "{answer}");
    assert_eq!(there("unread"), (false, "0".to_owned()));
    assert!(answer["notes"][0].as_str().unwrap().starts_with("`unread` could not be read at first ("), "{answer}");
    let (code, answer) = console.json("advance unread --yes --override gates --reason test");
    assert_eq!((code, &answer["refusals"][0]["refusal"]), (6, &json!("latch")), "{answer}");
}
