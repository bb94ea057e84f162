//! What is promised of sticky users: more is only ever added, flags are independent, a share is that share.

use flagctl::bucket::{BUCKETS, Bucketing, Lacking, Salting, Scheme, bucket, is_in};
use flagctl::model::Percent;
use proptest::prelude::*;

/// A million where the compiler helps.
const USERS: u32 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

fn bucketing(scheme: Scheme, flag: &str) -> Bucketing {
    let salt = match scheme.salting() {
        Salting::None | Salting::Text => None,
        Salting::Salt | Salting::SaltOrNumber | Salting::TwoSalts => Some(format!("{flag}.salt")),
    };
    Bucketing::new(scheme, flag, salt.as_deref(), None).unwrap()
}

fn milli(milli: u32) -> Percent {
    Percent::from_milli(milli).unwrap()
}

proptest! {
    #[test]
    fn raising_the_exposure_only_adds_users(salt in ".{1,12}", user in ".{0,12}", low in 0..=100_000_u32, high in 0..=100_000_u32) {
        let (low, high) = (milli(low.min(high)), milli(low.max(high)));
        prop_assert!(!is_in(low, &salt, &user) || is_in(high, &salt, &user));
        for scheme in Scheme::ALL {
            let mut bucketing = bucketing(scheme, &salt);
            let bucket = bucketing.bucket(&user);
            prop_assert!(!bucketing.is_in(bucket, &user, low) || bucketing.is_in(bucket, &user, high), "{}", scheme.name());
            let entry = bucketing.entry(bucket, &user);
            prop_assert_eq!(bucketing.is_in(bucket, &user, low), low >= entry);
            prop_assert!(bucketing.is_in(bucket, &user, entry) && !bucketing.is_in(bucket, &user, milli(entry.milli() - 1)));
        }
    }

    #[test]
    fn the_native_scheme_is_the_hash_that_services_use(salt in ".{1,12}", user in ".{0,12}", at in 0..=100_000_u32) {
        let mut bucketing = Bucketing::new(Scheme::Native, "any", Some(&salt), None).unwrap();
        let found = bucketing.bucket(&user);
        prop_assert_eq!(found.to_string(), bucket(&salt, &user).to_string());
        prop_assert_eq!(bucketing.is_in(found, &user, milli(at)), is_in(milli(at), &salt, &user));
    }
}

#[test]
fn every_scheme_gives_a_share_of_the_users_its_share() {
    for scheme in Scheme::ALL {
        let mut bucketing = bucketing(scheme, "holograph_reality_enabled");
        for (percent, expected) in [(0, 0), (5, 1_000), (25, 5_000), (50, 10_000), (100, 20_000)] {
            let exposure = Percent::from_whole(percent).unwrap();
            let is_in = |user: &u32| {
                let user = format!("user-{user}");
                let bucket = bucketing.bucket(&user);
                bucketing.is_in(bucket, &user, exposure)
            };
            let users = (0..20_000_u32).filter(is_in).count();
            // Weak hashes among them are not as even as chance would be.
            assert!(users.abs_diff(expected) <= 500, "{}: {users} of 20,000 at {percent} %", scheme.name());
        }
    }
}

/// Chi squared over a thousand cells: 999 is expected, and 1,250 would be met once in ten million tries.
#[test]
fn buckets_are_filled_evenly() {
    let mut cells = vec![0_u32; 1000];
    let mut bucketing = Bucketing::new(Scheme::Native, "checkout_v2", None, None).unwrap();
    for user in 0..USERS {
        let bucket: u32 = bucketing.bucket(&user.to_string()).to_string().parse().unwrap();
        cells[(bucket / (BUCKETS / 1000)) as usize] += 1;
    }
    let expected = f64::from(USERS) / 1000.0;
    let chi: f64 = cells.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum();
    assert!((750.0..1250.0).contains(&chi), "{chi}");
}

/// Of those in one flag's rollout as many are in another's as of everybody.
#[test]
fn flags_are_independent() {
    for (percent, share) in [(5, 0.05), (25, 0.25)] {
        let exposure = Percent::from_whole(percent).unwrap();
        let mut flags = ["checkout_v2", "checkout_v3", "search"]
            .map(|flag| Bucketing::new(Scheme::Native, flag, None, None).unwrap());
        let (mut alone, mut both) = ([0_u32; 3], [0_u32; 3]);
        for user in 0..USERS {
            let user = format!("user-{user:06}");
            let within = flags.each_mut().map(|flag| {
                let bucket = flag.bucket(&user);
                flag.is_in(bucket, &user, exposure)
            });
            for (at, (one, other)) in [(0, 1), (1, 2), (2, 0)].into_iter().enumerate() {
                alone[at] += u32::from(within[one]);
                both[at] += u32::from(within[one] && within[other]);
            }
        }
        for (alone, both) in alone.into_iter().zip(both) {
            let (of, noise) = (f64::from(both) / f64::from(alone), (share * (1.0 - share) / f64::from(alone)).sqrt());
            assert!((of - share).abs() < 5.0 * noise, "{of} instead of {share}");
        }
    }
}

#[test]
fn the_same_salt_nests_users_on_purpose() {
    let mut flags = ["one", "two"].map(|flag| Bucketing::new(Scheme::Native, flag, Some("shared"), None).unwrap());
    for user in 0..1000 {
        let [one, two] = flags.each_mut().map(|flag| flag.bucket(&user.to_string()));
        assert_eq!(one, two);
    }
}

#[test]
fn a_scheme_says_what_it_needs() {
    let lacking = |scheme, salt, seed| Bucketing::new(scheme, "f", salt, seed).err();
    let (salt, seed) = (Some("s"), Some("61"));
    for (scheme, salt, seed, expected) in [
        (Scheme::Native, salt, None, None),
        (Scheme::Native, None, seed, Some(Lacking::NoSeed("native"))),
        (Scheme::LaunchDarkly, None, None, Some(Lacking::SaltOrSeed("launchdarkly"))),
        (Scheme::LaunchDarkly, salt, seed, Some(Lacking::Both("launchdarkly"))),
        (Scheme::LaunchDarkly, None, Some("x"), Some(Lacking::NoNumber("launchdarkly"))),
        (Scheme::LaunchDarkly, None, seed, None),
        (Scheme::Flipt, salt, None, Some(Lacking::NoSalt("flipt"))),
        (Scheme::PostHog, None, seed, Some(Lacking::NoSeed("posthog"))),
        (Scheme::GrowthBookV2, salt, None, Some(Lacking::NoSalt("growthbook-v2"))),
        (Scheme::GrowthBook, None, Some("any text"), None),
        (Scheme::Statsig, salt, None, Some(Lacking::TwoSalts("statsig"))),
        (Scheme::Statsig, Some("gate.rule"), None, None),
        (Scheme::Unleash, salt, None, None),
    ] {
        assert_eq!(lacking(scheme, salt, seed), expected, "{} {salt:?} {seed:?}", scheme.name());
    }
}
