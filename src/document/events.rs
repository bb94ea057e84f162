//! The only place that knows the YAML parser: its events, with positions in bytes.
//!
//! Of the parser's spans only `byte_range()` is used. Its other positions count characters, and a splice by them would
//! cut into the text after the first non-ASCII letter.

use granit_parser::{Event as Raw, Options, Parser, ScalarStyle, StrInput, StructureStyle};
use std::borrow::Cow;

/// A range of bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Span {
    /// The first byte.
    pub(super) start: usize,
    /// The byte after the last.
    pub(super) end: usize,
}

impl Span {
    pub(super) const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    pub(super) const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Returns the bytes it covers, if they are whole characters of `text`.
    pub(super) fn slice(self, text: &str) -> Option<&str> {
        text.get(self.start..self.end)
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    /// Literal or folded.
    Block,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    StreamStart,
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    MappingStart {
        flow: bool,
    },
    MappingEnd,
    SequenceStart {
        flow: bool,
    },
    SequenceEnd,
    Scalar {
        value: Cow<'t, str>,
        style: Style,
    },
    /// The number of the anchor; `None`: there is no such anchor.
    Alias(Option<usize>),
}

/// A tag as it is written, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tag {
    /// As `!!int`, `!mine`.
    pub(super) name: String,
    /// The type that the core schema knows under it, as `int`.
    pub(super) core: Option<String>,
    /// Where it stands, if the parser can tell.
    pub(super) span: Option<Span>,
}

/// One step of the parser through the text.
#[derive(Clone, Debug)]
pub(super) struct Event<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) span: Span,
    /// The number of the anchor that the node defines; 0: none. Numbers ascend from 1.
    pub(super) anchor: usize,
    pub(super) tag: Option<Box<Tag>>,
}

impl Event<'_> {
    /// True if two events say the same of two texts, wherever they stand.
    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        let tags = match (&self.tag, &other.tag) {
            (None, None) => true,
            (Some(one), Some(two)) => one.name == two.name && one.core == two.core,
            _ => false,
        };
        tags && self.kind == other.kind && self.anchor == other.anchor
    }
}

/// Where the parser gave up, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The byte.
    pub(super) at: usize,
    /// A fragment without position.
    pub(super) message: String,
}

/// Something that gives events.
pub(super) trait Feed<'t> {
    /// Returns the next event; not to be called after [`Kind::StreamEnd`] or an error.
    fn next(&mut self) -> Result<Event<'t>, Broken>;
}

/// The events of a text.
pub(super) struct Events<'t> {
    parser: Parser<'t, StrInput<'t>>,
    length: usize,
}

impl<'t> Events<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut options = Options::default();
        options.emit_unresolved_aliases = true;
        options.set_emit_comments(false);
        Self { parser: Parser::new_from_str_with_options(text, options), length: text.len() }
    }
}

impl<'t> Feed<'t> for Events<'t> {
    fn next(&mut self) -> Result<Event<'t>, Broken> {
        let next = self.parser.next_event();
        let (raw, span) = match next {
            Some(Ok(pair)) => pair,
            Some(Err(error)) => {
                let at = error.marker().byte_offset().unwrap_or(self.length).min(self.length);
                return Err(Broken { at, message: error.kind().to_string() });
            }
            None => return Err(Broken { at: self.length, message: "the text ends too early".to_owned() }),
        };
        let Some(range) = span.byte_range() else {
            return Err(Broken { at: self.length, message: "the parser lost its place".to_owned() });
        };
        let tag_span =
            span.tag_span().and_then(|span| span.byte_range()).map(|range| Span::new(range.start, range.end));
        let plain = |kind| (kind, 0, None);
        let (kind, anchor, tag) = match raw {
            Raw::StreamStart => plain(Kind::StreamStart),
            Raw::StreamEnd => plain(Kind::StreamEnd),
            Raw::DocumentStart(..) => plain(Kind::DocumentStart),
            Raw::DocumentEnd => plain(Kind::DocumentEnd),
            Raw::MappingEnd => plain(Kind::MappingEnd),
            Raw::SequenceEnd => plain(Kind::SequenceEnd),
            Raw::Alias(id) => plain(Kind::Alias(Some(id))),
            Raw::UnresolvedAlias(_) => plain(Kind::Alias(None)),
            Raw::MappingStart(style, anchor, tag) => {
                (Kind::MappingStart { flow: style == StructureStyle::Flow }, anchor, tag)
            }
            Raw::SequenceStart(style, anchor, tag) => {
                (Kind::SequenceStart { flow: style == StructureStyle::Flow }, anchor, tag)
            }
            Raw::Scalar(value, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted => Style::Single,
                    ScalarStyle::DoubleQuoted => Style::Double,
                    ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
                };
                (Kind::Scalar { value, style }, anchor, tag)
            }
            // Events that only exist where they are asked for.
            _ => return self.next(),
        };
        let tag = tag.map(|tag| {
            Box::new(Tag { name: tag.original(), core: tag.core_suffix().map(str::to_owned), span: tag_span })
        });
        Ok(Event { kind, span: Span::new(range.start, range.end), anchor, tag })
    }
}

