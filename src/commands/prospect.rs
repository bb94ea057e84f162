//! What `advance`, `plan` and `check` begin with: a flag at its place, its gates, and the plan of its next step.

use super::Context;
use super::bucket::{self, of_salt};
use super::look::{Gates, Looking};
use super::place::Place;
use crate::cli::AdHocArgs;
use crate::error::Result;
use crate::model::Percent;
use crate::plan::{self, Overrides, Plan};
use crate::render::{self, plan::Setting};

/// One flag, and the step that could be next.
pub(super) struct Prospect {
    pub(super) place: Place,
    pub(super) gates: Gates,
    pub(super) looking: Looking,
    /// Without verdicts yet.
    pub(super) plan: Plan,
    pub(super) setting: Setting,
}

impl Prospect {
    /// Reads everything but the gates' sources, and plans one step up or to `to`.
    pub(super) fn of(
        context: &Context,
        flag: &str,
        to: Option<Percent>,
        ad_hoc: &AdHocArgs,
        overrides: impl FnOnce(&Gates) -> Result<Overrides>,
    ) -> Result<Self> {
        let place = Place::open(context)?;
        let flag = place.flag(flag)?;
        place.whole()?;
        let gates = Gates::of(&place, &flag, ad_hoc)?;
        let overrides = overrides(&gates)?;
        place.doubt_ledger(context, &flag.name)?;
        let history = place.history(&flag.name)?;
        if let Some(left) = place.left_by_drill(&flag, &history) {
            context.term.say(&render::error::caution(&format!("`{}` {}", flag.name, left.told())));
        }
        let soaking = place.soaking(&flag, &history);
        let policy = place.policy(&flag.name);
        let circumstances = place.circumstances(context, &flag.name, &history, soaking)?;
        let plan = plan::advance(&flag, to, &policy, &circumstances, overrides)
            .map_err(|why| super::advance::impossible(&place, &flag, &why))?;
        let mut setting = place.setting(soaking, ad_hoc);
        // Where nobody has it yet, nobody is dealt anew.
        if flag.exposure().known().is_none_or(|exposure| !exposure.is_zero()) {
            setting.notes.extend(of_salt(&place, &flag));
        }
        // JSON has them in its answer.
        setting.notes.iter().filter(|_| !context.term.json).for_each(|note| bucket::say(context, note));
        Ok(Self { place, gates, looking: Looking { history, soaking }, plan, setting })
    }
}
