//! A drill of a flag that lives in the real Unleash.

use super::super::world::{admin, strategies, url};
use super::proxy::{Proxy, Weather};
use super::{at, site, there};
use flagctl::http::Method;
use serde_json::json;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const MIRROR: &str = "mirror = \"file\"\nflags = \"config/mirror.yaml\"\n";

#[test]
fn it_stands_as_before() {
    for (flag, more) in [("drilled", ""), ("drilled_mirrored", MIRROR)] {
        at(flag, "25");
        let before = strategies(flag);
        let console = site(url(), more);
        let (code, answer) = console.json(&format!("drill {flag} --yes"));
        assert_eq!((code, &answer["as_before"]), (0, &json!(true)), "{answer}");
        assert_eq!((there(flag), strategies(flag)), ((true, "25".to_owned()), before));
        let outcome = console.run(&format!("drill {flag} --yes"));
        assert!(outcome.stdout.contains("Unleash stores what it stored before, at 25%"), "{outcome:?}");
        assert!(!format!("{outcome:?}").contains("the file"), "{outcome:?}");
    }
}

#[test]
fn a_strategy_that_it_made_is_told() {
    admin(Method::Post, "/projects/default/features", &json!({ "name": "drilled_bare", "type": "release" }));
    let console = site(url(), "");
    let (code, answer) = console.json("drill drilled_bare --yes");
    assert_eq!((code, &answer["as_before"]), (0, &json!(false)), "{answer}");
    assert_eq!(answer["differences"], json!(["`strategies[0]` was not there, and is `flexibleRollout`"]), "{answer}");
    // It was there before the second one.
    let outcome = console.run("drill drilled_bare --yes");
    assert!(outcome.stdout.contains("Unleash stores what it stored before, at 0%"), "{outcome:?}");
}

#[test]
fn an_unclear_way_up_is_followed_by_the_way_down() {
    at("drilled_unclear", "25");
    let proxy = Arc::new(Proxy::to(url()));
    let console = site(&proxy.url(), "timeout = \"1s\"\n");
    let sky = Arc::clone(&proxy);
    // The write of the way up arrives; soon no answer does, for longer than an advance looks for it.
    proxy.before_write(move || {
        thread::spawn(move || {
            sky.set(Weather::Lost, false);
            thread::sleep(Duration::from_secs(5));
            sky.set(Weather::Fair, false);
        });
    });
    let (code, answer) = console.json("drill drilled_unclear --yes");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(code == 1 && message.ends_with("`drilled_unclear` is back at 25%"), "{code} {answer}");
    assert_eq!(there("drilled_unclear"), (true, "25".to_owned()), "{answer}");
}
