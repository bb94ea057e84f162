//! `flagctl drill`: rehearses a rollback for real, where it hurts nobody: up, a breach, seen, down, as before.

mod breach;
mod conditions;
mod rehearsal;
mod restore;
mod stored;
mod ways;

use super::interrupt::Interrupt;
use super::look::Gates;
use super::place::Place;
use super::{Context, checkout, json_answer};
use crate::cli::ChangeArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Action, Exposure, Flag, Percent, Shown, Values};
use crate::plan::{Overrides, Plan};
use crate::render;
use breach::Breach;
use clap::Args;
use rehearsal::Rehearsal;
use std::time::Duration;

/// Rehearse the rollback of a flag, for real: up one step, a breach, seen, down again
///
/// Raises the flag one step in an environment that may be disturbed, lets a gate see errors, rolls the flag back, and
/// puts the flag back to where it was. Each part is timed, and the ledger keeps the result. Without --misbehave the errors are
/// those of a page that flagctl itself shows for as long as the drill, so that only flagctl's own part is rehearsed; with
/// it they are the service's own, and its gates have to see them. Runs only in an environment that the configuration
/// names, and never where it says `protected`. Soak, freeze, gates and the order of environments are not asked.
#[derive(Debug, Args)]
pub struct DrillArgs {
    /// The flag whose rollback is rehearsed
    flag: String,
    /// Let the service itself fail: PUT here makes it, DELETE heals it; the flag's own gates judge
    #[arg(long, value_name = "URL")]
    misbehave: Option<String>,
    /// How long the breach may take to be seen [default: 30s and twice the longest window of the gates]
    #[arg(long, value_name = "DURATION", value_parser = crate::cli::duration)]
    within: Option<Duration>,
    #[command(flatten)]
    change: ChangeArgs,
}

impl DrillArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let interrupt = Interrupt::listen(context);
        let place = Place::open(context)?;
        conditions::environment(&place)?;
        let flag = place.flag(&self.flag)?;
        place.whole()?;
        let from = conditions::exposure(&place, &flag)?;
        place.ledger().usable()?;
        let history = place.history(&flag.name)?;
        conditions::nothing_left(&place, &flag, &history)?;
        conditions::no_incident(&place, &flag, &history)?;
        let to = place.policy(&flag.name).ladder.above(from).unwrap_or(from);
        let breach = match &self.misbehave {
            None => Breach::embedded(&flag.name)?,
            Some(url) => Breach::of_service(url)?,
        };
        let gates = match breach.gate()? {
            Some(gate) => Gates::only(gate, &place, &flag.name, to),
            None => Gates::of_service(&place, &flag.name, to)?,
        };
        if self.change.dry_run {
            return rehearse_nothing(context, &place, &flag, from, to);
        }
        self.confirm(context, &place, &flag, (from, to), &interrupt)?;
        if self.misbehave.is_some() {
            conditions::healthy(context, &place, (&flag, history), &gates, &interrupt)?;
        }
        let within = self.within.unwrap_or_else(|| gates.longest() * 2 + Duration::from_secs(30));
        let drill = Rehearsal::new(context, &place, &flag, (from, to), &self.change)?;
        let result = drill.play(&breach, &gates, within, &interrupt)?;
        let environment = place.environment.name.as_deref();
        if context.term.json {
            json_answer(context, render::drill::json(&result, environment, place.path()))?;
            return Ok(Exit::Ok);
        }
        context.term.answer(&render::drill::human(&result, environment, place.path()))?;
        if let (true, Some(share)) = (result.recorded, checkout::of_ledger(&place.ledger().path, &flag.name)) {
            context.term.status(&share);
        }
        Ok(Exit::Ok)
    }

    fn confirm(
        &self,
        context: &Context,
        place: &Place,
        flag: &Flag,
        (from, to): (Percent, Percent),
        interrupt: &Interrupt,
    ) -> Result<()> {
        if self.change.yes {
            return Ok(());
        }
        if !context.term.interactive {
            let again = render::command(&context.again(), "drill", &[flag.name.as_str()], " --yes");
            return Err(Error::usage("nobody can be asked here, and `--yes` was not given").help(again));
        }
        let environment =
            place.environment.name.as_ref().map_or_else(String::new, |name| format!(" in {}", Shown(name)));
        let question =
            format!("Rehearse the rollback of {}{environment}: {from}% → {to}%, a breach, and back?", flag.name);
        match context.term.confirm(&question, &|| interrupt.exit().is_some())? {
            Some(true) => Ok(()),
            Some(false) => Err(Error::new(Exit::Stopped, "the answer was no")),
            None => Err(interrupt.asked().unwrap_or_else(|| Error::new(Exit::Stopped, "there was no answer"))),
        }
    }
}

fn rehearse_nothing(context: &Context, place: &Place, flag: &Flag, from: Percent, to: Percent) -> Result<Exit> {
    let diff = place.preview(&way_up(flag, from, to))?;
    let answer = serde_json::json!({
        "flag": flag.name, "environment": place.environment.name, "file": place.shown_file(),
        "from": from, "to": to, "diff": anstream::adapter::strip_str(&diff).to_string(), "breach_of": null, "verdict": null, "seconds_up": null, "seconds_to_see": null,
        "seconds_down": null, "seconds_to_safe": null, "as_before": true, "differences": [], "recorded": null, "changed": false,
        "changes": [], "failed": [],
    });
    if context.term.json {
        json_answer(context, answer)?;
    } else {
        let name = &flag.name;
        context
            .term
            .answer(&format!("{name} would go {from}% → {to}%, meet a breach, go to 0% and back to {from}%"))?;
        if !diff.is_empty() {
            context.term.answer(&diff)?;
        }
        context.term.status("this was a dry run: nothing was changed");
    }
    Ok(Exit::Ok)
}

fn way_up(flag: &Flag, from: Percent, to: Percent) -> Plan {
    let enabled = (flag.enabled.value() == Some(&false)).then_some(true);
    Plan {
        action: Action::Drill,
        flag: flag.clone(),
        from: Exposure::Exactly(from),
        to,
        values: (to > from).then_some(Values { rollout: to, enabled }),
        jumped: Vec::new(),
        refusals: Vec::new(),
        verdicts: Vec::new(),
        not_looked: Vec::new(),
        overrides: Overrides::default(),
    }
}
