//! One pass over the events of a text that finds the flags, wherever the mapping says they stand.

use super::anchors::{Anchors, Value};
use super::body::Names;
use super::entry::{Body, Entry, Field};
use super::events::{Broken, Event, Feed, Kind, Span, Style};
use crate::model::Mapping;
use std::borrow::Cow;

/// What a pass learned beside the entries.
#[derive(Debug)]
pub(super) struct Outcome<'t> {
    pub(super) anchors: Anchors<'t>,
    /// Where the parser gave up, if it did.
    pub(super) broken: Option<Broken>,
    /// The places where the flags are said to begin; more than one: a key on the way stands twice, or several documents.
    pub(super) roots: Vec<Root>,
    /// The entries that have no name.
    pub(super) nameless: Vec<Nameless>,
    /// The text broke before anything followed the last entry: more of it may stand below.
    pub(super) open: bool,
}

/// An entry without a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nameless {
    pub(super) at: Span,
    /// It has keys that are a flag's.
    pub(super) valued: bool,
}

/// A place where the flags stand, by the mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    /// In which document of the stream, from 0.
    pub(super) document: usize,
    /// The last key on the way, or where the document begins.
    pub(super) at: Span,
    /// What stands there.
    pub(super) kind: RootKind,
    pub(super) span: Span,
}

/// What stands where the flags should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RootKind {
    Mapping { flow: bool },
    List { flow: bool },
    Empty,
    Other,
}

/// A path of keys to a value, one bit in the masks below.
pub(super) struct Target<'m> {
    pub(super) field: Field,
    pub(super) spelling: usize,
    pub(super) path: &'m [String],
}

/// Which targets are still possible.
pub(super) type Mask = u64;

/// Reads a text, or what a feed gives, and hands every entry to `sink`, in file order.
///
/// A text that is broken below gives the entries above, the last with what was seen of it.
pub(super) fn scan<'t, 'm>(
    text: &'t str,
    feed: impl Feed<'t>,
    mapping: &'m Mapping,
    sink: impl FnMut(Entry<'t>, &Anchors<'t>),
) -> Outcome<'t> {
    let paths =
        mapping.rollout.iter().enumerate().map(|(spelling, path)| Target { field: Field::Rollout, spelling, path });
    let keys = mapping.enabled.iter().enumerate();
    let keys = keys.map(|(spelling, key)| Target { field: Field::Enabled, spelling, path: &key.path });
    let targets: Vec<Target<'m>> = paths.chain(keys).take(64).collect();
    let mut scan = Scan {
        text,
        feed,
        root: &mapping.root,
        name: mapping.name.as_deref(),
        targets,
        anchors: Anchors::new(text),
        sink,
        roots: Vec::new(),
        nameless: Vec::new(),
        around: Vec::new(),
        document: 0,
        last: false,
    };
    let broken = scan.stream().err();
    let open = broken.is_some() && scan.last;
    Outcome { anchors: scan.anchors, broken, roots: scan.roots, nameless: scan.nameless, open }
}

pub(super) struct Scan<'t, 'm, F, S> {
    pub(super) text: &'t str,
    feed: F,
    root: &'m [String],
    /// The key by which an entry of a list is named, where it is an unusual one.
    pub(super) name: Option<&'m str>,
    pub(super) targets: Vec<Target<'m>>,
    pub(super) anchors: Anchors<'t>,
    sink: S,
    roots: Vec<Root>,
    nameless: Vec<Nameless>,
    /// The anchors around the place that is read now.
    around: Vec<usize>,
    document: usize,
    /// Nothing but ends came after the last entry.
    last: bool,
}

pub(super) type Step<T = ()> = Result<T, Broken>;

