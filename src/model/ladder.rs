//! The allowed values of exposure.

use super::Percent;
use serde::Serialize;

/// The steps of a rollout, ascending, from 0. Holds at least one step above 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Ladder(Vec<Percent>);

/// Why a list of percentages is no ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LadderError {
    /// No step above 0.
    #[error("needs at least one step above 0")]
    Empty,
    /// A step is not above the one before it.
    #[error("must ascend: {1} comes after {0}")]
    NotAscending(Percent, Percent),
}

impl Ladder {
    /// Makes a ladder of ascending steps; a missing 0 is added.
    ///
    /// # Errors
    /// Says why the steps are no ladder.
    pub fn new(mut steps: Vec<Percent>) -> Result<Self, LadderError> {
        if let Some(pair) = steps.windows(2).find(|pair| pair[0] >= pair[1]) {
            return Err(LadderError::NotAscending(pair[0], pair[1]));
        }
        if steps.first().is_none_or(|first| !first.is_zero()) {
            steps.insert(0, Percent::ZERO);
        }
        if steps.len() < 2 { Err(LadderError::Empty) } else { Ok(Self(steps)) }
    }

    /// Returns the steps, ascending, the first being 0.
    #[must_use]
    pub fn steps(&self) -> &[Percent] {
        &self.0
    }

    /// Returns the first step above `exposure`.
    #[must_use]
    pub fn above(&self, exposure: Percent) -> Option<Percent> {
        self.0.iter().copied().find(|step| *step > exposure)
    }

    /// Returns the last step below `exposure`; 0 at the bottom.
    #[must_use]
    pub fn below(&self, exposure: Percent) -> Percent {
        self.0.iter().rev().copied().find(|step| *step < exposure).unwrap_or(Percent::ZERO)
    }

    /// True if `exposure` is a step.
    #[must_use]
    pub fn contains(&self, exposure: Percent) -> bool {
        self.0.contains(&exposure)
    }
}

/// 0, 5, 25, 50, 100.
impl Default for Ladder {
    fn default() -> Self {
        Self([0, 5, 25, 50, 100].into_iter().filter_map(Percent::from_whole).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(whole: u32) -> Percent {
        Percent::from_whole(whole).unwrap()
    }

    #[test]
    fn finds_the_neighbours_also_off_the_ladder() {
        let ladder = Ladder::default();
        assert_eq!(ladder.above(percent(0)), Some(percent(5)));
        assert_eq!(ladder.above(percent(37)), Some(percent(50)));
        assert_eq!(ladder.above(percent(100)), None);
        assert_eq!(ladder.below(percent(37)), percent(25));
        assert_eq!(ladder.below(percent(0)), percent(0));
    }

    #[test]
    fn must_ascend_and_leave_zero() {
        assert_eq!(Ladder::new(vec![]), Err(LadderError::Empty));
        assert_eq!(Ladder::new(vec![percent(0)]), Err(LadderError::Empty));
        assert_eq!(Ladder::new(vec![percent(5), percent(5)]), Err(LadderError::NotAscending(percent(5), percent(5))));
        assert_eq!(Ladder::new(vec![percent(10)]).unwrap().steps(), [percent(0), percent(10)]);
    }
}