/// The events of a text, kept as they pass.
pub(super) struct Recorder<'t> {
    events: Events<'t>,
    pub(super) record: Record<'t>,
}

/// The events of a text that was read before, and where it broke, if it did.
#[derive(Debug, Default)]
pub(super) struct Record<'t> {
    events: Vec<Event<'t>>,
    broken: Option<Broken>,
}

impl<'t> Recorder<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { events: Events::new(text), record: Record::default() }
    }
}

impl<'t> Feed<'t> for &mut Recorder<'t> {
    fn next(&mut self) -> Result<Event<'t>, Broken> {
        let next = self.events.next();
        match &next {
            Ok(event) => self.record.events.push(event.clone()),
            Err(broken) => self.record.broken = Some(broken.clone()),
        }
        next
    }
}

/// The events of a text once more: read again, or from a record.
pub(super) enum Again<'r, 't> {
    Read(Box<Events<'t>>),
    Recorded { record: &'r Record<'t>, next: usize },
}

impl<'r, 't> Again<'r, 't> {
    pub(super) fn new(text: &'t str, record: Option<&'r Record<'t>>) -> Self {
        match record {
            Some(record) => Self::Recorded { record, next: 0 },
            None => Self::Read(Box::new(Events::new(text))),
        }
    }
}

impl<'t> Feed<'t> for Again<'_, 't> {
    fn next(&mut self) -> Result<Event<'t>, Broken> {
        match self {
            Self::Read(events) => events.next(),
            Self::Recorded { record, next } => {
                *next += 1;
                let ended = || Broken { at: 0, message: "the record ends too early".to_owned() };
                record.events.get(*next - 1).cloned().ok_or_else(|| record.broken.clone().unwrap_or_else(ended))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::{Path, PathBuf};

    fn documents(folder: &str) -> Vec<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect()
    }

    /// What every edit rests on: the bytes at a scalar's span are the scalar.
    #[test]
    fn the_spans_of_all_scalars_hold_them() {
        let mut audited = 0;
        for file in documents("tricky").into_iter().chain(documents("mapped")) {
            let Ok(text) = String::from_utf8(std::fs::read(&file).unwrap()) else { continue };
            let mut events = Events::new(&text);
            while let Ok(event) = events.next() {
                let at = format!("{} {event:?}", file.display());
                let bytes = event.span.slice(&text).unwrap_or_else(|| panic!("no characters: {at}"));
                match &event.kind {
                    Kind::StreamEnd => break,
                    Kind::Scalar { value, style: Style::Plain } if !bytes.contains(['\n', '\r']) => {
                        // Nothing is read as `~`, or as an empty text where it carries a tag.
                        assert!(bytes == value || (bytes.is_empty() && matches!(value.as_ref(), "" | "~")), "{at}");
                    }
                    Kind::Scalar { style: Style::Plain, .. } => assert_eq!(bytes.trim(), bytes, "{at}"),
                    Kind::Scalar { style: Style::Single, .. } => {
                        assert!(bytes.len() > 1 && bytes.starts_with('\'') && bytes.ends_with('\''), "{at}");
                    }
                    Kind::Scalar { style: Style::Double, .. } => {
                        assert!(bytes.len() > 1 && bytes.starts_with('"') && bytes.ends_with('"'), "{at}");
                    }
                    Kind::Alias(_) => assert!(bytes.starts_with('*'), "{at}"),
                    Kind::MappingStart { flow: true } => assert_eq!(bytes, "{", "{at}"),
                    Kind::SequenceStart { flow: true } => assert_eq!(bytes, "[", "{at}"),
                    _ => {}
                }
                audited += 1;
            }
        }
        assert!(audited > 3000, "{audited}");
    }

    /// A record gives what reading gave, and breaks where reading broke.
    #[test]
    fn a_record_says_the_same_again() {
        for text in ["a: 1\nb: [2, *x]\n", "a: [\n", ""] {
            let mut recorder = Recorder::new(text);
            while (&mut recorder).next().is_ok_and(|event| event.kind != Kind::StreamEnd) {}
            let (mut read, mut again) = (Again::new(text, None), Again::new(text, Some(&recorder.record)));
            loop {
                match (read.next(), again.next()) {
                    (Ok(one), Ok(other)) if one.says_the_same(&other) && one.span == other.span => {
                        if one.kind == Kind::StreamEnd {
                            break;
                        }
                    }
                    (one, other) => {
                        assert_eq!(one.err(), other.err());
                        break;
                    }
                }
            }
        }
    }
}
