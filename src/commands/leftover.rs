//! What a drill left: one that died on its way, or is still at it.

use super::place::Place;
use crate::model::{Flag, History, Shown, Typed};
use crate::render;

/// What a drill left of a flag, for a person.
pub(super) struct Left {
    /// Continues the flag's name.
    pub(super) what: String,
    /// The command that puts it back; `None` where that can't be told.
    pub(super) back: Option<String>,
}

impl Place {
    /// Returns what a drill left of a flag here, if its last change is that of a drill that has not put it back.
    pub(super) fn left_by_drill(&self, flag: &Flag, history: &History) -> Option<Left> {
        let left = history.leftover(flag.exposure().known()?)?;
        let (to, at, actor) = (left.entry.to, render::time::minute(left.entry.at), Shown(&left.entry.actor));
        let was = left.before.map_or_else(String::new, |before| format!("; it was at {before}%"));
        let what = format!("was brought to {to}% by a drill of {actor} at {at}, which has not put it back{was}");
        let typed = |verb: &str, options: &str| render::command(&self.here(), verb, &[flag.name.as_str()], options);
        let back = left.before.map(|before| match before {
            before if before.is_zero() => typed("rollback", ""),
            before => typed("rollback", &format!(" --to {before}")),
        });
        Some(Left { what, back })
    }

    /// Returns the arguments that lead here from wherever the call began, with a blank at their end.
    fn here(&self) -> String {
        match &self.environment.name {
            Some(name) => format!("{}-e {} ", self.elsewhere, Typed(name)),
            None => self.again.clone(),
        }
    }
}

/// Returns the options that bring a flag to where it was before a drill.
pub(super) fn after_a_drill(to: crate::model::Percent) -> String {
    format!(" --to {to} --override latch,soak,ladder,gates,order,drill --reason \"after a drill\"")
}

impl Left {
    /// Returns all of it; continues the flag's name.
    pub(super) fn told(&self) -> String {
        let back = self.back.as_ref().map_or_else(String::new, |back| format!("; unless it is still at it: {back}"));
        format!("{}{back}", self.what)
    }
}
