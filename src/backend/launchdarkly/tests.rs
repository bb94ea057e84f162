//! What a flag means, and what is sent for it, over answers as LaunchDarkly's are.

use super::patch::{declare, next};
use super::place::Place;
use super::sight::seen;
use crate::backend::remote::{Goal, Seen, Write};
use crate::model::{FlagName, Mode, Percent};
use serde_json::{Value, json};

const PLACE: Place<'static> = Place { project: "shop", environment: "production" };

/// A boolean flag whose environment is changed by `there`, and itself by `own`.
fn flag(there: &Value, own: &Value) -> Value {
    let mut environment = json!({
        "on": true, "archived": false, "salt": "s", "sel": "x", "lastModified": 1_700_000_000_000_i64, "version": 3,
        "targets": [], "contextTargets": null, "rules": [], "prerequisites": [], "offVariation": 1,
        "fallthrough": {"rollout": {"contextKind": "user", "variations": [
            {"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]}},
    });
    let mut flag = json!({
        "key": "checkout", "name": "Checkout", "kind": "boolean", "archived": false, "temporary": true,
        "variations": [{"_id": "t", "value": true}, {"_id": "f", "value": false}],
    });
    let merge = |into: &mut Value, from: &Value| {
        let object = into.as_object_mut().unwrap();
        for (key, value) in from.as_object().unwrap() {
            object.insert(key.clone(), value.clone());
        }
    };
    merge(&mut environment, there);
    merge(&mut flag, own);
    flag["environments"] = json!({ "production": environment });
    flag
}

fn look(there: &Value, own: &Value) -> Seen {
    seen(flag(there, own), "production").unwrap()
}

fn exposure(there: &Value, own: &Value) -> String {
    let exposure = look(there, own).flag.exposure();
    exposure.doubt().map_or_else(|| exposure.to_string(), |why| format!("{exposure}: {why}"))
}

fn goal(percent: u32, enabled: Option<bool>, mode: Mode) -> Goal {
    Goal { rollout: Percent::from_whole(percent).unwrap(), enabled, mode }
}

/// What a write does and sends, on one line each; or why there is none.
fn told(outcome: crate::error::Result<Option<Write>>) -> String {
    match outcome {
        Ok(None) => "nothing".to_owned(),
        Ok(Some(write)) => {
            assert_eq!((write.path.as_str(), write.tidying), ("/api/v2/flags/shop/checkout", false));
            assert_eq!(write.body["environmentKey"], "production");
            format!("{} | {} | {}", write.what, write.body["comment"].as_str().unwrap(), write.body["instructions"])
        }
        Err(error) => format!("{}: {error}", error.exit.code()),
    }
}

fn down(percent: u32, there: &Value, own: &Value) -> String {
    let enabled = (percent == 0).then_some(false);
    told(next(PLACE, &look(there, own), &goal(percent, enabled, Mode::Urgent)))
}

fn up(percent: u32, there: &Value, own: &Value) -> String {
    told(next(PLACE, &look(there, own), &goal(percent, Some(true), Mode::Careful)))
}

fn weights(pairs: &[(usize, u64)]) -> Value {
    let variations: Vec<_> = pairs.iter().map(|(at, weight)| json!({"variation": at, "weight": weight})).collect();
    json!({"fallthrough": {"rollout": {"variations": variations}}})
}

fn three() -> Value {
    json!({"kind": "multivariate", "variations": [{"_id": "a", "value": "a"}, {"_id": "b", "value": "b"}, {"_id": "c", "value": "c"}]})
}

#[test]
fn the_percentage_is_the_weight_of_the_variation_that_is_on() {
    let none = json!({});
    let words =
        json!({"kind": "multivariate", "variations": [{"_id": "o", "value": "old"}, {"_id": "n", "value": "new"}]});
    let turned = json!({"variations": [{"_id": "f", "value": false}, {"_id": "t", "value": true}]});
    for (there, own, told) in [
        (&none, &none, "25%"),
        (&json!({"on": false}), &none, "0%"),
        (&json!({"fallthrough": {"variation": 0}}), &none, "100%"),
        (&json!({"fallthrough": {"variation": 1}}), &none, "0%"),
        (&none, &turned, "75%"),
        (&json!({"offVariation": 0}), &turned, "75%"),
        (&json!({"offVariation": 0}), &words, "75%"),
        (&none, &words, "25%"),
        (&weights(&[(0, 125), (1, 99_875)]), &none, "0.125%"),
        (&weights(&[(1, 99_000), (0, 1_000)]), &none, "1%"),
        (&weights(&[(0, 1), (1, 2)]), &none, "unknown: the weights of its variations sum up to 3 instead of 100000"),
        (&weights(&[(0, 1), (7, 99_999)]), &none, "unknown: its weights are of variations that it doesn't have"),
        (&json!({"fallthrough": {}}), &none, "unknown: its default rule serves nothing that is known"),
        (&none, &three(), "unknown: it has 3 variations, and no one percentage"),
        (&json!({"on": false}), &three(), "0%"),
    ] {
        assert_eq!(exposure(there, own), told, "{there} {own}");
    }
}

#[test]
fn off_is_nobody_only_where_it_serves_the_safe_variation() {
    let none = json!({});
    let reversed = json!({"on": false, "offVariation": 0});
    assert_eq!(exposure(&reversed, &none), "100%");
    let seen = look(&reversed, &none);
    assert_eq!(seen.findings, ["its off variation is `true`: when it is off, everybody gets the feature"]);
    assert_eq!(seen.held_back.unwrap(), "is off and serves `true` to everybody while it is");
    assert_eq!(seen.stored, ["enabled: false", "rollout: 25", "off variation: `true`"]);
    for off in [json!({"on": false, "offVariation": null}), json!({"on": false, "offVariation": 9})] {
        assert_eq!(
            exposure(&off, &none),
            "unknown: it is off and has no off variation: the default in the code decides"
        );
    }
    assert_eq!(
        exposure(&json!({}), &json!({"archived": true})),
        "unknown: it is archived: the default in the code decides"
    );
    assert_eq!(
        look(&json!({"offVariation": null}), &none).findings,
        ["it has no off variation: when it is off, users would get whatever default their code has"]
    );
}

#[test]
fn what_stands_beside_the_percentage_is_told() {
    let none = json!({});
    let target = |variation: u64| json!([{"values": ["ann"], "variation": variation, "contextKind": "user"}]);
    let rule = |serving: Value| {
        let mut rule = json!({"_id": "r", "clauses": [], "trackEvents": false});
        rule.as_object_mut().unwrap().extend(serving.as_object().unwrap().clone());
        json!([rule])
    };
    for (there, told) in [
        (json!({"targets": [{"values": [], "variation": 1}], "contextTargets": []}), "25%"),
        (json!({"targets": target(0)}), "at least 25%: individual targets get it anyway"),
        (json!({"contextTargets": target(0)}), "at least 25%: individual targets get it anyway"),
        (json!({"targets": target(0), "fallthrough": {"variation": 0}}), "100%"),
        (
            json!({"targets": target(1), "fallthrough": {"variation": 0}}),
            "unknown: individual targets are kept from it",
        ),
        (json!({"rules": rule(json!({"variation": 0}))}), "at least 25%: a targeting rule gives it to those who match"),
        (
            json!({"rules": rule(json!({"variation": 0})), "targets": target(0)}),
            "at least 25%: individual targets and a targeting rule get it anyway",
        ),
        (json!({"rules": rule(json!({"variation": 1}))}), "unknown: a targeting rule decides for those who match it"),
        (json!({"rules": rule(json!({"variation": 1, "disabled": true}))}), "25%"),
        (
            json!({"rules": rule(json!({"rollout": {"variations": [{"variation": 0, "weight": 100_000}]}}))}),
            "unknown: a targeting rule decides for those who match it",
        ),
        (
            json!({"prerequisites": [{"key": "base\u{1b}", "variation": 0}]}),
            "unknown: it needs the flag `base\\u{1b}` too",
        ),
        (json!({"prerequisites": [{"key": "base", "variation": 0}], "on": false}), "0%"),
    ] {
        assert_eq!(exposure(&there, &none), told, "{there}");
    }
}

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
    assert_eq!(
        down(10, &with("seed", json!(61)), &none),
        "give `true` to 10%, ending the `seed` of its percentage: others than before may be among the 10% | flagctl rollback 25 → 10 | [{\"kind\":\"updateFallthroughVariationOrRollout\",\"rolloutWeights\":{\"t\":10000,\"f\":90000}}]"
    );
}

#[test]
fn up_is_the_weights_and_the_switch_in_one_patch() {
    let none = json!({});
    let of = |share: u64, rest: u64| {
        format!(
            "{{\"kind\":\"updateFallthroughVariationOrRollout\",\"rolloutContextKind\":\"user\",\"rolloutWeights\":{{\"t\":{share},\"f\":{rest}}}}}"
        )
    };
    assert_eq!(up(25, &none, &none), "nothing");
    assert_eq!(
        up(50, &none, &none),
        format!("give `true` to 50% | flagctl advance 25 → 50 | [{}]", of(50_000, 50_000))
    );
    assert_eq!(
        up(5, &json!({"on": false}), &none),
        format!(
            "give `true` to 5%, switch the flag on | flagctl advance 0 → 5 | [{},{{\"kind\":\"turnFlagOn\"}}]",
            of(5_000, 95_000)
        )
    );
    assert_eq!(
        up(25, &json!({"on": false}), &none),
        "switch the flag on | flagctl advance 0 → 25 | [{\"kind\":\"turnFlagOn\"}]"
    );
    assert_eq!(
        up(100, &none, &none),
        "give `true` to 100% | flagctl advance 25 → 100 | [{\"kind\":\"updateFallthroughVariationOrRollout\",\"variationId\":\"t\"}]"
    );
    let companies = json!({"fallthrough": {"rollout": {"contextKind": "company", "bucketBy": "region", "variations": [
        {"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]}}});
    assert_eq!(
        up(100, &companies, &none),
        "give `true` to 100% | flagctl advance 25 → 100 | [{\"kind\":\"updateFallthroughVariationOrRollout\",\"rolloutContextKind\":\"company\",\"rolloutBucketBy\":\"region\",\"rolloutWeights\":{\"t\":100000,\"f\":0}}]"
    );
    assert_eq!(
        look(&companies, &none).findings,
        ["its percentage is one of `company` by `region`: whoever has none gets `true`"]
    );
    assert_eq!(
        up(50, &json!({"prerequisites": [{"key": "base", "variation": 0}]}), &none),
        "3: `checkout` can't be moved by one percentage: it needs the flag `base` too"
    );
    let nameless = json!({"variations": [{"value": true}, {"value": false}]});
    assert_eq!(up(50, &none, &nameless), "1: LaunchDarkly answers `true` without the id that a change needs");
}

#[test]
fn down_to_nobody_is_the_switch_alone() {
    let none = json!({});
    let off = "switch the flag off | flagctl rollback 25 → 0 | [{\"kind\":\"turnFlagOff\"}]";
    assert_eq!(down(0, &none, &none), off);
    assert_eq!(down(0, &json!({"on": false}), &none), "nothing");
    // Whatever else holds a flag back holds no rollback back.
    let unknown = "switch the flag off | flagctl rollback to 0 | [{\"kind\":\"turnFlagOff\"}]";
    for (there, own) in [
        (none.clone(), three()),
        (none.clone(), json!({"archived": true})),
        (json!({"prerequisites": [{"key": "base", "variation": 0}]}), none.clone()),
        (json!({"fallthrough": null}), none.clone()),
        (json!({"offVariation": null}), three()),
    ] {
        assert_eq!(down(0, &there, &own), unknown, "{there} {own}");
    }
    assert_eq!(down(0, &none, &json!({"deprecated": true})), off);
    for (there, what, instructions) in [
        (
            json!({"offVariation": 0}),
            "make `false` what everybody gets when it is off, instead of `true`, switch the flag off | flagctl rollback 25 → 0",
            2,
        ),
        (
            json!({"offVariation": 0, "on": false}),
            "make `false` what everybody gets when it is off, instead of `true` | flagctl rollback 100 → 0",
            1,
        ),
        (
            json!({"offVariation": null}),
            "make `false` what everybody gets when it is off, instead of the default in the code, switch the flag off | flagctl rollback 25 → 0",
            2,
        ),
    ] {
        let sent = ["{\"kind\":\"updateOffVariation\",\"variationId\":\"f\"}", "{\"kind\":\"turnFlagOff\"}"];
        assert_eq!(down(0, &there, &none), format!("{what} | [{}]", sent[..instructions].join(",")));
    }
}

#[test]
fn down_to_a_share_is_the_weights_alone_and_never_up() {
    let none = json!({});
    let to = |share: u64, rest: u64| {
        format!(
            "[{{\"kind\":\"updateFallthroughVariationOrRollout\",\"rolloutContextKind\":\"user\",\"rolloutWeights\":{{\"t\":{share},\"f\":{rest}}}}}]"
        )
    };
    assert_eq!(down(5, &none, &none), format!("give `true` to 5% | flagctl rollback 25 → 5 | {}", to(5_000, 95_000)));
    assert_eq!(down(25, &none, &none), "nothing");
    assert_eq!(down(50, &none, &none), "nothing");
    assert_eq!(down(5, &json!({"on": false}), &none), "nothing");
    assert_eq!(
        down(50, &json!({"fallthrough": {"variation": 0}}), &none),
        "give `true` to 50% | flagctl rollback 100 → 50 | [{\"kind\":\"updateFallthroughVariationOrRollout\",\"rolloutWeights\":{\"t\":50000,\"f\":50000}}]"
    );
    assert_eq!(
        down(5, &none, &three()),
        "3: `checkout` can't be rolled back to 5%: it has 3 variations, and no one percentage"
    );
    assert_eq!(
        down(5, &json!({"on": false, "offVariation": 0}), &none),
        "3: `checkout` can't be rolled back to 5%: it is off, and off does not mean nobody"
    );
}

#[test]
fn an_answer_that_is_none_is_told() {
    let told = |answer: Value| seen(answer, "production").unwrap_err();
    assert_eq!(told(json!({"key": "x"})).exit.code(), 1);
    let elsewhere = json!({"key": "x", "variations": [], "environments": {"test": {}}});
    assert_eq!(told(elsewhere).exit.code(), 1);
    let nowhere = told(json!({"key": "x\u{7}", "variations": []}));
    assert_eq!(
        (nowhere.exit.code(), nowhere.message.as_str()),
        (2, "LaunchDarkly answers the flag `x\\u{7}` without an environment `production`")
    );
}

#[test]
fn a_declared_flag_begins_with_nobody() {
    let place = Place { project: "shop", environment: "a/b" };
    let writes = declare(place, &FlagName::new("new_flag").unwrap(), "What it is for");
    assert_eq!(writes.len(), 2);
    assert_eq!(writes[0].path, "/api/v2/flags/shop");
    assert_eq!(writes[0].body["defaults"], json!({"onVariation": 0, "offVariation": 1}));
    assert_eq!(writes[1].path, "/api/v2/flags/shop/new_flag");
    assert_eq!(writes[1].body["patch"][0]["path"], "/environments/a~1b/fallthrough");
}
