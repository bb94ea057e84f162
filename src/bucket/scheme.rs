//! Schemes by their names, what each has to be given, and users put into buckets.

use super::{flagd, flagd_v3, flipt, go_feature_flag, growthbook, launchdarkly, native, posthog, statsig, unleash};
use crate::model::Percent;
use std::fmt;

/// How a scheme makes buckets of users.
pub(super) struct Recipe {
    pub(super) name: &'static str,
    pub(super) salting: Salting,
    /// The texts before and after the id in what is hashed.
    pub(super) around: fn(&Given<'_>) -> (String, String),
    pub(super) bucket: fn(&str) -> Bucket,
    /// Whether a bucket is in, between 0 and 100 %.
    pub(super) is_in: fn(Bucket, Percent) -> bool,
}

/// What a scheme hashes beside the flag and the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Salting {
    /// Nothing: the name of the flag is all.
    None,
    /// A salt; without one, the name of the flag.
    Salt,
    /// A seed, any text; without one, the name of the flag.
    Text,
    /// A salt beside the name of the flag, or a seed, a whole number, instead of both.
    SaltOrNumber,
    /// Two salts with a dot between.
    TwoSalts,
}

/// What the user gave for a scheme.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<'g> {
    pub(super) flag: &'g str,
    pub(super) salt: Option<&'g str>,
    pub(super) seed: Option<&'g str>,
}

impl<'g> Given<'g> {
    pub(super) fn salt_or_flag(&self) -> &'g str {
        self.salt.unwrap_or(self.flag)
    }
}

/// One of the ways to put users into buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// flagctl's own.
    Native,
    /// Unleash.
    Unleash,
    /// LaunchDarkly.
    LaunchDarkly,
    /// flagd, whose hash is of the texts as they are.
    Flagd,
    /// flagd, whose hash is of CBOR.
    FlagdV3,
    /// GO Feature Flag.
    GoFeatureFlag,
    /// Flipt.
    Flipt,
    /// GrowthBook, version 1 of its hash.
    GrowthBook,
    /// GrowthBook, version 2 of its hash.
    GrowthBookV2,
    /// PostHog.
    PostHog,
    /// Statsig.
    Statsig,
}

/// Why a scheme can't be used with what was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lacking {
    /// It needs a salt or a seed.
    #[error("the scheme `{0}` needs `--salt`, the flag's salt, or `--seed`, the rollout's seed")]
    SaltOrSeed(&'static str),
    /// It needs two salts.
    #[error("the scheme `{0}` needs `--salt GATE_SALT.RULE_SALT`")]
    TwoSalts(&'static str),
    /// It has no salt.
    #[error("the scheme `{0}` has no `--salt`")]
    NoSalt(&'static str),
    /// It has no seed.
    #[error("the scheme `{0}` has no `--seed`")]
    NoSeed(&'static str),
    /// A salt and a seed.
    #[error("the scheme `{0}` takes `--salt` or `--seed`, not both")]
    Both(&'static str),
    /// A seed that is no number.
    #[error("a `--seed` of the scheme `{0}` is a whole number")]
    NoNumber(&'static str),
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 11] = [
        Self::Native,
        Self::Unleash,
        Self::LaunchDarkly,
        Self::Flagd,
        Self::FlagdV3,
        Self::GoFeatureFlag,
        Self::Flipt,
        Self::GrowthBook,
        Self::GrowthBookV2,
        Self::PostHog,
        Self::Statsig,
    ];

    const fn recipe(self) -> &'static Recipe {
        match self {
            Self::Native => &native::RECIPE,
            Self::Unleash => &unleash::RECIPE,
            Self::LaunchDarkly => &launchdarkly::RECIPE,
            Self::Flagd => &flagd::RECIPE,
            Self::FlagdV3 => &flagd_v3::RECIPE,
            Self::GoFeatureFlag => &go_feature_flag::RECIPE,
            Self::Flipt => &flipt::RECIPE,
            Self::GrowthBook => &growthbook::V1,
            Self::GrowthBookV2 => &growthbook::V2,
            Self::PostHog => &posthog::RECIPE,
            Self::Statsig => &statsig::RECIPE,
        }
    }

    /// Returns its name, in kebab-case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.recipe().name
    }

    /// Returns what it hashes beside the flag and the user.
    #[must_use]
    pub const fn salting(self) -> Salting {
        self.recipe().salting
    }

    /// True if a SDK that the vendor ships hashes another text than the others as soon as it is not ASCII: those for
    /// JavaScript, which take the characters for bytes.
    #[must_use]
    pub const fn is_ascii_only(self) -> bool {
        matches!(self, Self::Unleash | Self::Flagd)
    }

    /// True if a colon parts the salt from the user.
    #[must_use]
    pub const fn parts_by_colon(self) -> bool {
        matches!(self, Self::Native | Self::Unleash)
    }

    /// Returns a seed as it is hashed: a number in its shortest form.
    #[must_use]
    pub fn seed(self, seed: &str) -> String {
        let number = seed.parse::<i64>().ok().filter(|_| self.salting() == Salting::SaltOrNumber);
        number.map_or_else(|| seed.to_owned(), |number| number.to_string())
    }

    fn lacks(self, given: &Given<'_>) -> Option<Lacking> {
        let name = self.name();
        match (self.salting(), given.salt, given.seed) {
            (Salting::None | Salting::Text, Some(_), _) => Some(Lacking::NoSalt(name)),
            (Salting::None | Salting::Salt | Salting::TwoSalts, _, Some(_)) => Some(Lacking::NoSeed(name)),
            (Salting::SaltOrNumber, Some(_), Some(_)) => Some(Lacking::Both(name)),
            (Salting::SaltOrNumber, None, None) => Some(Lacking::SaltOrSeed(name)),
            (Salting::SaltOrNumber, None, Some(seed)) if seed.parse::<i64>().is_err() => Some(Lacking::NoNumber(name)),
            (Salting::TwoSalts, salt, None) if !salt.is_some_and(|salt| salt.contains('.')) => {
                Some(Lacking::TwoSalts(name))
            }
            _ => None,
        }
    }
}

/// Where a user stands in a scheme: the number that the vendor compares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bucket {
    /// One of a number of buckets.
    Number(u32),
    /// A share from 0 to 1.
    Share(f64),
}

impl Bucket {
    pub(super) const fn number(self) -> u32 {
        match self {
            Self::Number(number) => number,
            Self::Share(share) => share as u32,
        }
    }

    pub(super) const fn share(self) -> f64 {
        match self {
            Self::Number(number) => number as f64,
            Self::Share(share) => share,
        }
    }
}

/// Writes the number; a share with as many digits as tell it from every other.
impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Share(share) => share.fmt(f),
        }
    }
}

