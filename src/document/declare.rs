//! A new flag, in the style of those that are there.

use super::edit::Edited;
use super::entry::{Body, Entry};
use super::events::{Events, Span};
use super::insert::{eol, line_end, quoted};
use super::locate::{Habits, Located, locate_in};
use super::outline::{Node, outline};
use super::prove::Lockstep;
use super::refusal::Refusal;
use super::scan::{Root, RootKind, scan};
use super::splice::{Expects, Sign, Splice, apply};
use super::tree::{Layout, Tree};
use super::{careful, scalar, second, syntax};
use crate::model::{FlagName, Mapping, Percent, Scale, is_hidden};

/// Declares a flag that is off and at 0, after the last one, in the file's own style; and proves that nothing else changes.
///
/// A text without anything in it gets the place where its flags should stand, too.
///
/// # Errors
/// Says why there is no place for a new flag, or that it exists.
pub fn declare(
    text: &str,
    mapping: &Mapping,
    name: &FlagName,
    description: &str,
    owner: Option<&str>,
) -> Result<Edited, Refusal> {
    careful::fit(text)?;
    let mut last = None;
    let mut before_last = None;
    let mut habits = Habits::default();
    let mut exists = None;
    let outcome = scan(text, Events::new(text), mapping, |entry, anchors| {
        let reading = super::reading::read(&entry, anchors, mapping);
        habits.see(&reading.rollout, reading.rollout_spelling, mapping.scale);
        if entry.name == name.as_str() {
            exists = Some(entry.name_span);
        }
        before_last = last.replace(entry);
    });
    if let Some(broken) = &outcome.broken {
        return Err(syntax::refusal(text, broken));
    }
    careful::resolved(text, &outcome.anchors)?;
    if let Some(span) = exists {
        return Err(Refusal::at(text, span.start, span.end, format!("`{name}` exists already")));
    }
    let new = New { mapping, name, description, owner, habits: &habits };
    let splice = match (outcome.roots.last(), &last) {
        _ if holds_nothing(text) => Some(new.in_nothing(text)),
        (None, _) => {
            let path = mapping.root.join("`, `");
            return Err(Refusal::at(text, 0, 0, format!("the file has no `{path}`, where its flags should stand"))
                .help(format!("add `{}:` to the file", mapping.root.join(": "))));
        }
        (Some(root), None) => new.in_empty(text, root),
        (Some(_), Some(last)) => new.after(text, last, before_last.as_ref()),
    };
    let place = last.as_ref().map_or(Span::default(), |entry| entry.name_span);
    let unproven = || Refusal::at(text, place.start, place.end, format!("`{name}` can't be added here safely"));
    let bare = matches!(new.tree(false, last.as_ref()), Tree::Value { .. });
    new.proven(text, splice.ok_or_else(unproven)?, bare).ok_or_else(unproven)
}

/// True for a text with comments at most.
fn holds_nothing(text: &str) -> bool {
    outline(text, usize::MAX).iter().all(|document| matches!(document, Node::Scalar { empty: true, .. }))
}

struct New<'n> {
    mapping: &'n Mapping,
    name: &'n FlagName,
    description: &'n str,
    owner: Option<&'n str>,
    habits: &'n Habits,
}

