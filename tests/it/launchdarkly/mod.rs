//! LaunchDarkly, as its public specification has it: a fake that refuses what the specification refuses, LaunchDarkly's
//! own generated models over every document, and its own evaluator over the flags that come out.

mod answers;
mod dealt;
mod desk;
mod drills;
mod fake;
mod looking;
mod official;
mod refusals;
mod switched;
mod verbs;

use desk::{Desk, FLAG, name, wait};
use fake::contract::{PROJECT, TOKEN, call};
use fake::wire::Asked;
use fake::{Fake, Fault, flags, limited};
use flagctl::backend::remote::{Goal, Mark};
use flagctl::model::{Mode, Percent};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;

#[test]
fn up_and_down_is_one_patch_a_step() {
    let desk = Desk::new();
    assert_eq!(desk.exposure(), "0%");
    for percent in [5, 25, 50, 100] {
        assert_eq!(desk.up(percent).unwrap(), 1);
        assert_eq!(desk.exposure(), format!("{percent}%"));
        assert_eq!(desk.up(percent).unwrap(), 0);
    }
    assert_eq!(desk.down(25).unwrap(), 1);
    assert_eq!(desk.exposure(), "25%");
    assert_eq!(desk.down(0).unwrap(), 1);
    assert_eq!(
        (desk.exposure(), desk.read().stored),
        ("0%".into(), vec!["enabled: false".into(), "rollout: 25".into()])
    );
    assert_eq!(desk.down(0).unwrap(), 0);
    assert_eq!(desk.up(5).unwrap(), 1);
    assert_eq!((desk.exposure(), desk.fake.patches()), ("5%".into(), 7));
    // The other environment is as it was.
    let elsewhere = desk.fake.state().flags[FLAG]["environments"]["test"].clone();
    assert_eq!(elsewhere, flags::boolean(FLAG)["environments"]["test"]);
}

#[test]
fn a_rollback_ends_rules_targets_and_an_off_variation_that_is_on() {
    let desk = Desk::new();
    desk.up(5).unwrap();
    desk.fake.configure(FLAG, "targets", json!([{"values": ["ann"], "variation": 0, "contextKind": "user"}]));
    desk.fake.configure(FLAG, "offVariation", json!(0));
    assert_eq!(desk.exposure(), "at least 5%");
    assert_eq!(desk.down(0).unwrap(), 1);
    assert_eq!(desk.exposure(), "0%");
    assert_eq!(desk.fake.state().flags[FLAG]["environments"]["production"]["offVariation"], 1);
    desk.fake.configure(FLAG, "offVariation", json!(0));
    assert_eq!(desk.exposure(), "100%");
    assert_eq!(desk.down(0).unwrap(), 1);
    assert_eq!(desk.exposure(), "0%");
}

#[test]
fn users_are_hashed_as_they_were() {
    let desk = Desk::new();
    let shares = json!([{"variation": 0, "weight": 5_000}, {"variation": 1, "weight": 95_000}]);
    let rollout = json!({"contextKind": "company", "bucketBy": "region", "variations": shares});
    desk.fake.configure(FLAG, "fallthrough", json!({ "rollout": rollout }));
    desk.fake.configure(FLAG, "on", json!(true));
    // Who has no region gets it too: that is none of the steps between.
    let error = desk.up(25).unwrap_err();
    assert_eq!((error.exit.code(), desk.exposure().as_str()), (3, "at least 5%"), "{error}");
    for percent in [100, 50] {
        let moved = if percent == 50 { desk.down(percent) } else { desk.up(percent) };
        assert_eq!(moved.unwrap(), 1);
        let there = desk.read().answer["environments"]["production"]["fallthrough"]["rollout"].clone();
        assert_eq!((&there["contextKind"], &there["bucketBy"]), (&json!("company"), &json!("region")), "{there}");
    }
    desk.fake.configure(FLAG, "fallthrough", json!({"rollout": {"seed": 7, "variations": shares}}));
    assert_eq!(desk.up(25).unwrap_err().exit.code(), 3);
    let patches = desk.fake.patches();
    assert_eq!(desk.down(1).unwrap_err().exit.code(), 3);
    assert_eq!(desk.fake.patches(), patches);
    assert_eq!(desk.down(0).unwrap(), 1);
}

#[test]
fn a_lost_answer_is_read_and_not_guessed() {
    for fault in [Fault::LoseAnswer, Fault::LoseRequest, Fault::Answer(502, "<html>"), Fault::Answer(503, "")] {
        for down in [false, true] {
            let desk = Desk::new();
            desk.up(25).unwrap();
            desk.fake.state().faults.push_back(fault.clone());
            let (moved, wanted) = if down { (desk.down(0), "0%") } else { (desk.up(50), "50%") };
            assert_eq!(moved.unwrap(), if matches!(fault, Fault::LoseAnswer) { 1 } else { 2 }, "{fault:?}");
            assert_eq!(desk.exposure(), wanted, "{fault:?}");
        }
    }
}

