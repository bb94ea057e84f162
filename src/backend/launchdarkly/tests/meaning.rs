//! What a flag means.

use super::{down, exposure, look, three, up, weights};
use crate::backend::launchdarkly::sight::seen;
use serde_json::{Value, json};

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
        assert_eq!(exposure(&off, &none), "0%");
        let code = "the default that their code hands over, which counts as being without the feature";
        assert_eq!(look(&off, &none).findings, [format!("it has no off variation: when it is off, users get {code}")]);
        let mut on = off.clone();
        on["on"] = json!(true);
        let told = format!("it has no off variation: when it is off, users would get {code}");
        assert_eq!(look(&on, &none).findings, [told]);
    }
    for (there, own) in [(json!({}), json!({"archived": true})), (json!({"archived": true}), json!({}))] {
        assert_eq!(exposure(&there, &own), "unknown: it is archived: the default in the code decides");
        let mut off = there.clone();
        off["on"] = json!(false);
        assert_eq!(exposure(&off, &own), "0%");
        assert!(look(&off, &own).findings[0].starts_with("it is archived: users get the default that their code"));
    }
}

#[test]
fn off_is_no_end_where_it_serves_what_all_have() {
    let one = json!({"variations": [{"_id": "a", "value": "a"}]});
    let same =
        "off serves `\"a\"` to everybody, as its default rule does, and nothing tells that this is without the feature";
    let alone = "its one variation is `\"a\"`, on or off";
    let all = json!({"variation": 0});
    let shares = |pairs| weights(pairs)["fallthrough"].clone();
    for (fallthrough, off, own, told) in [
        (all.clone(), 0, &three(), format!("unknown: {same}")),
        (shares(&[(0, 100_000), (1, 0)]), 0, &three(), format!("unknown: {same}")),
        (all.clone(), 0, &one, format!("unknown: {alone}")),
        (all.clone(), 1, &three(), "0%".to_owned()),
        (shares(&[(0, 50_000), (1, 50_000)]), 0, &three(), "0%".to_owned()),
    ] {
        let off = json!({"on": false, "offVariation": off, "fallthrough": fallthrough});
        assert_eq!(exposure(&off, own), told, "{off}");
        let finding = told.strip_prefix("unknown: ").map(|why| {
            format!(
                "switching it off ends nothing: {why}; choose the variation without the feature as its off variation"
            )
        });
        let mut on = off.clone();
        on["on"] = json!(true);
        assert_eq!(
            (look(&off, own).findings, look(&on, own).findings.len()),
            (finding.iter().cloned().collect::<Vec<_>>(), finding.iter().count())
        );
    }
    let words = json!({"variations": [{"_id": "o", "value": "old"}, {"_id": "n", "value": "new"}]});
    let at_zero = look(&json!({"offVariation": 1, "fallthrough": {"variation": 1}}), &words);
    let told = "its default rule serves `\"new\"`, the off variation: that counts as being without the feature";
    assert_eq!((at_zero.flag.exposure().to_string(), at_zero.findings), ("0%".to_owned(), vec![told.to_owned()]));
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
fn a_flag_that_can_not_be_read_is_one_all_the_same() {
    let none = json!({});
    let mut there = weights(&[(0, 25_000), (1, 75_000)]);
    there["fallthrough"]["rollout"]["variations"][0]["weight"] = json!(-5);
    let why = "LaunchDarkly's flag can't be read: invalid value: integer `-5`, expected u64";
    assert_eq!(exposure(&there, &none), format!("unknown: {why}"));
    let off = "switch the flag off | flagctl rollback to 0 | [{\"kind\":\"turnFlagOff\"}]";
    assert_eq!((down(0, &there, &none), up(5, &there, &none)), (off.to_owned(), format!("3: {why}")));
    assert_eq!(down(5, &there, &none), format!("3: {why}"));
    there["on"] = json!(false);
    assert_eq!(exposure(&there, &none), format!("unknown: {why}"));
    assert_eq!(down(0, &there, &none), format!("1: `checkout` is off, and what off serves can't be read: {why}"));
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
