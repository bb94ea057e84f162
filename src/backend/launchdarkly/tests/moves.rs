//! What is sent.

use super::{PLACE, down, look, three, up};
use crate::backend::launchdarkly::ending::new_off;
use crate::backend::launchdarkly::patch::declare;
use crate::backend::launchdarkly::place::Place;
use crate::model::FlagName;
use serde_json::json;

#[test]
fn up_is_the_weights_and_the_switch_in_one_patch() {
    let none = json!({});
    let of = |share: u64, rest: u64| {
        format!(
            "{{\"kind\":\"updateFallthroughVariationOrRollout\",\"rolloutContextKind\":\"user\",\"rolloutWeights\":{{\"t\":{share},\"f\":{rest}}}}}"
        )
    };
    assert_eq!(up(25, &none, &none), "nothing");
    // Somebody's rule since: it is at 25% as it is stored, and what users get is told by the exposure.
    let target = json!({"targets": [{"values": ["ann"], "variation": 0, "contextKind": "user"}]});
    assert_eq!(up(25, &target, &none), "nothing");
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
        (json!({"prerequisites": [{"key": "base", "variation": 0}]}), none.clone()),
        (json!({"fallthrough": null}), none.clone()),
        (json!({"offVariation": null}), three()),
    ] {
        assert_eq!(down(0, &there, &own), unknown, "{there} {own}");
    }
    assert_eq!(down(0, &none, &json!({"deprecated": true})), off);
    let archived = unknown.replace("the flag", "the archived flag");
    assert_eq!(down(0, &none, &json!({"archived": true})), archived);
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
fn what_off_does_not_end_is_told() {
    let there = json!({"fallthrough": {"variation": 0}, "offVariation": 0});
    assert_eq!(down(0, &there, &three()), "switch the flag off | flagctl rollback to 0 | [{\"kind\":\"turnFlagOff\"}]");
    let off = json!({"on": false, "fallthrough": {"variation": 0}, "offVariation": 0});
    assert_eq!(
        down(0, &off, &three()),
        "1: `checkout` is off, and that is no end of it: off serves `\"a\"` to everybody, as its default rule does, and nothing tells that this is without the feature"
    );
    let nameless = json!({"variations": [{"value": true}, {"value": false}]});
    assert_eq!(
        down(0, &json!({"offVariation": null}), &nameless),
        "switch the flag off | flagctl rollback 25 → 0 | [{\"kind\":\"turnFlagOff\"}]"
    );
    // Off alone would give it to everybody.
    assert!(
        down(0, &json!({"offVariation": 0}), &nameless).starts_with("1: LaunchDarkly answers `false` without the id")
    );
    // What the code decides is nothing to be switched off once more.
    for own in [three(), json!({})] {
        assert_eq!(down(0, &json!({"on": false, "offVariation": null}), &own), "nothing");
    }
    assert_eq!(down(0, &json!({"on": false}), &json!({"archived": true})), "nothing");
}

#[test]
fn a_change_of_what_off_serves_is_told_as_stored() {
    let after = |there| new_off(PLACE, &look(&there, &json!({})));
    assert_eq!(after(json!({"offVariation": 0})), Some("`false`".to_owned()));
    assert_eq!(after(json!({"offVariation": 0, "on": false})), Some("`false`".to_owned()));
    assert_eq!(after(json!({"offVariation": null})), Some("`false`".to_owned()));
    assert_eq!(after(json!({"offVariation": null, "archived": true})), None);
    assert_eq!(after(json!({})), None);
}

/// What a drill needs: it was on, with weights, and is off.
#[test]
fn back_from_off_is_the_switch_and_the_weights() {
    let none = json!({});
    let on = "[{\"kind\":\"turnFlagOn\"}]";
    let off = json!({"on": false});
    assert_eq!(up(25, &off, &none), format!("switch the flag on | flagctl advance 0 → 25 | {on}"));
    let mut lowered = json!({"on": false});
    lowered["fallthrough"] = json!({"variation": 1});
    assert_eq!(
        up(25, &lowered, &none),
        "give `true` to 25%, switch the flag on | flagctl advance 0 → 25 | [{\"kind\":\"updateFallthroughVariationOrRollout\",\"rolloutWeights\":{\"t\":25000,\"f\":75000}},{\"kind\":\"turnFlagOn\"}]"
    );
    // The weights stand: nothing is lost by the switch.
    let mut seeded = off.clone();
    seeded["fallthrough"] = json!({"rollout": {"seed": 61, "variations": [{"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]}});
    assert_eq!(up(25, &seeded, &none), format!("switch the flag on | flagctl advance 0 → 25 | {on}"));
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
fn a_declared_flag_begins_with_nobody() {
    let place = Place { project: "shop", environment: "a/b" };
    let writes = declare(place, &FlagName::new("new_flag").unwrap(), "What it is for");
    assert_eq!(writes.len(), 2);
    assert_eq!(writes[0].path, "/api/v2/flags/shop");
    assert_eq!(writes[0].body["defaults"], json!({"onVariation": 0, "offVariation": 1}));
    assert_eq!(writes[1].path, "/api/v2/flags/shop/new_flag");
    assert_eq!(writes[1].body["patch"][0]["path"], "/environments/a~1b/fallthrough");
}
