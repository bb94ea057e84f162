//! A tree of a text, or of its beginning, for looking at how it is spelled. Nothing is edited by it.

use super::events::{Broken, Event, Events, Feed, Kind, Style};
use std::borrow::Cow;

/// A node of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node<'t> {
    /// A value.
    Scalar {
        /// As the parser reads it.
        text: Cow<'t, str>,
        /// Whether it stands bare: without quotes, and not as a block.
        plain: bool,
        /// `key:` with nothing behind it.
        empty: bool,
    },
    /// Keys and values, in file order.
    Mapping(Vec<(Cow<'t, str>, Self)>),
    /// Entries, in file order.
    List(Vec<Self>),
    /// `*name`.
    Alias,
}

/// Returns the documents of a text as trees, cut off where the text breaks or after `limit` bytes.
#[must_use]
pub fn outline(text: &str, limit: usize) -> Vec<Node<'_>> {
    let mut reader = Reader { events: Events::new(text), limit, ended: false };
    let mut documents = Vec::new();
    while let Some(event) = reader.next() {
        match event.kind {
            Kind::StreamEnd => break,
            Kind::StreamStart | Kind::DocumentStart | Kind::DocumentEnd => {}
            _ => documents.push(reader.node(event)),
        }
    }
    documents
}

struct Reader<'t> {
    events: Events<'t>,
    limit: usize,
    ended: bool,
}

impl<'t> Reader<'t> {
    /// Returns the next event; `None` for good once the text has ended, is broken, or was read far enough.
    fn next(&mut self) -> Option<Event<'t>> {
        if self.ended {
            return None;
        }
        let event: Result<Event<'t>, Broken> = self.events.next();
        let event = event.ok().filter(|event| event.span.start <= self.limit);
        self.ended = event.as_ref().is_none_or(|event| event.kind == Kind::StreamEnd);
        event
    }

    fn node(&mut self, event: Event<'t>) -> Node<'t> {
        match event.kind {
            Kind::Scalar { value, style } => {
                Node::Scalar { text: value, plain: style == Style::Plain, empty: event.span.is_empty() }
            }
            Kind::MappingStart { .. } => {
                let mut pairs = Vec::new();
                while let Some(key) = self.next().filter(|key| key.kind != Kind::MappingEnd) {
                    let key = match self.node(key) {
                        Node::Scalar { text, .. } => Some(text),
                        Node::Mapping(_) | Node::List(_) | Node::Alias => None,
                    };
                    let Some(value) = self.next() else { break };
                    let value = self.node(value);
                    pairs.extend(key.map(|key| (key, value)));
                }
                Node::Mapping(pairs)
            }
            Kind::SequenceStart { .. } => {
                let mut items = Vec::new();
                while let Some(item) = self.next().filter(|item| item.kind != Kind::SequenceEnd) {
                    items.push(self.node(item));
                }
                Node::List(items)
            }
            _ => Node::Alias,
        }
    }
}

impl<'t> Node<'t> {
    /// Returns the value of a key of a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Mapping(pairs) => pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            Self::Scalar { .. } | Self::List(_) | Self::Alias => None,
        }
    }

    /// Returns the value at a path of keys.
    #[must_use]
    pub fn at(&self, path: &[String]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Returns the text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar { text, .. } => Some(text),
            Self::Mapping(_) | Self::List(_) | Self::Alias => None,
        }
    }

    /// Returns the keys and values of a mapping.
    #[must_use]
    pub fn pairs(&self) -> &[(Cow<'t, str>, Self)] {
        match self {
            Self::Mapping(pairs) => pairs,
            Self::Scalar { .. } | Self::List(_) | Self::Alias => &[],
        }
    }

    /// Returns what an entry of a list is called, as the flags of a list are named.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let text = |key: &str| self.get(key).and_then(Node::text).filter(|text| !text.is_empty());
        let found = super::body::NAMES.map(|key| text(key).map(|text| (text, ())));
        super::body::best_name(found).map(|(name, ())| name)
    }
}
