//! LaunchDarkly's own word: its generated models over what is said in both directions, and its evaluator over what the
//! flags become. `scripts/needs` installs both.

use super::desk::{Desk, FLAG, name, wait};
use super::fake::contract::{PROJECT, TOKEN};
use super::fake::{Fake, Fault, flags, limited};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs a script of ours by the Python that has LaunchDarkly's packages.
fn python(script: &str, input: &str) -> (bool, String) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join("target/launchdarkly/bin/python");
    assert!(python.exists(), "LaunchDarkly's own packages are missing; get them with: scripts/needs");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("input");
    std::fs::write(&path, input).unwrap();
    let mut command = Command::new(python);
    command.arg(root.join("scripts/launchdarkly").join(script)).stdin(File::open(&path).unwrap());
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(errors.is_empty() || output.status.success(), "{script}: {errors}");
    (output.status.success(), String::from_utf8(output.stdout).unwrap())
}

/// Everything that the backend ever sends and is answered.
fn everything() -> Vec<(String, Value)> {
    let desk = Desk::new();
    for percent in [5, 25, 100] {
        desk.up(percent).unwrap();
    }
    desk.down(50).unwrap();
    desk.fake.configure(FLAG, "offVariation", json!(0));
    desk.fake.configure(FLAG, "contextTargets", json!([{"values": ["x"], "variation": 0, "contextKind": "device"}]));
    desk.down(0).unwrap();
    let companies = json!([{"variation": 0, "weight": 5_000}, {"variation": 1, "weight": 95_000}]);
    let companies = json!({"rollout": {"contextKind": "company", "bucketBy": "region", "variations": companies}});
    desk.fake.configure(FLAG, "contextTargets", json!([]));
    desk.fake.configure(FLAG, "fallthrough", companies);
    desk.up(100).unwrap();
    for write in desk.backend.declare(&name("declared"), "What it is for") {
        desk.backend.send(&write, &wait()).unwrap();
    }
    desk.backend.list(&wait()).unwrap();
    desk.backend.writers(&name(FLAG), &desk.read().mark, &wait()).unwrap();
    desk.backend.rights(Some(&name(FLAG)), &wait()).unwrap();
    let _ = desk.backend.read(&name("absent"), &wait());
    for status in [400, 401, 403, 405, 409] {
        desk.fake.state().faults.push_back(Fault::Refuse(status, "code", Vec::new()));
        let _ = desk.refused();
    }
    desk.fake.state().faults.push_back(limited(Duration::from_secs(3600)));
    let _ = desk.refused();
    let stranger = Desk::at(Fake::with([]), PROJECT, "production", &TOKEN[1..]);
    let _ = stranger.backend.list(&wait());
    let own = std::mem::take(&mut desk.fake.state().said);
    let other = std::mem::take(&mut stranger.fake.state().said);
    own.into_iter().chain(other).collect()
}

#[test]
fn its_models_take_every_document() {
    let said = everything();
    let kinds: std::collections::BTreeSet<&str> = said.iter().map(|(kind, _)| kind.as_str()).collect();
    let wanted = [
        "error 400",
        "error 401",
        "error 403",
        "error 404",
        "error 405",
        "error 409",
        "error 429",
        "flag",
        "flags",
        "log",
        "new flag",
        "patch",
        "semantic patch",
    ];
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), wanted);
    // And they are models: they take neither of these.
    let mut broken = flags::boolean(FLAG);
    broken["environments"]["production"]["fallthrough"] =
        json!({"rollout": {"variations": [{"variation": 0, "weight": 25.5}]}});
    let unknown = json!({"comment": "x", "instructions": [], "environment": "production"});
    let wrong = [("flag".to_owned(), broken), ("semantic patch".to_owned(), unknown)];
    let lines: Vec<String> = said
        .iter()
        .chain(&wrong)
        .map(|(kind, document)| json!({"kind": kind, "document": document}).to_string())
        .collect();
    let (good, problems) = python("check.py", &lines.join("\n"));
    assert!(!good);
    let (first, second) = problems.split_once(&format!("\n{} ", lines.len())).unwrap_or((&problems, ""));
    assert!(first.starts_with(&format!("{} flag: ", lines.len() - 1)), "{problems}");
    assert!(first.contains("valid integer"), "{problems}");
    assert_eq!(second, "semantic patch: no model knows /environment\n", "{problems}");
}

