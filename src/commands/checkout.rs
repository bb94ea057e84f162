//! What a change of a file in a Git work tree leaves to do: it is changed here, and nowhere else.

use super::Context;
use crate::backend::file::{Checkout, Tracked};
use crate::change::Applied;
use crate::ledger::Recorded;
use crate::model::{Action, FlagName, Shown, Typed, is_address};
use crate::render;
use serde_json::{Value, json};
use std::fs::Metadata;
use std::path::Path;

/// How many flags a commit's message names.
const MOST_NAMED: usize = 10;

/// A work tree with a change in it.
pub(super) struct Changed {
    checkout: Checkout,
    /// What is in this checkout, and nowhere else yet.
    says: String,
    commands: Vec<String>,
    /// The file, if it has other edits that would be shared with this one.
    beside: Option<String>,
}

/// Looks at the work tree of a change; `None` if nothing was changed, or the file stands in none.
pub(super) fn changed(
    action: Action,
    file: &Path,
    ledger: &Path,
    applied: &Applied,
    stood: Option<&Metadata>,
) -> Option<Changed> {
    if applied.changes.is_empty() {
        return None;
    }
    // A backend is changed for everybody; what is in a checkout is the entry of the ledger.
    let afar = is_address(file);
    let recorded = matches!(applied.recorded, Recorded::Yes(_));
    let file = match (&applied.mirrored, afar) {
        (Some(mirror), true) => mirror,
        (None, true) if recorded => ledger,
        (None, true) => return None,
        (_, false) => file,
    };
    let checkout = Checkout::of(file)?;
    let says = if afar {
        let what =
            if applied.mirrored.is_some() { "the mirror and the ledger's entry are" } else { "the ledger's entry is" };
        format!("changed in the backend, for everybody; {what} in this checkout only")
    } else {
        checkout.sentence()
    };
    if checkout.tracked == Tracked::Ignored {
        return Some(Changed { checkout, says, commands: Vec::new(), beside: None });
    }
    let mut files = vec![file];
    if file != ledger && recorded && checkout.takes(ledger) {
        files.push(ledger);
    }
    let message = |change: &crate::change::Change| match action {
        Action::New => format!("declare {}", change.flag.as_str()),
        Action::Advance => format!("advance {} to {}%", change.flag.as_str(), change.to),
        Action::Rollback => format!("roll back {} to {}%", change.flag.as_str(), change.to),
        Action::Drill => format!("rehearse the rollback of {}", change.flag.as_str()),
    };
    // A message of thousands of names would be more than a command line takes.
    let message = match applied.changes.as_slice() {
        many if many.len() > MOST_NAMED => format!("{} {} flags", word(action), many.len()),
        few => few.iter().map(message).collect::<Vec<_>>().join(", "),
    };
    let commands = checkout.commands(Path::new("."), &files, &message);
    let others = match (stood, &applied.before, &applied.text) {
        (Some(stood), Some(before), Some(after)) => checkout.has_other_edits(file, stood, before, after),
        _ => false,
    };
    let beside = others.then(|| file.display().to_string());
    Some(Changed { checkout, says, commands, beside })
}

/// Returns the line that shares the ledger alone, where it stands in a work tree.
pub(super) fn of_ledger(ledger: &Path, flag: &FlagName) -> Option<String> {
    let checkout = Checkout::of(ledger)?;
    if checkout.tracked == Tracked::Ignored {
        return None;
    }
    let commands = checkout.commands(Path::new("."), &[ledger], &format!("rehearse the rollback of {}", flag.as_str()));
    (!commands.is_empty()).then(|| format!("to share the ledger: {}", commands.join(" && ")))
}

const fn word(action: Action) -> &'static str {
    match action {
        Action::New => "declare",
        Action::Advance => "advance",
        Action::Rollback => "roll back",
        Action::Drill => "rehearse the rollback of",
    }
}

impl Changed {
    /// Says it to a person.
    pub(super) fn tell(&self, context: &Context) {
        context.term.status(&self.says);
        if !self.commands.is_empty() {
            context.term.status(&format!("to share it: {}", self.commands.join(" && ")));
        }
        if let Some(file) = self.beside.as_ref().filter(|_| !self.commands.is_empty()) {
            let shown = Shown(file);
            let note = format!("{shown} has other edits that are not committed, and a commit of it takes them too");
            context.term.say(&render::error::caution(&format!("{note}: git diff -- {}", Typed(file))));
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "branch": self.checkout.branch,
            "upstream": self.checkout.upstream,
            "says": self.says,
            "commands": self.commands,
            "other_edits": self.beside.is_some(),
        })
    }
}
