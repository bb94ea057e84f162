//! What `validate` finds in the questions of gates: each is read as its source will read it, and none is asked.

use crate::check::Severity;
use crate::config::{Gate, Settings};
use crate::error::Error;
use crate::metrics::{self, Unreadable};
use crate::model::placeholder::{Place, fill};
use crate::model::{FlagName, Numbers, Percent, Shown, SourceKind, Subject};

/// Finds questions that can't be put, or that the server is unlikely to take; each once, whatever environments it is for.
pub(super) fn unreadable(settings: &Settings) -> Vec<(Severity, Error)> {
    let Some(flag) = FlagName::new("flag") else { return Vec::new() };
    let mut found: Vec<(Severity, Error)> = Vec::new();
    for (environment, gate) in settings.every_gate() {
        let subject = Subject { flag: flag.clone(), environment: environment.to_owned(), exposure: Percent::ZERO };
        for (key, text) in questions(&gate) {
            let Err((severity, why)) = read(&gate, text, &subject) else { continue };
            let name = &gate.rule.name;
            let message = format!("gate `{}`: `{key}` {why}", Shown(name));
            let help = match severity {
                Severity::Error => "until it is mended the gate holds",
                Severity::Warning => {
                    "VictoriaMetrics may take it as MetricsQL; the gate then needs the key `freshness` beside it"
                }
            };
            let error = settings.amiss(&["gates", name, key], message).help(help);
            if !found.iter().any(|(_, known)| known.message == error.message) {
                found.push((severity, error));
            }
        }
    }
    found
}

fn questions(gate: &Gate) -> Vec<(&'static str, &str)> {
    let Numbers::Counts { errors, total } = &gate.numbers else { return Vec::new() };
    let freshness = gate.freshness.as_deref().map(|text| ("freshness", text));
    [("errors", errors.as_str()), ("total", total.as_str())].into_iter().chain(freshness).collect()
}

fn read(gate: &Gate, text: &str, subject: &Subject) -> Result<(), (Severity, String)> {
    if gate.source.kind == SourceKind::Json {
        return Ok(());
    }
    let filled = fill(text, Place::Query, subject, gate.window)
        .map_err(|why| (Severity::Error, format!("can't be asked: {why}")))?;
    if gate.source.kind == SourceKind::Exposition {
        return metrics::check_selector(&filled).map_err(|why| (Severity::Error, why));
    }
    metrics::check_query(&filled).map_err(|why| match why {
        Unreadable::Broken(why) => (Severity::Error, format!("can't be read: {why}")),
        Unreadable::Foreign(why) => (Severity::Warning, format!("is no PromQL: {}", Shown(&why))),
    })
}
