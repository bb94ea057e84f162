//! The names of places: where flags stand, where environments do, and where neither does.

use super::words::{is_one_of, words};

/// True for the usual names of the place where flags stand.
pub(super) fn names_flags(key: &str) -> bool {
    const NAMES: [&str; 16] = [
        "flags",
        "featureflags",
        "features",
        "toggles",
        "featuretoggles",
        "featureflag",
        "flag",
        "feature",
        "experiments",
        "featureswitches",
        "switches",
        "gates",
        "featuregates",
        "releases",
        "rollouts",
        "flagdefinitions",
    ];
    is_one_of(key, &NAMES)
}

/// True for the usual names of environments.
#[must_use]
pub fn names_environment(key: &str) -> bool {
    const NAMES: [&str; 19] = [
        "production",
        "prod",
        "live",
        "staging",
        "stage",
        "stg",
        "development",
        "dev",
        "develop",
        "test",
        "testing",
        "qa",
        "uat",
        "local",
        "preview",
        "sandbox",
        "preprod",
        "canary",
        "integration",
    ];
    is_one_of(key, &NAMES)
}

/// True for the usual names of a mapping from environments to values.
pub(super) fn names_environments(key: &str) -> bool {
    is_one_of(key, &["environments", "environment", "envs", "env", "stages", "overrides"])
}

/// True for the usual names of what is the same in all environments.
#[must_use]
pub fn names_default(key: &str) -> bool {
    is_one_of(key, &["default", "defaults", "base", "common", "all", "shared"])
}

/// True for the usual names of settings that stand beside the flags.
pub(super) fn names_settings(key: &str) -> bool {
    const NAMES: [&str; 14] = [
        "global",
        "globals",
        "settings",
        "config",
        "configuration",
        "metadata",
        "meta",
        "monitoring",
        "alerts",
        "defaults",
        "default",
        "schema",
        "validation",
        "notifications",
    ];
    is_one_of(key, &NAMES)
}

/// True for a name made of words about rolling out in general, as `rollout_configuration`: it is no feature's, unless
/// what stands beside it says otherwise.
pub(super) fn names_manner(key: &str) -> bool {
    const MANNERS: [&str; 12] = [
        "config",
        "configuration",
        "settings",
        "strategy",
        "strategies",
        "policy",
        "policies",
        "options",
        "plan",
        "rules",
        "metadata",
        "defaults",
    ];
    const SUBJECTS: [&str; 14] = [
        "rollout",
        "rollouts",
        "global",
        "default",
        "feature",
        "features",
        "flag",
        "flags",
        "canary",
        "deployment",
        "release",
        "traffic",
        "gradual",
        "percentage",
    ];
    let words = words(key);
    let one = |list: &[&str], word: &String| list.contains(&word.as_str());
    words.iter().any(|word| one(&MANNERS, word)) && words.iter().all(|word| one(&MANNERS, word) || one(&SUBJECTS, word))
}

/// True for the names of what a rollout is chosen from, and not of a place where flags stand.
pub(super) fn names_choices(key: &str) -> bool {
    const LAST: [&str; 14] = [
        "strategies",
        "stages",
        "phases",
        "steps",
        "schedule",
        "schedules",
        "variants",
        "variations",
        "rules",
        "segments",
        "cohorts",
        "tiers",
        "presets",
        "templates",
    ];
    words(key).last().is_some_and(|word| LAST.contains(&word.as_str()))
}

/// True for the name of a number that is measured or set, and is no percentage of users.
pub(super) fn names_measure(key: &str) -> bool {
    const LAST: [&str; 38] = [
        "threshold",
        "thresholds",
        "timeout",
        "window",
        "seconds",
        "second",
        "secs",
        "sec",
        "ms",
        "millis",
        "milliseconds",
        "minutes",
        "minute",
        "mins",
        "hours",
        "hour",
        "days",
        "day",
        "interval",
        "duration",
        "delay",
        "period",
        "limit",
        "limits",
        "max",
        "min",
        "size",
        "ttl",
        "retries",
        "attempts",
        "port",
        "version",
        "count",
        "seed",
        "salt",
        "bytes",
        "mb",
        "step",
    ];
    let words = words(key);
    let one = |word: Option<&String>, list: &[&str]| word.is_some_and(|word| list.contains(&word.as_str()));
    one(words.last(), &LAST) || one(words.first(), &["max", "min", "maximum", "minimum"])
}

/// True for the words that a key by which entries name themselves is made of.
pub(super) fn names_a_name(key: &str) -> bool {
    const WORDS: [&str; 11] =
        ["name", "key", "id", "identifier", "flag", "feature", "toggle", "experiment", "slug", "title", "code"];
    words(key).iter().any(|word| WORDS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_no_percentages_are_told_by_their_names() {
        for key in
            ["rollback_threshold", "windowSeconds", "timeout-ms", "max_users", "retry_limit", "cache_ttl", "port"]
        {
            assert!(names_measure(key), "{key}");
        }
        for key in ["new_search", "dark_mode", "windowed_view", "portal", "limitless"] {
            assert!(!names_measure(key), "{key}");
        }
    }

    #[test]
    fn what_is_about_rolling_out_in_general_is_no_feature() {
        for key in ["rollout_configuration", "rolloutStrategy", "feature_flag_metadata", "canary-config"] {
            assert!(names_manner(key), "{key}");
        }
        for key in ["rollout", "new_settings", "checkout_config", "canary"] {
            assert!(!names_manner(key), "{key}");
        }
    }
}
