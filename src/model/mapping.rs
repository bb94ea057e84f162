//! How a flags file spells a flag.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// A path of keys from an entry (or from the document's top) to a value; empty: the value of the entry itself.
pub type KeyPath = Vec<String>;

/// Where in a file flags stand and which keys mean what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mapping {
    /// The path from the document's top to the flags; what stands there is a mapping, or a list of entries with a `name`.
    /// `*` stands for any key: flags in groups.
    pub root: KeyPath,
    /// The key by which the entries of a list name themselves, where it is none of `key`, `name`, `id`, `flag`, `feature`.
    pub name: Option<String>,
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

/// The words a file uses for on and off; of several, the first is the one that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnOff {
    /// The words that mean on, as `active`. Never empty.
    pub on: Vec<String>,
    /// The words that mean off, as `inactive`. Never empty.
    pub off: Vec<String>,
}

impl OnOff {
    /// Makes the words of a file that has one for each.
    #[must_use]
    pub fn one(on: &str, off: &str) -> Self {
        Self { on: vec![on.to_owned()], off: vec![off.to_owned()] }
    }

    /// Returns the word that is written.
    #[must_use]
    pub fn written(&self, on: bool) -> &str {
        let words = if on { &self.on } else { &self.off };
        words.first().map_or("", String::as_str)
    }

    /// Returns what a word means; `None` if it is none of these.
    #[must_use]
    pub fn meaning(&self, word: &str) -> Option<bool> {
        let one_of = |words: &[String]| words.iter().any(|known| known == word);
        if one_of(&self.on) { Some(true) } else { one_of(&self.off).then_some(false) }
    }
}

/// The words that are written, and apart from them the others that are read.
impl Serialize for OnOff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let others = |words: &[String]| words.iter().skip(1).cloned().collect::<Vec<_>>();
        let mut words = serializer.serialize_struct("OnOff", 4)?;
        words.serialize_field("on", self.written(true))?;
        words.serialize_field("off", self.written(false))?;
        words.serialize_field("also_on", &others(&self.on))?;
        words.serialize_field("also_off", &others(&self.off))?;
        words.end()
    }
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
            name: None,
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
