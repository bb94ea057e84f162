//! `flagctl drill`: rehearses a rollback for real, where it hurts nobody: up, a breach, seen, down, as before.

mod breach;
mod rehearsal;

use super::interrupt::Interrupt;
use super::look::Gates;
use super::place::Place;
use super::{Context, json_answer};
use crate::cli::ChangeArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Exposure, Flag, Percent, Shown, Typed};
use crate::plan::Impossible;
use crate::render;
use breach::Breach;
use clap::Args;
use rehearsal::Rehearsal;
use std::time::Duration;

/// Rehearse the rollback of a flag, for real: up one step, a breach, seen, down again
///
/// Raises the flag one step in an environment that may be disturbed, lets a gate see errors, rolls the flag back, and
/// leaves the file as it was. Each part is timed, and the ledger keeps the result. Without --misbehave the errors are
/// those of an endpoint that lives as long as the drill; with it they are the service's own, and its gates have to see
/// them. Never runs where the configuration says `protected`.
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
        refuse_protected(&place)?;
        let flag = place.flag(&self.flag)?;
        place.whole()?;
        let from = match flag.exposure() {
            Exposure::Exactly(from) => from,
            Exposure::AtLeast { reason, .. } | Exposure::Unknown { reason } => {
                let why = Impossible::Unknown { flag: flag.name.to_string(), reason };
                return Err(place.unreadable(&flag, &why));
            }
        };
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
            return self.rehearse_nothing(context, &place, &flag, from, to);
        }
        self.confirm(context, &place, &flag, (from, to), &interrupt)?;
        let within = self.within.unwrap_or_else(|| gates.longest() * 2 + Duration::from_secs(30));
        let drill = Rehearsal { context, place: &place, flag: &flag, from, to, change: &self.change };
        let result = drill.play(&breach, &gates, within, &interrupt)?;
        let environment = place.environment.name.as_deref();
        if context.term.json {
            json_answer(context, render::drill::json(&result, environment, place.path()))?;
        } else {
            context.term.answer(&render::drill::human(&result, environment, place.path()))?;
        }
        Ok(Exit::Ok)
    }

    fn rehearse_nothing(
        &self,
        context: &Context,
        place: &Place,
        flag: &Flag,
        from: Percent,
        to: Percent,
    ) -> Result<Exit> {
        let answer = serde_json::json!({
            "flag": flag.name, "environment": place.environment.name, "file": place.shown_file(),
            "from": from, "to": to, "verdict": null, "seconds_up": null, "seconds_to_see": null, "seconds_down": null,
            "seconds_to_safe": null, "as_before": true, "recorded": null, "changed": false, "changes": [], "failed": [],
        });
        if context.term.json {
            json_answer(context, answer)?;
        } else {
            let name = &flag.name;
            context
                .term
                .answer(&format!("{name} would go {from}% → {to}%, meet a breach, go to 0% and back to {from}%"))?;
            context.term.status("this was a dry run: nothing was changed");
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

fn refuse_protected(place: &Place) -> Result<()> {
    if !place.environment.rules.protected {
        return Ok(());
    }
    let name = place.environment.name.as_deref().unwrap_or_default();
    let error = Error::new(Exit::Refused, format!("environment `{}` is protected: no drill is run there", Shown(name)));
    let open = place.settings.environments.iter().find(|other| !other.rules.protected);
    Err(match open.and_then(|other| other.name.as_deref()) {
        Some(other) => error.help(format!("run it in another one: `-e {}`", Typed(other))),
        None => error,
    })
}
