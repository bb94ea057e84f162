//! Ledger entries for people.

use super::status::verb;
use super::style::{BAD, CARE, DIM, GOOD, NAME, Styled};
use super::time;
use crate::model::{Action, Entry, Shown, Verdict};
use std::fmt::Write as _;

/// Returns the entries, newest first, one or a few lines each.
#[must_use]
pub fn human(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries.iter().rev() {
        let style = match entry.action {
            Action::Advance => GOOD,
            Action::Rollback => CARE,
            Action::New | Action::Drill => DIM,
        };
        let step = match (entry.from, entry.action) {
            (_, Action::New) => format!("at {}%", entry.to),
            (Some(from), _) => format!("{from}% → {}%", entry.to),
            (None, _) => format!("unknown → {}%", entry.to),
        };
        let place = entry.environment.as_ref().unwrap_or(&entry.file);
        let _ = writeln!(
            text,
            "{}  {}  {}  {step}  {}  by {}",
            Styled(DIM, time::minute(entry.at)),
            Styled(NAME, Shown(&entry.flag)),
            Styled(style, verb(entry.action)),
            Shown(place),
            Shown(&entry.actor),
        );
        if let Some(reason) = &entry.reason {
            let _ = writeln!(text, "    reason: {}", Shown(reason));
        }
        if !entry.overrides.is_empty() {
            let words = entry.overrides.iter().map(|word| Shown(word).to_string()).collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "    set aside: {}", Styled(CARE, words));
        }
        for judgement in &entry.verdicts {
            let style = match judgement.verdict {
                Verdict::Pass => GOOD,
                Verdict::Breach => BAD,
                Verdict::Hold | Verdict::NotApplicable => DIM,
            };
            let _ = writeln!(
                text,
                "    {} {}: {}",
                Styled(style, judgement.verdict),
                Shown(&judgement.gate),
                Shown(&judgement.reason)
            );
        }
    }
    text
}
