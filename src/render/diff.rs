//! What a change does to a file, as a unified diff.

use super::style::{BAD, DIM, GOOD, Styled};
use crate::model::Shown;
use similar::{ChangeTag, TextDiff};
use std::fmt::Write as _;
use std::path::Path;

/// Returns the unified diff of a file's old and new text, three lines of context around each change; empty if they are
/// the same.
#[must_use]
pub fn unified(file: &Path, old: &str, new: &str) -> String {
    if old == new {
        return String::new();
    }
    let diff = TextDiff::from_lines(old, new);
    let mut text = String::new();
    let name = file.display().to_string();
    let _ = writeln!(
        text,
        "{}\n{}",
        Styled(DIM, format!("--- {}", Shown(&name))),
        Styled(DIM, format!("+++ {}", Shown(&name)))
    );
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        let _ = writeln!(text, "{}", Styled(DIM, hunk.header().to_string().trim_end()));
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches(['\n', '\r']);
            let _ = match change.tag() {
                ChangeTag::Equal => writeln!(text, " {}", Shown(line)),
                ChangeTag::Delete => writeln!(text, "{}", Styled(BAD, format!("-{}", Shown(line)))),
                ChangeTag::Insert => writeln!(text, "{}", Styled(GOOD, format!("+{}", Shown(line)))),
            };
        }
    }
    text
}

/// Returns what changes of what a backend stores, with the first request for it.
#[must_use]
pub fn stored(address: &str, before: &[String], after: &[String], request: &str) -> String {
    let mut text = format!("{}\n", Shown(address));
    let key = |line: &str| line.split_once(": ").map(|(key, _)| key.to_owned());
    let mut new: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
    for line in before {
        if after.contains(line) {
            text.push_str(&format!("  {}\n", Shown(line)));
            continue;
        }
        text.push_str(&format!("{}\n", Styled(BAD, format!("- {}", Shown(line)))));
        if let Some(at) = new.iter().position(|new| key(new) == key(line)) {
            text.push_str(&format!("{}\n", Styled(GOOD, format!("+ {}", Shown(new.remove(at))))));
        }
    }
    for line in new {
        text.push_str(&format!("{}\n", Styled(GOOD, format!("+ {}", Shown(line)))));
    }
    text.push_str(&format!("first: {}\n", Shown(request)));
    text
}
