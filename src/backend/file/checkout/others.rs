//! What else of a file is not committed, beside a change that was just made.

use super::refs::Repository;
use super::{Checkout, PATIENCE, git};
use std::fs::Metadata;
use std::path::Path;

impl Checkout {
    /// True if the file at `path` has other edits that are not committed. `stood` is how it stood before the change;
    /// `before` and `after` are what the change replaced and wrote, as `rollout: 5`. Git is asked only where its index
    /// knows another file than stood there.
    #[must_use]
    pub fn has_other_edits(&self, path: &Path, stood: &Metadata, before: &[String], after: &[String]) -> bool {
        let Ok(target) = path.canonicalize() else { return false };
        let (Some(repository), Ok(inside)) = (Repository::around(&target), target.strip_prefix(&self.root)) else {
            return false;
        };
        if repository.is_as_indexed(inside, stood) != Some(false) {
            return false;
        }
        let words = ["diff", "--no-ext-diff", "--no-color", "--unified=0", "HEAD", "--"];
        let Some(diff) = git::ask_about(&self.root, &words, inside, PATIENCE) else { return false };
        let lines = || diff.lines().skip_while(|line| !line.starts_with("@@"));
        let written = |sign: char| lines().filter_map(move |line| line.strip_prefix(sign));
        // A line of several values counts once for each of them.
        let ours = |line: &str, said: &[String]| {
            said.iter().any(|value| {
                let (path, value) = value.split_once(": ").unwrap_or((value, ""));
                line.contains(path.rsplit('.').next().unwrap_or(path)) && line.contains(value)
            })
        };
        written('+').any(|line| !ours(line, after))
            || written('-').filter(|line| !ours(line, after)).count() > before.len()
    }
}
