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
    /// Takes a line with its end; `None` if it holds what is more than blanks and letters. Of a text that is `printable`
    /// as a whole no line is asked.
    pub(super) fn of(line: &'t str, printable: bool) -> Option<Self> {
        let line = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
        // One look at all bytes, without a branch for each: most lines need no other.
        let odd = !printable && line.bytes().fold(false, |odd, byte| odd | !matches!(byte, b' '..=b'~'));
        (!odd || line.chars().all(is_letter)).then_some(())?;
        let rest = without_blanks(line);
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
        let inside = without_blanks(item);
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

/// True for what every reader takes for one letter of a line.
const fn is_letter(it: char) -> bool {
    match it {
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}'.. => false,
        it => matches!(it, ' '..='~') || it >= '\u{A0}',
    }
}

fn without_blanks(text: &str) -> &str {
    &text[blanks(text.as_bytes(), 0)..]
}

/// Parts `key: value`; the value is `None` where it can't be told. No pair at all: `None`.
fn pair(text: &str) -> Option<(&str, Option<Value>)> {
    let plain = |byte: u8| is_word(byte) || b" /:@#()".contains(&byte);
    let (key, rest, plain) = match text.as_bytes().first()? {
        quote @ (b'"' | b'\'') => {
            let end = 1 + text[1..].find(char::from(*quote))?;
            (&text[1..end], &text[end + 1..], text[1..end].bytes().all(plain))
        }
        first => {
            let (key, rest) = text.split_at(text.bytes().position(|byte| !is_word(byte))?);
            (key, rest, !matches!(first, b'-' | b'.'))
        }
    };
    let rest = rest.strip_prefix(':')?;
    let simple = !key.is_empty() && key.len() < 256 && plain;
    let ends = rest.is_empty() || rest.starts_with(' ');
    Some((key, if simple && ends { value(rest) } else { None }))
}

/// The bytes of plain words, looked up: nearly every byte of a text is asked for.
const WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        word[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        byte += 1;
    }
    word
};

const fn is_word(byte: u8) -> bool {
    WORD[byte as usize]
}

/// Tells what follows a colon or a dash.
fn value(rest: &str) -> Option<Value> {
    if nothing(rest) {
        return Some(Value::Empty);
    }
    let text = without_blanks(rest);
    let bytes = text.as_bytes();
    let after = match bytes.first()? {
        b'"' | b'\'' | b'[' | b'{' => &text[flow(bytes, 0, 0)?..],
        b'|' | b'>' => {
            let header = text[1..].strip_prefix(['+', '-']).unwrap_or(&text[1..]);
            return nothing(header).then_some(Value::Block);
        }
        b'-' if !bytes.get(1)?.is_ascii_alphanumeric() => return None,
        first if first.is_ascii_alphanumeric() || !first.is_ascii() || b"-_./~+($".contains(first) => {
            return is_plain_scalar(bytes).then_some(Value::Whole);
        }
        _ => return None,
    };
    nothing(after).then_some(Value::Whole)
}

/// True if bytes are one plain scalar up to a comment: a colon would make a key of what is before it.
fn is_plain_scalar(bytes: &[u8]) -> bool {
    for pair in bytes.windows(2) {
        match pair {
            b": " => return false,
            b" #" => return true,
            _ => {}
        }
    }
    !bytes.ends_with(b":")
}

/// True if only blanks follow, or a comment after one.
fn nothing(rest: &str) -> bool {
    let text = without_blanks(rest);
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
    let count = bytes[at..].iter().take_while(|byte| is_word(**byte)).count();
    first.then_some(at + count)
}
