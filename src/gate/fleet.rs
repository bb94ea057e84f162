//! Which instances serve no more than they are to serve, judged by what they say themselves.

use crate::model::{Percent, Reading};
use std::collections::BTreeMap;
use std::time::Duration;

/// Percentages that come as floats are compared with this tolerance.
const TOLERANCE: f64 = 1e-9;
/// How far in the future a sample may lie: what whole seconds and two clocks make of now.
const SKEW: f64 = 2.0;

/// The instances of one flag, look by look.
#[derive(Clone, Debug)]
pub struct Fleet {
    wanted: Percent,
    expect: Option<u64>,
    instances: BTreeMap<String, Instance>,
}

/// One instance, as it was seen last.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// What it said that it serves, in percent, if that is a number.
    pub exposure: Option<f64>,
    /// How old that was, in seconds, if that is known.
    pub age_s: Option<f64>,
    /// What follows from it.
    pub standing: Standing,
}

/// How an instance stands; what comes later is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It said after the change that it serves no more than wanted. Should it have vanished since, it stays so.
    Safe,
    /// It says what is wanted, but by a sample that may be older than the change.
    Stale,
    /// What it says is no exposure.
    Nonsense,
    /// It was seen, and is not any more; what it serves now is not known.
    Gone,
    /// It serves more.
    Above,
}

impl Standing {
    /// Returns the word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Stale => "stale",
            Self::Nonsense => "nonsense",
            Self::Gone => "gone",
            Self::Above => "above",
        }
    }
}

/// What follows from all looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// Every instance that has to be seen is safe.
    Everywhere,
    /// Some are not, or not enough were seen.
    NotYet,
    /// No instance was ever seen.
    Unknown,
}

impl Fleet {
    /// Begins with no instance. `expect` is how many have to be seen; without it, all that ever were.
    #[must_use]
    pub const fn new(wanted: Percent, expect: Option<u64>) -> Self {
        Self { wanted, expect, instances: BTreeMap::new() }
    }

    /// Returns what each instance is to serve at most.
    #[must_use]
    pub const fn wanted(&self) -> Percent {
        self.wanted
    }

    /// Returns how many have to be seen, where that is said.
    #[must_use]
    pub const fn expect(&self) -> Option<u64> {
        self.expect
    }

    /// Returns the instances by their names.
    #[must_use]
    pub const fn instances(&self) -> &BTreeMap<String, Instance> {
        &self.instances
    }

    /// Takes note of the instances that were there before the change: until they are seen again, they are gone.
    pub fn remember(&mut self, before: &[Reading]) {
        for reading in before {
            let exposure = reading.exposure.usable().filter(|percent| *percent <= 100.0);
            let gone = Instance { exposure, age_s: None, standing: Standing::Gone };
            self.instances.entry(reading.instance.clone()).or_insert(gone);
        }
    }

    /// Takes in one whole look, which was begun so long after the change had ended.
    pub fn look(&mut self, readings: &[Reading], since: Duration) {
        let mut seen: BTreeMap<&str, Instance> = BTreeMap::new();
        for reading in readings {
            let instance = self.judge(reading, since);
            // Where several series name one instance, the worst of them is what some of its users get.
            let worse = seen.get(reading.instance.as_str()).is_none_or(|known| is_worse(&instance, known));
            if worse {
                seen.insert(&reading.instance, instance);
            }
        }
        for (name, known) in &mut self.instances {
            if !seen.contains_key(name.as_str()) && known.standing != Standing::Safe {
                known.standing = Standing::Gone;
            }
        }
        for (name, instance) in seen {
            self.instances.insert(name.to_owned(), instance);
        }
    }

    fn judge(&self, reading: &Reading, since: Duration) -> Instance {
        let exposure = reading.exposure.usable().filter(|percent| *percent <= 100.0);
        let in_time = |age: f64| age >= -SKEW && age < since.as_secs_f64();
        let standing = match (exposure, reading.age_s) {
            (None, _) => Standing::Nonsense,
            (Some(percent), _) if percent > self.wanted.as_f64() + TOLERANCE => Standing::Above,
            (Some(_), Some(age)) if in_time(age) => Standing::Safe,
            (Some(_), _) => Standing::Stale,
        };
        Instance { exposure, age_s: reading.age_s.filter(|age| age.is_finite()), standing }
    }

    /// Returns how many are safe.
    #[must_use]
    pub fn safe(&self) -> usize {
        self.instances.values().filter(|instance| instance.standing == Standing::Safe).count()
    }

    /// Judges all looks so far.
    ///
    /// Who is there and not safe is always in the way. Who is gone is, unless it is said how many have to be seen:
    /// then others may have taken its place.
    #[must_use]
    pub fn safety(&self) -> Safety {
        if self.instances.is_empty() {
            return Safety::Unknown;
        }
        let in_the_way = |instance: &Instance| match instance.standing {
            Standing::Safe => false,
            Standing::Gone => self.expect.is_none(),
            Standing::Stale | Standing::Nonsense | Standing::Above => true,
        };
        let enough = u64::try_from(self.safe()).is_ok_and(|safe| safe >= self.expect.unwrap_or(1));
        if enough && !self.instances.values().any(in_the_way) { Safety::Everywhere } else { Safety::NotYet }
    }
}

