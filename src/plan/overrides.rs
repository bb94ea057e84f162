//! What an operator sets aside for one call.

use super::RefusalKind;
use crate::model::Verdict;

/// Named refusals and gates, set aside for one call with a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Gates that hold, or that are not set up.
    pub gates: bool,
    /// Gates that breach.
    pub breach: bool,
    /// Refusals.
    pub refusals: Vec<RefusalKind>,
    /// Single gates by their names, whatever they say.
    pub named: Vec<String>,
    /// The words as they were given, for the record.
    pub words: Vec<String>,
}

/// The words that name more than one gate, or a refusal; a gate can't have one of them for a name.
pub const WORDS: [&str; 8] = ["gates", "breach", "soak", "freeze", "ladder", "latch", "order", "drill"];

impl Overrides {
    /// Reads the words of `--override`.
    ///
    /// # Errors
    /// Returns the first word that is neither one of [`WORDS`] nor in `gates`.
    pub fn parse(words: &[String], gates: &[&str]) -> Result<Self, String> {
        let mut overrides = Self { words: words.to_vec(), ..Self::default() };
        for word in words {
            match word.as_str() {
                "gates" => overrides.gates = true,
                "breach" => overrides.breach = true,
                "soak" => overrides.refusals.push(RefusalKind::Soak),
                "freeze" => overrides.refusals.push(RefusalKind::Freeze),
                "ladder" => overrides.refusals.push(RefusalKind::Ladder),
                "latch" => overrides.refusals.push(RefusalKind::Latch),
                "order" => overrides.refusals.push(RefusalKind::Order),
                "drill" => overrides.refusals.push(RefusalKind::Drill),
                gate if gates.contains(&gate) => overrides.named.push(gate.to_owned()),
                unknown => return Err(unknown.to_owned()),
            }
        }
        Ok(overrides)
    }

    /// True if nothing is set aside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// True if this kind of refusal is set aside.
    #[must_use]
    pub fn sets_aside_refusal(&self, kind: RefusalKind) -> bool {
        self.refusals.contains(&kind)
    }

    /// True if this verdict of this gate is set aside.
    #[must_use]
    pub fn sets_aside_verdict(&self, gate: &str, verdict: Verdict) -> bool {
        let by_kind = match verdict {
            Verdict::Hold => self.gates,
            Verdict::Breach => self.breach,
            Verdict::Pass | Verdict::NotApplicable => false,
        };
        by_kind || self.named.iter().any(|name| name == gate)
    }
}
