//! Every gate's source: does it answer, and with fresh numbers?

use super::super::Context;
use super::super::interrupt::Interrupt;
use super::super::look::{Gates, Looking};
use super::super::place::Place;
use super::Report;
use crate::cli::AdHocArgs;
use crate::model::{Flag, Judgement, Typed, Verdict};

/// Asks the gates of the flag that is furthest in rollout: each source is asked what it will be asked.
pub(super) fn look(context: &Context, place: &Place, flags: &[Flag], interrupt: &Interrupt, report: &mut Report) {
    let name = place.environment.name.as_deref();
    let Some(flag) = flags.iter().max_by_key(|flag| flag.exposure().known()) else { return };
    let gates = match Gates::of(place, flag, &AdHocArgs::default()) {
        Ok(gates) => gates,
        Err(error) => return report.failed(name, "gates", &error),
    };
    if gates.names().is_empty() {
        let fix = "without one nothing goes forward but by `--override gates`: `flagctl init` shows how one is set up";
        return report.doubtful(name, "gates", "no gate is set up", fix);
    }
    // A ledger that can't be read was told of already: the gates are judged as for a flag that it doesn't know.
    let history = place.history(&flag.name).unwrap_or_default();
    let looking = Looking { soaking: place.soaking(flag, &history), history };
    match gates.rehearse(&looking, interrupt, context) {
        Ok(verdicts) => {
            let meant = place.settings.environment().is_ok_and(|meant| meant.name.as_deref() == name);
            let again = name.filter(|_| !meant).map_or_else(String::new, |name| format!("-e {} ", Typed(name)));
            verdicts.iter().for_each(|judgement| tell(name, flag, &again, judgement, report));
        }
        Err(error) => report.failed(name, "gates", &error),
    }
}

fn tell(name: Option<&str>, flag: &Flag, again: &str, judgement: &Judgement, report: &mut Report) {
    let gate = &judgement.gate;
    let Some(evidence) = &judgement.evidence else { return };
    let look = format!("look closer: `flagctl {again}-v check {}`", flag.name);
    if let Some(why) = &evidence.failure {
        return report.broken(name, "gates", format!("`{gate}`: the source `{}` {why}", evidence.source), look);
    }
    match (judgement.verdict, judgement.rate) {
        (Verdict::Breach, _) => {
            report.doubtful(name, "gates", format!("`{gate}` says breach now: {}", judgement.reason), look);
        }
        (_, Some(_)) => report.well(name, "gates", format!("`{gate}` of `{}`: {}", flag.name, judgement.reason)),
        (_, None) => report.doubtful(name, "gates", format!("`{gate}` of `{}`: {}", flag.name, judgement.reason), look),
    }
}
