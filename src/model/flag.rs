//! A flag as it is stored, and what its users get.

use super::{Percent, Shown};
use serde::Serialize;
use std::fmt;

/// The name of a flag: any text that is not empty. Compared as text, never as a resolved YAML type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FlagName(String);

impl FlagName {
    /// Makes a name of any text that is not empty.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Option<Self> {
        let name = name.into();
        if name.is_empty() { None } else { Some(Self(name)) }
    }

    /// Returns the bare text: for comparing and for JSON, not for showing.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FlagName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown(&self.0).fmt(f)
    }
}

/// One key of a flag, as far as it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field<T> {
    /// The flag has no such key.
    Absent,
    /// The key holds this.
    Is(T),
    /// The key is there, but what it holds can't be taken for a value.
    Unreadable(Unreadable),
}

/// A value that can't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The key before it, as the file spells it.
    pub key: String,
    /// The value as it stands.
    pub text: String,
    /// Why: a fragment that continues "`KEY: TEXT` …".
    pub reason: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

impl<T> Field<T> {
    /// Returns the value, if there is a readable one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Unreadable(_) => None,
        }
    }

    /// Returns what can't be read, if that is what the key holds.
    pub const fn unreadable(&self) -> Option<&Unreadable> {
        match self {
            Self::Unreadable(value) => Some(value),
            Self::Absent | Self::Is(_) => None,
        }
    }
}

/// One named entry of a flags file or of a backend.
#[derive(Clone, Debug)]
pub struct Flag {
    /// Its name.
    pub name: FlagName,
    /// Whether it is switched on at all.
    pub enabled: Field<bool>,
    /// The percentage stored for it.
    pub rollout: Field<Percent>,
    /// What it is for.
    pub description: Option<String>,
    /// What its users are hashed with instead of its name. An empty one is none.
    pub salt: Field<String>,
    /// The line its entry begins at, from 1.
    pub line: usize,
    /// The lines that `enabled` and `rollout` stand in, from 1, as far as the flag has them.
    pub value_lines: Vec<usize>,
    /// That it has neither value tells nothing: the file spells flags in its own way, and may say elsewhere who gets it.
    pub silent: bool,
    /// What else decides who gets it, where `rollout` alone doesn't. Only a remote backend has that.
    pub beside: Option<Beside>,
}

/// What decides beside `rollout` who gets a flag that is on. Each holds why: a sentence fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Beside {
    /// `rollout` of all users get it, and maybe others.
    More(String),
    /// Who gets it can't be told as one share.
    Unknown(String),
}

/// What users get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// This share of them.
    Exactly(Percent),
    /// This share of them, and maybe more.
    AtLeast {
        /// The share that is certain.
        percent: Percent,
        /// Why it may be more: a sentence fragment.
        reason: String,
    },
    /// It can't be told.
    Unknown {
        /// Why: a sentence fragment.
        reason: String,
    },
}

impl Exposure {
    /// Returns the share, if it is known.
    #[must_use]
    pub const fn known(&self) -> Option<Percent> {
        match self {
            Self::Exactly(percent) => Some(*percent),
            Self::AtLeast { .. } | Self::Unknown { .. } => None,
        }
    }

    /// Returns why it is not known as one share, if it isn't.
    #[must_use]
    pub fn doubt(&self) -> Option<&str> {
        match self {
            Self::Exactly(_) => None,
            Self::AtLeast { reason, .. } | Self::Unknown { reason } => Some(reason),
        }
    }

    /// Returns the share that is certain where it may be more.
    #[must_use]
    pub const fn at_least(&self) -> Option<Percent> {
        match self {
            Self::AtLeast { percent, .. } => Some(*percent),
            Self::Exactly(_) | Self::Unknown { .. } => None,
        }
    }
}

/// A number, or null where it is unknown.
impl Serialize for Exposure {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.known().serialize(serializer)
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(percent) => f.pad(&format!("{percent}%")),
            Self::AtLeast { percent, .. } => f.pad(&format!("at least {percent}%")),
            Self::Unknown { .. } => f.pad("unknown"),
        }
    }
}

impl Flag {
    /// Makes a flag that holds nothing.
    #[must_use]
    pub const fn bare(name: FlagName) -> Self {
        Self {
            name,
            enabled: Field::Absent,
            rollout: Field::Absent,
            description: None,
            salt: Field::Absent,
            line: 0,
            value_lines: Vec::new(),
            silent: false,
            beside: None,
        }
    }

