//! Why an advance may not go.

use crate::exit::Exit;
use crate::model::{Judgement, Percent, Verdict};
use jiff::Timestamp;
use serde::Serialize;

/// A policy reason not to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Which rule; also the word that sets it aside.
    #[serde(rename = "refusal")]
    pub kind: RefusalKind,
    /// Why, for a person: a sentence fragment.
    pub reason: String,
    /// When it ends by itself, if it does.
    pub until: Option<Timestamp>,
    /// What has to be done in another environment first, if that would end it.
    #[serde(skip)]
    pub first: Option<First>,
}

/// Something that has to be done in another environment first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    /// Where.
    pub environment: String,
    /// What.
    pub way: Way,
}

/// What brings a flag on in another environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One step up.
    Advance,
    /// One step up, the latch set aside.
    Unlatch,
    /// The rehearsal of its rollback.
    Drill,
    /// It has to be declared there.
    Declare,
    /// The file there has to be mended, or made.
    Mend,
    /// What a drill left has to be put back, to this exposure.
    PutBack(Percent),
}

/// The rules of policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// The target is no step, or leaves the first step out.
    Ladder,
    /// The present step is too young.
    Soak,
    /// Nothing goes forward now.
    Freeze,
    /// The flag was rolled back.
    Latch,
    /// The environment that comes first has not held the step.
    Order,
    /// The rollback was not rehearsed lately.
    Drill,
}

impl RefusalKind {
    /// Returns the word for it, as `--override` takes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ladder => "ladder",
            Self::Soak => "soak",
            Self::Freeze => "freeze",
            Self::Latch => "latch",
            Self::Order => "order",
            Self::Drill => "drill",
        }
    }
}

/// One thing that stands in the way of an advance and isn't set aside.
#[derive(Clone, Copy, Debug)]
pub enum Obstacle<'a> {
    /// Policy.
    Refusal(&'a Refusal),
    /// A gate's breach or hold.
    Verdict(&'a Judgement),
    /// No gate is set up.
    NoGate,
}

impl Obstacle<'_> {
    /// Returns the exit code it ends with.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Refusal(_) => Exit::Refused,
            Self::Verdict(judgement) => match judgement.verdict {
                Verdict::Breach => Exit::Breach,
                Verdict::Hold | Verdict::Pass | Verdict::NotApplicable => Exit::Hold,
            },
            Self::NoGate => Exit::Hold,
        }
    }

    /// Returns the word of `--override` that sets it aside.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Refusal(refusal) => refusal.kind.word(),
            Self::Verdict(judgement) => match judgement.verdict {
                Verdict::Breach => "breach",
                Verdict::Hold | Verdict::Pass | Verdict::NotApplicable => "gates",
            },
            Self::NoGate => "gates",
        }
    }
}
