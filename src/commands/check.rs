//! `flagctl check`: judges the gates, moves nothing.

use super::bucket;
use super::interrupt::Interrupt;
use super::place::Home;
use super::prospect::Prospect;
use super::{Context, judged};
use crate::cli::AdHocArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::plan::{self, Overrides};
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
        let interrupt = Interrupt::listen(context);
        let Prospect { place, gates, looking, mut plan, mut setting } =
            Prospect::of(context, &self.flag, None, &self.ad_hoc, |_| Ok(Overrides::default()))?;
        // What no gate knows of: `advance` would refuse.
        if let Home::Remote(afar) = &place.home
            && let Some(why) = afar.held_back(&plan.flag.name)
        {
            setting.notes.push(format!("`{}` can't go forward from here: {why}", plan.flag.name));
            setting.notes.last().iter().filter(|_| !context.term.json).for_each(|note| bucket::say(context, note));
        }
        plan.verdicts = gates.rehearse(&looking, &interrupt, context)?;
        let exit = Exit::first_of(plan.gate_obstacles().iter().map(plan::Obstacle::exit));
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
