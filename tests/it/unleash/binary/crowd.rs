//! Many at once, with no lock in common: nobody is told of a change that was not there.

use super::super::world::{admin, here, strategies, token, url};
use super::proxy::Proxy;
use super::{at, exposure, site, stand};
use crate::console::Console;
use flagctl::http::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const ROUNDS: usize = 6;

const LINES: [&str; 4] = [
    "advance crowd --to 50 --yes --override gates,latch,ladder --reason test",
    "advance crowd --to 100 --yes --override gates,latch,ladder --reason test",
    "rollback crowd",
    "rollback crowd --to 5",
];

/// What became of a flag, in the order of the server's record: after whose doing users got how much.
fn record(flag: &str, after: u64) -> Vec<(String, u64)> {
    let events = admin(Method::Get, &format!("/events/{flag}"), &Value::Null);
    let mut events = events["events"].as_array().unwrap().clone();
    events.sort_by_key(|event| event["id"].as_u64());
    let (mut enabled, mut rollout, mut states) = (false, 0, Vec::new());
    for event in events {
        match event["type"].as_str().unwrap() {
            "feature-environment-enabled" => enabled = true,
            "feature-environment-disabled" => enabled = false,
            "feature-strategy-add" | "feature-strategy-update" => {
                rollout = event["data"]["parameters"]["rollout"].as_str().unwrap().parse().unwrap();
            }
            _ => {}
        }
        let state = (event["createdBy"].as_str().unwrap().to_owned(), if enabled { rollout } else { 0 });
        if event["id"].as_u64().unwrap() > after {
            states.push(state);
        }
    }
    states
}

fn newest(flag: &str) -> u64 {
    let events = admin(Method::Get, &format!("/events/{flag}"), &Value::Null);
    events["events"].as_array().unwrap().iter().filter_map(|event| event["id"].as_u64()).max().unwrap()
}

/// Holds what one process says against the record.
fn held(who: &str, line: &str, (code, answer): &(i32, Value), states: &[(String, u64)], began: u64) {
    let case = format!("{who}: {line}: {code} {answer}\n{states:?}, began at {began}");
    let own = states.iter().any(|(by, _)| by.starts_with(&format!("{who}@")));
    match &answer["changed"] {
        Value::Bool(changed) => assert_eq!(*changed, own, "{case}"),
        other => assert!(other.is_null() && *code != 0, "{case}"),
    }
    if *code == 0 {
        let said = |key: &str| answer["changes"][0][key].as_u64().or(answer["unchanged"][0]["exposure"].as_u64());
        let to = said("to").unwrap();
        let was = |exposure: u64| exposure == to || (line.starts_with("rollback") && exposure <= to);
        assert!(was(began) || states.iter().any(|(_, exposure)| was(*exposure)), "{case}");
    }
}

/// Sets percentages as somebody does who knows of nobody else.
fn meddle(id: &str, switches: bool) {
    for rollout in ["10", "30", "70"] {
        let set = json!([{ "op": "replace", "path": "/parameters/rollout", "value": rollout }]);
        admin(Method::Patch, &format!("{}/strategies/{id}", here("crowd")), &set);
        if switches {
            admin(Method::Post, &format!("{}/on", here("crowd")), &Value::Null);
        }
    }
}

/// All begin at once; in every other round the others begin when the first is about to write.
fn round(consoles: &[(String, Console)], proxy: &Proxy, ahead: bool) -> Vec<(i32, Value)> {
    let id = strategies("crowd")[0]["id"].as_str().unwrap().to_owned();
    let go = Arc::new(AtomicBool::new(!ahead));
    let open = Arc::clone(&go);
    proxy.before_write(move || open.store(true, Ordering::SeqCst));
    let wait = || {
        while !go.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(1));
        }
    };
    let run = |number: usize| {
        if number > 0 {
            wait();
        }
        let outcome = consoles[number].1.json(LINES[number]);
        go.store(true, Ordering::SeqCst);
        outcome
    };
    let (id, wait, run) = (&id, &wait, &run);
    thread::scope(|scope| {
        for number in 0..4 {
            scope.spawn(move || {
                wait();
                meddle(id, number == 0);
            });
        }
        let running: Vec<_> = (0..LINES.len()).map(|number| scope.spawn(move || run(number))).collect();
        running.into_iter().map(|run| run.join().unwrap()).collect()
    })
}

#[test]
fn nobody_is_told_of_a_change_that_was_not_there() {
    at("crowd", "25");
    let proxy = Proxy::to(url());
    let consoles: Vec<(String, Console)> = (0..LINES.len())
        .map(|number| {
            let who = format!("crowd-{number}");
            let through = if number == 0 { proxy.url() } else { url().to_owned() };
            let console = site(&through, "").with("token", &token(&who, 2));
            (who, console)
        })
        .collect();
    for number in 0..ROUNDS {
        stand("crowd", "25");
        let (began, after) = (exposure("crowd"), newest("crowd"));
        let outcomes = round(&consoles, &proxy, number % 2 == 1);
        let states = record("crowd", after);
        for (((who, _), line), outcome) in consoles.iter().zip(LINES).zip(&outcomes) {
            held(who, line, outcome, &states, began);
        }
    }
}
