//! What may keep a flag from going up again where it came down, as far as a rollback reads it.

use super::lenient::Lenient;
use super::settings::Environment;
use super::value::Value;
use crate::model::{FlagName, Percent};

impl Lenient {
    /// Returns the words that set aside what may keep a flag from going from `low` back up to `high`, beside what the
    /// ledger tells. Where not everything could be read, one too many is named rather than one too few.
    #[must_use]
    pub fn bars(&self, place: &Environment, flag: &FlagName, low: Percent, high: Percent) -> Vec<&'static str> {
        let unsure = !self.notes.is_empty();
        let ladder = self.ladder(place, flag);
        let jumps = low.is_zero() && ladder.above(low) != Some(high);
        let (order, drill) = (place.rules.after.is_some(), place.rules.drill_max_age.is_some());
        let bars = [
            // A flag that is still exposed has a soak to keep too.
            (!low.is_zero(), "soak"),
            (unsure || jumps || !ladder.contains(high), "ladder"),
            (unsure || !low.is_zero() || !self.waits_for_users(flag), "gates"),
            (self.sheet.has(&["freeze"]), "freeze"),
            (order, "order"),
            (drill, "drill"),
        ];
        bars.into_iter().filter(|(bars, _)| *bars).map(|(_, word)| word).collect()
    }

    /// True if a flag has gates, and none that has a say before anybody is exposed.
    fn waits_for_users(&self, flag: &FlagName) -> bool {
        let names: Vec<&str> = match self.sheet.get(&["flags", flag.as_str(), "gates"]).map(|found| &found.value) {
            Some(Value::Names(names)) => names.iter().map(|(name, _)| name.as_str()).collect(),
            _ => self.sheet.names(&["gates"]).into_iter().map(|(name, _)| name).collect(),
        };
        let always = |name: &&str| self.sheet.text(&["gates", name, "applies"]) == Some("always");
        !names.is_empty() && !names.iter().any(always)
    }
}
