//! The answer of a verb that changed something.

use super::style::{DIM, NAME, STRONG, Styled};
use crate::model::{Action, Percent, Shown};
use std::path::Path;

/// Returns one flag's line: from where to where, in which environment and file.
#[must_use]
pub fn line(
    action: Action,
    flag: &str,
    from: Option<Percent>,
    to: Percent,
    environment: Option<&str>,
    file: &Path,
) -> String {
    let step = match (from, action) {
        (_, Action::New) => format!("declared at {to}%"),
        (Some(from), Action::Advance | Action::Rollback | Action::Drill) => format!("{from}% → {to}%"),
        (None, Action::Advance | Action::Rollback | Action::Drill) => format!("unknown → {to}%"),
    };
    let environment = environment.map_or_else(String::new, |name| format!("  {}", Shown(name)));
    let file = file.display().to_string();
    let step = Styled(STRONG, step);
    format!("{}  {step}{environment}  {}", Styled(NAME, Shown(flag)), Styled(DIM, Shown(&file)))
}
