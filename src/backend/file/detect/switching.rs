//! The words that files use for on and off.

/// The words of a switch: on and off of one pair.
const PAIRS: [(&str, &str); 10] = [
    ("enabled", "disabled"),
    ("active", "inactive"),
    ("on", "off"),
    ("true", "false"),
    ("enable", "disable"),
    ("live", "off"),
    ("yes", "no"),
    ("released", "unreleased"),
    ("open", "closed"),
    ("1", "0"),
];

/// Words of a switch that mean that the percentage is in force.
const PARTLY: [&str; 12] = [
    "rollout",
    "percentage",
    "percent",
    "percentage_rollout",
    "partial",
    "gradual",
    "rolling_out",
    "ramping",
    "percentage-rollout",
    "canary",
    "progressive",
    "gradual_rollout",
];

/// What a word of a switch means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// On.
    On,
    /// On as far as the percentage says.
    Partly,
    /// Off.
    Off,
}

/// Returns what a word of a switch means.
pub(super) fn meaning(word: &str) -> Option<Meaning> {
    let word = word.to_lowercase();
    if PARTLY.contains(&word.as_str()) {
        return Some(Meaning::Partly);
    }
    PAIRS.iter().find_map(|(on, off)| match word.as_str() {
        word if word == *on => Some(Meaning::On),
        word if word == *off => Some(Meaning::Off),
        _ => None,
    })
}

/// Returns the word that means the opposite, written as the other: `ACTIVE` → `INACTIVE`.
pub(super) fn opposite(word: &str) -> Option<String> {
    let lower = word.to_lowercase();
    let found = if PARTLY.contains(&lower.as_str()) {
        "disabled"
    } else {
        PAIRS.iter().find_map(|(on, off)| match lower.as_str() {
            word if word == *on => Some(*off),
            word if word == *off => Some(*on),
            _ => None,
        })?
    };
    let upper = word.chars().any(char::is_alphabetic) && word.chars().all(|character| !character.is_lowercase());
    let capital = word.chars().next().is_some_and(char::is_uppercase);
    Some(if upper {
        found.to_uppercase()
    } else if capital {
        let mut letters = found.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    } else {
        found.to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opposite_keeps_the_case() {
        assert_eq!(opposite("ACTIVE").as_deref(), Some("INACTIVE"));
        assert_eq!(opposite("Disabled").as_deref(), Some("Enabled"));
        assert_eq!(opposite("off").as_deref(), Some("on"));
        assert_eq!(opposite("deferred"), None);
    }
}
