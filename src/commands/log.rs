//! `flagctl log`: the ledger.

use super::{Context, json_answer, judged};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::{Finding, Ledger, Skipped};
use crate::model::Shown;
use crate::{config, render};
use clap::Args;
use serde_json::json;

/// Show who changed what, when, why, on which evidence
#[derive(Debug, Args)]
pub struct LogArgs {
    /// Only this flag
    flag: Option<String>,
    /// Check that no entry was altered or taken out
    #[arg(long)]
    verify: bool,
}

impl LogArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let ledger = Ledger::at(&context.settings()?.ledger);
        if self.verify {
            return verify(context, &ledger);
        }
        let read = ledger.entries()?;
        let passed = |line: &Skipped| {
            let number = ledger.line_of(line.start).unwrap_or_default();
            format!("passed over line {number}: {}", line.why)
        };
        let notes: Vec<String> = read.skipped.iter().map(passed).collect();
        notes.iter().for_each(|note| context.term.say(&render::error::caution(note)));
        let mut entries = read.history.entries;
        if let Some(name) = context.arguments.env.as_ref() {
            entries.retain(|entry| entry.environment.as_ref() == Some(name));
        }
        let near = self
            .flag
            .as_ref()
            .and_then(|flag| config::nearest(flag, entries.iter().map(|entry| entry.flag.as_str())).map(str::to_owned));
        if let Some(flag) = &self.flag {
            entries.retain(|entry| entry.flag == *flag);
        }
        let path = ledger.path.display().to_string();
        if context.term.json {
            json_answer(context, json!({ "ledger": path, "entries": entries, "notes": notes }))?;
        } else if entries.is_empty() {
            let of = self.flag.as_ref().map_or_else(String::new, |flag| format!(" of `{}`", Shown(flag)));
            context.term.status(&format!("nothing is recorded{of} in {}", Shown(&path)));
            if let Some(near) = near {
                context.term.status(&render::error::help(&format!("did you mean `{}`?", Shown(&near))));
            }
        } else {
            context.term.answer(&render::ledger::human(&entries))?;
        }
        Ok(Exit::Ok)
    }
}

/// Looks at every line; a ledger that is not as it was written ends with `invalid`.
fn verify(context: &Context, ledger: &Ledger) -> Result<Exit> {
    let findings = ledger.verify()?;
    let path = ledger.path.display().to_string();
    let errors = findings.iter().filter(|finding| finding.kind.is_error()).count();
    let exit = if errors == 0 { Exit::Ok } else { Exit::Invalid };
    if context.term.json {
        // As the findings of `validate`; they are about whole lines.
        let (none, severity) = (None::<&str>, |is_error: bool| if is_error { "error" } else { "warning" });
        let finding = |one: &Finding| {
            json!({
                "code": one.kind, "severity": severity(one.kind.is_error()), "file": path, "line": one.line,
                "column": none, "message": one.message, "help": none,
            })
        };
        let listed: Vec<_> = findings.iter().map(finding).collect();
        let warnings = findings.len() - errors;
        let message = format!("the ledger has {errors} error{}", if errors == 1 { "" } else { "s" });
        return judged(
            context,
            json!({ "ledger": path, "findings": listed, "errors": errors, "warnings": warnings }),
            (exit != Exit::Ok).then(|| Error::new(exit, message)),
        );
    }
    let lines: String = findings
        .iter()
        .map(|finding| format!("{}:{}: {}\n", Shown(&path), finding.line, Shown(&finding.message)))
        .collect();
    context.term.answer(&lines)?;
    match errors {
        0 if !ledger.path.exists() => {
            context.term.status(&format!("nothing is recorded: there is no {}", Shown(&path)))
        }
        0 => context.term.status(&intact(&path, findings.len())),
        1 => context.term.say("1 error"),
        more => context.term.say(&format!("{more} errors")),
    }
    Ok(exit)
}

/// Says that nothing was altered or taken out; what was torn was never whole, and is no error.
pub(super) fn intact(path: &str, warnings: usize) -> String {
    let path = Shown(path);
    match warnings {
        0 => format!("{path} is as it was written"),
        1 => format!("{path} has no error and 1 warning: every other line is as it was written"),
        more => format!("{path} has no error and {more} warnings: every other line is as it was written"),
    }
}