fn is_worse(one: &Instance, other: &Instance) -> bool {
    one.standing > other.standing || (one.standing == other.standing && one.exposure > other.exposure)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Answer;
    use Safety::{Everywhere, NotYet, Unknown};

    /// Reads `a=25@1.5 b=NaN@0 c=0@?`: instance, value, age in seconds.
    fn readings(text: &str) -> Vec<Reading> {
        let reading = |word: &str| {
            let (instance, said) = word.split_once('=').unwrap();
            let (value, age) = said.split_once('@').unwrap();
            let exposure = value.parse().map_or_else(|_| Answer::Nonsense(value.to_owned()), Answer::Number);
            Reading { instance: instance.to_owned(), exposure, age_s: age.parse().ok() }
        };
        text.split_whitespace().map(reading).collect()
    }

    /// Plays looks, the nth of which began n × 10 s after a change to `wanted`; the first text is what was before.
    fn played(wanted: u32, expect: Option<u64>, looks: &[&str]) -> (Fleet, String) {
        let mut fleet = Fleet::new(Percent::from_whole(wanted).unwrap(), expect);
        for (at, look) in looks.iter().enumerate() {
            let since = Duration::from_secs(10 * u64::try_from(at).unwrap());
            if at == 0 { fleet.remember(&readings(look)) } else { fleet.look(&readings(look), since) }
        }
        let told = fleet.instances.iter().map(|(name, instance)| format!("{name} {}", instance.standing.word()));
        let told = told.collect::<Vec<_>>().join(", ");
        (fleet, told)
    }

    fn check(wanted: u32, expect: Option<u64>, looks: &[&str], safety: Safety, told: &str) {
        let (fleet, said) = played(wanted, expect, looks);
        assert_eq!((fleet.safety(), said.as_str()), (safety, told), "{looks:?}");
    }

    #[test]
    fn only_a_fresh_and_low_value_is_proof() {
        for (said, standing, safety) in [
            ("0@1", "safe", Everywhere),
            ("-0@1", "safe", Everywhere),
            ("0@9.9", "safe", Everywhere),
            ("0@10", "stale", NotYet),
            ("0@10.1", "stale", NotYet),
            ("0@?", "stale", NotYet),
            ("0@NaN", "stale", NotYet),
            ("0@-inf", "stale", NotYet),
            ("0@-1", "safe", Everywhere),
            ("0@-3", "stale", NotYet),
            ("5@1", "above", NotYet),
            ("0.001@1", "above", NotYet),
            ("0.0000000001@1", "safe", Everywhere),
            ("25@99", "above", NotYet),
            ("NaN@1", "nonsense", NotYet),
            ("inf@1", "nonsense", NotYet),
            ("-inf@1", "nonsense", NotYet),
            ("-1@1", "nonsense", NotYet),
            ("100.1@1", "nonsense", NotYet),
            ("histogram@1", "nonsense", NotYet),
        ] {
            check(0, None, &["", &format!("a={said}")], safety, &format!("a {standing}"));
        }
        check(5, None, &["", "a=5@1 b=0@1"], Everywhere, "a safe, b safe");
        check(5, None, &["", "a=5.001@1 b=0@1"], NotYet, "a above, b safe");
    }

    #[test]
    fn nothing_is_no_success() {
        check(0, None, &["", ""], Unknown, "");
        check(0, Some(1), &["", ""], Unknown, "");
        check(0, None, &["a=25@1", ""], NotYet, "a gone");
    }

    #[test]
    fn who_was_there_before_has_to_be_seen_again() {
        check(0, None, &["a=25@1 b=25@1", "a=0@1"], NotYet, "a safe, b gone");
        check(0, None, &["a=25@1 b=25@1", "a=0@1", "a=0@1 b=0@1"], Everywhere, "a safe, b safe");
        check(0, None, &["", "a=25@1 b=0@1", "b=0@1"], NotYet, "a gone, b safe");
        assert_eq!(played(0, None, &["a=25@1", ""]).0.instances["a"].exposure, Some(25.0));
        assert_eq!(played(0, None, &["a=NaN@1", ""]).0.instances["a"].exposure, None);
    }

    #[test]
    fn who_was_proven_safe_may_go_and_may_come_back_worse() {
        check(0, None, &["", "a=0@1 b=25@1", "b=0@1"], Everywhere, "a safe, b safe");
        check(0, None, &["", "a=0@1", "a=25@1"], NotYet, "a above");
        check(0, None, &["", "a=0@1", "a=0@1 c=25@1"], NotYet, "a safe, c above");
    }

    #[test]
    fn a_number_to_expect_lets_others_take_the_place_of_who_is_gone() {
        check(0, Some(2), &["a=25@1 b=25@1", "c=0@1 d=0@1"], Everywhere, "a gone, b gone, c safe, d safe");
        check(0, Some(3), &["a=25@1 b=25@1", "c=0@1 d=0@1"], NotYet, "a gone, b gone, c safe, d safe");
        check(0, Some(2), &["", "c=0@1 d=0@1 e=25@1"], NotYet, "c safe, d safe, e above");
        check(0, Some(u64::MAX), &["", "c=0@1"], NotYet, "c safe");
    }

    #[test]
    fn the_worst_series_speaks_for_its_instance() {
        check(0, None, &["", "a=0@1 a=25@1"], NotYet, "a above");
        check(0, None, &["", "a=25@1 a=0@1"], NotYet, "a above");
        check(0, None, &["", "a=0@1 a=0@99"], NotYet, "a stale");
        check(0, None, &["", "a=0@1 a=NaN@1"], NotYet, "a nonsense");
        assert_eq!(played(0, None, &["", "a=50@1 a=25@1"]).0.instances["a"].exposure, Some(50.0));
    }
}
