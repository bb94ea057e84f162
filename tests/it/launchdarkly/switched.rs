//! What users get of a flag that is switched off, and what is told of it.

use super::desk::FLAG;
use super::fake::{Fake, Fault, flags};
use super::verbs::{console, hasty};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Makes a flag with these values that is on, and serves one of them to everybody.
fn words(values: &[&str], served: usize, off: &Value) -> Fake {
    let mut flag = flags::boolean(FLAG);
    flag["kind"] = json!("multivariate");
    flag["variations"] = values.iter().map(|value| json!({"_id": format!("id-{value}"), "value": value})).collect();
    let fake = Fake::with([flag]);
    fake.configure(FLAG, "offVariation", off.clone());
    fake.configure(FLAG, "fallthrough", json!({ "variation": served }));
    fake.configure(FLAG, "on", json!(true));
    fake
}

fn is_on(fake: &Fake) -> Value {
    fake.state().flags[FLAG]["environments"]["production"]["on"].clone()
}

#[test]
fn off_that_serves_what_all_have_is_no_zero() {
    for values in [&["new", "old", "x"][..], &["new"]] {
        let fake = words(values, 0, &json!(0));
        let console = console(&fake);
        let (code, answer) = console.json("rollback checkout -n");
        assert_eq!((code, &answer["changed"], is_on(&fake)), (1, &json!(false), json!(true)), "{answer}");
        assert!(answer["error"]["message"].to_string().contains("would not be at 0%"), "{answer}");
        for changed in [true, false] {
            let (code, answer) = console.json("rollback checkout");
            assert_eq!((code, &answer["changed"], is_on(&fake)), (1, &json!(changed), json!(false)), "{answer}");
            let told = answer["error"].to_string();
            assert!(told.contains("`checkout` is off, and that is no end of it"), "{answer}");
            assert!(told.contains("choose the variation without the feature as its off variation"), "{answer}");
        }
        let (_, answer) = console.json("status");
        assert_eq!(answer["flags"][0]["exposure"], Value::Null);
        let why = if values.len() == 1 { "its one variation is" } else { "nothing tells that this is without" };
        assert!(answer["flags"][0]["problems"].to_string().contains(why), "{answer}");
        assert!(console.json("doctor").1.to_string().contains("switching it off ends nothing"));
    }
    let fake = words(&["new", "old", "x"], 0, &json!(1));
    let (code, answer) = console(&fake).json("rollback checkout");
    assert_eq!((code, &answer["changes"][0]["to"]), (0, &json!(0)), "{answer}");
}

#[test]
fn off_that_serves_nothing_leaves_it_to_the_code() {
    let fake = words(&["new", "old"], 0, &Value::Null);
    let console = console(&fake);
    let (code, answer) = console.json("rollback checkout");
    assert_eq!((code, &answer["changed"], is_on(&fake)), (0, &json!(true), json!(false)), "{answer}");
    assert!(answer["changes"][0].to_string().contains("users get the default that their code hands over"), "{answer}");
    assert_eq!(console.json("log").1["entries"].as_array().unwrap().len(), 1);
    let (code, answer) = console.json("rollback checkout");
    assert_eq!((code, &answer["changed"], &answer["unchanged"][0]["exposure"]), (0, &json!(false), &json!(0)));

    let fake = Fake::with([flags::boolean(FLAG)]);
    fake.configure(FLAG, "on", json!(true));
    fake.configure(FLAG, "archived", json!(true));
    let (code, answer) = super::verbs::console(&fake).json("rollback checkout");
    assert_eq!((code, &answer["changes"][0]["to"], is_on(&fake)), (0, &json!(0), json!(false)), "{answer}");
    assert!(answer["changes"][0].to_string().contains("it is archived"), "{answer}");
    // Where an archived flag is changed no more.
    fake.configure(FLAG, "on", json!(true));
    fake.state().faults = (0..40).map(|_| Fault::Refuse(400, "archived", Vec::new())).collect();
    let (code, answer) = hasty(&fake).json("rollback checkout");
    assert_eq!((code, &answer["changed"]), (1, &json!(false)), "{answer}");
    assert!(answer["error"]["help"].to_string().contains("it hands out no archived flag"), "{answer}");
}

#[test]
fn another_off_variation_is_told() {
    for on in [true, false] {
        let fake = Fake::with([flags::boolean(FLAG)]);
        let console = console(&fake);
        fake.configure(FLAG, "offVariation", json!(0));
        fake.configure(FLAG, "on", json!(on));
        let dry = console.run("rollback checkout -n");
        assert!(dry.stdout.contains("- off variation: `true`\n+ off variation: `false`"), "{}", dry.stdout);
        let told = console.run("rollback checkout");
        let wanted = "its off variation is another now, made so by the rollback: `false`";
        assert!(told.code == Some(0) && told.stderr.contains(wanted), "{}{}", told.stdout, told.stderr);
        assert!(!console.run("plan checkout").stderr.contains(wanted));
    }
}

#[test]
fn nobody_gets_it_by_what_a_switch_would_let_through() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    let console = console(&fake);
    fake.configure(FLAG, "rules", json!([{"_id": "r", "clauses": [], "trackEvents": false, "variation": 0}]));
    let (code, answer) = console.json("advance checkout --yes --override gates --reason test");
    assert_eq!((code, &answer["changed"], fake.patches()), (3, &json!(false), 0), "{answer}");
    let why = "a targeting rule gives it to those who match";
    assert!(answer["error"]["message"].to_string().contains(why), "{answer}");
    for line in ["plan checkout", "status", "doctor", "check checkout"] {
        let told = console.run(line);
        assert!(format!("{}{}", told.stdout, told.stderr).contains(why), "{line}: {}{}", told.stdout, told.stderr);
    }
    assert_eq!(is_on(&fake), false);
}

#[test]
fn more_than_the_percentage_is_told_as_such() {
    let fake = Fake::with([flags::boolean(FLAG), flags::boolean("other")]);
    let shares = json!([{"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]);
    fake.configure(FLAG, "fallthrough", json!({"rollout": {"contextKind": "company", "variations": shares}}));
    fake.configure(FLAG, "on", json!(true));
    let (_, answer) = console(&fake).json("status");
    let [first, second] = [&answer["flags"][0], &answer["flags"][1]];
    assert_eq!((&first["exposure"], &first["exposure_at_least"]), (&Value::Null, &json!(25)), "{answer}");
    assert_eq!((&second["exposure"], second.get("exposure_at_least")), (&json!(0), None), "{answer}");
}

#[test]
fn what_it_serves_can_not_be_asked() {
    let fake = Fake::with([flags::boolean(FLAG)]);
    let console = console(&fake);
    fake.configure(FLAG, "on", json!(true));
    let began = Instant::now();
    let (code, answer) = console.json("rollback checkout --verify");
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert_eq!((code, &answer["changed"], &answer["verified"]), (1, &json!(true), &Value::Null), "{answer}");
    assert!(answer["error"].to_string().contains("LaunchDarkly can't be asked what it serves"), "{answer}");
    console.write("flagctl.toml", &(console.read("flagctl.toml") + "client-token-env = \"X\"\n"));
    let outcome = console.run("validate");
    assert!(outcome.code == Some(3) && outcome.stdout.contains("LaunchDarkly has no such token"), "{}", outcome.stdout);
}