#[test]
fn a_limit_is_waited_for_where_there_is_time() {
    let desk = Desk::new();
    desk.fake.state().faults.push_back(limited(Duration::from_millis(300)));
    desk.fake.state().blind.push_back(limited(Duration::from_millis(300)));
    assert_eq!(desk.up(5).unwrap(), 1);
    assert_eq!(desk.exposure(), "5%");
    desk.fake.state().faults.push_back(limited(Duration::from_secs(3600)));
    let error = desk.refused();
    assert_eq!((error.exit.code(), error.changed), (1, Some(false)));
    assert!(error.help[0].starts_with("too many requests by this account: try again in 36"), "{error:?}");
    desk.fake.state().faults.push_back(Fault::Refuse(429, "rate_limited", vec![("Retry-After", "1".into())]));
    assert_eq!(desk.down(0).unwrap(), 1);
}

#[test]
fn a_rehearsal_changes_nothing() {
    let desk = Desk::new();
    let goal = Goal { rollout: Percent::from_whole(5).unwrap(), enabled: Some(true), mode: Mode::Careful };
    let write = desk.backend.next(&desk.read(), &goal).unwrap().unwrap();
    desk.backend.rehearse(&write, &wait()).unwrap().unwrap();
    assert_eq!(desk.exposure(), "0%");
    desk.fake.state().approvals = true;
    let error = desk.backend.rehearse(&write, &wait()).unwrap().unwrap_err();
    assert_eq!((error.exit.code(), error.changed), (6, Some(false)));
    desk.fake.state().faults.push_back(Fault::Answer(502, ""));
    let error = desk.backend.rehearse(&write, &wait()).unwrap().unwrap_err();
    assert_eq!((error.exit.code(), error.changed), (1, Some(false)));
}

#[test]
fn a_list_is_read_page_by_page() {
    let all = (0..250).map(|number| flags::boolean(&format!("flag-{number:03}")));
    let desk = Desk::at(Fake::with(all), PROJECT, "production", TOKEN);
    let rule = json!([{"_id": "r", "clauses": [], "trackEvents": false, "variation": 0}]);
    desk.fake.configure("flag-149", "rules", rule);
    desk.fake.configure("flag-149", "on", json!(true));
    let names = desk.backend.list(&wait()).unwrap();
    assert_eq!((names.len(), names[249].flag.name.as_str()), (250, "flag-249"));
    assert_eq!(desk.fake.state().asked.len(), 3);
    // A summary would hide what stands beside the percentage.
    assert_eq!(names[149].flag.exposure().to_string(), "100%");
    assert!(names[149].flag.beside.is_some());
    let nobody = Desk::at(Fake::with([]), PROJECT, "production", TOKEN);
    assert!(nobody.backend.list(&wait()).unwrap().is_empty());
}

#[test]
fn writers_are_told_oldest_first() {
    let desk = Desk::new();
    let mark = desk.read().mark;
    for percent in [5, 25, 50] {
        desk.up(percent).unwrap();
        desk.fake.configure(FLAG, "rules", json!([]));
    }
    let told = |mark: &Mark| -> Vec<String> {
        let writers = desk.backend.writers(&name(FLAG), mark, &wait()).unwrap();
        writers.iter().map(|writer| format!("{} {}", writer.name, writer.what)).collect()
    };
    let writers = told(&mark);
    assert_eq!((writers.len(), writers[0].as_str()), (6, "flagctl@example.com updateFallthrough, updateOn"));
    assert_eq!(writers[5], "ann@example.com updateRules");
    assert_eq!(told(&desk.read().mark), Vec::<String>::new());
    for _ in 0..40 {
        desk.fake.configure(FLAG, "rules", json!([]));
    }
    assert_eq!((told(&mark).len(), told(&Mark::default()).len()), (46, 20));
}

/// Its log may tell of a change with a later time than the flag has, and of several for one patch.
#[test]
fn our_own_writes_are_told_from_those_of_others() {
    let desk = Desk::new();
    desk.fake.state().late = 1;
    let ours = |desk: &Desk, mark: &Mark| -> Vec<Option<bool>> {
        let writers = desk.backend.writers(&name(FLAG), mark, &wait()).unwrap();
        writers.iter().map(|writer| writer.ours).collect()
    };
    desk.up(5).unwrap();
    let mark = desk.read().mark;
    // What the flag was read with is nothing that was written since.
    assert_eq!(ours(&desk, &mark), []);
    desk.fake.configure(FLAG, "rules", json!([]));
    // What has no comment is nobody's for sure, where ours is not seen either.
    assert_eq!(ours(&desk, &mark), [None]);
    desk.up(25).unwrap();
    assert_eq!(ours(&desk, &mark), [Some(false), Some(true)]);
    // Another run of flagctl is another writer.
    let comment = desk.fake.state().log.last().unwrap()["comment"].as_str().unwrap().to_owned();
    assert!(comment.starts_with("flagctl advance 5 → 25 ["), "{comment}");
    desk.fake.state().log.last_mut().unwrap()["comment"] = json!("flagctl advance 5 → 25 [000000]");
    assert_eq!(ours(&desk, &mark), [None, Some(false)]);
}

