//! The words by which teams spell a percentage, a switch, and what is neither.

use crate::model::is_unseen;

/// Returns the words of a key in lower case: `rolloutPercentage`, `rollout_percentage` and `rollout-percentage` are the same.
pub(super) fn words(key: &str) -> Vec<String> {
    // With a letter that nobody sees it is another key than it seems.
    if key.contains(is_unseen) {
        return vec![key.to_owned()];
    }
    let mut words = vec![String::new()];
    let mut before = ' ';
    for character in key.chars() {
        let begins = character.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if !character.is_alphanumeric() || begins {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            let last = words.len() - 1;
            words[last].extend(character.to_lowercase());
        }
        before = character;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A key without its separators and in lower case, if it is as short as the words that are looked for.
struct Joined {
    bytes: [u8; 24],
    length: usize,
}

impl Joined {
    fn of(key: &str) -> Option<Self> {
        let mut joined = Self { bytes: [0; 24], length: 0 };
        for byte in key.bytes().filter(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) {
            *joined.bytes.get_mut(joined.length)? = byte.to_ascii_lowercase();
            joined.length += 1;
        }
        Some(joined)
    }

    fn reads(&self, word: &str) -> bool {
        self.bytes.get(..self.length) == Some(word.as_bytes())
    }
}

/// True if a key reads as one of a list.
pub(super) fn is_one_of(key: &str, list: &[&str]) -> bool {
    Joined::of(key).is_some_and(|joined| list.iter().any(|word| joined.reads(word)))
}

/// True if a part of the key, in any case, is one of these. Quick, and keeps most keys from a closer look.
fn mentions(key: &str, parts: &[&str]) -> bool {
    let key = key.as_bytes();
    let at = |start: usize, part: &&str| {
        let first = part.as_bytes().first() == Some(&key[start].to_ascii_lowercase());
        first && key.get(start..start + part.len()).is_some_and(|bytes| bytes.eq_ignore_ascii_case(part.as_bytes()))
    };
    (0..key.len()).any(|start| parts.iter().any(|part| at(start, part)))
}

/// Words of which one has to be in the key of a percentage.
const SHARE: [&str; 15] = [
    "rollout",
    "percentage",
    "percent",
    "pct",
    "traffic",
    "exposure",
    "ramp",
    "canary",
    "allocation",
    "rolloutpercentage",
    "rolloutpercent",
    "perc",
    "percents",
    "fraction",
    "ratio",
];

/// Words that may stand beside them. Others, as `max`, `step`, `threshold`, tell that the number is about something else.
const BESIDE: [&str; 26] = [
    "of",
    "users",
    "user",
    "gradual",
    "current",
    "value",
    "enabled",
    "feature",
    "flag",
    "release",
    "audience",
    "bucket",
    "share",
    "rate",
    "weight",
    "level",
    "to",
    "active",
    "live",
    "partial",
    "progressive",
    "deployment",
    "target",
    "phased",
    "staged",
    "production",
];

/// Keys of a mapping that says how a flag is rolled out.
const CONTAINER: [&str; 15] = [
    "rollout",
    "strategy",
    "traffic",
    "targeting",
    "release",
    "ramp",
    "canary",
    "gradual",
    "percentage",
    "progressive",
    "deployment",
    "exposure",
    "rules",
    "conditions",
    "allocation",
];

/// Keys that hold the percentage only inside such a mapping.
const INSIDE: [&str; 6] = ["value", "current", "amount", "weight", "users", "target"];

/// True for the key of a percentage.
pub(super) fn is_share(key: &str) -> bool {
    if !mentions(key, &SHARE) {
        return false;
    }
    let words = words(key);
    let one = |list: &[&str], word: &String| list.contains(&word.as_str());
    words.iter().any(|word| one(&SHARE, word)) && words.iter().all(|word| one(&SHARE, word) || one(&BESIDE, word))
}

/// True for a key that holds the percentage inside a mapping about the rollout.
pub(super) fn is_inside(key: &str) -> bool {
    is_one_of(key, &INSIDE)
}

/// True for the key of a mapping about the rollout of one flag.
pub(super) fn is_container(key: &str) -> bool {
    if !mentions(key, &CONTAINER) {
        return false;
    }
    let words = words(key);
    let fitting =
        |word: &String| CONTAINER.contains(&word.as_str()) || ["config", "settings", "plan"].contains(&word.as_str());
    words.iter().any(|word| CONTAINER.contains(&word.as_str())) && words.iter().all(fitting)
}

/// True for a key that holds numbers of flags: `rollouts: {new_ui: 5}`.
pub(super) fn names_shares(key: &str) -> bool {
    let words = words(key);
    let share = |word: &String| SHARE.contains(&word.trim_end_matches('s')) || SHARE.contains(&word.as_str());
    words.iter().any(share)
}

/// How the key of a percentage is mostly spelled, the best first.
pub const USUAL_SHARES: [&str; 5] = ["rollout", "percentage", "rollout_percentage", "rolloutPercentage", "percent"];

/// How the key of a switch is mostly spelled, the best first.
pub const USUAL_SWITCHES: [&str; 3] = ["enabled", "active", "on"];

/// Keys that hold a flag's switch, the best first.
pub(super) const SWITCHES: [&str; 26] = [
    "enabled",
    "isenabled",
    "on",
    "active",
    "isactive",
    "enable",
    "ison",
    "flagenabled",
    "featureenabled",
    "globallyenabled",
    "enabledglobally",
    "status",
    "state",
    "live",
    "islive",
    "released",
    "activated",
    "defaultenabled",
    "enabledbydefault",
    "isenabledbydefault",
    "mode",
    "strategy",
    "disabled",
    "disable",
    "default",
    "defaultvalue",
];

/// How many of [`SWITCHES`] are switches wherever they stand.
pub(super) const CERTAIN: usize = 11;

/// Returns how good a key is as a switch, 0 being the best; `None`: it is none.
pub(super) fn switch_rank(key: &str) -> Option<usize> {
    let joined = Joined::of(key)?;
    SWITCHES.iter().position(|switch| joined.reads(switch))
}

/// True for a key that is a switch wherever it stands.
pub(super) fn is_certain_switch(key: &str) -> bool {
    switch_rank(key).is_some_and(|rank| rank < CERTAIN)
}

/// True for a switch whose `true` means off.
pub(super) fn is_inverse(key: &str) -> bool {
    is_one_of(key, &["disabled", "disable"])
}

/// True for a switch that may as well say how a flag is rolled out: it is one only where it says off somewhere.
pub(super) fn is_manner(key: &str) -> bool {
    is_one_of(key, &["strategy"])
}

/// True for a value that is what users get by default, which is a switch only if it is a boolean.
pub(super) fn is_default(key: &str) -> bool {
    is_one_of(key, &["default", "defaultvalue"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_by_their_words() {
        for key in [
            "rollout",
            "rolloutPercentage",
            "rollout_percentage",
            "rollout-percent",
            "pct",
            "percentage",
            "traffic_pct",
            "percentageOfUsers",
            "gradual_rollout",
        ] {
            assert!(is_share(key), "{key}");
        }
        for key in [
            "max_rollout_percentage",
            "percentage_step",
            "error_percent",
            "rollout_strategy",
            "default_rollout_percentage",
            "weight",
            "discount_percentage",
            "sampling_rate",
        ] {
            assert!(!is_share(key), "{key}");
        }
    }
}