/// One flag's users, put into buckets. Keeps the text that is hashed, so that a user costs no memory.
#[derive(Clone, Debug)]
pub struct Bucketing {
    scheme: Scheme,
    text: String,
    before: usize,
    after: String,
    /// The highest are in first.
    from_above: bool,
}

impl Bucketing {
    /// Makes buckets for a flag, by a scheme, with the salt or seed that it takes.
    ///
    /// # Errors
    /// Says what the scheme needs and was not given, or was given and doesn't take.
    pub fn new(scheme: Scheme, flag: &str, salt: Option<&str>, seed: Option<&str>) -> Result<Self, Lacking> {
        let seed = seed.map(|seed| scheme.seed(seed));
        let given = Given { flag, salt, seed: seed.as_deref() };
        match scheme.lacks(&given) {
            Some(lacking) => Err(lacking),
            None => {
                let (text, after) = (scheme.recipe().around)(&given);
                Ok(Self { scheme, before: text.len(), text, after, from_above: false })
            }
        }
    }

    /// Returns the same buckets, filled from the highest down: the variation that is rolled out is the last in its rule.
    #[must_use]
    pub fn from_above(self, from_above: bool) -> Self {
        Self { from_above, ..self }
    }

    /// Returns the scheme.
    #[must_use]
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Returns the bucket of a user.
    pub fn bucket(&mut self, user: &str) -> Bucket {
        self.text.truncate(self.before);
        self.text.push_str(user);
        self.text.push_str(&self.after);
        (self.scheme.recipe().bucket)(&self.text)
    }

    /// True if a user who is in this bucket gets the flag at this exposure.
    ///
    /// In every scheme nobody is in at 0, everybody at 100, and a user without an identity at 100 only.
    #[must_use]
    pub fn is_in(&self, bucket: Bucket, user: &str, exposure: Percent) -> bool {
        match exposure {
            Percent::ZERO => false,
            Percent::FULL => true,
            _ if user.is_empty() => false,
            _ if self.from_above => {
                let others = Percent::FULL.milli() - exposure.milli();
                Percent::from_milli(others).is_some_and(|others| !(self.scheme.recipe().is_in)(bucket, others))
            }
            _ => (self.scheme.recipe().is_in)(bucket, exposure),
        }
    }

    /// Returns the least exposure at which a user who is in this bucket gets the flag.
    #[must_use]
    pub fn entry(&self, bucket: Bucket, user: &str) -> Percent {
        // A higher exposure never puts a user out, so it can be looked for by halves.
        let (mut out, mut within) = (0, Percent::FULL.milli());
        while within - out > 1 {
            let middle = out.midpoint(within);
            match Percent::from_milli(middle) {
                Some(exposure) if self.is_in(bucket, user, exposure) => within = middle,
                _ => out = middle,
            }
        }
        Percent::from_milli(within).unwrap_or(Percent::FULL)
    }
}
