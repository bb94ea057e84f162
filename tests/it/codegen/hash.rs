//! Who is in: a generated module says what `bucket` says, for the vectors and for any user.

use super::node::{Ask, Job, ask, module};
use flagctl::bucket::{bucket, is_in};
use flagctl::model::{Mapping, Percent};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use std::fmt::Write as _;

/// Writes a flags file of flags that are only there for their salt.
fn flags<'a>(salts: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    salts.enumerate().fold(String::new(), |mut text, (index, (salt, rollout))| {
        // What is hidden, or ends a line to some readers, is written as an escape.
        let plain = |c: char| c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ';
        let escaped =
            |c: char| if plain(c) && !"\"\\".contains(c) { c.to_string() } else { format!("\\U{:08x}", u32::from(c)) };
        let salt: String = salt.chars().map(escaped).collect();
        let _ = writeln!(text, "f{index}: {{enabled: true, rollout: {rollout}, salt: \"{salt}\"}}");
        text
    })
}

#[test]
fn a_module_agrees_with_every_vector() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/bucketing.json")).unwrap();
    let all = [vectors["vectors"].as_array().unwrap().clone(), vectors["boundary_vectors"].as_array().unwrap().clone()];
    let mut cases: Vec<(&str, &str, &str, u64, Option<bool>)> = Vec::new();
    for vector in all.iter().flatten() {
        let (salt, unit) = (vector["salt"].as_str().unwrap(), vector["unit"].as_str().unwrap());
        let bucket = vector["bucket"].as_u64().unwrap();
        match vector["in_at"].as_object() {
            Some(in_at) => cases.extend(in_at.iter().map(|(percent, is_in)| {
                // The vectors speak of the bucket alone; a user without an identity is in at 100 % only.
                let is_in = is_in.as_bool().unwrap() && (!unit.is_empty() || percent == "100");
                (salt, unit, percent.as_str(), bucket, Some(is_in))
            })),
            None => cases.push((salt, unit, "50", bucket, None)),
        }
    }
    assert_eq!(all.iter().map(Vec::len).sum::<usize>(), 26);
    let text = flags(cases.iter().map(|(salt, _, percent, ..)| (*salt, *percent)));
    let asks = cases.iter().enumerate();
    let asks = asks.map(|(index, case)| Ask { flag: format!("f{index}"), user: case.1.to_owned() }).collect();
    let said = ask(&[Job { module: module(&text, &Mapping::native()), text, asks }]).remove(0);
    assert_eq!(said.problems, [] as [&str; 0]);
    for ((salt, unit, percent, bucket, is_in), answer) in cases.iter().zip(&said.answers) {
        assert_eq!(u64::from(answer.bucket), *bucket, "{salt}:{unit}");
        assert!(is_in.is_none_or(|is_in| is_in == answer.on), "{salt}:{unit} at {percent} %");
    }
}

#[test]
fn a_module_agrees_for_any_user() {
    let mut runner = TestRunner::deterministic();
    let any = (".{1,12}", ".{0,40}", 0..=100_000_u32);
    let cases: Vec<(String, String, Percent)> = (0..2_000)
        .map(|_| any.new_tree(&mut runner).unwrap().current())
        .map(|(salt, user, milli)| (salt, user, Percent::from_milli(milli).unwrap()))
        .collect();
    let percents: Vec<String> = cases.iter().map(|(.., percent)| percent.to_string()).collect();
    let text = flags(cases.iter().zip(&percents).map(|((salt, ..), percent)| (salt.as_str(), percent.as_str())));
    let asks = cases.iter().enumerate();
    let asks = asks.map(|(index, (_, user, _))| Ask { flag: format!("f{index}"), user: user.clone() }).collect();
    let said = ask(&[Job { module: module(&text, &Mapping::native()), text, asks }]).remove(0);
    assert_eq!(said.problems, [] as [&str; 0]);
    for ((salt, user, percent), answer) in cases.iter().zip(&said.answers) {
        assert_eq!(answer.bucket, bucket(salt, user), "{salt:?}:{user:?}");
        assert_eq!(answer.on, is_in(*percent, salt, user), "{salt:?}:{user:?} at {percent} %");
    }
}
