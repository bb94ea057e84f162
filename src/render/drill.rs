//! What a drill measured.

use super::style::{DIM, GOOD, NAME, STRONG, Styled};
use crate::model::{FlagName, Judgement, Percent, Shown};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// What a drill that was played to its end measured.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The flag.
    pub flag: FlagName,
    /// Where it was, and is again.
    pub from: Percent,
    /// Where it was for the drill.
    pub to: Percent,
    /// True if the service itself failed; else only the drill's own page told of failures.
    pub service: bool,
    /// What the gate said that saw the breach.
    pub judgement: Judgement,
    /// How long the way up took.
    pub up: Duration,
    /// How long the breach took to be seen.
    pub seen: Duration,
    /// How long the way down took.
    pub down: Duration,
    /// From the breach until nobody was exposed.
    pub exposed: Duration,
    /// What the service is called that the flag lives in; `None` for a file.
    pub service_of_flags: Option<&'static str>,
    /// True if the file's bytes, or what that service stores, are as before.
    pub as_before: bool,
    /// What that service stores otherwise than before, as fragments.
    pub differences: Vec<String>,
    /// True if the ledger has it.
    pub recorded: bool,
}

/// Returns the drill as lines.
#[must_use]
pub fn human(outcome: &Outcome, environment: Option<&str>, file: &Path) -> String {
    let place = environment.map_or_else(String::new, |name| format!("  {}", Shown(name)));
    let file = file.display().to_string();
    let mut text = format!("{}{place}  {}\n", Styled(NAME, &outcome.flag), Styled(DIM, Shown(&file)));
    let mut row = |what: &str, took: Duration, more: &str| {
        let line = format!("  {what:<22}{}  {more}", Styled(STRONG, format!("{:>8}", seconds(took))));
        let _ = writeln!(text, "{}", line.trim_end());
    };
    row("up", outcome.up, &format!("{}% → {}%", outcome.from, outcome.to));
    let reason = Shown(&outcome.judgement.reason);
    row("breach seen", outcome.seen, &format!("{}: {reason}", whose(outcome.service)));
    row("down", outcome.down, &format!("{}% → 0%", outcome.to));
    row("breach to safe", outcome.exposed, "");
    let end = match (outcome.service_of_flags, outcome.as_before) {
        (None, true) => format!("the file is as it was, byte for byte, at {}%", outcome.from),
        (None, false) => {
            format!("the flag is at {}% again; the file was changed by someone else meanwhile", outcome.from)
        }
        (Some(title), true) => format!("{title} stores what it stored before, at {}%", outcome.from),
        (Some(title), false) => {
            let told = outcome.differences.join("; ");
            format!("the flag is at {}% again; {title} stores otherwise than before: {told}", outcome.from)
        }
    };
    let _ = write!(text, "  {}", Styled(GOOD, end));
    if !outcome.service {
        let note = "no service failed: that yours is seen to fail is shown by `--misbehave` only";
        let _ = write!(text, "\n  {}", Styled(DIM, note));
    }
    text
}

/// Says whose breach was seen.
#[must_use]
pub const fn whose(service: bool) -> &'static str {
    if service { "of the service itself" } else { "of the drill's own page" }
}

/// Returns the drill as JSON fields, without `version`.
#[must_use]
pub fn json(outcome: &Outcome, environment: Option<&str>, file: &Path) -> Value {
    json!({
        "flag": outcome.flag,
        "environment": environment,
        "file": file.display().to_string(),
        "from": outcome.from,
        "to": outcome.to,
        "breach_of": if outcome.service { "service" } else { "page" },
        "verdict": outcome.judgement,
        "seconds_up": outcome.up.as_secs_f64(),
        "seconds_to_see": outcome.seen.as_secs_f64(),
        "seconds_down": outcome.down.as_secs_f64(),
        "seconds_to_safe": outcome.exposed.as_secs_f64(),
        "as_before": outcome.as_before,
        "differences": outcome.differences,
        "recorded": outcome.recorded,
        "changed": !outcome.as_before,
        "changes": [],
        "failed": [],
    })
}

/// Writes how long something took, to the millisecond.
#[must_use]
pub fn seconds(took: Duration) -> String {
    format!("{:.3}s", took.as_secs_f64())
}