#[test]
fn a_declared_flag_is_off_and_on_nobody() {
    let desk = Desk::new();
    for write in desk.backend.declare(&name("new-flag"), "What it is for") {
        desk.backend.send(&write, &wait()).unwrap();
    }
    let seen = desk.backend.read(&name("new-flag"), &wait()).unwrap();
    assert_eq!(seen.stored, ["enabled: false", "rollout: 0"]);
    assert_eq!(seen.flag.description.as_deref(), Some("What it is for"));
    let again = &desk.backend.declare(&name("new-flag"), "")[0];
    let error = desk.backend.send(again, &wait()).unwrap_err();
    assert_eq!((error.exit.code(), error.changed), (2, Some(false)));
}

#[test]
fn the_token_is_told_nowhere() {
    let desk = Desk::new();
    desk.up(5).unwrap();
    desk.fake.state().faults.push_back(Fault::Answer(400, "{\"message\":\"no api-0000-secret\"}"));
    let _ = desk.refused();
    let told = desk.told.lock().unwrap().join("\n");
    assert!(told.contains("PATCH") && told.contains("turnFlagOff"), "{told}");
    desk.plain(&told);
}

/// The fake itself: what the specification refuses, it refuses.
#[test]
fn the_fake_takes_nothing_else() {
    let path = "/api/v2/flags/shop/checkout";
    let semantic = "application/json; domain-model=launchdarkly.semanticpatch";
    let asked = |body: &Value| Asked {
        method: "PATCH".into(),
        path: path.into(),
        query: HashMap::new(),
        headers: [("authorization", TOKEN), ("ld-api-version", "20240415"), ("content-type", semantic)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        body: body.to_string(),
    };
    let body = |instruction: Value| json!({"environmentKey": "production", "instructions": [instruction]});
    let off = body(json!({"kind": "turnFlagOff"}));
    assert!(call(&asked(&off)).is_ok());
    let weights =
        |weights: Value| body(json!({"kind": "updateFallthroughVariationOrRollout", "rolloutWeights": weights}));
    assert!(call(&asked(&weights(json!({"a": 25_000, "b": 75_000})))).is_ok());
    for wrong in [
        json!({"instructions": [{"kind": "turnFlagOff"}]}),
        json!({"environmentKey": "production", "instructions": []}),
        json!({"environmentKey": "production", "instructions": [{"kind": "turnFlagOff"}], "ignoreConflicts": true}),
        body(json!({"kind": "turnOff"})),
        body(json!({"kind": "turnFlagOff", "value": 1})),
        body(json!({"kind": "updateOffVariation"})),
        body(json!({"kind": "updateFallthroughVariationOrRollout"})),
        body(
            json!({"kind": "updateFallthroughVariationOrRollout", "variationId": "a", "rolloutWeights": {"a": 100_000}}),
        ),
        weights(json!({"a": 25_000, "b": 75_001})),
        weights(json!({"a": 25.5, "b": 74.5})),
        weights(json!({"a": "100000"})),
        weights(json!({"a": -1, "b": 100_001})),
    ] {
        assert_eq!(call(&asked(&wrong)).unwrap_err().0, 400, "{wrong}");
    }
    let unknown = weights(json!({"checkout-t": 25_000, "b": 75_000}));
    assert!(call(&asked(&unknown)).is_ok());
    assert_eq!(flags::patched(&flags::boolean(FLAG), &unknown, 1).unwrap_err().0, 400);
    for (header, value, status) in [
        ("authorization", "Bearer api-0000-secret", 401),
        ("authorization", "", 401),
        ("ld-api-version", "20220603", 400),
        ("content-type", "application/json", 400),
    ] {
        let mut asked = asked(&off);
        asked.headers.insert(header.to_owned(), value.to_owned());
        assert_eq!(call(&asked).unwrap_err().0, status, "{header}: {value}");
    }
    for (key, value) in [("dryRun", "yes"), ("force", "true"), ("ignoreConflicts", "true")] {
        let mut asked = asked(&off);
        asked.query.insert(key.to_owned(), value.to_owned());
        assert_eq!(call(&asked).unwrap_err().0, 400, "{key}");
    }
    assert_eq!(call(&Asked { path: "/api/v2/flags/other/checkout".into(), ..asked(&off) }).unwrap_err().0, 404);
    assert_eq!(call(&Asked { path: "/api/v2/flag/shop/checkout".into(), ..asked(&off) }).unwrap_err().0, 404);
}
