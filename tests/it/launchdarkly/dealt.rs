//! Who gets a percentage: the same users as LaunchDarkly's own evaluator says.

use super::desk::{Desk, FLAG};
use super::official::{USERS, evaluated};
use super::verbs::console;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Returns the users who are in, by their numbers.
fn named(desk: &Desk, prefix: &str, more: &str) -> Vec<u32> {
    let ids: String = (0..USERS).map(|user| format!("u{user}\n")).collect();
    let console = console(&desk.fake).with("ids.txt", &ids);
    let (code, answer) = console.json(&format!("{prefix} {more}"));
    assert_eq!(code, 0, "{answer}");
    assert_eq!(answer["users"]["newly"].as_u64().unwrap() as usize, answer["users"]["names"].as_array().unwrap().len());
    let number = |user: &Value| user.as_str().unwrap()[1..].parse().unwrap();
    answer["users"]["names"].as_array().unwrap().iter().map(number).collect()
}

#[test]
fn its_evaluator_names_the_same_users() {
    for turned in [false, true] {
        let desk = Desk::new();
        if turned {
            let mut state = desk.fake.state();
            let flag = state.flags.get_mut(FLAG).unwrap();
            flag["variations"].as_array_mut().unwrap().reverse();
            flag["environments"]["production"]["offVariation"] = json!(0);
        }
        // Before a percentage stands there, and after.
        let first = named(&desk, "plan checkout --to 5", "--users ids.txt");
        desk.up(5).unwrap();
        let five = desk.fake.state().flags[FLAG].clone();
        let more = named(&desk, "plan checkout --to 25", "--users ids.txt");
        desk.up(25).unwrap();
        let all = desk.fake.state().flags[FLAG].clone();
        let got = evaluated("user", &BTreeMap::from([("5".to_owned(), five), ("25".to_owned(), all)]));
        assert_eq!(first, got["5"]);
        let newly: Vec<u32> = got["25"].iter().copied().filter(|user| !got["5"].contains(user)).collect();
        assert_eq!(more, newly);
        let out = (0..).find(|user| !got["25"].contains(user)).unwrap();
        let (_, answer) = console(&desk.fake).json(&format!("bucket checkout u{} u{out}", got["25"][0]));
        let within: Vec<&Value> = answer["users"].as_array().unwrap().iter().map(|user| &user["in"]).collect();
        assert_eq!(within, [&json!(true), &json!(false)], "{answer}");
        assert_eq!(answer["salt"], format!("salt of {FLAG}"));
    }
}

/// A seed is hashed instead of the salt.
#[test]
fn a_seed_is_taken_from_the_flag() {
    let desk = Desk::new();
    let shares = json!([{"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]);
    desk.fake.configure(FLAG, "fallthrough", json!({"rollout": {"seed": 61, "variations": shares}}));
    desk.fake.configure(FLAG, "on", json!(true));
    let flag = desk.fake.state().flags[FLAG].clone();
    let got = evaluated("user", &BTreeMap::from([("25".to_owned(), flag)]));
    let users: Vec<String> = (0..40).map(|user| format!("u{user}")).collect();
    let (code, answer) = console(&desk.fake).json(&format!("bucket checkout {}", users.join(" ")));
    assert_eq!((code, &answer["seed"]), (0, &json!("61")), "{answer}");
    for (user, row) in answer["users"].as_array().unwrap().iter().enumerate() {
        assert_eq!(row["in"], got["25"].contains(&u32::try_from(user).unwrap()), "{row}");
    }
}
