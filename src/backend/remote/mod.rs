//! What every backend over the wire has in common: a flag as it stands there, the next write towards what is wanted,
//! and the sending of it. Each write is data, made by a pure function from what was read, so that a preview shows what
//! would be sent, and a lost answer is no riddle: what stands there is read again and decides the next write.

mod address;
mod answer;
mod session;

pub(super) use address::{asked, segment};
pub use answer::{Refused, parse};
pub use session::Session;

use crate::error::{Error, Result};
pub use crate::http::{Cancel, Wait, jittered};

use crate::http::Method;
use crate::model::{Beside, Exposure, Field, Flag, FlagName, Mode, Percent};
use jiff::Timestamp;
use serde_json::Value;

/// A service that holds flags. One value speaks to one environment of one project.
pub trait Backend: Sync {
    /// Reads every flag, as far as can be told without asking for each.
    ///
    /// # Errors
    /// Says why it can't be read, and what to do: exit 1 for the network and the server, 2 for a project or environment
    /// that is not there, 3 for a token that isn't taken.
    fn list(&self, wait: &Wait) -> Result<Vec<Seen>>;

    /// Reads one flag whole.
    ///
    /// # Errors
    /// As [`Backend::list`]; exit 2 for a flag that is not there.
    fn read(&self, flag: &FlagName, wait: &Wait) -> Result<Seen>;

    /// Returns the next write that brings what was read towards `goal`; `None` once it is there. Pure.
    ///
    /// # Errors
    /// Exit 3 where a careful change could mean something else than one percentage, with the reason. An urgent one
    /// to 0 has a write while users may get the flag and one helps; where none does, exit 1 says what users get.
    fn next(&self, seen: &Seen, goal: &Goal) -> Result<Option<Write>>;

    /// Returns the write that takes a flag from everybody, for a rollback that can't read what stands there.
    fn blind(&self, flag: &FlagName) -> Write;

    /// Returns why users would not get what `goal` says although nothing is left to be written for it, where that is known
    /// beforehand. Pure.
    fn falls_short(&self, _seen: &Seen, _goal: &Goal) -> Option<String> {
        None
    }

    /// Returns what would be stored once `goal` is reached, as [`Seen::stored`] spells it. Pure.
    fn stored_after(&self, seen: &Seen, goal: &Goal) -> Vec<String> {
        stored(seen, goal, true)
    }

    /// Returns what a declared flag begins with: the writes, in their order. The first makes it.
    fn declare(&self, flag: &FlagName, description: &str) -> Vec<Write>;

    /// Sends one write, once.
    ///
    /// # Errors
    /// With `changed: Some(false)` the service has certainly not done it; with `None` it may have, or may yet.
    fn send(&self, write: &Write, wait: &Wait) -> Result<()>;

    /// Has the service say whether it would take a write, where it can be asked that; `None` where it can't.
    ///
    /// # Errors
    /// As the write would be refused.
    fn rehearse(&self, write: &Write, wait: &Wait) -> Option<Result<()>>;

    /// Returns who wrote to a flag after `mark`, oldest first, as far as the service tells.
    ///
    /// # Errors
    /// Says why that can't be read.
    fn writers(&self, flag: &FlagName, mark: &Mark, wait: &Wait) -> Result<Vec<Writer>>;

    /// Returns what the service hands out to its clients of a flag, where it can be asked that; `None` where it can't.
    /// They may have got it only after that.
    ///
    /// # Errors
    /// Says why it can't be told.
    fn served(&self, _flag: &FlagName, _wait: &Wait) -> Option<Result<Exposure>> {
        None
    }

    /// Returns how users are told apart, as what was read says. Pure.
    fn hashing(&self, _seen: &Seen) -> Hashing {
        Hashing::default()
    }

    /// True where a change stands in that record as soon as it is done, so that what isn't there was none.
    fn records_at_once(&self) -> bool {
        false
    }

    /// Returns what the service says of its clock, by its last answer: seconds that it is ahead of ours.
    fn skew(&self) -> Option<f64>;

    /// Asks whether our token may do what a rollback does, changing nothing; each finding is one sentence.
    ///
    /// # Errors
    /// Says why that can't be asked.
    fn rights(&self, flag: Option<&FlagName>, wait: &Wait) -> Result<Vec<Right>>;
}

