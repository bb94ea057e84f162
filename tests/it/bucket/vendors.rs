//! The schemes of other vendors against their own answers: `tests/vectors/README.md` tells where those come from.

use flagctl::bucket::{Bucket, Bucketing, Scheme};
use flagctl::model::Percent;
use serde_json::Value;
use sha2::Digest as _;

fn vectors(text: &str, key: &str) -> Vec<Value> {
    let vectors: Value = serde_json::from_str(text).unwrap();
    vectors[key].as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap()
}

fn percent(vector: &Value) -> Percent {
    vector["percent"].to_string().parse().unwrap()
}

fn share(bucket: Bucket) -> f64 {
    match bucket {
        Bucket::Share(share) => share,
        Bucket::Number(number) => panic!("{number} is no share"),
    }
}

/// Returns which of `u0` … `u119` are in.
fn members(mut bucketing: Bucketing, exposure: Percent) -> Vec<usize> {
    let is_in = |user: &usize| {
        let user = format!("u{user}");
        let bucket = bucketing.bucket(&user);
        bucketing.is_in(bucket, &user, exposure)
    };
    (0..120).filter(is_in).collect()
}

/// Holds a scheme to the answers of its vendor's own code.
fn hold(scheme: Scheme, answers: &[Value], salt: impl Fn(&Value) -> Option<String>) {
    assert!(answers.len() >= 10, "{}", scheme.name());
    for answer in answers {
        let bucketing = Bucketing::new(scheme, text(answer, "flag"), salt(answer).as_deref(), None).unwrap();
        let expected: Vec<usize> = serde_json::from_value(answer["in"].clone()).unwrap();
        let at = percent(answer);
        assert_eq!(members(bucketing, at), expected, "{} of {} at {at}", text(answer, "flag"), scheme.name());
    }
}

#[test]
fn answers_as_the_vendors_do() {
    let none = |_: &Value| None;
    hold(Scheme::Unleash, &vectors(include_str!("../../vectors/unleash.json"), "answers"), none);
    hold(Scheme::Flagd, &vectors(include_str!("../../vectors/flagd.json"), "answers"), none);
    hold(Scheme::FlagdV3, &vectors(include_str!("../../vectors/flagd-v3.json"), "answers"), none);
    hold(Scheme::GoFeatureFlag, &vectors(include_str!("../../vectors/go-feature-flag.json"), "answers"), none);
    hold(Scheme::Flipt, &vectors(include_str!("../../vectors/flipt.json"), "answers"), none);
    let salts = |answer: &Value| Some(format!("{}.{}", text(answer, "salt"), text(answer, "rule")));
    hold(Scheme::Statsig, &vectors(include_str!("../../vectors/statsig.json"), "answers"), salts);
    let answers = vectors(include_str!("../../vectors/growthbook.json"), "answers");
    let (v1, v2): (Vec<Value>, Vec<Value>) = answers.into_iter().partition(|answer| answer["version"] == 1);
    hold(Scheme::GrowthBook, &v1, none);
    hold(Scheme::GrowthBookV2, &v2, none);
}

#[test]
fn unleashs_specification_holds() {
    let rollouts = vectors(include_str!("../../vectors/unleash.json"), "rollouts");
    assert_eq!(rollouts.len(), 25);
    for case in rollouts {
        let mut bucketing = Bucketing::new(Scheme::Unleash, "any", Some(text(&case, "group")), None).unwrap();
        let user = text(&case, "id");
        let bucket = bucketing.bucket(user);
        // What it asks of a user without the attribute is about attributes.
        if !user.is_empty() {
            assert_eq!(bucketing.is_in(bucket, user, percent(&case)), case["in"], "{case}");
        }
    }
}

