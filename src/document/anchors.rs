//! What anchors hold, so that aliases and merge keys can be read; and which anchors are used at all.

use super::events::{Event, Kind, Span, Style, Tag};
use std::borrow::Cow;
use std::collections::HashMap;

/// Where a node stands among the recorded ones.
pub(super) type NodeId = usize;

/// How deep aliases of aliases are followed.
const DEPTH: usize = 16;

/// The mappings that were looked into in vain: each with how much of the path was left, and how deep it was followed.
type Vain = HashMap<(NodeId, usize), usize>;

/// A recorded node. What is below a collection follows it, up to `end`.
#[derive(Debug)]
struct Node<'t> {
    content: Content<'t>,
    end: NodeId,
}

#[derive(Debug)]
enum Content<'t> {
    Scalar(Value<'t>),
    Alias(Option<usize>),
    Mapping,
    Sequence,
}

/// A scalar somewhere in the text.
#[derive(Clone, Debug)]
pub(super) struct Value<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) style: Style,
    pub(super) span: Span,
    pub(super) tag: Option<Box<Tag>>,
}

/// The uses of one anchor.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uses {
    /// How many aliases name it.
    pub(super) count: usize,
    /// The first of them.
    pub(super) first: Span,
}

/// What stands behind a path of keys.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'a, 't> {
    Scalar(&'a Value<'t>),
    /// A mapping or a list.
    Collection,
}

/// The anchored parts of a text. Holds nothing where the text has no alias.
#[derive(Debug, Default)]
pub(super) struct Anchors<'t> {
    active: bool,
    nodes: Vec<Node<'t>>,
    open: Vec<NodeId>,
    /// The node of each anchor.
    by_anchor: HashMap<usize, NodeId>,
    uses: HashMap<usize, Uses>,
    record_next: bool,
    /// The first alias of nothing.
    dangling: Option<Span>,
}

impl<'t> Anchors<'t> {
    pub(super) fn new(text: &str) -> Self {
        Self { active: text.contains('*'), ..Self::default() }
    }

    /// Records the next node though it has no anchor; it will be [`Anchors::upcoming`].
    pub(super) fn record_next(&mut self) {
        self.record_next = true;
    }

    /// Returns the number that the next recorded node gets.
    pub(super) fn upcoming(&self) -> NodeId {
        self.nodes.len()
    }

    /// Sees every event of the text, in order.
    pub(super) fn observe(&mut self, event: &Event<'t>) {
        if !self.active && !self.record_next && self.open.is_empty() {
            return;
        }
        if event.kind == Kind::Alias(None) {
            self.dangling.get_or_insert(event.span);
        }
        if let Kind::Alias(Some(id)) = event.kind {
            let uses = self.uses.entry(id).or_insert(Uses { count: 0, first: event.span });
            uses.count += 1;
        }
        if let Kind::MappingEnd | Kind::SequenceEnd = event.kind {
            if let Some(opened) = self.open.pop() {
                self.nodes[opened].end = self.nodes.len();
            }
            return;
        }
        let wanted = std::mem::take(&mut self.record_next) || event.anchor != 0 || !self.open.is_empty();
        if !wanted {
            return;
        }
        let content = match &event.kind {
            Kind::Scalar { value, style } => {
                Content::Scalar(Value { text: value.clone(), style: *style, span: event.span, tag: event.tag.clone() })
            }
            Kind::Alias(id) => Content::Alias(*id),
            Kind::MappingStart { .. } => Content::Mapping,
            Kind::SequenceStart { .. } => Content::Sequence,
            _ => return,
        };
        let id = self.nodes.len();
        if matches!(content, Content::Mapping | Content::Sequence) {
            self.open.push(id);
        }
        self.nodes.push(Node { content, end: id + 1 });
        if event.anchor != 0 {
            self.by_anchor.insert(event.anchor, id);
        }
    }

    /// Returns the first alias of nothing.
    pub(super) const fn dangling(&self) -> Option<Span> {
        self.dangling
    }

    /// Returns how often an anchor is used; `None`: never.
    pub(super) fn uses(&self, anchor: usize) -> Option<Uses> {
        self.uses.get(&anchor).copied()
    }

    /// Returns the node that an anchor is on.
    pub(super) fn node(&self, anchor: usize) -> Option<NodeId> {
        self.by_anchor.get(&anchor).copied()
    }

    /// Returns what stands at a path of keys below a node; aliases are followed, merge keys looked into.
    pub(super) fn find(&self, node: NodeId, path: &[String]) -> Option<Found<'_, 't>> {
        self.walk(node, path, DEPTH, &mut Vain::new())
    }

    fn walk(&self, id: NodeId, path: &[String], depth: usize, vain: &mut Vain) -> Option<Found<'_, 't>> {
        let depth = depth.checked_sub(1)?;
        let node = self.nodes.get(id)?;
        match (&node.content, path.split_first()) {
            (Content::Alias(anchor), _) => self.walk(self.node((*anchor)?)?, path, depth, vain),
            (Content::Scalar(value), None) => Some(Found::Scalar(value)),
            (Content::Mapping | Content::Sequence, None) => Some(Found::Collection),
            (Content::Mapping, Some((key, rest))) => match self.value_of(id, key) {
                Some(value) => self.walk(value, rest, depth, vain),
                // A mapping that is merged many times over is looked into once.
                None if vain.get(&(id, path.len())).is_some_and(|tried| *tried >= depth) => None,
                None => {
                    vain.insert((id, path.len()), depth);
                    self.merged(id).find_map(|source| self.walk_source(source, path, depth, vain))
                }
            },
            (Content::Scalar(_) | Content::Sequence, Some(_)) => None,
        }
    }

    /// Looks into what stands behind `<<`: a mapping, an alias of one, or a list of these.
    fn walk_source(&self, id: NodeId, path: &[String], depth: usize, vain: &mut Vain) -> Option<Found<'_, 't>> {
        let node = self.nodes.get(id)?;
        if !matches!(node.content, Content::Sequence) {
            return self.walk(id, path, depth, vain);
        }
        let mut item = id + 1;
        while item < node.end {
            if let Some(found) = self.walk(item, path, depth, vain) {
                return Some(found);
            }
            item = self.nodes.get(item)?.end;
        }
        None
    }

    /// Returns what stands at a path below a merge source.
    pub(super) fn find_merged(&self, source: NodeId, path: &[String]) -> Option<Found<'_, 't>> {
        self.walk_source(source, path, DEPTH, &mut Vain::new())
    }

    fn pairs(&self, mapping: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let end = self.nodes.get(mapping).map_or(0, |node| node.end);
        let mut key = mapping + 1;
        std::iter::from_fn(move || {
            if key >= end {
                return None;
            }
            let value = self.nodes.get(key)?.end;
            let pair = (key, value);
            key = self.nodes.get(value)?.end;
            Some(pair)
        })
    }

    fn value_of(&self, mapping: NodeId, name: &str) -> Option<NodeId> {
        self.pairs(mapping).find(|(key, _)| self.is_key(*key, name)).map(|(_, value)| value)
    }

    fn merged(&self, mapping: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.pairs(mapping).filter(|(key, _)| self.is_key(*key, "<<")).map(|(_, value)| value)
    }

    fn is_key(&self, key: NodeId, name: &str) -> bool {
        matches!(self.nodes.get(key), Some(Node { content: Content::Scalar(value), .. }) if value.text == name)
    }
}
