//! The part of a text that one flag stands in, cut out of a text so plain that nothing else in it reaches in there.
//!
//! A rollback is typed in an incident, and reading a large file to its end only to change two of its words takes most of
//! its time. Nearly every flags file is a mapping of short lines, in which a line can be told for what it is without a
//! parser. Of such a text the entry of a flag is found by its lines alone; it is then read, edited and proven like any
//! text, while the bytes around it stay as they are. Whatever is not plain beyond doubt is no excerpt, and read whole: an
//! anchor, a tag, a value that runs over several lines, a tab, a key that stands twice on the way, a doubtful indent.

mod line;
#[cfg(test)]
mod tests;

use line::{Content, Line, Value};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Returns the bytes of the one entry `name` of the mapping at `root`, whole lines from its key on, if the text is plain.
///
/// They are a block mapping of their own, with this entry alone, and read as they do in the text.
pub(super) fn entry(text: &str, root: &[String], name: &str) -> Option<Range<usize>> {
    let search = Search::through(text, root, Some(name))?;
    search.found.first().map(|found| found.part(text))
}

/// Returns the bytes of every entry of the mapping at `root`, as [`entry`] does, by their names; without those that stand
/// at the text's top too, or twice.
pub(super) fn entries<'t>(text: &'t str, root: &[String]) -> Option<HashMap<&'t str, Range<usize>>> {
    let search = Search::through(text, root, None)?;
    let (mut entries, mut twice) = (HashMap::new(), search.tops);
    for found in &search.found {
        if entries.insert(found.key, found.part(text)).is_some() {
            twice.insert(found.key);
        }
    }
    entries.retain(|key, _| !twice.contains(key));
    Some(entries)
}

/// An entry that was found.
struct Found<'t> {
    key: &'t str,
    start: usize,
    /// Where the next one begins; `None`: it goes on.
    end: Option<usize>,
}

impl Found<'_> {
    fn part(&self, text: &str) -> Range<usize> {
        self.start..self.end.unwrap_or(text.len())
    }
}

/// A mapping or a list that is open, by the column of its keys or dashes.
#[derive(Clone, Copy)]
struct Level {
    indent: usize,
    list: bool,
}

/// A block of text (`|`, `>`) that is open.
struct Block {
    /// The column of its key.
    key: usize,
    /// The column of its first line.
    text: Option<usize>,
}

struct Search<'w, 't> {
    root: &'w [String],
    /// The one entry that is wanted; `None`: all.
    name: Option<&'w str>,
    /// The text is of ASCII letters, blanks and line ends.
    printable: bool,
    /// `---` was met.
    begun: bool,
    levels: Vec<Level>,
    /// The last key or dash has no value yet: what is deeper is its value.
    open: bool,
    block: Option<Block>,
    /// How many keys of `root` are those above the present line.
    matched: usize,
    /// Which keys of `root` have been met.
    met: usize,
    found: Vec<Found<'t>>,
    /// The keys of the text's top, where all entries are wanted and are not those.
    tops: HashSet<&'t str>,
}

