//! A database that stops in the middle of a write, and goes on.

use super::super::world::{World, admin_at, flexible};
use super::proxy::Proxy;
use super::{UP, site};
use flagctl::http::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// The processes of a database, which go on when this is gone.
struct Database(Vec<u32>);

impl Database {
    /// Finds them by the port.
    fn at(port: u16) -> Self {
        let mut all = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            let read = |what: &str| std::fs::read_to_string(PathBuf::from(format!("/proc/{pid}/{what}")));
            let (Ok(words), Ok(stat)) = (read("cmdline"), read("stat")) else { continue };
            let parent =
                stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
            all.push((pid, parent, words));
        }
        let main = |words: &str| words.contains("/bin/postgres\0") && words.contains(&format!("\0-p\0{port}\0"));
        let head = all.iter().find(|(_, _, words)| main(words)).unwrap_or_else(|| panic!("no database at {port}")).0;
        Self(
            all.iter().filter(|(pid, parent, _)| *pid == head || *parent == Some(head)).map(|(pid, ..)| *pid).collect(),
        )
    }

    fn signal(&self, name: &str) {
        let pids = self.0.iter().map(ToString::to_string);
        let done = Command::new("kill").arg(format!("-{name}")).args(pids).status().unwrap();
        // One of its workers may have ended meanwhile.
        assert!(done.code().is_some());
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.signal("CONT");
    }
}

fn exposure(world: &World, flag: &str) -> u64 {
    let path = format!("/projects/default/features/{flag}/environments/development");
    let feature = admin_at(&world.url, Method::Get, &path, &Value::Null);
    let rollout = feature["strategies"][0]["parameters"]["rollout"].as_str().unwrap().parse().unwrap();
    if feature["enabled"] == true { rollout } else { 0 }
}

#[test]
fn a_write_into_a_frozen_database_is_not_called_done() {
    let world = World::start();
    let proxy = Proxy::to(&world.url);
    let console = site(&proxy.url(), "timeout = \"1s\"\n");
    let path = "/projects/default/features/frozen/environments/development";
    admin_at(&world.url, Method::Post, "/projects/default/features", &json!({ "name": "frozen", "type": "release" }));
    admin_at(&world.url, Method::Post, &format!("{path}/strategies"), &flexible("5"));
    admin_at(&world.url, Method::Post, &format!("{path}/on"), &Value::Null);
    let database = Arc::new(Database::at(world.database));
    let freeze = || {
        let database = Arc::clone(&database);
        proxy.before_write(move || database.signal("STOP"));
    };

    // An advance gives up in time, and leaves open what came of it.
    freeze();
    let (code, answer) = console.json(&format!("advance frozen --to 25 {UP}"));
    assert_eq!((code, &answer["changed"], &answer["changes"]), (1, &json!(null), &json!([])), "{answer}");
    database.signal("CONT");
    let mut seen = Vec::new();
    while exposure(&world, "frozen") != 25 {
        seen.push(exposure(&world, "frozen"));
        assert!(seen.len() < 600, "it never arrived");
        thread::sleep(Duration::from_millis(50));
    }

    // A rollback goes on until it is down.
    freeze();
    let (code, answer) = thread::scope(|scope| {
        let thaw = Arc::clone(&database);
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(3_000));
            thaw.signal("CONT");
        });
        console.json("rollback frozen")
    });
    assert_eq!((code, &answer["changed"], exposure(&world, "frozen")), (0, &json!(true), 0), "{answer}");

    // Unless its own deadline comes first: then nothing is claimed.
    let (code, answer) = console.json(&format!("advance frozen --to 5 {UP}"));
    assert_eq!(code, 0, "{answer}");
    freeze();
    let (code, answer) = console.json("rollback frozen");
    assert_eq!((code, &answer["changed"]), (1, &json!(null)), "{answer}");
    database.signal("CONT");
}
