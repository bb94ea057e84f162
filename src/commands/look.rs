//! Gates that are asked: questions out, verdicts back.

use super::Context;
use super::interrupt::Interrupt;
use super::place::Place;
use crate::cli::{Absent, AdHocArgs};
use crate::config::{self, Gate};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::gate::{self, Applies, Moment, Threshold};
use crate::http;
use crate::metrics;
use crate::model::placeholder::{Place as Filled, fill};
use crate::model::{AbsentErrors, Evidence, Flag, FlagName, History, Judgement, Percent, Question, Shown};
use crate::model::{SourceKind, Subject, Verdict};
use crate::plan::Soaking;
use crate::render;
use crate::term::Progress;
use jiff::Timestamp;
use std::time::Duration;

/// The gates of one flag at one place.
pub(super) struct Gates {
    gates: Vec<Gate>,
    subject: Subject,
}

impl Gates {
    /// Returns the configured gates, and the one of the command line.
    pub(super) fn of(place: &Place, flag: &Flag, ad_hoc: &AdHocArgs) -> Result<Self> {
        let mut gates = place.settings.gates(&place.environment, &flag.name)?;
        if let (Some(url), Some(max)) = (&ad_hoc.metrics_url, &ad_hoc.max_error_rate) {
            let (url, max) = (url.clone(), max.clone());
            let AdHocArgs { errors, total, window, min_requests, .. } = ad_hoc.clone();
            let absent_errors = match ad_hoc.absent_errors {
                Absent::Hold => AbsentErrors::Hold,
                Absent::Zero => AbsentErrors::Zero,
            };
            let given = config::AdHoc { url, max, errors, total, window, min_requests, absent_errors };
            let gate = config::adhoc_gate(&given)?;
            let about = subject(place, &flag.name, flag.exposure().known().unwrap_or_default());
            selectors(&given, &about, gate.window)?;
            gates.push(gate);
        }
        // A flag whose exposure can't be told has no plan, so no gate of it is asked.
        let exposure = flag.exposure().known().unwrap_or_default();
        Ok(Self { gates, subject: subject(place, &flag.name, exposure) })
    }

    /// Returns one gate alone, for a flag that is at `exposure`.
    pub(super) fn only(gate: Gate, place: &Place, flag: &FlagName, exposure: Percent) -> Self {
        Self { gates: vec![gate], subject: subject(place, flag, exposure) }
    }

    /// Returns the configured gates, of which there has to be one, for a flag that is at `exposure`.
    pub(super) fn of_service(place: &Place, flag: &FlagName, exposure: Percent) -> Result<Self> {
        let gates = place.settings.gates(&place.environment, flag)?;
        if gates.is_empty() {
            return Err(Error::new(Exit::Hold, "no gate is set up that could see the service fail")
                .help("to set a gate up: `flagctl init` shows how"));
        }
        Ok(Self { gates, subject: subject(place, flag, exposure) })
    }

    /// Returns the longest window.
    pub(super) fn longest(&self) -> Duration {
        self.gates.iter().map(|gate| gate.window).max().unwrap_or_default()
    }

    /// Returns the names that `--override` may take.
    pub(super) fn names(&self) -> Vec<&str> {
        self.gates.iter().map(|gate| gate.rule.name.as_str()).collect()
    }

    /// Asks every gate's source, waits where a source needs it, and judges.
    pub(super) fn judge(&self, looking: &Looking, interrupt: &Interrupt, context: &Context) -> Result<Vec<Judgement>> {
        let asked: Vec<&Gate> = self.gates.iter().filter(|gate| self.applies(gate)).collect();
        let evidence = self.ask(&asked, interrupt, context)?;
        Ok(self.verdicts(&asked, evidence, looking))
    }

    /// As [`Gates::judge`], but gates that have no say yet are asked too, and tell what they would say.
    pub(super) fn rehearse(
        &self,
        looking: &Looking,
        interrupt: &Interrupt,
        context: &Context,
    ) -> Result<Vec<Judgement>> {
        let asked: Vec<&Gate> = self.gates.iter().collect();
        let evidence = self.ask(&asked, interrupt, context)?;
        let moment = self.moment(looking);
        Ok(asked.into_iter().zip(&evidence).map(|(gate, found)| self.foretold(gate, &moment, found)).collect())
    }

    fn foretold(&self, gate: &Gate, moment: &Moment, found: &Evidence) -> Judgement {
        if self.applies(gate) {
            return gate::judge(&gate.rule, moment, Some(found));
        }
        let rule = Threshold { applies: Applies::Always, ..gate.rule.clone() };
        let would = gate::judge(&rule, moment, Some(found));
        let reason = format!("nobody is exposed yet; it would say {}: {}", would.verdict, would.reason);
        Judgement { verdict: Verdict::NotApplicable, reason, ..would }
    }