/// One flag as it stands in a backend.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What it means for us.
    pub flag: Flag,
    /// The stored values as the service spells them: `enabled: true`, `rollout: 25`.
    pub stored: Vec<String>,
    /// Why it can't go forward, if it can't: a sentence fragment that follows the flag's name.
    pub held_back: Option<String>,
    /// What is odd about it, as sentences: values that the service takes for something else than they say.
    pub findings: Vec<String>,
    /// Where the record of its changes stood when it was read.
    pub mark: Mark,
    /// The answer itself; what `next` makes writes from.
    pub answer: Value,
}

impl Seen {
    /// Returns what is known of a flag that is there and could not be read: nothing but its name, and why.
    #[must_use]
    pub fn unread(flag: &FlagName, why: &Error) -> Self {
        let reason = format!("it could not be read: {}", why.message);
        Self {
            flag: Flag {
                enabled: Field::Is(true),
                beside: Some(Beside::Unknown(reason.clone())),
                ..Flag::bare(flag.clone())
            },
            stored: Vec::new(),
            held_back: Some(reason),
            findings: Vec::new(),
            mark: Mark::default(),
            answer: Value::Null,
        }
    }
}

/// A place in a service's record of changes. Its meaning is the backend's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mark(pub Option<String>);

/// What a flag is to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// The percentage to be stored.
    pub rollout: Percent,
    /// Whether it is to be on; `None`: as it is.
    pub enabled: Option<bool>,
    /// Careful for what goes forward, urgent for a rollback: the latter switches off first, and says what it could not do.
    pub mode: Mode,
}

impl Goal {
    /// True if users get the wanted share, whatever is stored.
    #[must_use]
    pub fn is_safe(&self, seen: &Seen) -> bool {
        seen.flag.exposure().known().is_some_and(|exposure| exposure <= self.rollout)
    }
}

/// One request that changes something, as data.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    /// What it does, as a fragment: `switch the environment off`.
    pub what: String,
    /// How.
    pub method: Method,
    /// The path below the service's address, beginning with `/`, each segment escaped.
    pub path: String,
    /// What is sent; `Null`: nothing.
    pub body: Value,
    /// True where a failure leaves users no worse off: the switch is off already. It is told, and not a failure.
    pub tidying: bool,
    /// True where nothing is left to do once it is done: what stands there then and is not what was wanted is somebody
    /// else's.
    pub completes: bool,
}

/// Somebody who changed a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// Who, as the service calls them.
    pub name: String,
    /// What they did, in the service's word: `feature-strategy-update`.
    pub what: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Their place in the record of changes.
    pub mark: Mark,
    /// Whether it was this very run of ours; `None`: the record doesn't tell.
    pub ours: Option<bool>,
}

/// How a service deals a flag's percentage, where its users are not told apart as its usual way is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashing {
    /// What is hashed instead of the flag's own salt.
    pub seed: Option<String>,
    /// The users who get it first are those with the highest hashes, and not those with the lowest.
    pub from_above: bool,
    /// What is hashed of them, where it is no user's key: `company` by `key`.
    pub of: Option<(String, String)>,
}

/// One thing that a rollback needs and our token may or may not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// What, as a fragment: `switch the environment off`.
    pub what: String,
    /// Whether it may; `None`: it can't be told without trying.
    pub granted: Option<bool>,
    /// What was seen, or what to do where it isn't granted.
    pub note: String,
}

/// Returns what would be stored once `goal` is reached; `rollout` says whether the percentage is set too.
#[must_use]
pub fn stored(seen: &Seen, goal: &Goal, rollout: bool) -> Vec<String> {
    let of = |stored: &String| match stored.split_once(": ") {
        Some(("rollout", _)) if rollout => format!("rollout: {}", goal.rollout),
        Some(("enabled", was)) => format!("enabled: {}", goal.enabled.map_or(was.to_owned(), |on| on.to_string())),
        _ => stored.clone(),
    };
    let mut after: Vec<String> = seen.stored.iter().map(of).collect();
    if rollout && !after.iter().any(|stored| stored.starts_with("rollout: ")) && !goal.rollout.is_zero() {
        after.push(format!("rollout: {}", goal.rollout));
    }
    after
}

/// Returns the error for a flag that a backend doesn't hold.
#[must_use]
pub fn unknown(flag: &FlagName, place: &str) -> Error {
    Error::usage(format!("no flag is named `{flag}` in {place}"))
}
