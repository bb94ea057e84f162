//! The binary itself, with an environment that lives in LaunchDarkly.

use super::desk::FLAG;
use super::fake::contract::TOKEN;
use super::fake::{Fake, Fault, flags};
use crate::console::Console;
use serde_json::json;

pub(super) fn console(fake: &Fake) -> Console {
    let config = format!(
        "version = 1\ndefault-environment = \"production\"\n[rollout]\nsoak = \"0s\"\n[environments.production]\n\
         backend = \"launchdarkly\"\nurl = \"{}\"\nproject = \"shop\"\nenvironment = \"production\"\ntoken-file = \"token\"\n",
        fake.url()
    );
    Console::empty().with("flagctl.toml", &config).with("token", TOKEN)
}

/// The same, with an end to a rollback that is refused.
pub(super) fn hasty(fake: &Fake) -> Console {
    let console = console(fake);
    console.write("flagctl.toml", &(console.read("flagctl.toml") + "timeout = \"1s\"\n"));
    console
}

#[test]
fn a_rollout_and_its_end() {
    let fake = Fake::with([flags::boolean(FLAG), flags::boolean("other")]);
    let console = console(&fake);
    let up = "advance checkout --yes --override gates --reason test";
    for (to, from) in [(5, 0), (25, 5)] {
        let (code, answer) = console.json(up);
        assert_eq!((code, &answer["changed"]), (0, &json!(true)), "{answer}");
        let change = &answer["changes"][0];
        assert_eq!((&change["from"], &change["to"]), (&json!(from), &json!(to)), "{answer}");
    }
    let (code, answer) = console.json("status");
    assert_eq!((code, &answer["flags"][0]["exposure"], &answer["flags"][1]["exposure"]), (0, &json!(25), &json!(0)));
    let (code, answer) = console.json("rollback checkout --dry-run");
    assert_eq!((code, &answer["changed"]), (0, &json!(false)), "{answer}");
    let there = |key: &str| fake.state().flags[FLAG]["environments"]["production"][key].clone();
    assert_eq!(there("on"), true);
    let (code, answer) = console.json("rollback checkout --to 5");
    assert_eq!((code, &answer["changes"][0]["to"]), (0, &json!(5)), "{answer}");
    let (code, answer) = console.json("rollback checkout");
    assert_eq!((code, &answer["changed"], &answer["changes"][0]["to"]), (0, &json!(true), &json!(0)), "{answer}");
    assert_eq!(
        (there("on"), there("fallthrough")["rollout"]["variations"][0]["weight"].clone()),
        (json!(false), json!(5000))
    );
    let (code, answer) = console.json("rollback checkout");
    assert_eq!((code, &answer["changed"]), (0, &json!(false)), "{answer}");
    let (_, log) = console.json("log");
    assert_eq!(log["entries"].as_array().unwrap().len(), 4, "{log}");
}

#[test]
fn a_flag_that_is_no_one_percentage_goes_down_and_not_up() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    let console = console(&fake);
    fake.configure(FLAG, "rules", json!([{"_id": "r", "clauses": [], "trackEvents": false, "variation": 1}]));
    fake.configure(FLAG, "on", json!(true));
    let (code, answer) = console.json("advance checkout --to 5 --yes --override gates --reason test");
    assert_eq!((code, &answer["changed"], fake.patches()), (3, &json!(false), 0), "{answer}");
    let (code, answer) = console.json("rollback checkout");
    assert_eq!((code, &answer["changed"]), (0, &json!(true)), "{answer}");
    let (code, answer) = console.json("plan chekout");
    assert_eq!(code, 2, "{answer}");
    assert!(answer["error"]["help"].to_string().contains("checkout"), "{answer}");
}

#[test]
fn a_flag_is_declared_there() {
    let fake = Fake::with([]);
    let (code, answer) = console(&fake).json("new new-flag --description words");
    assert_eq!((code, &answer["changed"]), (0, &json!(true)), "{answer}");
    assert_eq!(fake.state().flags["new-flag"]["description"], "words");
}

#[test]
fn a_doctor_asks_and_changes_nothing() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    fake.configure(FLAG, "on", json!(true));
    let console = console(&fake);
    let (_, answer) = console.json("doctor");
    let told = answer.to_string();
    assert!(told.contains("the token may switch a flag off: LaunchDarkly would have taken it"), "{told}");
    fake.state().approvals = true;
    let (code, answer) = console.json("doctor");
    let told = answer.to_string();
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("the token may not switch a flag off") && told.contains("bypassRequiredApproval"), "{told}");
    assert_eq!(fake.state().flags[FLAG]["environments"]["production"]["on"], true);
    assert!(fake.state().log.len() == 1);
}

#[test]
fn a_rollback_reads_again_after_a_conflict_and_stops_at_an_approval() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    let console = console(&fake);
    fake.configure(FLAG, "on", json!(true));
    fake.state().approvals = true;
    let (code, answer) = console.json("rollback checkout");
    assert_eq!((code, &answer["changed"], fake.patches()), (6, &json!(false), 1), "{answer}");
    fake.state().approvals = false;
    for _ in 0..2 {
        fake.state().faults.push_back(Fault::Refuse(409, "optimistic_locking_error", Vec::new()));
    }
    let (code, answer) = console.json("rollback checkout");
    assert_eq!((code, &answer["changed"], fake.patches()), (0, &json!(true), 4), "{answer}");
    fake.state().faults.push_back(Fault::Refuse(409, "optimistic_locking_error", Vec::new()));
    let (code, answer) = console.json("advance checkout --yes --override gates,latch --reason test");
    assert_eq!((code, &answer["changed"], fake.patches()), (7, &json!(false), 5), "{answer}");
}
