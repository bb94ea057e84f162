//! What holds elsewhere: how a flag stands in the environment that comes first, and when its rollback was rehearsed.

use super::Context;
use super::place::Place;
use crate::config::Environment;
use crate::error::Result;
use crate::model::{Entry, FlagName, History};
use crate::plan::{Ahead, Circumstances, Soaking, Stands};
use jiff::Timestamp;

impl Place {
    /// Tells how a flag stands in the environment that comes first, if one does.
    pub(super) fn ahead(&self, context: &Context, flag: &FlagName) -> Option<Ahead> {
        let name = self.environment.rules.after.as_deref()?;
        let unknown = |why: String| Ahead { environment: name.to_owned(), stands: Stands::Unknown(why) };
        let Some(environment) = self.settings.named(name) else {
            return Some(unknown("there is no such environment".to_owned()));
        };
        let there = Self::of(context, self.settings.clone(), environment.clone());
        Some(match there.and_then(|there| there.stands(name, flag)) {
            Ok(ahead) => ahead,
            Err(error) => unknown(error.message),
        })
    }

    fn stands(&self, name: &str, flag: &FlagName) -> Result<Ahead> {
        self.whole()?;
        let flag = self.flag(flag.as_str())?;
        let history = self.history(&flag.name)?;
        let (soaking, soak) = (self.soaking(&flag, &history), self.policy(&flag.name).soak);
        Ok(Ahead::of(name, &flag.exposure(), &history, soaking, soak, super::now()))
    }

    /// Returns when the rollback of a flag was last rehearsed to its end, in whichever environment.
    pub(super) fn drilled(&self, flag: &FlagName) -> Result<Option<Timestamp>> {
        let entries = self.ledger().entries()?.history.entries;
        let ended = |entry: &Entry| entry.flag == flag.as_str() && entry.is_drill_that_ended();
        Ok(entries.iter().rev().find(|entry| ended(entry)).map(|entry| entry.at))
    }

    /// Returns the environment in which a rollback can be rehearsed for this one: the one that comes first, else the
    /// first that isn't protected.
    fn drill_in(&self) -> Option<String> {
        let open = |other: &&Environment| !other.rules.protected && other.name != self.environment.name;
        let first = self.environment.rules.after.as_deref().and_then(|name| self.settings.named(name));
        first.filter(open).or_else(|| self.settings.environments.iter().find(open))?.name.clone()
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
            drill_in: self.drill_in(),
            now: super::now(),
        })
    }
}
