//! What holds elsewhere: how a flag stands in the environment that comes first, and when its rollback was rehearsed.

use super::Context;
use super::place::Place;
use crate::config::Environment;
use crate::error::Result;
use crate::exit::Exit;
use crate::model::{Entry, FlagName, History, disturbed};
use crate::plan::{Ahead, Circumstances, First, Soaking, Stands, Way};
use jiff::Timestamp;

impl Place {
    /// Tells how a flag stands in the environment that comes first, if one does.
    pub(super) fn ahead(&self, context: &Context, flag: &FlagName) -> Option<Ahead> {
        let name = self.environment.rules.after.as_deref()?;
        let unknown = |why: String, way| Ahead { environment: name.to_owned(), stands: Stands::Unknown(why, way) };
        let Some(environment) = self.settings.named(name) else {
            return Some(unknown("there is no such environment".to_owned(), None));
        };
        let there = Self::of(context, self.settings.clone(), environment.clone());
        Some(match there.and_then(|there| there.stands(name, flag)) {
            Ok(ahead) => ahead,
            Err(error) => unknown(error.message, way_past(error.exit)),
        })
    }

    fn stands(&self, name: &str, flag: &FlagName) -> Result<Ahead> {
        self.whole()?;
        let flag = self.flag(flag.as_str())?;
        let history = self.history(&flag.name)?;
        let (soaking, policy) = (self.soaking(&flag, &history), self.policy(&flag.name));
        Ok(Ahead::of(name, &flag.exposure(), &history, soaking, &policy, super::now()))
    }

    /// Returns when the rollback of a flag was last rehearsed with success, in whichever environment of the configuration.
    pub(super) fn drilled(&self, flag: &FlagName) -> Result<Option<Timestamp>> {
        let ledger = self.ledger();
        let entries = ledger.entries()?.history.entries;
        let now = super::now();
        let here = |entry: &Entry| {
            let named = entry.environment.as_deref().and_then(|name| self.settings.named(name));
            named.is_some_and(|environment| ledger.name_of(&environment.flags) == entry.file)
        };
        let passed = |(at, entry): &(usize, &Entry)| {
            let counts = entry.is_drill_that_passed() && !entry.is_of_the_future(now);
            entry.flag == flag.as_str() && counts && here(entry) && !disturbed(&entries, *at)
        };
        Ok(entries.iter().enumerate().rev().find(passed).map(|(_, entry)| entry.at))
    }

    /// Returns the environment in which a rollback can be rehearsed for this one: the one that comes first, else the
    /// first that isn't protected; with what has to be done there.
    fn drill_in(&self, context: &Context, flag: &FlagName) -> Option<First> {
        let open = |other: &&Environment| !other.rules.protected && other.name != self.environment.name;
        let first = self.environment.rules.after.as_deref().and_then(|name| self.settings.named(name));
        let there = first.filter(open).or_else(|| self.settings.environments.iter().find(open))?;
        let environment = there.name.clone()?;
        let way = Self::of(context, self.settings.clone(), there.clone()).and_then(|place| place.way_to_drill(flag));
        let way = way.or_else(|error| way_past(error.exit).ok_or(error)).ok()?;
        Some(First { environment, way })
    }

    fn way_to_drill(&self, flag: &FlagName) -> Result<Way> {
        self.whole()?;
        let flag = self.flag(flag.as_str())?;
        let history = self.history(&flag.name)?;
        let left = flag.exposure().known().and_then(|exposure| history.leftover(exposure));
        let back = left.and_then(|left| left.before.filter(|before| *before < left.entry.to));
        Ok(match (back, history.incident()) {
            (Some(before), _) => Way::PutBack(before),
            (None, Some(_)) => Way::Unlatch,
            (None, None) => Way::Drill,
        })
    }

    /// Returns everything but the flag and the policy that the next step up depends on.
    pub(super) fn circumstances<'h>(
        &self,
        context: &Context,
        flag: &FlagName,
        history: &'h History,
        soaking: Option<Soaking>,
    ) -> Result<Circumstances<'h>> {
        let asked = self.policy(flag).drill_max_age.is_some();
        Ok(Circumstances {
            history,
            soaking,
            ahead: self.ahead(context, flag),
            drilled: if asked { self.drilled(flag)? } else { None },
            drill_in: if asked { self.drill_in(context, flag) } else { None },
            now: super::now(),
        })
    }
}

/// Returns what gets past a failure to read a flag in another environment, where that is its file's.
const fn way_past(exit: Exit) -> Option<Way> {
    match exit {
        Exit::Usage => Some(Way::Declare),
        Exit::Invalid | Exit::Failed => Some(Way::Mend),
        Exit::Ok | Exit::Breach | Exit::Hold | Exit::Refused | Exit::Conflict | Exit::Stopped | Exit::Terminated => {
            None
        }
    }
}