/// Variants have a seed of their own and are not offered; the hash below them is the one that is.
#[test]
fn unleashs_variants_rest_on_the_same_hash() {
    let variants = vectors(include_str!("../../vectors/unleash.json"), "variants");
    assert_eq!(variants.len(), 17);
    for case in variants {
        let weights: Vec<u32> = serde_json::from_value(case["weights"].clone()).unwrap();
        let key = format!("{}:{}", text(&case, "group"), text(&case, "id"));
        let at = murmur3(key.as_bytes(), 86_028_157) % weights.iter().sum::<u32>() + 1;
        let sums = weights.iter().scan(0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        assert_eq!(sums.take_while(|sum| *sum < at).count() as u64, case["variant"], "{case}");
        let (group, user) = (text(&case, "group"), text(&case, "id"));
        assert_eq!(murmur3(key.as_bytes(), 0), flagctl::bucket::hash(group, user));
    }
}

/// Texts of every length that CBOR writes otherwise, and a first argument of one's own.
#[test]
fn flagds_version_3_hashes_cbor() {
    let file = include_str!("../../vectors/flagd-v3.json");
    let buckets = vectors(file, "buckets");
    assert_eq!(buckets.len(), 13);
    let mut bucketing = Bucketing::new(Scheme::FlagdV3, "checkout", None, None).unwrap();
    for pair in buckets {
        let user = match pair[0].as_str().unwrap() {
            "y*65536" => "y".repeat(65_536),
            user => user.to_owned(),
        };
        assert_eq!(bucketing.bucket(&user).to_string(), pair[1].to_string(), "{user}");
    }
    for answer in vectors(file, "salted") {
        let bucketing = Bucketing::new(Scheme::FlagdV3, "any", Some(text(&answer, "salt")), None).unwrap();
        let expected: Vec<usize> = serde_json::from_value(answer["in"].clone()).unwrap();
        assert_eq!(members(bucketing, percent(&answer)), expected);
    }
}

#[test]
fn a_seed_is_a_number_however_it_is_written() {
    let share = |seed| share(Bucketing::new(Scheme::LaunchDarkly, "f", None, Some(seed)).unwrap().bucket("u1"));
    for (seed, number) in [("007", "7"), ("+7", "7"), ("-0", "0"), ("-07", "-7")] {
        assert_eq!(share(seed), share(number), "{seed}");
    }
    assert_ne!(share("7"), share("-7"));
}

#[test]
fn launchdarklys_shares_are_the_same_to_the_last_bit() {
    let answers = vectors(include_str!("../../vectors/launchdarkly.json"), "answers");
    let mut held = 0;
    for answer in answers {
        let seed = answer["seed"].as_i64().map(|seed| seed.to_string());
        let salt = seed.is_none().then(|| text(&answer, "salt"));
        let mut bucketing = Bucketing::new(Scheme::LaunchDarkly, text(&answer, "flag"), salt, seed.as_deref()).unwrap();
        for pair in answer["buckets"].as_array().unwrap() {
            let user = pair[0].as_str().unwrap();
            assert_eq!(share(bucketing.bucket(user)), pair[1].as_f64().unwrap(), "{user} of {answer}");
            held += 1;
        }
    }
    assert!(held > 100);
}

#[test]
fn growthbooks_hashes_hold() {
    let hashes = vectors(include_str!("../../vectors/growthbook.json"), "hashes");
    assert_eq!(hashes.len(), 20);
    for hash in hashes {
        let scheme = if hash[2] == 1 { Scheme::GrowthBook } else { Scheme::GrowthBookV2 };
        let mut bucketing = Bucketing::new(scheme, "any", None, hash[0].as_str()).unwrap();
        assert_eq!(share(bucketing.bucket(hash[1].as_str().unwrap())), hash[3], "{hash}");
    }
}

#[test]
fn posthogs_thousand_users_stay_where_they_are() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/posthog.json")).unwrap();
    for (flag, key, at) in [("simple-flag", "simple", 45), ("multivariate-flag", "multivariate", 55)] {
        let mut bucketing = Bucketing::new(Scheme::PostHog, flag, None, None).unwrap();
        let answers = text(&vectors, key);
        assert_eq!(answers.len(), 1000);
        for (index, answer) in answers.chars().enumerate() {
            let user = format!("distinct_id_{index}");
            let bucket = bucketing.bucket(&user);
            let is_in = bucketing.is_in(bucket, &user, Percent::from_whole(at).unwrap());
            assert_eq!(is_in, answer != '0', "{user} of {flag}");
        }
    }
}

/// The formulas once more, from their descriptions and bit by bit, over more users than there are recorded answers.
#[test]
fn formulas_written_twice_agree() {
    let number =
        |scheme, salt, user: &str| match Bucketing::new(scheme, "checkout-v3", salt, None).unwrap().bucket(user) {
            Bucket::Number(number) => number,
            Bucket::Share(share) => panic!("{share} is no number"),
        };
    for index in 0..2_000 {
        for user in [format!("user-{index}"), format!("Zoë/{index}/用户")] {
            let joined = format!("checkout-v3{user}");
            let goff =
                joined.bytes().fold(2_166_136_261_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
            assert_eq!(number(Scheme::GoFeatureFlag, None, &user), goff % 100_000, "{user}");
            assert_eq!(number(Scheme::Flipt, None, &user), crc32(format!("{user}checkout-v3").as_bytes()) % 100);
            let flagd = (u64::from(murmur3(joined.as_bytes(), 0)) * 100_000) >> 32;
            assert_eq!(u64::from(number(Scheme::Flagd, None, &user)), flagd, "{user}");
            let digest = sha2::Sha256::digest(format!("a.b.{user}").as_bytes());
            let statsig = digest[..8].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)) % 10_000;
            assert_eq!(u64::from(number(Scheme::Statsig, Some("a.b"), &user)), statsig, "{user}");
        }
    }
}

/// What an id that is no ASCII is to those who hash its bytes; two SDKs for JavaScript answer 8 and 90.
#[test]
fn letters_beyond_ascii_are_hashed_as_utf_8() {
    let bucket = |scheme| Bucketing::new(scheme, "checkout-v3", None, None).unwrap().bucket("Zoë");
    assert_eq!(bucket(Scheme::Unleash), Bucket::Number(41));
    let Bucket::Number(flagd) = bucket(Scheme::Flagd) else { panic!() };
    assert_eq!(flagd / 1000, 80);
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        for bit in 0..8 {
            let odd = (sum ^ u32::from(byte >> bit)) & 1 == 1;
            sum = (sum >> 1) ^ if odd { 0xedb8_8320 } else { 0 };
        }
    }
    !sum
}

fn murmur3(bytes: &[u8], seed: u32) -> u32 {
    let mix = |chunk: &[u8]| {
        let word = chunk.iter().rev().fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
        word.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
    };
    let mut hash = seed;
    for chunk in bytes.chunks(4) {
        hash ^= mix(chunk);
        if chunk.len() == 4 {
            hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
        }
    }
    hash ^= u32::try_from(bytes.len()).unwrap();
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}
