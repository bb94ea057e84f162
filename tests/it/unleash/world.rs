//! One real Unleash for all tests, which ends with them; each test has flags of its own.

use super::{ADMIN, Desk, name};
use crate::process;
use flagctl::http::{Client, Method, Request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How many users are asked for.
const USERS: u32 = 10_000;
/// How long something that will happen may take to happen. Nothing waits that long unless it fails.
const SOON: Duration = Duration::from_secs(60);

/// An Unleash with its database.
pub(super) struct World {
    pub(super) url: String,
    /// The port of its database.
    pub(super) database: u16,
    sdk: String,
    /// While this is open it lives; the system closes it when the tests end, however they do.
    _open: ChildStdin,
}

static WORLD: LazyLock<World> = LazyLock::new(World::start);

impl World {
    pub(super) fn start() -> Self {
        let ports: Vec<TcpListener> = (0..2).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let numbers: Vec<u16> = ports.iter().map(|port| port.local_addr().unwrap().port()).collect();
        drop(ports);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/serve-unleash.sh");
        let mut child = Command::new(script)
            .args(numbers.iter().map(ToString::to_string))
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let open = child.stdin.take().unwrap();
        let output = process::ended(child);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout).unwrap();
        let field = |key: &str| said.split_whitespace().find_map(|word| word.strip_prefix(key)).unwrap().to_owned();
        Self { url: field("url="), database: numbers[1], sdk: field("sdk="), _open: open }
    }
}

pub(super) fn url() -> &'static str {
    &WORLD.url
}

/// Makes all that is on record of a flag so many days older.
pub(super) fn age(flag: &str, days: u32) {
    let database = format!("postgres://unleash@127.0.0.1:{}/postgres", WORLD.database);
    let aged =
        format!("UPDATE events SET created_at = created_at - interval '{days} days' WHERE feature_name = '{flag}'");
    let output = Command::new("psql").args([&database, "-c", &aged]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.starts_with("UPDATE ") && said != "UPDATE 0\n", "{output:?}");
}

/// Asks the admin API as somebody else who may do everything.
pub(super) fn admin(method: Method, path: &str, body: &Value) -> Value {
    admin_at(url(), method, path, body)
}

/// As [`admin`], of another Unleash.
pub(super) fn admin_at(url: &str, method: Method, path: &str, body: &Value) -> Value {
    let desk = Desk::new(url, Some(ADMIN));
    let client = Client::new(&desk.remote).unwrap();
    let url = client.below(&format!("/api/admin{path}"));
    let mut request = Request::bare(method, url, "application/json");
    if *body != Value::Null {
        request = request.with("application/json", body.to_string());
    }
    let reply = client.send(&request, &super::wait()).unwrap();
    assert!(reply.status < 300, "{path}: {} {}", reply.status, String::from_utf8_lossy(&reply.body));
    serde_json::from_slice(&reply.body).unwrap_or_default()
}

/// The path of a flag in our environment.
pub(super) fn here(flag: &str) -> String {
    format!("/projects/default/features/{flag}/environments/development")
}

/// Makes a flag that has these strategies, and is on.
pub(super) fn make(flag: &str, strategies: &[Value]) {
    let body = json!({ "name": flag, "type": "release" });
    admin(Method::Post, "/projects/default/features", &body);
    for strategy in strategies {
        admin(Method::Post, &format!("{}/strategies", here(flag)), strategy);
    }
    admin(Method::Post, &format!("{}/on", here(flag)), &Value::Null);
}

/// The flag's strategies in our environment, as they are stored.
pub(super) fn strategies(flag: &str) -> Value {
    admin(Method::Get, &format!("{}/strategies", here(flag)), &Value::Null)
}

pub(super) fn flexible(rollout: &str) -> Value {
    json!({ "name": "flexibleRollout", "parameters": { "rollout": rollout, "stickiness": "userId" } })
}

/// Returns who gets each flag, by the official SDK.
pub(super) fn users(flags: &[&str]) -> BTreeMap<String, BTreeSet<u32>> {
    let world = &*WORLD;
    let path = format!("{}/node/bin:{}", world.sdk, std::env::var("PATH").unwrap());
    let mut command = Command::new("node");
    command
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/unleash/evaluate.cjs"))
        .args([world.url.as_str(), "default:development.sdk-secret", &USERS.to_string()])
        .args(flags)
        .env("PATH", path)
        .env("NODE_PATH", format!("{}/node_modules", world.sdk));
    let output = process::output(&mut command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Returns who gets a flag once it is so many of them; the server takes a moment to tell SDKs.
pub(super) fn once(flag: &str, percent: u32) -> BTreeSet<u32> {
    let start = Instant::now();
    loop {
        let users = users(&[flag]).remove(flag).unwrap();
        if near(users.len(), percent) {
            return users;
        }
        assert!(start.elapsed() < SOON, "{flag}: {} users of {USERS}, not {percent}%", users.len());
    }
}

/// True if so many users are that share: within 1.5 points, and exactly at the ends.
pub(super) fn near(users: usize, percent: u32) -> bool {
    let share = 100.0 * users as f64 / f64::from(USERS);
    match percent {
        0 => users == 0,
        100 => users == USERS as usize,
        _ => (share - f64::from(percent)).abs() <= 1.5,
    }
}

/// Makes a token of a user with one of the roles: 2 may edit, 3 may only look.
pub(super) fn token(user: &str, role: u32) -> String {
    let password = "Pa55word!for-tests";
    let body = json!({ "username": user, "email": format!("{user}@example.com"), "rootRole": role, "password": password, "sendEmail": false });
    admin(Method::Post, "/user-admin", &body);
    let folder = tempfile::tempdir().unwrap();
    let cookies = folder.path().join("cookies");
    let post = |path: &str, body: &Value| -> Value {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "--noproxy", "*", "-H", "Content-Type: application/json", "-b"]).arg(&cookies).arg("-c");
        curl.arg(&cookies).args(["-d", &body.to_string(), &format!("{}{path}", url())]);
        serde_json::from_slice(&process::output(&mut curl).stdout).unwrap()
    };
    post("/auth/simple/login", &json!({ "username": user, "password": password }));
    let made = post("/api/admin/user/tokens", &json!({ "description": "t", "expiresAt": "2099-01-01T00:00:00Z" }));
    made["secret"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Takes the flag off the list of those that can be changed.
pub(super) fn archive(flag: &str) {
    admin(Method::Delete, &format!("/projects/default/features/{}", name(flag)), &Value::Null);
}
