//! `flagctl doctor`: proves today that tonight's rollback would work.

mod backend;
mod file;
mod fleet;
mod ledger;
mod shell;
mod sources;

use super::interrupt::Interrupt;
use super::place::{Home, Place};
use super::{Context, judged};
use crate::config::{Environment, Settings};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::Flag;
use crate::render::doctor::{self as page, Finding, Grade};
use clap::Args;
use serde_json::json;

/// Prove that a rollback would work tonight, and tell what would not
///
/// Looks, and changes no flag: whether each environment's flags can be read and edited, whether its backend would let
/// this token switch a flag off, whether the lock and the ledger work, whether every gate's source answers with fresh
/// numbers, what `--verify` needs, and where file, backend and ledger differ. To see whether the file can be replaced it
/// makes an empty spare file beside it, and removes it. Each finding has its fix. Exit 3 if something would fail.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Only these flags
    #[arg(value_name = "FLAG")]
    flags: Vec<String>,
    /// Don't ask the gates' sources: those that need a wait need half a minute
    #[arg(long)]
    no_sources: bool,
}

impl DoctorArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let interrupt = Interrupt::listen(context);
        let settings = context.settings()?;
        let mut report = Report::default();
        report.well(None, "configuration", self.configuration(context, &settings));
        for environment in environments(&settings)? {
            self.environment(context, &settings, &environment, &interrupt, &mut report);
            if let Some(stopped) = interrupt.asked() {
                return Err(stopped);
            }
        }
        ledger::look(&settings, &mut report);
        shell::look(&settings, &mut report);
        report.end(context)
    }

    fn configuration(&self, context: &Context, settings: &Settings) -> String {
        match &settings.file {
            Some(file) => format!("{} can be used", crate::model::Shown(&file.display().to_string())),
            None => format!("there is none, and none is needed: flagctl {}init writes one", context.elsewhere()),
        }
    }

    fn environment(
        &self,
        context: &Context,
        settings: &Settings,
        environment: &Environment,
        interrupt: &Interrupt,
        report: &mut Report,
    ) {
        let name = environment.name.as_deref();
        let place = match Place::of(context, settings.clone(), environment.clone()) {
            Ok(place) => place,
            Err(error) => return report.failed(name, "flags", &error),
        };
        let flags = match self.chosen(&place) {
            Ok(flags) => flags,
            Err(error) => return report.failed(name, "flags", &error),
        };
        let at = place.path().display().to_string();
        report.well(name, "flags", format!("{} in {}", count(flags.len()), crate::model::Shown(&at)));
        match &place.home {
            Home::File(local) => file::look(&place, local, &flags, report),
            Home::Remote(afar) => backend::look(&place, afar, (&flags, self.flags.is_empty()), report),
        }
        ledger::compare(&place, &flags, report);
        if !self.no_sources {
            sources::look(context, &place, &flags, interrupt, report);
            fleet::look(context, &place, &flags, report);
        }
    }

    /// Returns the flags that are looked at: those that are named and are here, or all.
    fn chosen(&self, place: &Place) -> Result<Vec<Flag>> {
        let flags = place.flags()?;
        place.whole()?;
        if self.flags.is_empty() {
            return Ok(flags);
        }
        self.flags.iter().map(|name| place.flag(name)).collect()
    }
}

/// Returns the environments to look at: the one that is named, else all.
fn environments(settings: &Settings) -> Result<Vec<Environment>> {
    if settings.is_named() || settings.environments.is_empty() {
        return settings.environment().map(|environment| vec![environment.clone()]);
    }
    Ok(settings.environments.clone())
}

fn count(flags: usize) -> String {
    if flags == 1 { "1 flag".to_owned() } else { format!("{flags} flags") }
}

/// What was found, in the order of looking.
#[derive(Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
}

impl Report {
    /// Notes that something works.
    pub(super) fn well(&mut self, environment: Option<&str>, what: &'static str, message: impl Into<String>) {
        self.note(Grade::Ok, environment, what, message.into(), Vec::new());
    }

    /// Notes what works, and may surprise.
    pub(super) fn doubtful(
        &mut self,
        environment: Option<&str>,
        what: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.note(Grade::Warning, environment, what, message.into(), vec![fix.into()]);
    }

    /// Notes what would not work.
    pub(super) fn broken(
        &mut self,
        environment: Option<&str>,
        what: &'static str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.note(Grade::Error, environment, what, message.into(), vec![fix.into()]);
    }

    /// Notes what failed when it was tried.
    pub(super) fn failed(&mut self, environment: Option<&str>, what: &'static str, error: &Error) {
        let place = error.spot.as_ref().map_or_else(String::new, |spot| {
            format!("{}:{}:{}: ", crate::model::Shown(&spot.file.display().to_string()), spot.line, spot.column)
        });
        self.note(Grade::Error, environment, what, format!("{place}{}", error.message), error.help.clone());
    }

    fn note(&mut self, grade: Grade, environment: Option<&str>, what: &'static str, message: String, fix: Vec<String>) {
        let environment = environment.map(str::to_owned);
        self.findings.push(Finding { grade, environment, what, message, fix });
    }

    fn end(mut self, context: &Context) -> Result<Exit> {
        for finding in &mut self.findings {
            finding.fix.iter_mut().for_each(|fix| *fix = context.addressed(fix));
        }
        let errors = self.findings.iter().filter(|finding| finding.grade == Grade::Error).count();
        let error = (errors > 0).then(|| {
            let what = if errors == 1 { "1 thing".to_owned() } else { format!("{errors} things") };
            Error::invalid(format!("{what} would stand in the way of a rollback or of what comes before it"))
        });
        if context.term.json {
            return judged(context, json!({ "findings": page::json(&self.findings), "errors": errors }), error);
        }
        context.term.answer(&page::human(&self.findings))?;
        error.map_or(Ok(Exit::Ok), |error| {
            context.term.say(&crate::render::error::human(&error));
            Ok(Exit::Invalid)
        })
    }
}
