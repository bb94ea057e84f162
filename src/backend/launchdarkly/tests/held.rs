//! What holds a flag back.

use super::{down, exposure, look, three, up, weights};
use serde_json::{Value, json};

#[test]
fn what_a_change_of_the_weights_would_lose_holds_back() {
    let with = |key: &str, value: Value| {
        let mut there = weights(&[(0, 25_000), (1, 75_000)]);
        there["fallthrough"]["rollout"][key] = value;
        there
    };
    let none = json!({});
    for (there, own, why) in [
        (
            with("experimentAllocation", json!({"defaultVariation": 1, "canReshuffle": true})),
            &none,
            "would lose its experiment: end that in LaunchDarkly first",
        ),
        (
            with("experimentAllocation", json!({"type": "measuredRollout"})),
            &none,
            "would lose its guarded rollout: end that in LaunchDarkly first",
        ),
        (with("kind", json!("experiment")), &none, "would lose its experiment: end that in LaunchDarkly first"),
        (with("seed", json!(61)), &none, "would lose the `seed` of its percentage: end that in LaunchDarkly first"),
        (
            with("progressiveRollout", json!({"steps": []})),
            &none,
            "would lose the `progressiveRollout` of its percentage: end that in LaunchDarkly first",
        ),
        (none.clone(), &json!({"archived": true}), "is archived"),
        (none.clone(), &json!({"deprecated": true}), "is deprecated"),
        (
            none.clone(),
            &json!({"_purpose": "migration"}),
            "is made for a migration in LaunchDarkly, which moves it by rules of its own",
        ),
        (none.clone(), &three(), "can't be moved by one percentage: it has 3 variations, and no one percentage"),
    ] {
        assert_eq!(look(&there, own).held_back.as_deref(), Some(why), "{there} {own}");
        assert_eq!(up(50, &there, own), format!("3: `checkout` {why}"));
    }
    for there in [with("kind", json!("rollout")), with("experimentAllocation", Value::Null), with("seed", Value::Null)]
    {
        assert_eq!(look(&there, &none).held_back, None, "{there}");
    }
    for (key, value, lost) in [
        ("seed", json!(61), "the `seed` of its percentage"),
        ("experimentAllocation", json!({"defaultVariation": 1, "canReshuffle": false}), "its experiment"),
    ] {
        let why = format!("it would lose {lost}: end that in LaunchDarkly first");
        assert_eq!(down(10, &with(key, value), &none), format!("3: `checkout` can't be rolled back to 10%: {why}"));
    }
}

#[test]
fn what_would_stand_beside_the_percentage_holds_a_flag_back_that_is_off() {
    let none = json!({});
    let rule = |variation: u64| json!([{"_id": "r", "clauses": [], "trackEvents": false, "variation": variation}]);
    let target = |variation: u64| json!([{"values": ["ann"], "variation": variation, "contextKind": "user"}]);
    for (mut there, why) in [
        (json!({"rules": rule(0)}), "a targeting rule gives it to those who match"),
        (json!({"rules": rule(1)}), "a targeting rule decides for those who match it"),
        (json!({"targets": target(0)}), "individual targets get it anyway"),
        (json!({"contextTargets": target(1)}), "individual targets are kept from it"),
        (json!({"prerequisites": [{"key": "base", "variation": 0}]}), "it needs the flag `base` too"),
    ] {
        there["on"] = json!(false);
        let seen = look(&there, &none);
        assert_eq!((seen.flag.exposure().to_string(), seen.findings.len()), ("0%".to_owned(), 0));
        assert_eq!(seen.held_back.unwrap(), format!("would not be one percentage once it is on: {why}"), "{there}");
        assert_eq!(up(5, &there, &none), format!("3: `checkout` would not be at 5%: {why}"));
        assert_eq!(down(0, &there, &none), "nothing");
    }
    // At 100% more than the percentage makes no difference; fewer do.
    let all = json!({"on": false, "fallthrough": {"variation": 0}, "targets": target(0)});
    assert_eq!(up(100, &all, &none), "switch the flag on | flagctl advance 0 → 100 | [{\"kind\":\"turnFlagOn\"}]");
    let few = json!({"on": false, "fallthrough": {"variation": 0}, "targets": target(1)});
    assert_eq!(up(100, &few, &none), "3: `checkout` would not be at 100%: individual targets are kept from it");
    let odd = json!({"on": false, "fallthrough": {}});
    let why = "would not be one percentage once it is on: its default rule serves nothing that is known";
    assert_eq!(look(&odd, &none).held_back.as_deref(), Some(why));
}

