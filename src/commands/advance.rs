//! `flagctl advance`: one step up, if every gate passes and nothing refuses.

use super::Context;
use super::afar;
use super::aftermath::{self, Aftermath};
use super::interrupt::{Interrupt, LOCK_TIMEOUT};
use super::look::{self, Gates};
use super::place::{Home, Place};
use super::prospect::Prospect;
use crate::change::{self, Applied, Job, Patience, Record, RemoteJob, Request};
use crate::cli::{AdHocArgs, ChangeArgs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Action, Flag, Mode, Percent, Shown, Typed};
use crate::plan::{self, Impossible, Overrides, Plan};
use crate::render::plan::Setting;
use crate::{config, render};
use clap::Args;
use jiff::SignedDuration;

/// How old evidence may be when the change is made; a longer look at the prompt makes it look again.
const FRESH_ENOUGH: SignedDuration = SignedDuration::from_secs(30);

/// Raise a flag one step, if every gate passes and nothing refuses
///
/// Shows the plan, the verdicts and the diff, and asks. Only `pass` moves forward: a source that can't be reached, too
/// few requests or stale numbers are `hold` (exit 5), bad numbers are `breach` (exit 4).
#[derive(Debug, Args)]
pub struct AdvanceArgs {
    /// The flag to raise
    flag: String,
    /// Go to this exposure instead of the next step
    #[arg(long, value_name = "PERCENT", value_parser = super::percent, allow_negative_numbers = true)]
    to: Option<Percent>,
    /// Set refusals or gates aside for this call: gates, breach, soak, freeze, ladder, latch, order, drill, or a gate's name
    #[arg(long = "override", value_name = "NAME", value_delimiter = ',')]
    overrides: Vec<String>,
    #[command(flatten)]
    change: ChangeArgs,
    #[command(flatten)]
    ad_hoc: AdHocArgs,
}

impl AdvanceArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let interrupt = Interrupt::listen(context);
        let Prospect { place, gates, looking, mut plan, setting } =
            Prospect::of(context, &self.flag, self.to, &self.ad_hoc, |gates| self.overrides(gates))?;
        if plan.values.is_none() {
            let mut applied = Applied::nothing();
            applied.unchanged.push((plan.flag.name.clone(), plan.from.clone()));
            return aftermath(context, &place).tell(&applied, render::plan::json(&plan, &setting));
        }
        let diff = place.preview(&plan)?;
        let doubts = place.alone(&plan.flag.name)?.into_iter().chain(place.errors());
        doubts.for_each(|doubt| context.term.say(&render::error::caution(&context.addressed(&doubt))));
        self.can_ask(context, &plan)?;
        plan.verdicts = gates.judge(&looking, &interrupt, context)?;
        refuse(context, &place, &plan, &setting)?;
        let asks = !self.change.yes && !self.change.dry_run;
        if asks || !context.term.json {
            context.term.status(&render::plan::page(&plan, &setting));
        }
        if asks {
            context.term.status(&diff);
            confirm(context, &plan, &setting, &interrupt)?;
            if look::oldest(&plan.verdicts).is_some_and(|at| at.duration_until(super::now()) > FRESH_ENOUGH) {
                context.term.status("the evidence is older than 30s: looking again");
                plan.verdicts = gates.judge(&looking, &interrupt, context)?;
                refuse(context, &place, &plan, &setting)?;
            }
        }
        if asks || !plan.verdicts.is_empty() {
            look_around(context, &place, &mut plan)?;
            refuse(context, &place, &plan, &setting)?;
        }
        if let Some(stopped) = interrupt.asked() {
            return Err(stopped);
        }
        self.apply(context, &place, &plan, &setting, &interrupt)
    }

    fn overrides(&self, gates: &Gates) -> Result<Overrides> {
        let names = gates.names();
        let overrides = Overrides::parse(&self.overrides, &names).map_err(|word| {
            let known = plan::OVERRIDE_WORDS.iter().copied().chain(names.iter().copied());
            let error = Error::usage(format!("`{}` is nothing that can be overridden", Shown(&word)));
            match config::nearest(&word, known) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("gates, breach, soak, freeze, ladder, latch, order, drill, or the name of one gate"),
            }
        })?;
        // The dots stand in every command that is suggested: they are to be filled in.
        let said = |reason: &String| !reason.trim_matches(['.', '…', ' ', '\t']).is_empty();
        if !overrides.is_empty() && !self.change.reason.as_ref().is_some_and(said) {
            return Err(Error::usage("an override needs a reason, for the ledger")
                .help("add `--reason \"…\"`, with your reason in place of the dots"));
        }
        Ok(overrides)
    }

    /// Fails early where an answer will be needed and nobody can be asked: not after a look of half a minute.
    fn can_ask(&self, context: &Context, plan: &Plan) -> Result<()> {
        if self.change.yes || self.change.dry_run || context.term.interactive {
            return Ok(());
        }
        Err(Error::usage("nobody can be asked here, and `--yes` was not given").help(self.with_yes(context, plan)))
    }

    /// Returns the command line as it was typed, with `--yes`.
    fn with_yes(&self, context: &Context, plan: &Plan) -> String {
        let ChangeArgs { reason, lock_timeout, .. } = &self.change;
        let overrides = (!self.overrides.is_empty()).then(|| self.overrides.join(","));
        let given = [
            ("--to", self.to.map(|to| to.to_string())),
            ("--override", overrides),
            ("--reason", reason.clone()),
            ("--lock-timeout", lock_timeout.map(|wait| format!("{}s", wait.as_secs()))),
        ];
        let word = |(name, value): (&str, Option<String>)| value.map(|value| format!(" {name} {}", Typed(&value)));
        let options: String = given.into_iter().filter_map(word).collect();
        let options = format!("{options}{} --yes", self.ad_hoc.words());
        render::command(&context.again(), "advance", &[plan.flag.name.as_str()], &options)
    }

    fn apply(
        &self,
        context: &Context,
        place: &Place,
        plan: &Plan,
        setting: &Setting,
        interrupt: &Interrupt,
    ) -> Result<Exit> {
        let name = &plan.flag.name;
        let (aftermath, details) = (aftermath(context, place), render::plan::json(plan, setting));
        let ledger = place.ledger();
        let record = Record {
            ledger: &ledger,
            actor: context.actor(),
            host: super::host(),
            environment: place.environment.name.clone(),
            action: Action::Advance,
            reason: self.change.reason.clone(),
            verdicts: plan.verdicts.clone(),
            overrides: plan.overrides.words.clone(),
        };
        let patience = Patience {
            timeout: self.change.lock_timeout.unwrap_or(LOCK_TIMEOUT),
            stopped: &|| interrupt.exit(),
            waiting: &|holder| context.term.status(holder),
        };
        let local = match &place.home {
            Home::File(local) => local,
            Home::Remote(afar) => {
                let want = |_: &Flag| Ok(afar::want(plan, Mode::Careful));
                let jobs = vec![RemoteJob { flag: name.clone(), planned: Some(&plan.flag), want: &want }];
                if self.change.dry_run {
                    let (applied, diff) = afar.rehearse(&jobs);
                    return aftermath.rehearse(applied, &diff, details);
                }
                return aftermath.tell(&afar.apply(Mode::Careful, jobs, record, patience), details);
            }
        };
        let read = |text: &str| local.read(text, name, &place.again);
        let edit = |text: &str| {
            local
                .edited(text, plan, &place.environment)
                .map(|edited| Some(aftermath::edited(edited, plan.from.known(), plan.to)))
        };
        let jobs = vec![Job { flag: name.clone(), planned: Some(&plan.flag), read: &read, edit: &edit }];
        if self.change.dry_run {
            let (applied, new) = change::rehearse(&jobs, Vec::new(), &local.file.text);
            let diff = render::diff::unified(place.path(), &local.file.text, &new);
            return aftermath.rehearse(applied, &diff, details);
        }
        let applied =
            change::apply(&Request { file: place.path(), mode: Mode::Careful, jobs, apart: None, record, patience });
        aftermath.tell(&applied, details)
    }
}

