//! Pure: flag + intent + policy + history + now → plan. Nothing is decided anywhere else.

mod freeze;
mod order;
mod overrides;
mod policy;
mod refusal;
mod step;

pub use freeze::{FreezeSpan, FreezeWindow};
pub use order::{Ahead, Stands};
pub use overrides::{Overrides, WORDS as OVERRIDE_WORDS};
pub use policy::Policy;
pub use refusal::{First, Obstacle, Refusal, RefusalKind, Way};
pub use step::{Circumstances, Down, Impossible, Soaking, advance, rollback};

use crate::exit::Exit;
use crate::model::{Action, Exposure, Flag, Judgement, Percent, Values, Verdict};

/// What a verb would do to one flag, and every reason why it may not: a value, made before anything is touched.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What kind of change it is.
    pub action: Action,
    /// The flag as it was seen.
    pub flag: Flag,
    /// What users get now.
    pub from: Exposure,
    /// What they would get.
    pub to: Percent,
    /// What to write; `None`: nothing is to be done.
    pub values: Option<Values>,
    /// The steps between `from` and `to` that are jumped over.
    pub jumped: Vec<Percent>,
    /// The policy reasons not to go on.
    pub refusals: Vec<Refusal>,
    /// What the gates said, once they were asked. An empty list says that no gate is set up.
    pub verdicts: Vec<Judgement>,
    /// The gates that were not asked because their sources need a wait; their verdicts are holds.
    pub not_looked: Vec<String>,
    /// What the operator sets aside.
    pub overrides: Overrides,
}

impl Plan {
    /// Returns what stands in the way: every refusal and verdict that is not set aside, in that order.
    ///
    /// A rollback has no obstacles: nothing blocks it.
    #[must_use]
    pub fn obstacles(&self) -> Vec<Obstacle<'_>> {
        if self.action != Action::Advance || self.values.is_none() {
            return Vec::new();
        }
        let refusals = self
            .refusals
            .iter()
            .filter(|refusal| !self.overrides.sets_aside_refusal(refusal.kind))
            .map(Obstacle::Refusal);
        refusals.chain(self.gate_obstacles()).collect()
    }

    /// Returns what the gates put in the way.
    #[must_use]
    pub fn gate_obstacles(&self) -> Vec<Obstacle<'_>> {
        let verdicts = self.verdicts.iter().filter(|judgement| self.blocks(judgement)).map(Obstacle::Verdict);
        let no_gate = (self.verdicts.is_empty() && !self.overrides.gates).then_some(Obstacle::NoGate);
        verdicts.chain(no_gate).collect()
    }

    /// True if this verdict stops the advance.
    fn blocks(&self, judgement: &Judgement) -> bool {
        let set_aside = self.overrides.sets_aside_verdict(&judgement.gate, judgement.verdict);
        match judgement.verdict {
            Verdict::Pass | Verdict::NotApplicable => false,
            Verdict::Breach | Verdict::Hold => !set_aside,
        }
    }

    /// Returns how the verb would end: the first that applies of the obstacles' codes, or ok.
    #[must_use]
    pub fn exit(&self) -> Exit {
        Exit::first_of(self.obstacles().iter().map(Obstacle::exit))
    }

    /// True if every gate is not applicable: the step goes without evidence.
    #[must_use]
    pub fn without_evidence(&self) -> bool {
        !self.verdicts.is_empty() && self.verdicts.iter().all(|judgement| judgement.verdict == Verdict::NotApplicable)
    }
}
