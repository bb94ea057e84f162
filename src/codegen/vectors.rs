//! What a service in any language has to agree with: users, their hashes and buckets, and from where on they are in.

use crate::bucket::{bucket, hash, is_in};
use crate::model::{Flag, Percent};
use serde_json::{Map, Value, json};

/// How a user is told in or out, in one line.
const ALGORITHM: &str = "hash = murmur3_x86_32(utf8(salt + \":\" + user), seed 0); bucket = floor(hash * 100000 / 2^32); \
                         in = bucket < exposure * 1000, but at 0 nobody, at 100 everybody, and below 100 no empty user";

/// Plain ids, ids that are not ASCII, the two forms of é, ids of every length modulo 4, and the empty one.
const USERS: [&str; 16] = [
    "user-1",
    "user-2",
    "user-3",
    "42",
    "a",
    "ab",
    "abc",
    "u:1",
    "alice@example.com",
    "550e8400-e29b-41d4-a716-446655440000",
    "Zoë",
    "用户123",
    "😀",
    "e\u{301}",
    "é",
    "",
];

/// The exposures that each user is looked at with, in thousandths of a percent.
const EXPOSURES: [u32; 9] = [0, 1, 1_000, 5_000, 25_000, 50_000, 75_000, 99_999, 100_000];

/// The buckets on both sides of where a step begins. One in 100,000 ids hits each, so only some flags are searched.
const EDGES: [u32; 10] = [0, 1, 4_999, 5_000, 24_999, 25_000, 49_999, 50_000, 99_998, 99_999];
const SEARCHED: usize = 4;

/// Returns the answer of `codegen json-vectors`, but for its version.
#[must_use]
pub fn vectors(flags: &[Flag]) -> Value {
    let mut vectors = Vec::new();
    for (index, flag) in flags.iter().enumerate() {
        let edges = if index < SEARCHED { on_edges(flag.hashed()) } else { Vec::new() };
        let users = USERS.into_iter().map(str::to_owned).chain(edges);
        vectors.extend(users.map(|user| vector(flag, &user)));
    }
    let flags: Vec<Value> = flags.iter().map(stored).collect();
    json!({ "algorithm": ALGORITHM, "flags": flags, "vectors": vectors })
}

fn stored(flag: &Flag) -> Value {
    json!({
        "name": flag.name, "salt": flag.hashed(), "enabled": flag.enabled.value(), "rollout": flag.rollout.value(),
        "exposure": flag.exposure(),
    })
}

fn vector(flag: &Flag, user: &str) -> Value {
    let salt = flag.hashed();
    let exposures = EXPOSURES.into_iter().filter_map(Percent::from_milli);
    let in_at: Map<String, Value> =
        exposures.map(|percent| (percent.to_string(), is_in(percent, salt, user).into())).collect();
    let on = flag.exposure().known().map(|exposure| is_in(exposure, salt, user));
    json!({
        "flag": flag.name, "user": user, "hash": hash(salt, user), "bucket": bucket(salt, user), "in_at": in_at,
        "on": on,
    })
}

/// Returns the first users of the form `u1` whose buckets are at the edges.
fn on_edges(salt: &str) -> Vec<String> {
    let mut found: [Option<String>; EDGES.len()] = Default::default();
    // Ten times as many as an edge takes on average: one that none of them hits is left out.
    for user in (0..1_000_000_u32).map(|number| format!("u{number}")) {
        let bucket = bucket(salt, &user);
        if let Some(index) = EDGES.iter().position(|edge| *edge == bucket) {
            found[index].get_or_insert(user);
            if found.iter().all(Option::is_some) {
                break;
            }
        }
    }
    found.into_iter().flatten().collect()
}
