//! The binary itself, with an environment that lives in the real Unleash.

mod crowd;
mod doctor;
mod drill;
mod frozen;
mod mirror;
mod places;
mod proxy;
mod rollout;
mod weather;

use super::ADMIN;
use super::world::{admin, flexible, here, make, strategies};
use crate::console::Console;
use flagctl::http::Method;
use serde_json::{Value, json};

/// An advance that nothing but the backend can hold up.
const UP: &str = "--yes --override gates,latch,ladder --reason test";

/// A folder whose production lives in an Unleash, with more said of it.
fn site(url: &str, more: &str) -> Console {
    let config = format!(
        "version = 1\ndefault-environment = \"production\"\n[rollout]\nsoak = \"0s\"\n[environments.production]\n{}{more}",
        lives(url)
    );
    Console::empty().with("flagctl.toml", &config).with("token", ADMIN)
}

/// What says that an environment lives in an Unleash.
fn lives(url: &str) -> String {
    format!(
        "backend = \"unleash\"\nurl = \"{url}\"\nproject = \"default\"\nenvironment = \"development\"\ntoken-file = \"token\"\n"
    )
}

/// How a flag stands in the server.
fn there(flag: &str) -> (bool, String) {
    let feature = admin(Method::Get, &here(flag), &Value::Null);
    let rollout = feature["strategies"][0]["parameters"]["rollout"].as_str().unwrap_or_default().to_owned();
    (feature["enabled"] == true, rollout)
}

/// What its users get.
fn exposure(flag: &str) -> u64 {
    let (enabled, rollout) = there(flag);
    if enabled { rollout.parse().unwrap() } else { 0 }
}

/// Brings a flag that has one strategy to a percentage, and on.
fn stand(flag: &str, rollout: &str) {
    let id = strategies(flag)[0]["id"].as_str().unwrap().to_owned();
    let set = json!([{ "op": "replace", "path": "/parameters/rollout", "value": rollout }]);
    admin(Method::Patch, &format!("{}/strategies/{id}", here(flag)), &set);
    admin(Method::Post, &format!("{}/on", here(flag)), &Value::Null);
}

/// Makes a flag at a percentage.
fn at(flag: &str, rollout: &str) {
    make(flag, &[flexible(rollout)]);
}
