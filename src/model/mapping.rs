//! How a flags file spells a flag.

use serde::Serialize;

/// A path of keys from an entry (or from the document's top) to a value; empty: the value of the entry itself.
pub type KeyPath = Vec<String>;

/// Where in a file flags stand and which keys mean what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mapping {
    /// The path from the document's top to the flags; what stands there is a mapping, or a list of entries with a `name`.
    /// `*` stands for any key: flags in groups.
    pub root: KeyPath,
    /// Where the percentage of a flag stands. Several, where one file mixes spellings: the first that the flag has counts.
    pub rollout: Vec<KeyPath>,
    /// Where a flag is switched on, if the file knows that. Several as with `rollout`.
    pub enabled: Vec<EnabledKey>,
    /// What 1 means.
    pub scale: Scale,
}

/// A key that switches a flag on and off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnabledKey {
    /// Where it stands in the entry.
    pub path: KeyPath,
    /// The words for on and off, where it isn't a boolean.
    pub words: Option<OnOff>,
}

/// The words a file uses for on and off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnOff {
    /// The word that means on, as `active`.
    pub on: String,
    /// The word that means off, as `inactive`.
    pub off: String,
}

/// What the number 1 means in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scale {
    /// One percent.
    Percent,
    /// Everybody.
    Fraction,
    /// Not to be told from the values: `config` or a person has to say it before anything goes forward.
    Doubtful,
}

impl Mapping {
    /// Returns the native spelling: `enabled`, `rollout`, at the document's top.
    #[must_use]
    pub fn native() -> Self {
        Self {
            root: Vec::new(),
            rollout: vec![vec!["rollout".to_owned()]],
            enabled: vec![EnabledKey { path: vec!["enabled".to_owned()], words: None }],
            scale: Scale::Percent,
        }
    }

    /// True if the flags stand in groups, under keys that the mapping doesn't name.
    #[must_use]
    pub fn is_grouped(&self) -> bool {
        self.root.iter().any(|key| key == "*")
    }

    /// True for the native spelling.
    #[must_use]
    pub fn is_native(&self) -> bool {
        *self == Self::native()
    }
}