impl<'w, 't> Search<'w, 't> {
    /// Searches a text; `None` if it is not plain.
    fn through(text: &'t str, root: &'w [String], name: Option<&'w str>) -> Option<Self> {
        let printable = text.bytes().fold(true, |all, byte| all & matches!(byte, b'\n' | b' '..=b'~'));
        let (levels, block, found, tops) = (Vec::new(), None, Vec::new(), HashSet::new());
        let mut search =
            Self { root, name, printable, begun: false, levels, open: false, block, matched: 0, met: 0, found, tops };
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            search.take(line, start)?;
            start += line.len();
        }
        Some(search)
    }

    /// Takes the next line, which begins at the byte `start`; `None` if the text is not plain.
    fn take(&mut self, line: &'t str, start: usize) -> Option<()> {
        let line = Line::of(line, self.printable)?;
        if self.is_text(&line)? {
            return Some(());
        }
        match line.content()? {
            Content::Nothing => Some(()),
            Content::DocumentStart => {
                (self.levels.is_empty() && !self.begun).then_some(())?;
                self.begun = true;
                Some(())
            }
            Content::Key { key, value } => {
                let depth = self.enter_mapping(line.indent)?;
                self.key(depth, key, &value, start)?;
                self.value(&value, line.indent);
                Some(())
            }
            Content::Item { inner, content } => {
                self.enter_list(line.indent)?;
                match content {
                    None => self.open = true,
                    Some((None, value)) => self.value(&value, inner),
                    Some((Some(_), value)) => {
                        self.levels.push(Level { indent: inner, list: false });
                        self.value(&value, inner);
                    }
                }
                Some(())
            }
        }
    }

    /// True if a line belongs to a block of text.
    fn is_text(&mut self, line: &Line<'_>) -> Option<bool> {
        let Some(block) = &mut self.block else { return Some(false) };
        if line.is_blank() {
            // Blanks before the first letter may be more than its indent, which is an error.
            return (block.text.is_some() || line.indent == 0).then_some(true);
        }
        match block.text {
            None if line.indent > block.key => block.text = Some(line.indent),
            Some(text) if line.indent >= text => {}
            _ if line.indent > block.key => return None,
            _ => {
                self.block = None;
                return Some(false);
            }
        }
        Some(true)
    }

    fn value(&mut self, value: &Value, indent: usize) {
        self.open = matches!(value, Value::Empty);
        self.block = matches!(value, Value::Block).then_some(Block { key: indent, text: None });
    }

    /// Closes what stands deeper than a column.
    fn leave(&mut self, indent: usize) {
        while self.levels.last().is_some_and(|level| level.indent > indent) {
            self.levels.pop();
            // The key without a value was one of those.
            self.open = false;
        }
    }

    /// Opens or goes on with the mapping whose keys stand in this column, and returns how many levels are around it.
    fn enter_mapping(&mut self, indent: usize) -> Option<usize> {
        self.leave(indent);
        match self.levels.last() {
            None if indent == 0 => self.levels.push(Level { indent, list: false }),
            None => return None,
            Some(level) if level.indent < indent && self.open => self.levels.push(Level { indent, list: false }),
            Some(level) if level.indent < indent => return None,
            Some(Level { list: false, .. }) => {}
            // A list may stand in the column of the key above it; its next key ends it.
            Some(Level { list: true, .. }) => {
                self.levels.pop();
                self.levels.last().filter(|level| level.indent == indent && !level.list)?;
            }
        }
        Some(self.levels.len() - 1)
    }

    /// Opens or goes on with the list whose dashes stand in this column.
    fn enter_list(&mut self, indent: usize) -> Option<()> {
        self.leave(indent);
        let level = *self.levels.last()?;
        if !(level.list && level.indent == indent) {
            self.open.then_some(())?;
            // The flags themselves are a list: their names stand elsewhere.
            (self.levels.len() > self.matched).then_some(())?;
            self.levels.push(Level { indent, list: true });
        }
        Some(())
    }

    /// Looks whether a key is one of the way, or the flag.
    fn key(&mut self, depth: usize, key: &'t str, value: &Value, start: usize) -> Option<()> {
        if depth <= self.root.len()
            && let Some(last) = self.found.last_mut()
        {
            last.end.get_or_insert(start);
        }
        if depth == 0 && self.name.is_none() && !self.root.is_empty() {
            self.tops.insert(key);
        }
        self.matched = self.matched.min(depth);
        if depth != self.matched {
            return Some(());
        }
        match self.root.get(depth) {
            Some(wanted) if wanted == key => {
                // Once only, with what stands below it for its value.
                (self.met == depth && matches!(value, Value::Empty)).then_some(())?;
                self.matched = depth + 1;
                self.met = depth + 1;
            }
            Some(_) => {}
            None if self.name.is_none_or(|name| name == key) => {
                (self.name.is_none() || self.found.is_empty()).then_some(())?;
                self.found.push(Found { key, start, end: None });
            }
            None => {}
        }
        Some(())
    }
}
