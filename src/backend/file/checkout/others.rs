//! What else of a file is not committed, beside a change that was just made.

use super::refs::Repository;
use super::{Checkout, PATIENCE, git};
use similar::{Algorithm, DiffOp};
use std::collections::HashMap;
use std::fs::Metadata;
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

impl Checkout {
    /// True if the file at `path` has other edits that are not committed. `stood` is how it stood before the change;
    /// `before` and `after` are its texts. Git is asked only where its index knows another file than stood there.
    #[must_use]
    pub fn has_other_edits(&self, path: &Path, stood: &Metadata, before: &str, after: &str) -> bool {
        let Ok(target) = path.canonicalize() else { return false };
        let (Some(repository), Ok(inside)) = (Repository::around(&target), target.strip_prefix(&self.root)) else {
            return false;
        };
        if repository.is_as_indexed(inside, stood) != Some(false) {
            return false;
        }
        let words = ["diff", "--no-ext-diff", "--no-color", "--unified=0", "HEAD", "--"];
        let Some(diff) = git::ask_about(&self.root, &words, inside, PATIENCE) else { return false };
        let (before, after) = (lines(before), lines(after));
        let own = own(&before, &after);
        hunks(&diff).iter().any(|hunk| hunk.is_foreign(&own, &after))
    }
}

/// The lines that a change wrote, by their place in the new text, each with those that it wrote them over.
type Own<'t> = HashMap<usize, Vec<&'t str>>;

/// A place where the file is not as it was committed.
struct Hunk<'d> {
    /// What was committed.
    committed: Vec<&'d str>,
    /// Which lines stand there now.
    now: Range<usize>,
}

fn lines(text: &str) -> Vec<&str> {
    text.split('\n').map(bare).collect()
}

/// Takes the rest of a line's end off: Git may know it in the other spelling.
fn bare(line: &str) -> &str {
    line.trim_end_matches('\r')
}

/// Finds the lines that a change wrote.
fn own<'t>(before: &[&'t str], after: &[&'t str]) -> Own<'t> {
    let mut own = Own::new();
    // Nearly every change leaves each line where it was.
    if before.len() == after.len() {
        let pairs = before.iter().zip(after).enumerate();
        own.extend(pairs.filter(|(_, (old, new))| old != new).map(|(at, (old, _))| (at, vec![*old])));
        return own;
    }
    let deadline = Some(Instant::now() + PATIENCE);
    for op in similar::capture_diff_slices_deadline(Algorithm::Myers, before, after, deadline) {
        if let DiffOp::Insert { .. } | DiffOp::Replace { .. } = op {
            let (old, new) = (&before[op.old_range()], op.new_range());
            for (at, line) in new.clone().enumerate() {
                let last = if line + 1 == new.end { old.len() } else { at + 1 };
                own.insert(line, old.get(at..last).unwrap_or_default().to_vec());
            }
        }
    }
    own
}

/// Reads what `git diff` says with no line of context.
fn hunks(diff: &str) -> Vec<Hunk<'_>> {
    let mut hunks: Vec<Hunk<'_>> = Vec::new();
    for line in diff.split('\n') {
        if let Some(head) = line.strip_prefix("@@ -") {
            let now = head.split(' ').nth(1).and_then(|word| range(word.strip_prefix('+')?)).unwrap_or_default();
            hunks.push(Hunk { committed: Vec::new(), now });
        } else if let (Some(hunk), Some(gone)) = (hunks.last_mut(), line.strip_prefix('-')) {
            hunk.committed.push(bare(gone));
        }
    }
    hunks
}

/// Reads `3,2`, or `3` for one line, as places from 0.
fn range(word: &str) -> Option<Range<usize>> {
    let (first, count) = word.split_once(',').unwrap_or((word, "1"));
    let (first, count): (usize, usize) = (first.parse().ok()?, count.parse().ok()?);
    let first = first.saturating_sub(1);
    Some(first..first + count)
}

impl Hunk<'_> {
    /// True if something differs here that the change did not write.
    fn is_foreign(&self, own: &Own<'_>, after: &[&str]) -> bool {
        let Some(written) = self.now.clone().map(|at| own.get(&at)).collect::<Option<Vec<_>>>() else { return true };
        if written.iter().copied().flatten().eq(&self.committed) {
            return false;
        }
        // What was written over had been edited too: that counts if it was more than the value that is gone with it.
        let pairs: Vec<_> = self.now.clone().zip(written).filter(|(_, old)| !old.is_empty()).collect();
        let differs = |((at, old), committed): (&(usize, &Vec<&str>), &&str)| match old.as_slice() {
            [old] => after.get(*at).is_none_or(|now| !differ_where(committed, old, now)),
            _ => true,
        };
        pairs.len() != self.committed.len() || pairs.iter().zip(&self.committed).any(differs)
    }
}

/// True if what was committed differs from what stands there now only where the change wrote.
fn differ_where(committed: &str, before: &str, now: &str) -> bool {
    let (committed, before, now) = (words(committed), words(before), words(now));
    if committed.len() == now.len() && before.len() == now.len() {
        return (0..now.len()).all(|at| committed[at] == now[at] || before[at] != now[at]);
    }
    let head = before.iter().zip(&now).take_while(|(old, new)| old == new).count();
    let most = before.len().min(now.len()) - head;
    let tail = before.iter().rev().zip(now.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
    committed.len() >= head + tail
        && committed[..head] == now[..head]
        && committed[committed.len() - tail..] == now[now.len() - tail..]
}

/// Takes a line apart into words and numbers, and single signs between them.
fn words(line: &str) -> Vec<&str> {
    let in_word = |character: char| character.is_alphanumeric() || "_.%+-".contains(character);
    let mut words = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|character| !in_word(character)).filter(|end| *end > 0).unwrap_or(rest.len());
        let (word, more) = rest.split_at(if in_word(first) { end } else { first.len_utf8() });
        words.push(word);
        rest = more;
    }
    words
}
