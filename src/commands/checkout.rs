//! What a change of a file in a Git work tree leaves to do: it is changed here, and nowhere else.

use super::Context;
use crate::backend::file::{Checkout, Tracked};
use crate::change::Applied;
use crate::ledger::Recorded;
use crate::model::Action;
use serde_json::{Value, json};
use std::path::Path;

/// How many flags a commit's message names.
const MOST_NAMED: usize = 10;

/// A work tree with a change in it.
pub(super) struct Changed {
    checkout: Checkout,
    commands: Vec<String>,
}

/// Looks at the work tree of a change; `None` if nothing was changed, or the file stands in none.
pub(super) fn changed(action: Action, file: &Path, ledger: &Path, applied: &Applied) -> Option<Changed> {
    if applied.changes.is_empty() {
        return None;
    }
    let checkout = Checkout::of(file)?;
    if checkout.tracked == Tracked::Ignored {
        return Some(Changed { checkout, commands: Vec::new() });
    }
    let mut files = vec![file];
    if matches!(applied.recorded, Recorded::Yes(_)) && checkout.takes(ledger) {
        files.push(ledger);
    }
    let message = |change: &crate::change::Change| match action {
        Action::New => format!("declare {}", change.flag.as_str()),
        Action::Advance => format!("advance {} to {}%", change.flag.as_str(), change.to),
        Action::Rollback => format!("roll back {} to {}%", change.flag.as_str(), change.to),
    };
    // A message of thousands of names would be more than a command line takes.
    let message = match applied.changes.as_slice() {
        many if many.len() > MOST_NAMED => format!("{} {} flags", word(action), many.len()),
        few => few.iter().map(message).collect::<Vec<_>>().join(", "),
    };
    let commands = checkout.commands(Path::new("."), &files, &message);
    Some(Changed { checkout, commands })
}

const fn word(action: Action) -> &'static str {
    match action {
        Action::New => "declare",
        Action::Advance => "advance",
        Action::Rollback => "roll back",
    }
}

impl Changed {
    /// Says it to a person.
    pub(super) fn tell(&self, context: &Context) {
        context.term.status(&self.checkout.sentence());
        if !self.commands.is_empty() {
            context.term.status(&format!("to share it: {}", self.commands.join(" && ")));
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "branch": self.checkout.branch,
            "upstream": self.checkout.upstream,
            "says": self.checkout.sentence(),
            "commands": self.commands,
        })
    }
}
