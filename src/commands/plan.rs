//! `flagctl plan`: what `advance` would do, and every reason why it can't now.

use super::exposed;
use super::interrupt::Interrupt;
use super::prospect::Prospect;
use super::{Context, json_answer};
use crate::cli::AdHocArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::model::Percent;
use crate::plan::Overrides;
use crate::render;
use clap::Args;
use std::path::PathBuf;

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
    /// Tell also who of these users would be newly exposed: a file with one id a line, or `-` for stdin
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    users: Option<PathBuf>,
    #[command(flatten)]
    ad_hoc: AdHocArgs,
}

impl PlanArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let Prospect { place, gates, looking, mut plan, setting } =
            Prospect::of(context, &self.flag, self.to, &self.ad_hoc, |_| Ok(Overrides::default()))?;
        // Before signals are listened to: whoever types ids can end that as with any program.
        let users = self.users.as_ref().map(|users| exposed::newly(context, &place, &plan, users)).transpose()?;
        let interrupt = Interrupt::listen(context);
        let mut diff = String::new();
        if plan.values.is_some() {
            diff = place.preview(&plan)?;
            (plan.verdicts, plan.not_looked) = gates.without_waiting(&looking, &interrupt, context)?;
        }
        if context.term.json {
            let mut answer = render::plan::json(&plan, &setting);
            answer["diff"] = anstream::adapter::strip_str(&diff).to_string().into();
            if let Some(users) = users {
                answer["users"] = users.json();
            }
            json_answer(context, answer)?;
        } else {
            let users = users.map_or_else(String::new, |users| users.human());
            context.term.answer(&(render::plan::page(&plan, &setting) + &users))?;
            context.term.detail(&diff);
        }
        Ok(Exit::Ok)
    }
}