    /// As [`Gates::judge`], but sources that need a wait are not looked at; returns their gates' names too.
    pub(super) fn without_waiting(
        &self,
        looking: &Looking,
        interrupt: &Interrupt,
        context: &Context,
    ) -> Result<(Vec<Judgement>, Vec<String>)> {
        let waits = |gate: &Gate| gate.source.kind == SourceKind::Exposition;
        let (left_out, asked): (Vec<&Gate>, Vec<&Gate>) =
            self.gates.iter().filter(|gate| self.applies(gate)).partition(|gate| waits(gate));
        let evidence = self.ask(&asked, interrupt, context)?;
        let not_looked = left_out.iter().map(|gate| gate.rule.name.clone()).collect();
        Ok((self.verdicts(&asked, evidence, looking), not_looked))
    }

    fn applies(&self, gate: &Gate) -> bool {
        gate.rule.applies == Applies::Always || !self.subject.exposure.is_zero()
    }

    fn ask(&self, asked: &[&Gate], interrupt: &Interrupt, context: &Context) -> Result<Vec<Evidence>> {
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let questions: Vec<Question> = asked.iter().map(|gate| self.question(gate)).collect();
        for question in &questions {
            let url = http::hide_user_info(&question.source.url);
            context.term.detail(&format!("asking {} at {}", Shown(&question.source.name), Shown(&url)));
        }
        let progress = Progress::new(&context.term);
        let evidence = metrics::look(&questions, &interrupt.cancel, &|step| {
            progress.show(&step.source, step.waited, step.window);
        });
        progress.end();
        context
            .term
            .detail("the rate that was seen decides; the range behind it tells how sure it is, and decides nothing");
        for query in evidence.iter().flat_map(|evidence| &evidence.queries) {
            context.term.detail(&format!("  {}: {}", query.of, Shown(&query.text)));
        }
        interrupt.asked().map_or(Ok(evidence), Err)
    }

    fn question(&self, gate: &Gate) -> Question {
        Question {
            source: gate.source.clone(),
            numbers: gate.numbers.clone(),
            freshness: gate.freshness.clone(),
            window: gate.window,
            absent_errors: gate.rule.absent_errors,
            subject: self.subject.clone(),
        }
    }

    fn moment(&self, looking: &Looking) -> Moment {
        Moment {
            exposure: self.subject.exposure,
            began: looking.soaking.map(|soaking| soaking.since),
            after_rollback: looking.history.latch().is_some(),
            now: super::now(),
        }
    }

    /// Judges in the order of the gates, whether they were asked or not.
    fn verdicts(&self, asked: &[&Gate], evidence: Vec<Evidence>, looking: &Looking) -> Vec<Judgement> {
        let moment = self.moment(looking);
        let mut evidence = asked.iter().zip(evidence);
        let mut next = evidence.next();
        let mut verdicts = Vec::new();
        for gate in &self.gates {
            match next.take_if(|(asked, _)| std::ptr::eq(**asked, gate)) {
                Some((_, found)) => {
                    verdicts.push(gate::judge(&gate.rule, &moment, Some(&found)));
                    next = evidence.next();
                }
                None if self.applies(gate) => verdicts.push(not_looked(gate)),
                None => verdicts.push(gate::judge(&gate.rule, &moment, None)),
            }
        }
        verdicts
    }
}

/// Refuses selectors of the command line that can't be read.
fn selectors(given: &config::AdHoc, about: &Subject, window: Duration) -> Result<()> {
    for (option, text) in [("--errors", &given.errors), ("--total", &given.total)] {
        let Some(text) = text else { continue };
        let filled = fill(text, Filled::Query, about, window).unwrap_or_else(|_| text.clone());
        if let Err(why) = metrics::check_selector(&filled) {
            return Err(Error::usage(format!("`{option}`: `{}` {why}", Shown(text))));
        }
    }
    Ok(())
}

fn subject(place: &Place, flag: &FlagName, exposure: Percent) -> Subject {
    Subject { flag: flag.clone(), environment: place.environment.name.clone().unwrap_or_default(), exposure }
}

/// What a look has to know beside the gates.
pub(super) struct Looking {
    /// What the ledger knows of the flag.
    pub(super) history: History,
    /// When the present step began.
    pub(super) soaking: Option<Soaking>,
}

fn not_looked(gate: &Gate) -> Judgement {
    Judgement {
        gate: gate.rule.name.clone(),
        verdict: Verdict::Hold,
        reason: format!(
            "not looked: it takes {}; `flagctl check` looks",
            render::time::length(jiff::SignedDuration::try_from(gate.window).unwrap_or(jiff::SignedDuration::MAX))
        ),
        rate: None,
        interval: None,
        limit: Some(gate.rule.max),
        evidence: None,
    }
}

/// Returns the time of the oldest evidence.
pub(super) fn oldest(verdicts: &[Judgement]) -> Option<Timestamp> {
    verdicts.iter().filter_map(|judgement| judgement.evidence.as_ref()).map(|evidence| evidence.looked_at).min()
}