fn aftermath<'a>(context: &'a Context, place: &'a Place) -> Aftermath<'a> {
    let environment = place.environment.name.as_deref();
    Aftermath {
        context,
        action: Action::Advance,
        file: place.path(),
        ledger: place.ledger().path,
        environment,
        inferred: false,
        stood: place.path().metadata().ok(),
        limit: None,
        bars: Box::new(|_| Vec::new()),
        unseen: None,
    }
}

/// Looks again at what may have changed beside the flag while somebody was asked or a source was waited for: the
/// environment that comes first, the ledger, the hour.
fn look_around(context: &Context, place: &Place, plan: &mut Plan) -> Result<()> {
    let flag = &plan.flag;
    let history = place.history(&flag.name)?;
    let circumstances = place.circumstances(context, &flag.name, &history, place.soaking(flag, &history))?;
    let anew = plan::advance(flag, Some(plan.to), &place.policy(&flag.name), &circumstances, plan.overrides.clone())
        .map_err(|why| impossible(place, flag, &why))?;
    plan.refusals = anew.refusals;
    Ok(())
}

/// Asks; no answer is the end of it too.
fn confirm(context: &Context, plan: &Plan, setting: &Setting, interrupt: &Interrupt) -> Result<()> {
    let environment = setting.environment.as_ref().map_or_else(String::new, |name| format!(" in {}", Shown(name)));
    let question = format!("Raise {} from {} to {}%{environment}?", plan.flag.name, plan.from, plan.to);
    match context.term.confirm(&question, &|| interrupt.exit().is_some())? {
        Some(true) => Ok(()),
        Some(false) => Err(Error::new(Exit::Stopped, "the answer was no")),
        None => Err(interrupt.asked().unwrap_or_else(|| Error::new(Exit::Stopped, "there was no answer"))),
    }
}

/// Shows the page and fails, if something stands in the way.
fn refuse(context: &Context, place: &Place, plan: &Plan, setting: &Setting) -> Result<()> {
    let obstacles = plan.obstacles();
    if obstacles.is_empty() {
        return Ok(());
    }
    if !context.term.json {
        context.term.status(&render::plan::facts(plan, setting));
    }
    let (name, from) = (&plan.flag.name, &plan.from);
    let why = format!("`{name}` stays at {from}: {}", render::plan::summary(&obstacles));
    let mut error = Error::new(plan.exit(), why);
    error.help = render::plan::ways_out(plan, setting);
    let mut applied = Applied::nothing();
    applied.failed.push((name.clone(), error));
    aftermath(context, place).tell(&applied, render::plan::json(plan, setting)).map(|_| ())
}

/// Returns the error for a flag that can't be planned for.
pub(super) fn impossible(place: &Place, flag: &Flag, why: &Impossible) -> Error {
    match why {
        Impossible::Below { to, .. } => {
            let rollback = render::command(&place.again, "rollback", &[flag.name.as_str()], &format!(" --to {to}"));
            Error::usage(why.to_string()).help(format!("to go down: {rollback}"))
        }
        Impossible::Unknown { .. } => place.unreadable(flag, why),
    }
}