pub(super) const USERS: usize = 10_000;

/// Has the evaluator say who gets each flag.
pub(super) fn evaluated(kind: &str, flags: &BTreeMap<String, Value>) -> BTreeMap<String, Vec<u32>> {
    let flags: BTreeMap<_, _> =
        flags.iter().map(|(name, flag)| (name, json!({"flag": flag, "environment": "production"}))).collect();
    let asked = json!({"users": USERS, "kind": kind, "flags": flags});
    let (good, answer) = python("evaluate.py", &asked.to_string());
    assert!(good);
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn its_evaluator_gives_the_shares_that_are_told() {
    let desk = Desk::new();
    let mut stands = BTreeMap::new();
    let mut keep = |name: String| {
        stands.insert(name, desk.fake.state().flags[FLAG].clone());
    };
    keep("0 new".into());
    // The steps up, what is between and back; the second number is the share.
    for (place, percent) in [5, 25, 50, 100].into_iter().enumerate() {
        desk.up(percent).unwrap();
        keep(format!("1{place} {percent}"));
    }
    for (place, percent) in [50, 25, 5, 1].into_iter().enumerate() {
        desk.down(percent).unwrap();
        keep(format!("2{place} {percent}"));
    }
    desk.down(0).unwrap();
    keep("3 off".into());
    desk.bring(0, Some(true), flagctl::model::Mode::Careful).unwrap();
    keep("4 on at 0".into());
    desk.up(25).unwrap();
    keep("50 25".into());
    desk.fake.configure(FLAG, "offVariation", json!(0));
    desk.fake.configure(FLAG, "on", json!(false));
    keep("60 100".into());
    desk.down(0).unwrap();
    keep("7 off and safe".into());
    let got = evaluated("user", &stands);
    assert_eq!(got.len(), stands.len());
    for (name, users) in &got {
        let wanted: f64 = name.split_once(' ').unwrap().1.parse().unwrap_or(0.0);
        let share = users.len() as f64 * 100.0 / USERS as f64;
        assert!((share - wanted).abs() <= if wanted == 0.0 || wanted == 100.0 { 0.0 } else { 1.0 }, "{name}: {share}");
    }
    let nested = |less: &str, more: &str| got[less].iter().all(|user| got[more].contains(user));
    for (less, more) in [("10 5", "11 25"), ("11 25", "12 50"), ("23 1", "22 5"), ("22 5", "10 5")] {
        assert!(nested(less, more), "{less} in {more}");
    }
    assert_eq!((&got["11 25"], &got["50 25"]), (&got["21 25"], &got["11 25"]));
}

/// What is told of percentages of another kind: who is of none counts as the first.
#[test]
fn its_evaluator_gives_the_first_variation_to_who_is_of_no_such_kind() {
    let desk = Desk::new();
    let shares = json!([{"variation": 0, "weight": 5_000}, {"variation": 1, "weight": 95_000}]);
    desk.fake.configure(FLAG, "fallthrough", json!({"rollout": {"contextKind": "company", "variations": shares}}));
    desk.fake.configure(FLAG, "on", json!(true));
    assert_eq!(desk.read().findings, ["its percentage is one of `company` by `key`: whoever has none gets `true`"]);
    let flag = BTreeMap::from([("flag".to_owned(), desk.fake.state().flags[FLAG].clone())]);
    assert_eq!(evaluated("user", &flag)["flag"].len(), USERS);
    let companies = evaluated("company", &flag)["flag"].len() * 100 / USERS;
    assert!((4..=6).contains(&companies), "{companies}");
}
