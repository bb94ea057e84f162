//! One flag's entry as it stands in the text: where its values are, and where a key could be inserted.

use super::anchors::{NodeId, Value};
use super::events::Span;
use std::borrow::Cow;

/// Which of a flag's two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Rollout,
    Enabled,
}

/// What stands in the place of a value.
#[derive(Clone, Debug)]
pub(super) enum Shape<'t> {
    Scalar(Value<'t>),
    /// `*name`, and the node behind it.
    Alias {
        node: Option<NodeId>,
    },
    /// `*name` on the way to the value: what is below it belongs to others too.
    AliasAbove {
        node: Option<NodeId>,
        rest: Vec<String>,
    },
    Collection,
    /// A scalar where a mapping with this key is expected.
    Misfit {
        wants: String,
    },
}

/// A place in an entry that holds one of its values.
#[derive(Clone, Debug)]
pub(super) struct Site<'t> {
    pub(super) field: Field,
    /// Which of the mapping's spellings it is; the lowest counts.
    pub(super) spelling: usize,
    /// The key before it; `None` where the entry itself is the value.
    pub(super) key: Option<Span>,
    pub(super) span: Span,
    pub(super) shape: Shape<'t>,
    /// The anchor on it; 0: none.
    pub(super) anchor: usize,
    /// The mapping in the entry that it stands in.
    pub(super) frame: usize,
}

/// The last pair of a flow mapping, or the last single-line pair of a block mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) key: Span,
    pub(super) value: Span,
    /// The value carries a tag or an anchor.
    pub(super) properties: bool,
}

/// A mapping in an entry, as far as a key could be inserted there.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// The keys from the entry to it.
    pub(super) path: Vec<String>,
    pub(super) flow: bool,
    /// Where it opens.
    pub(super) start: Span,
    pub(super) first_key: Option<Span>,
    pub(super) last: Option<Pair>,
    /// The last pair of which key and value stand on one line.
    pub(super) last_line: Option<Pair>,
    /// What is merged into it.
    pub(super) merges: Vec<NodeId>,
    /// The anchors that `<<` names in it, with the place of each alias.
    pub(super) merged_anchors: Vec<(usize, Span)>,
    /// The anchor on it; 0: none.
    pub(super) anchor: usize,
}

/// What the entry is.
#[derive(Clone, Debug)]
pub(super) enum Body<'t> {
    Mapping,
    Scalar(Value<'t>),
    Alias { anchor: Option<usize>, node: Option<NodeId> },
    Sequence,
}

/// One flag's entry.
#[derive(Clone, Debug)]
pub(super) struct Entry<'t> {
    /// Its key, or what the entry of a list calls itself.
    pub(super) name: Cow<'t, str>,
    /// Where the name stands.
    pub(super) name_span: Span,
    pub(super) body: Body<'t>,
    pub(super) body_span: Span,
    pub(super) sites: Vec<Site<'t>>,
    /// The mappings on the way to its values; the first is the entry itself.
    pub(super) frames: Vec<Frame>,
    pub(super) description: Option<Cow<'t, str>>,
    /// What its own key `salt` holds.
    pub(super) salt: Option<Cow<'t, str>>,
    /// The anchors on it and around it.
    pub(super) anchors: Vec<usize>,
    /// In which document of the stream, from 0.
    pub(super) document: usize,
    /// The text broke before the entry was complete.
    pub(super) cut: bool,
    /// It stands in a list.
    pub(super) listed: bool,
    /// The key by which an entry of a list is named.
    pub(super) name_key: Cow<'t, str>,
    /// What else it calls itself, where the key of its name stands twice: readers differ in which of the two counts.
    pub(super) also: Option<(Cow<'t, str>, Span)>,
    /// Whether that name stands in quotes.
    pub(super) name_quoted: bool,
    /// It stands between braces or brackets.
    pub(super) in_flow: bool,
    /// Where the last of it that was seen ends.
    pub(super) end: usize,
}

impl<'t> Entry<'t> {
    /// Returns the places of a value in the spelling that counts, in file order.
    pub(super) fn counting(&self, field: Field, spelling: usize) -> impl Iterator<Item = &Site<'t>> {
        self.sites.iter().filter(move |site| site.field == field && site.spelling == spelling)
    }
}
