//! `flagctl log`: the ledger.

use super::{Context, json_answer, judged};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Ledger;
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
        for line in &read.skipped {
            let text = format!("passed over the line at byte {}: {}", line.start, line.why);
            context.term.say(&render::error::caution(&text));
        }
        let mut entries = read.history.entries;
        let near = self
            .flag
            .as_ref()
            .and_then(|flag| config::nearest(flag, entries.iter().map(|entry| entry.flag.as_str())).map(str::to_owned));
        if let Some(flag) = &self.flag {
            entries.retain(|entry| entry.flag == *flag);
        }
        let path = ledger.path.display().to_string();
        if context.term.json {
            json_answer(context, json!({ "ledger": path, "entries": entries }))?;
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
        let severity = |is_error: bool| if is_error { "error" } else { "warning" };
        let listed: Vec<_> = findings
            .iter()
            .map(|one| json!({ "code": one.kind, "severity": severity(one.kind.is_error()), "line": one.line, "message": one.message }))
            .collect();
        let message = format!("the ledger has {errors} error{}", if errors == 1 { "" } else { "s" });
        return judged(
            context,
            json!({ "ledger": path, "findings": listed }),
            (exit != Exit::Ok).then(|| Error::new(exit, message)),
        );
    }
    let lines: String = findings
        .iter()
        .map(|finding| format!("{}:{}: {}\n", Shown(&path), finding.line, Shown(&finding.message)))
        .collect();
    context.term.answer(&lines)?;
    match errors {
        0 => context.term.status(&format!("{} is as it was written", Shown(&path))),
        1 => context.term.say("1 error"),
        more => context.term.say(&format!("{more} errors")),
    }
    Ok(exit)
}
