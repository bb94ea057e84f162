//! One line of YAML that can be told for what it is without the lines around it.

/// A line without its end.
pub(super) struct Line<'t> {
    /// The blanks it begins with.
    pub(super) indent: usize,
    /// What follows them.
    rest: &'t str,
}

/// What a line says.
pub(super) enum Content<'t> {
    /// No more than a comment.
    Nothing,
    /// `---`
    DocumentStart,
    /// `key: value`
    Key { key: &'t str, value: Value },
    /// `- value` or `- key: value`; `inner` is the column of what follows the dash.
    Item { inner: usize, content: Option<(Option<&'t str>, Value)> },
}

/// What stands in the place of a value.
pub(super) enum Value {
    /// Nothing: the value stands below, or is null.
    Empty,
    /// A scalar or a collection that ends in this line.
    Whole,
    /// `|` or `>`: a block of text begins.
    Block,
}

impl<'t> Line<'t> {
    /// Takes a line with its end; `None` if it holds what is more than blanks and letters.
    pub(super) fn of(line: &'t str) -> Option<Self> {
        let line = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        let odd = |byte: u8| byte < b' ' || byte == 0x7F;
        let letter = |character: char| {
            character >= '\u{A0}' && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}'..)
        };
        if line.bytes().any(odd) || !(line.is_ascii() || line.chars().all(|it| it.is_ascii() || letter(it))) {
            return None;
        }
        let rest = line.trim_start_matches(' ');
        Some(Self { indent: line.len() - rest.len(), rest })
    }

    pub(super) const fn is_blank(&self) -> bool {
        self.rest.is_empty()
    }

    /// Returns what the line says, outside of a block of text; `None` if that can't be told from the line alone.
    pub(super) fn content(&self) -> Option<Content<'t>> {
        let rest = self.rest;
        if rest.is_empty() || rest.starts_with('#') {
            return Some(Content::Nothing);
        }
        if rest == "---" && self.indent == 0 {
            return Some(Content::DocumentStart);
        }
        let Some(item) = rest.strip_prefix('-') else {
            let (key, value) = pair(rest)?;
            return Some(Content::Key { key, value: value? });
        };
        let inside = item.trim_start_matches(' ');
        if nothing(item) {
            return Some(Content::Item { inner: self.indent + 1, content: None });
        }
        let inner = self.indent + rest.len() - inside.len();
        if inside.len() == item.len() || inside.starts_with('-') {
            return None;
        }
        let content = match pair(inside) {
            Some((key, value)) => (Some(key), value?),
            None => match value(item)? {
                // What the indent of its text is measured by is the dash's, or is it?
                Value::Block => return None,
                value => (None, value),
            },
        };
        Some(Content::Item { inner, content: Some(content) })
    }
}

/// Parts `key: value`; the value is `None` where it can't be told. No pair at all: `None`.
fn pair(text: &str) -> Option<(&str, Option<Value>)> {
    let (key, rest) = match text.as_bytes().first()? {
        quote @ (b'"' | b'\'') => {
            let end = 1 + text[1..].find(char::from(*quote))?;
            (&text[1..end], &text[end + 1..])
        }
        _ => text.split_at(text.find(|it: char| !is_word(it))?),
    };
    let rest = rest.strip_prefix(':')?;
    let plain = |it: char| is_word(it) || matches!(it, ' ' | '/' | ':' | '@' | '#' | '(' | ')');
    let simple = !key.is_empty() && key.len() < 256 && key.chars().all(plain) && !text.starts_with(['-', '.']);
    let ends = rest.is_empty() || rest.starts_with(' ');
    Some((key, if simple && ends { value(rest) } else { None }))
}

const fn is_word(it: char) -> bool {
    it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.')
}

/// Tells what follows a colon or a dash.
fn value(rest: &str) -> Option<Value> {
    if nothing(rest) {
        return Some(Value::Empty);
    }
    let text = rest.trim_start_matches(' ');
    let bytes = text.as_bytes();
    let after = match bytes.first()? {
        b'"' | b'\'' | b'[' | b'{' => &text[flow(bytes, 0, 0)?..],
        b'|' | b'>' => {
            let header = text[1..].strip_prefix(['+', '-']).unwrap_or(&text[1..]);
            return nothing(header).then_some(Value::Block);
        }
        b'-' if !bytes.get(1)?.is_ascii_alphanumeric() => return None,
        first if first.is_ascii_alphanumeric() || !first.is_ascii() || b"-_./~+($".contains(first) => {
            // A comment ends it; a colon would make it a key.
            let text = text.split(" #").next().unwrap_or(text).trim_end_matches(' ');
            return (!text.contains(": ") && !text.ends_with(':')).then_some(Value::Whole);
        }
        _ => return None,
    };
    nothing(after).then_some(Value::Whole)
}

/// True if only blanks follow, or a comment after one.
fn nothing(rest: &str) -> bool {
    let text = rest.trim_start_matches(' ');
    text.is_empty() || (text.len() < rest.len() && text.starts_with('#'))
}

/// Lists in lists beyond this are no plain text.
const DEEP: usize = 4;

/// Returns the byte after a quoted scalar or a flow collection of simple scalars that begins at `at`.
fn flow(bytes: &[u8], at: usize, depth: usize) -> Option<usize> {
    let close = match bytes.get(at)? {
        quote @ (b'"' | b'\'') => {
            let end = at + 1 + bytes[at + 1..].iter().position(|byte| byte == quote)?;
            let escapes = bytes[at..end].contains(&b'\\') || bytes.get(end + 1) == Some(quote);
            return (!escapes).then_some(end + 1);
        }
        b'[' => b']',
        b'{' => b'}',
        _ => return word(bytes, at),
    };
    if depth == DEEP {
        return None;
    }
    let mut at = blanks(bytes, at + 1);
    while bytes.get(at)? != &close {
        at = if close == b'}' {
            let key = if matches!(bytes.get(at)?, b'"' | b'\'') { flow(bytes, at, depth)? } else { word(bytes, at)? };
            bytes.get(key..key + 2).filter(|colon| colon == b": ")?;
            flow(bytes, blanks(bytes, key + 2), depth + 1)?
        } else {
            flow(bytes, at, depth + 1)?
        };
        at = blanks(bytes, at);
        match bytes.get(at)? {
            b',' if bytes.get(at + 1) == Some(&b' ') => at = blanks(bytes, at + 1),
            last if *last == close => {}
            _ => return None,
        }
    }
    Some(at + 1)
}

fn blanks(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| **byte == b' ').count()
}

/// Returns the byte after a plain word.
fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let first = bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let count = bytes[at..].iter().take_while(|byte| is_word(char::from(**byte))).count();
    first.then_some(at + count)
}
