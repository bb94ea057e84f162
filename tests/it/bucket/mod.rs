//! The native hash against numbers that another implementation (PyPI mmh3 5.3.1) computed.

mod languages;
mod properties;
mod users;
mod vendors;

use flagctl::bucket::{bucket, hash, is_in};
use flagctl::model::Percent;
use serde_json::Value;

fn vectors(key: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/bucketing.json")).unwrap();
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