impl<'t, F: Feed<'t>, S: FnMut(Entry<'t>, &Anchors<'t>)> Scan<'t, '_, F, S> {
    pub(super) fn next(&mut self) -> Step<Event<'t>> {
        let event = self.feed.next()?;
        self.anchors.observe(&event);
        self.last &= matches!(event.kind, Kind::MappingEnd | Kind::SequenceEnd | Kind::DocumentEnd);
        Ok(event)
    }

    fn stream(&mut self) -> Step {
        loop {
            let event = self.next()?;
            match event.kind {
                Kind::StreamEnd => return Ok(()),
                Kind::DocumentStart | Kind::StreamStart => {}
                Kind::DocumentEnd => self.document += 1,
                _ => self.find_root(event, 0, None)?,
            }
        }
    }

    /// Follows the path to the flags.
    fn find_root(&mut self, event: Event<'t>, depth: usize, key: Option<Span>) -> Step {
        let root = self.root;
        let Some(wanted) = root.get(depth) else { return self.flags(event, key) };
        let Kind::MappingStart { .. } = event.kind else { return self.skip(&event).map(drop) };
        let anchored = self.enter(event.anchor);
        loop {
            let key = self.next()?;
            match &key.kind {
                Kind::MappingEnd => break,
                Kind::Scalar { value, .. } if value == wanted || (wanted == "*" && value != "<<") => {
                    let value = self.next()?;
                    self.find_root(value, depth + 1, Some(key.span))?;
                }
                _ => {
                    self.skip(&key)?;
                    let value = self.next()?;
                    self.skip(&value)?;
                }
            }
        }
        self.leave(anchored);
        Ok(())
    }

    fn enter(&mut self, anchor: usize) -> bool {
        if anchor != 0 {
            self.around.push(anchor);
        }
        anchor != 0
    }

    fn leave(&mut self, entered: bool) {
        if entered {
            self.around.pop();
        }
    }

    /// Reads over what is left of a node.
    pub(super) fn skip(&mut self, event: &Event<'t>) -> Step<Span> {
        let mut depth = usize::from(opens(event));
        let mut end = event.span;
        while depth > 0 {
            let event = self.next()?;
            match event.kind {
                Kind::MappingEnd | Kind::SequenceEnd => depth -= 1,
                _ => depth += usize::from(opens(&event)),
            }
            // The end of a block has no bytes of its own and lies at whatever comes next.
            if !event.span.is_empty() {
                end = event.span;
            }
        }
        Ok(Span::new(event.span.start, end.end))
    }

    /// Reads what stands where the flags should.
    fn flags(&mut self, event: Event<'t>, key: Option<Span>) -> Step {
        let kind = match &event.kind {
            Kind::MappingStart { flow } => RootKind::Mapping { flow: *flow },
            Kind::SequenceStart { flow } => RootKind::List { flow: *flow },
            Kind::Scalar { value, .. } if event.span.is_empty() || matches!(value.as_ref(), "~" | "null") => {
                RootKind::Empty
            }
            _ => RootKind::Other,
        };
        self.roots.push(Root { document: self.document, at: key.unwrap_or(event.span), kind, span: event.span });
        let entered = self.enter(event.anchor);
        match kind {
            RootKind::Mapping { .. } => loop {
                let key = self.next()?;
                match &key.kind {
                    Kind::MappingEnd => break,
                    Kind::Scalar { value, .. } if value != "<<" => {
                        self.entry(Some((value.clone(), key.span)), kind)?;
                    }
                    _ => {
                        self.skip(&key)?;
                        let value = self.next()?;
                        self.skip(&value)?;
                    }
                }
            },
            RootKind::List { .. } => while self.entry(None, kind)? {},
            RootKind::Empty | RootKind::Other => {
                self.skip(&event)?;
            }
        }
        self.leave(entered);
        Ok(())
    }

    /// Reads one entry; false if there was none because the list ends.
    fn entry(&mut self, name: Option<(Cow<'t, str>, Span)>, root: RootKind) -> Step<bool> {
        let listed = name.is_none();
        let event = self.next()?;
        if listed && event.kind == Kind::SequenceEnd {
            return Ok(false);
        }
        let (name, name_span) = name.unwrap_or((Cow::Borrowed(""), event.span));
        let entered = self.enter(event.anchor);
        let mut entry = Entry {
            name,
            name_span,
            body: Body::Sequence,
            body_span: event.span,
            sites: Vec::new(),
            frames: Vec::new(),
            description: None,
            salt: None,
            anchors: self.around.clone(),
            document: self.document,
            cut: false,
            listed,
            name_key: Cow::Borrowed("name"),
            also: None,
            name_quoted: false,
            in_flow: matches!(root, RootKind::Mapping { flow: true } | RootKind::List { flow: true }),
            end: event.span.end,
        };
        let mut names = Names::default();
        let read = self.body(&mut entry, event, &mut names);
        entry.cut = read.is_err();
        if listed && let Some((name, place)) = names.best() {
            entry.also = names.again(&place.key, &name);
            (entry.name, entry.name_span) = (name, place.span);
            (entry.name_key, entry.name_quoted) = (place.key, place.quoted);
        }
        if entry.name.is_empty() {
            let valued = matches!(entry.body, Body::Mapping) && !entry.sites.is_empty() && !entry.cut;
            self.nameless.push(Nameless { at: entry.name_span, valued });
        } else {
            // By its other name it is a flag too, to some readers.
            let by_other = entry.also.clone().map(|(name, name_span)| Entry {
                also: Some((entry.name.clone(), entry.name_span)),
                name,
                name_span,
                ..entry.clone()
            });
            (self.sink)(entry, &self.anchors);
            if let Some(entry) = by_other {
                (self.sink)(entry, &self.anchors);
            }
            self.last = true;
        }
        self.leave(entered);
        read.map(|()| true)
    }

    fn body(&mut self, entry: &mut Entry<'t>, event: Event<'t>, names: &mut Names<'t>) -> Step {
        let all = if self.targets.len() == 64 { Mask::MAX } else { (1 << self.targets.len()) - 1 };
        match &event.kind {
            Kind::MappingStart { .. } => {
                entry.body = Body::Mapping;
                entry.body_span = self.mapping(entry, &event, all, &[], names)?;
            }
            Kind::Scalar { .. } => {
                let value = scalar(&event);
                entry.body = Body::Scalar(value);
                self.sites_at(entry, &event, all, 0, None, 0);
            }
            Kind::Alias(anchor) => {
                entry.body = Body::Alias { anchor: *anchor, node: anchor.and_then(|id| self.anchors.node(id)) };
                // What lies below is read through the alias; only a value in its own place is a site.
                let here = |(bit, target): (usize, &Target<'_>)| Mask::from(target.path.is_empty()) << bit;
                let here = self.targets.iter().enumerate().map(here).sum();
                self.sites_at(entry, &event, here, 0, None, 0);
            }
            _ => entry.body_span = self.skip(&event)?,
        }
        entry.end = entry.end.max(entry.body_span.end);
        Ok(())
    }
}

pub(super) fn opens(event: &Event<'_>) -> bool {
    matches!(event.kind, Kind::MappingStart { .. } | Kind::SequenceStart { .. })
}

pub(super) fn scalar<'t>(event: &Event<'t>) -> Value<'t> {
    let (text, style) = match &event.kind {
        Kind::Scalar { value, style } => (value.clone(), *style),
        _ => (Cow::Borrowed(""), Style::Plain),
    };
    Value { text, style, span: event.span, tag: event.tag.clone() }
}
