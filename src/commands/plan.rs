//! `flagctl plan`: what `advance` would do, and every reason why it can't now.

use super::advance::impossible;
use super::interrupt::Interrupt;
use super::look::{Gates, Looking};
use super::place::Place;
use super::{Context, json_answer};
use crate::cli::AdHocArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::model::Percent;
use crate::plan::{self, Circumstances, Overrides};
use crate::render;
use clap::Args;

/// Show what advance would do, and every reason why it can't now
///
/// One screen: every gate, every refusal, when it could go, and the command that gets past each. Changes nothing and
/// ends with 0. Sources that need a wait are not looked at; `check` looks at them.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The flag
    flag: String,
    /// Go to this exposure instead of the next step
    #[arg(long, value_name = "PERCENT", value_parser = super::percent, allow_negative_numbers = true)]
    to: Option<Percent>,
    #[command(flatten)]
    ad_hoc: AdHocArgs,
}

impl PlanArgs {
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
        let mut plan = plan::advance(&flag, self.to, &policy, &circumstances, Overrides::default())
            .map_err(|why| impossible(&place, &flag, &why))?;
        let mut diff = String::new();
        if plan.values.is_some() {
            let edited = place.edit(&plan)?;
            diff = render::diff::unified(place.path(), &place.file.text, &edited.text);
            let looking = Looking { history: &history, soaking };
            (plan.verdicts, plan.not_looked) = gates.without_waiting(&looking, &interrupt, context)?;
        }
        let setting = place.setting(soaking, &self.ad_hoc);
        if context.term.json {
            let mut answer = render::plan::json(&plan, &setting);
            answer["diff"] = anstream::adapter::strip_str(&diff).to_string().into();
            json_answer(context, answer)?;
        } else {
            context.term.answer(&render::plan::page(&plan, &setting))?;
            context.term.detail(&diff);
        }
        Ok(Exit::Ok)
    }
}