impl New<'_> {
    /// Returns what the flag consists of: its keys, or a bare number where the file's flags are numbers.
    fn tree(&self, json: bool, like: Option<&Entry<'_>>) -> Tree {
        let scale = if self.mapping.scale == Scale::Doubtful { Scale::Percent } else { self.mapping.scale };
        let number = self.habits.number(Percent::ZERO, scale);
        let number = match number.quote {
            Some(quote) => Tree::value(&number.text, Some(quote)),
            None => Tree::bare(&number.text),
        };
        let quote = json.then_some('"');
        let share = self.mapping.rollout.get(self.habits.spelling());
        if share.is_some_and(Vec::is_empty) && !like.is_some_and(|entry| matches!(entry.body, Body::Mapping)) {
            return number;
        }
        let mut tree = Tree::default();
        if let Some(entry) = like.filter(|entry| entry.listed) {
            let quote = quote.or_else(|| entry.name_quoted.then_some('"'));
            tree.set_first(&entry.name_key, Tree::value(self.name.as_str(), quote));
        }
        if let Some(key) = self.mapping.enabled.iter().find(|key| !key.path.is_empty()) {
            let word = scalar::word(false, key.words.as_ref());
            tree.set(
                &key.path,
                if scalar::in_words(key.words.as_ref()) { Tree::value(&word, quote) } else { Tree::bare(&word) },
            );
        }
        if let Some(path) = share.filter(|path| !path.is_empty()) {
            tree.set(path, number);
        }
        tree.set(&["description".to_owned()], Tree::value(self.description, Some('"')));
        if let Some(owner) = self.owner {
            tree.set(&["owner".to_owned()], Tree::value(owner, quote));
        }
        tree
    }

    /// Returns the flag under its name.
    fn named(&self, tree: Tree) -> Tree {
        Tree::Keys(vec![(self.name.as_str().to_owned(), tree)])
    }

    /// Puts the flag into a text that holds nothing yet.
    fn in_nothing(&self, text: &str) -> Splice {
        let eol = eol(text, line_end(text, 0));
        let mut tree = self.named(self.tree(false, None));
        for key in self.mapping.root.iter().rev() {
            let key = if key == "*" { "flags" } else { key };
            tree = Tree::Keys(vec![(key.to_owned(), tree)]);
        }
        let lead = if text.is_empty() || text.ends_with(['\n', '\r', '\u{feff}']) { "" } else { eol };
        let new = format!("{lead}{}{eol}", tree.block(&Layout::block("", "  ", None, eol)));
        Splice { span: Span::new(text.len(), text.len()), text: new, expects: Expects::Beside(Vec::new()) }
    }

    /// Puts the flag into a place that is there, and empty.
    fn in_empty(&self, text: &str, root: &Root) -> Option<Splice> {
        match root.kind {
            RootKind::Mapping { flow: true } => {
                let open = root.span.start + 1;
                let tree = self.named(self.tree(true, None));
                let text = inner(&tree.flow(&Layout::flow(Some('"'), false)));
                Some(Splice { span: Span::new(open, open), text, expects: Expects::Beside(inner_signs(&tree)) })
            }
            RootKind::Empty if !self.mapping.root.is_empty() => {
                let at = line_end(text, super::insert::colon_after(text, root.at.end)?);
                let indent = format!("{}  ", " ".repeat(column(text, root.at.start)?));
                let eol = eol(text, at);
                let tree = self.named(self.tree(false, None));
                let new = format!("{eol}{indent}{}", tree.block(&Layout::block(&indent, "  ", None, eol)));
                let expects = Expects::Instead { old: root.span, events: tree.signs(), keeps_properties: true };
                Some(Splice { span: Span::new(at, at), text: new, expects })
            }
            _ => None,
        }
    }

    /// Puts the flag after the last one.
    fn after(&self, text: &str, last: &Entry<'_>, before: Option<&Entry<'_>>) -> Option<Splice> {
        if last.in_flow { Some(self.after_in_flow(text, last)) } else { self.after_in_block(text, last, before) }
    }

    fn after_in_block(&self, text: &str, last: &Entry<'_>, before: Option<&Entry<'_>>) -> Option<Splice> {
        let lead = lead(text, last)?;
        let indent = " ".repeat(lead.chars().count());
        let frame = last.frames.first();
        let flow = frame.is_some_and(|frame| frame.flow);
        let first_key = frame.and_then(|frame| frame.first_key);
        let quote = quote_at(text, first_key);
        let step = first_key.filter(|_| !flow && !last.listed);
        let step = step.and_then(|key| column(text, key.start)?.checked_sub(indent.len())).filter(|step| *step > 0);
        let step = " ".repeat(step.unwrap_or(2));
        let eol = eol(text, line_end(text, last.name_span.end));
        let tree = self.tree(false, Some(last));
        let (body, signs) = if last.listed {
            let layout = Layout::block(&indent, &step, quote, eol);
            let body = if flow { tree.flow(&Layout::flow(quote, false)) } else { tree.block(&layout) };
            (body, tree.signs())
        } else {
            let name = quoted(self.name.as_str(), quote_at(text, Some(last.name_span)));
            let inner = format!("{indent}{step}");
            let body = match &tree {
                Tree::Value { token, .. } => {
                    let comment = self.comment(text, &indent, last, before);
                    let comment = comment.map_or_else(String::new, |comment| format!("{comment}{eol}{indent}"));
                    format!("{comment}{name}: {token}")
                }
                tree if flow => format!("{name}: {}", tree.flow(&Layout::flow(quote, false))),
                tree => format!("{name}:{eol}{inner}{}", tree.block(&Layout::block(&inner, &step, quote, eol))),
            };
            (body, inner_signs(&self.named(tree)))
        };
        let body = format!("{lead}{body}");
        // A block of text ends where the next line begins; everything else ends within its line.
        let end = last.end.max(last.name_span.end);
        let in_line = !text[..end].ends_with(['\n', '\r']);
        let at = if in_line { line_end(text, end) } else { end };
        // A single flag doesn't say whether the file keeps an empty line between two.
        let apart = before.map_or(!flow && !last.listed && frame.is_some(), |before| blank_between(text, before, last));
        let gap = if apart { eol } else { "" };
        let new = if in_line { format!("{eol}{gap}{body}") } else { format!("{gap}{body}{eol}") };
        Some(Splice { span: Span::new(at, at), text: new, expects: Expects::Beside(signs) })
    }

    fn after_in_flow(&self, text: &str, last: &Entry<'_>) -> Splice {
        let first_key = last.frames.first().and_then(|frame| frame.first_key);
        let quote = quote_at(text, first_key.or((!last.listed).then_some(last.name_span)));
        let begin = if last.listed { last.body_span.start } else { last.name_span.start };
        let eol = eol(text, line_end(text, begin));
        let after_key = first_key.unwrap_or(last.name_span).end;
        let compact = text[after_key..].starts_with(':') && !text[after_key..].starts_with(": ");
        let outer = own_line(text, begin);
        let inner_indent = first_key.and_then(|key| own_line(text, key.start));
        let layout = match (outer, inner_indent) {
            (Some(outer), Some(inner)) => Layout::block(outer, inner.strip_prefix(outer).unwrap_or("  "), quote, eol),
            _ => Layout::flow(quote, compact),
        };
        let tree = self.tree(quote == Some('"'), Some(last));
        let (body, signs) = if last.listed {
            (tree.flow(&layout), tree.signs())
        } else {
            let name = quoted(self.name.as_str(), quote_at(text, Some(last.name_span)));
            let colon = if compact { ":" } else { ": " };
            (format!("{name}{colon}{}", tree.flow(&layout)), inner_signs(&self.named(tree)))
        };
        let between = match outer {
            Some(outer) => format!(",{eol}{outer}"),
            None if compact => ",".to_owned(),
            None => ", ".to_owned(),
        };
        let at = last.body_span.end;
        Splice { span: Span::new(at, at), text: format!("{between}{body}"), expects: Expects::Beside(signs) }
    }

    /// Returns the comment that says what the flag is for, where those of the file have one in the line above.
    fn comment(&self, text: &str, indent: &str, last: &Entry<'_>, before: Option<&Entry<'_>>) -> Option<String> {
        let above = |entry: &Entry<'_>| {
            let line = text.get(..entry.name_span.start)?.rfind('\n')?;
            let above = text.get(..line)?.rsplit('\n').next()?;
            above.strip_prefix(indent).filter(|comment| comment.starts_with('#'))
        };
        above(last)?;
        let owner = self.owner.map_or_else(String::new, |owner| format!(" (owner: {owner})"));
        let comment = format!("# {}{owner}", self.description.trim());
        let custom = before.is_none_or(|before| above(before).is_some());
        (custom && !comment.contains(is_hidden)).then_some(comment)
    }

    fn proven(&self, text: &str, splice: Splice, bare: bool) -> Option<Edited> {
        let share_only = bare.then_some(match self.owner {
            None => "the file's flags are bare numbers: the description has no place there, and was left out",
            Some(_) => {
                "the file's flags are bare numbers: description and owner have no place there, and were left out"
            }
        });
        let splices = [splice];
        let new = apply(text, &splices)?;
        let located = if holds_nothing(text) {
            locate_in(&new, Events::new(&new), self.mapping, self.name)
        } else {
            let mut lockstep = Lockstep::new(text, None, &new, &splices);
            let located = locate_in(&new, &mut lockstep, self.mapping, self.name);
            if !lockstep.holds() {
                return None;
            }
            located
        };
        if !self.is_off(&located) || !second::agrees_but_for_flag(text, &new, self.mapping, self.name) {
            return None;
        }
        drop(located);
        let [splice] = splices;
        let after: Vec<String> =
            splice.text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        // A bare number has nowhere to keep it; a comment says it only where the file's flags have theirs so.
        let kept = share_only.is_none() || after.first().is_some_and(|line| line.starts_with('#'));
        let notes = share_only.filter(|_| !kept).map(str::to_owned).into_iter().collect();
        Some(Edited { text: new, before: Vec::new(), after, notes })
    }

    fn is_off(&self, located: &Located<'_>) -> bool {
        let [entry] = located.entries.as_slice() else { return false };
        let reading = super::reading::read(entry, &located.anchors, self.mapping);
        let off = reading.truth(self.mapping).is_none_or(|truth| truth.is_ok_and(|truth| !truth.value));
        off && reading.percent(self.mapping).is_none_or(|percent| percent == Ok(Percent::ZERO))
            && located.broken.is_none()
    }
}

