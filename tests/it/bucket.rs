//! The sticky hash against numbers that another implementation (PyPI mmh3 5.3.1) computed.

use flagctl::bucket::{bucket, hash, is_in};
use flagctl::model::Percent;
use proptest::prelude::*;
use serde_json::Value;

fn vectors(key: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/bucketing.json")).unwrap();
    vectors[key].as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap()
}

#[test]
fn every_vector_hashes_to_its_bucket() {
    let all = [vectors("vectors"), vectors("boundary_vectors")].concat();
    assert_eq!(all.len(), 26);
    for vector in all {
        let (salt, unit) = (text(&vector, "salt"), text(&vector, "unit"));
        assert_eq!(format!("{:08x}", hash(salt, unit)), text(&vector, "hash_hex"), "{salt}:{unit}");
        assert_eq!(u64::from(bucket(salt, unit)), vector["bucket"], "{salt}:{unit}");
    }
}

#[test]
fn every_vector_is_in_from_its_percentage_on() {
    for vector in vectors("vectors") {
        let (salt, unit) = (text(&vector, "salt"), text(&vector, "unit"));
        for (percent, expected) in vector["in_at"].as_object().unwrap() {
            let exposure: Percent = percent.parse().unwrap();
            // The vectors speak of the bucket alone; a user without an identity is in at 100 % only.
            let expected = expected.as_bool().unwrap() && (!unit.is_empty() || exposure == Percent::FULL);
            assert_eq!(is_in(exposure, salt, unit), expected, "{salt}:{unit} at {percent} %");
        }
    }
}

proptest! {
    #[test]
    fn raising_the_exposure_only_adds_users(salt in ".{1,12}", unit in ".{0,12}", low in 0..=100_000_u32, high in 0..=100_000_u32) {
        let (low, high) = (Percent::from_milli(low.min(high)).unwrap(), Percent::from_milli(low.max(high)).unwrap());
        prop_assert!(!is_in(low, &salt, &unit) || is_in(high, &salt, &unit));
    }
}

#[test]
fn a_share_of_the_users_is_that_share() {
    for (flag, percent, expected) in [("holograph_reality_enabled", 5, 1_000), ("hyperspace_ui_enabled", 25, 5_000)] {
        let exposure = Percent::from_whole(percent).unwrap();
        let users = (0..20_000).filter(|user| is_in(exposure, flag, &format!("user-{user}"))).count();
        assert!(users.abs_diff(expected) < 200, "{users} of 20,000 users at {percent} %");
    }
}