    /// Returns what users get: `rollout` where the flag is enabled, else 0.
    ///
    /// A flag that has no `enabled` stands at its `rollout`; one that has no `rollout` is all on or all off; one that
    /// has neither exposes nobody, unless that can't be told.
    #[must_use]
    pub fn exposure(&self) -> Exposure {
        let unknown = |value: &Unreadable| Exposure::Unknown {
            reason: format!("`{}: {}` {}", Shown(&value.key), Shown(&value.text), value.reason),
        };
        match (&self.enabled, &self.rollout) {
            _ if self.is_silent() => {
                Exposure::Unknown { reason: "it has neither a percentage nor a switch".to_owned() }
            }
            (Field::Is(false), _) | (Field::Absent, Field::Absent) => Exposure::Exactly(Percent::ZERO),
            (Field::Is(true) | Field::Absent, _) if self.beside.is_some() => self.blurred(),
            (Field::Is(true), Field::Absent) => Exposure::Exactly(Percent::FULL),
            (Field::Is(true) | Field::Absent, Field::Is(rollout)) => Exposure::Exactly(*rollout),
            (Field::Unreadable(_), Field::Is(rollout)) if rollout.is_zero() => Exposure::Exactly(Percent::ZERO),
            (Field::Unreadable(value), _) | (_, Field::Unreadable(value)) => unknown(value),
        }
    }

    /// Returns what users get of a flag that is on, where more than its rollout decides.
    fn blurred(&self) -> Exposure {
        match (&self.beside, self.rollout.value()) {
            (Some(Beside::More(_)), Some(rollout)) if *rollout == Percent::FULL => Exposure::Exactly(*rollout),
            (Some(Beside::More(reason)), Some(rollout)) => {
                Exposure::AtLeast { percent: *rollout, reason: reason.clone() }
            }
            (Some(Beside::More(reason) | Beside::Unknown(reason)), _) => Exposure::Unknown { reason: reason.clone() },
            (None, _) => Exposure::Unknown { reason: "its percentage can't be read".to_owned() },
        }
    }

    /// Returns what its users are hashed with: its salt, or else its name.
    #[must_use]
    pub fn hashed(&self) -> &str {
        self.salt.value().map_or(self.name.as_str(), String::as_str)
    }

    /// Returns the flag as it stands where so many lines are above those it was read from.
    #[must_use]
    pub fn below(mut self, above: usize) -> Self {
        self.line += above;
        self.value_lines.iter_mut().for_each(|line| *line += above);
        if let Field::Unreadable(value) = &mut self.enabled {
            value.line += above;
        }
        if let Field::Unreadable(value) = &mut self.rollout {
            value.line += above;
        }
        if let Field::Unreadable(value) = &mut self.salt {
            value.line += above;
        }
        self
    }

    /// True if the file says nothing of who gets it.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.silent && matches!((&self.enabled, &self.rollout), (Field::Absent, Field::Absent))
    }

    /// True if both hold the same values; where they stand in the file doesn't matter.
    #[must_use]
    pub fn same_values(&self, other: &Self) -> bool {
        fn same<T: PartialEq>(one: &Field<T>, two: &Field<T>) -> bool {
            match (one, two) {
                (Field::Unreadable(one), Field::Unreadable(two)) => one.text == two.text,
                (one, two) => one == two,
            }
        }
        self.name == other.name
            && same(&self.enabled, &other.enabled)
            && same(&self.rollout, &other.rollout)
            && self.beside == other.beside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposure(enabled: Field<bool>, rollout: Field<u32>) -> Option<u32> {
        let rollout = match rollout {
            Field::Absent => Field::Absent,
            Field::Is(whole) => Field::Is(Percent::from_whole(whole).unwrap()),
            Field::Unreadable(value) => Field::Unreadable(value),
        };
        let flag = Flag { enabled, rollout, ..Flag::bare(FlagName::new("f").unwrap()) };
        flag.exposure().known().map(|percent| percent.milli() / 1000)
    }

    fn unreadable<T>() -> Field<T> {
        Field::Unreadable(Unreadable {
            key: "rollout".into(),
            text: "5%".into(),
            reason: "is no number".into(),
            line: 1,
            column: 1,
        })
    }

    #[test]
    fn exposure_follows_both_keys() {
        assert_eq!(exposure(Field::Is(true), Field::Is(25)), Some(25));
        assert_eq!(exposure(Field::Is(false), Field::Is(25)), Some(0));
        assert_eq!(exposure(Field::Is(true), Field::Absent), Some(100));
        assert_eq!(exposure(Field::Absent, Field::Is(25)), Some(25));
        assert_eq!(exposure(Field::Absent, Field::Absent), Some(0));
        assert_eq!(exposure(Field::Is(true), unreadable()), None);
        assert_eq!(exposure(unreadable(), Field::Is(25)), None);
        assert_eq!(exposure(unreadable(), Field::Is(0)), Some(0));
        assert_eq!(exposure(Field::Is(false), unreadable()), Some(0));
    }
}