/// Returns what stands before an entry in its line: blanks, and the dash of a list.
fn lead<'t>(text: &'t str, entry: &Entry<'_>) -> Option<&'t str> {
    let begin =
        match entry.frames.first().and_then(|frame| if frame.flow { Some(frame.start) } else { frame.first_key }) {
            Some(first) if entry.listed => first.start,
            _ => entry.name_span.start,
        };
    let line = text.get(..begin)?.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let lead = text.get(line..begin)?.trim_start_matches('\u{feff}');
    let fitting = lead.chars().all(|character| character == ' ' || (entry.listed && character == '-'));
    (fitting && lead.matches('-').count() == usize::from(entry.listed)).then_some(lead)
}

/// Returns the blanks before a byte, if only blanks stand before it in its line.
fn own_line(text: &str, at: usize) -> Option<&str> {
    let line = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    Some(&text[line..at]).filter(|before| before.trim().is_empty() && line > 0)
}

/// Takes the braces off.
fn inner(flow: &str) -> String {
    flow.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(flow).to_owned()
}

/// Returns the events of the pairs of a mapping without those of the mapping itself.
fn inner_signs(tree: &Tree) -> Vec<Sign> {
    let mut signs = tree.signs();
    signs.pop();
    signs.drain(..1);
    signs
}

fn column(text: &str, at: usize) -> Option<usize> {
    let line = text.get(..at)?.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    Some(text[line..at].trim_start_matches('\u{feff}').chars().count())
}

fn quote_at(text: &str, span: Option<Span>) -> Option<char> {
    match text.as_bytes().get(span?.start)? {
        b'"' => Some('"'),
        b'\'' => Some('\''),
        _ => None,
    }
}

/// True if an empty line stands between two entries.
fn blank_between(text: &str, one: &Entry<'_>, two: &Entry<'_>) -> bool {
    let end = one.end.max(one.name_span.end).min(two.name_span.start);
    let line_start = |at: usize| text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    text[line_start(end)..line_start(two.name_span.start)].lines().skip(1).any(|line| line.trim().is_empty())
}
