//! `flagctl check`: judges the gates, moves nothing.

use super::interrupt::Interrupt;
use super::look::{Gates, Looking};
use super::place::Place;
use super::{Context, advance, judged};
use crate::cli::AdHocArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::plan::{self, Circumstances, Overrides};
use crate::render;
use clap::Args;

/// Judge a flag's gates; change nothing
///
/// Ends with 4 if a gate says no, 5 if one can't tell or none is set up, else 0.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The flag
    flag: String,
    #[command(flatten)]
    ad_hoc: AdHocArgs,
}

impl CheckArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let interrupt = Interrupt::listen();
        let place = Place::open(context)?;
        let flag = place.flag(&self.flag)?;
        place.whole()?;
        let gates = Gates::of(&place, &flag, &self.ad_hoc)?;
        let history = place.history(&flag.name)?;
        let soaking = place.soaking(&flag, &history);
        let policy = place.settings.policy(&flag.name);
        let circumstances = Circumstances { history: &history, soaking, now: super::now() };
        let mut plan = plan::advance(&flag, None, &policy, &circumstances, Overrides::default())
            .map_err(|why| advance::impossible(&place, &flag, &why))?;
        plan.verdicts = gates.rehearse(&Looking { history: &history, soaking }, &interrupt, context)?;
        let exit = Exit::first_of(plan.gate_obstacles().iter().map(plan::Obstacle::exit));
        let setting = place.setting(soaking, &self.ad_hoc);
        let mut error = Error::new(exit, render::plan::summary(&plan.gate_obstacles()));
        error.help = render::plan::gate_ways(&plan, &setting, "check");
        if context.term.json {
            let bad = (exit != Exit::Ok).then_some(error);
            return judged(context, render::plan::json(&plan, &setting), bad);
        }
        context.term.answer(&render::plan::verdicts(&plan))?;
        error.help.iter().for_each(|help| context.term.status(&render::error::help(help)));
        Ok(exit)
    }
}