#[test]
fn what_may_move_it_by_itself_holds_it_back() {
    let none = json!({});
    let shares = json!([{"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]);
    let beside = |key: &str, value: Value| {
        let mut fallthrough = json!({"rollout": {"variations": shares}});
        fallthrough[key] = value;
        json!({ "fallthrough": fallthrough })
    };
    let within = |key: &str, value: Value| {
        let mut shares = shares.clone();
        shares[1][key] = value;
        json!({"fallthrough": {"rollout": {"variations": shares}}})
    };
    let item = json!({"experiments": {"baselineIdx": 0, "items": [{"metricKey": "m"}]}});
    for (there, own, what) in [
        (
            beside("progressiveRolloutConfig", json!({"x": 1})),
            &none,
            "the `progressiveRolloutConfig` of its default rule",
        ),
        (beside("guarded", json!("id")), &none, "the `guarded` of its default rule"),
        (within("zz", json!(1)), &none, "the `zz` of its weights"),
        (within("_untracked", json!(true)), &none, "an experiment"),
        (json!({"measuredRollout": {"status": "monitoring"}}), &none, "the `measuredRollout` of its environment"),
        (json!({"guardedRolloutId": "7"}), &none, "the `guardedRolloutId` of its environment"),
        (json!({"migrationSettings": {"checkRatio": 1}}), &none, "the `migrationSettings` of its environment"),
        (none.clone(), &item, "an experiment"),
        (none.clone(), &json!({"migrationSettings": {"stageCount": 2}}), "`migrationSettings`"),
    ] {
        let why = format!("has {what}, by which LaunchDarkly may move it: end that in LaunchDarkly first");
        assert_eq!(look(&there, own).held_back.as_deref(), Some(why.as_str()), "{there} {own}");
        assert_eq!(up(50, &there, own), format!("3: `checkout` {why}"));
        assert_eq!(down(5, &there, own), format!("3: `checkout` can't be rolled back to 5%: it {why}"));
        assert!(down(0, &there, own).starts_with("switch the flag off"));
    }
    for there in [
        beside("progressiveRolloutConfig", Value::Null),
        within("_untracked", json!(false)),
        json!({"migrationSettings": {}, "evaluation": {"contextKinds": ["user"]}, "newCount": 7, "_access": {"denied": []}}),
    ] {
        assert_eq!(look(&there, &none).held_back, None, "{there}");
    }
}

#[test]
fn weights_out_of_order_would_choose_others() {
    let none = json!({});
    let turned = json!({"variations": [{"_id": "f", "value": false}, {"_id": "t", "value": true}]});
    let why = "has its weights in another order than its variations: a change of them would choose other users";
    for (there, own) in [
        (weights(&[(1, 75_000), (0, 25_000)]), &none),
        (weights(&[(1, 75_000), (0, 25_000)]), &turned),
        (weights(&[(0, 10_000), (1, 75_000), (0, 15_000)]), &none),
    ] {
        assert_eq!(look(&there, own).held_back.as_deref(), Some(why), "{there}");
        assert_eq!(up(90, &there, own), format!("3: `checkout` {why}"));
        assert_eq!(down(5, &there, own), format!("3: `checkout` can't be rolled back to 5%: it {why}"));
    }
    for (there, own) in [
        (weights(&[(0, 75_000), (1, 25_000)]), &turned),
        (weights(&[(1, 100_000), (0, 0)]), &none),
        (weights(&[(1, 0), (0, 25_000), (1, 75_000)]), &none),
    ] {
        assert_eq!(look(&there, own).held_back, None, "{there}");
    }
}

#[test]
fn a_percentage_of_another_kind_is_none_of_all_users() {
    let none = json!({});
    let turned = json!({"variations": [{"_id": "f", "value": false}, {"_id": "t", "value": true}]});
    let of = |on: bool, first: u64| {
        let shares = json!([{"variation": 0, "weight": first}, {"variation": 1, "weight": 100_000 - first}]);
        let rollout = json!({"contextKind": "company", "bucketBy": "region", "variations": shares});
        json!({"on": on, "offVariation": 1, "fallthrough": {"rollout": rollout}})
    };
    let why = "it is a percentage of `company` by `region`, and whoever has none gets it anyway";
    assert_eq!(exposure(&of(true, 25_000), &none), format!("at least 25%: {why}"));
    assert_eq!(exposure(&of(true, 0), &none), "0%");
    assert_eq!(exposure(&of(true, 100_000), &none), "100%");
    assert_eq!(up(5, &of(true, 0), &none), format!("3: `checkout` would not be at 5%: {why}"));
    assert_eq!(
        look(&of(true, 0), &none).held_back.unwrap(),
        format!("would not be one percentage of all users: {why}")
    );
    let off = look(&of(false, 25_000), &none);
    assert_eq!(off.findings, Vec::<String>::new());
    assert_eq!(off.held_back.unwrap(), format!("would not be one percentage once it is on: {why}"));
    // Where they get the other variation, it is at most the percentage.
    let mut safe = of(true, 75_000);
    safe["offVariation"] = json!(0);
    let seen = look(&safe, &turned);
    assert_eq!((seen.flag.exposure().to_string(), seen.held_back), ("25%".to_owned(), None));
    assert_eq!(seen.findings, ["its percentage is one of `company` by `region`: whoever has none gets `false`"]);
}
