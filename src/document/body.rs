//! The inside of an entry: the mappings on the way to its values, and the values.

use super::anchors::{Anchors, Found};
use super::entry::{Entry, Field, Frame, Pair, Shape, Site};
use super::events::{Event, Feed, Kind, Span, Style};
use super::scan::{Mask, Scan, Step, Target, opens, scalar};
use std::borrow::Cow;

/// The keys by which an entry of a list is named, the best first.
pub(super) const NAMES: [&str; 5] = ["key", "name", "id", "flag", "feature"];

impl<'t, F: Feed<'t>, S: FnMut(Entry<'t>, &Anchors<'t>)> Scan<'t, '_, F, S> {
    /// Reads a mapping that lies on the way to a value; returns all of it.
    pub(super) fn mapping(
        &mut self,
        entry: &mut Entry<'t>,
        event: &Event<'t>,
        mask: Mask,
        path: &[String],
        names: &mut Names<'t>,
    ) -> Step<Span> {
        let flow = matches!(event.kind, Kind::MappingStart { flow: true });
        let index = entry.frames.len();
        entry.frames.push(Frame {
            path: path.to_vec(),
            flow,
            start: event.span,
            first_key: None,
            last: None,
            last_line: None,
            merges: Vec::new(),
            merged_anchors: Vec::new(),
            anchor: event.anchor,
        });
        loop {
            let key = self.next()?;
            // The end of a block has no bytes of its own and lies at whatever comes next.
            if !key.span.is_empty() {
                entry.end = entry.end.max(key.span.end);
            }
            if key.kind == Kind::MappingEnd {
                return Ok(Span::new(event.span.start, entry.end));
            }
            entry.frames[index].first_key.get_or_insert(key.span);
            let (value, properties) = self.pair(entry, &key, mask, index, path, names)?;
            let frame = &mut entry.frames[index];
            let pair = Pair { key: key.span, value, properties };
            frame.last = Some(pair);
            entry.end = entry.end.max(value.end);
        }
    }

    /// Reads one value of a mapping that lies on the way; returns its span and whether it carries properties.
    fn pair(
        &mut self,
        entry: &mut Entry<'t>,
        key: &Event<'t>,
        mask: Mask,
        index: usize,
        path: &[String],
        names: &mut Names<'t>,
    ) -> Step<(Span, bool)> {
        let Kind::Scalar { value: name, .. } = &key.kind else {
            self.skip(key)?;
            let value = self.next()?;
            return Ok((self.skip(&value)?, false));
        };
        let depth = path.len();
        if name == "<<" {
            self.anchors.record_next();
            entry.frames[index].merges.push(self.anchors.upcoming());
            return self.merge(entry, index);
        }
        let value = self.next()?;
        let mask = self.targets.iter().enumerate().fold(0, |below, (bit, target)| {
            let on_the_way = mask & (1 << bit) != 0 && target.path.get(depth).is_some_and(|key| key == name);
            below | (Mask::from(on_the_way) << bit)
        });
        if depth == 0 {
            names.see(entry, name.clone(), &value, self.name);
            if name == "salt"
                && let Some(salt) = self.salt(&value)
            {
                entry.salt = Some(salt);
            }
        }
        let properties = value.anchor != 0 || value.tag.is_some();
        let deeper = self.sites_at(entry, &value, mask, depth + 1, Some(key.span), index);
        let span = match &value.kind {
            Kind::MappingStart { .. } if deeper != 0 => {
                let path: Vec<String> = path.iter().cloned().chain([name.clone().into_owned()]).collect();
                self.mapping(entry, &value, deeper, &path, names)?
            }
            _ => self.skip(&value)?,
        };
        if self.on_one_line(key.span, &value) {
            entry.frames[index].last_line = Some(Pair { key: key.span, value: span, properties });
        }
        Ok((span, properties))
    }

    /// Returns what a salt holds, be it by an alias.
    fn salt(&self, value: &Event<'t>) -> Option<Cow<'t, str>> {
        match &value.kind {
            Kind::Scalar { value, .. } => Some(value.clone()),
            Kind::Alias(Some(anchor)) => match self.anchors.find(self.anchors.node(*anchor)?, &[])? {
                Found::Scalar(value) => Some(value.text.clone()),
                Found::Collection => None,
            },
            _ => None,
        }
    }

    fn on_one_line(&self, key: Span, value: &Event<'t>) -> bool {
        let one_piece = match value.kind {
            Kind::Scalar { style, .. } => style != Style::Block,
            Kind::Alias(_) => true,
            _ => false,
        };
        let breaks = |text: &str| text.bytes().any(|byte| matches!(byte, b'\n' | b'\r'));
        one_piece && Span::new(key.start, value.span.end).slice(self.text).is_some_and(|text| !breaks(text))
    }

    fn merge(&mut self, entry: &mut Entry<'t>, index: usize) -> Step<(Span, bool)> {
        let first = self.next()?;
        let (start, properties) = (first.span.start, first.anchor != 0 || first.tag.is_some());
        let mut event = first;
        let mut depth = 0_usize;
        loop {
            match event.kind {
                Kind::Alias(Some(id)) if depth < 2 => entry.frames[index].merged_anchors.push((id, event.span)),
                Kind::MappingEnd | Kind::SequenceEnd => depth -= 1,
                _ => depth += usize::from(opens(&event)),
            }
            if depth == 0 {
                return Ok((Span::new(start, event.span.end), properties));
            }
            event = self.next()?;
        }
    }

    /// Notes the value as a place of the targets that end here; returns those that lie deeper.
    pub(super) fn sites_at(
        &self,
        entry: &mut Entry<'t>,
        event: &Event<'t>,
        mask: Mask,
        depth: usize,
        key: Option<Span>,
        frame: usize,
    ) -> Mask {
        let mut deeper = 0;
        let here = |target: &Target<'_>| target.path.len() == depth;
        for (bit, target) in self.targets.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0) {
            let shape = match (&event.kind, here(target)) {
                (Kind::Scalar { .. }, true) => Shape::Scalar(scalar(event)),
                (Kind::Alias(anchor), true) => Shape::Alias { node: anchor.and_then(|id| self.anchors.node(id)) },
                (Kind::Alias(anchor), false) => Shape::AliasAbove {
                    node: anchor.and_then(|id| self.anchors.node(id)),
                    rest: target.path[depth..].to_vec(),
                },
                // A mapping in the place of a value is another spelling's, if one reaches into it.
                (_, true) if self.reaches_below(mask, depth, target.field) => continue,
                (_, true) => Shape::Collection,
                (Kind::Scalar { .. }, false) if depth == 0 || self.ends_here(mask, depth, target.field) => continue,
                (Kind::Scalar { .. }, false) => Shape::Misfit { wants: target.path[depth].clone() },
                (_, false) => {
                    deeper |= 1 << bit;
                    continue;
                }
            };
            let (field, spelling) = (target.field, target.spelling);
            entry.sites.push(Site { field, spelling, key, span: event.span, shape, anchor: event.anchor, frame });
        }
        deeper
    }

    fn reaches_below(&self, mask: Mask, depth: usize, field: Field) -> bool {
        self.any(mask, |target| target.field == field && target.path.len() > depth)
    }

    fn ends_here(&self, mask: Mask, depth: usize, field: Field) -> bool {
        self.any(mask, |target| target.field == field && target.path.len() == depth)
    }

    fn any(&self, mask: Mask, test: impl Fn(&Target<'_>) -> bool) -> bool {
        self.targets.iter().enumerate().any(|(bit, target)| mask & (1 << bit) != 0 && test(target))
    }
}

/// What an entry of a list calls itself.
#[derive(Default)]
pub(super) struct Names<'t> {
    usual: [Option<Name<'t>>; NAMES.len()],
    /// Under the key that the mapping names.
    own: Option<Name<'t>>,
    /// Those under a key that stood before.
    repeated: Vec<Name<'t>>,
}

/// A name, and where it stands.
type Name<'t> = (Cow<'t, str>, NamePlace<'t>);

/// Where an entry of a list says its name.
pub(super) struct NamePlace<'t> {
    pub(super) key: Cow<'t, str>,
    pub(super) span: Span,
    pub(super) quoted: bool,
}

impl<'t> Names<'t> {
    fn see(&mut self, entry: &mut Entry<'t>, key: Cow<'t, str>, value: &Event<'t>, own: Option<&str>) {
        let Kind::Scalar { value: text, style } = &value.kind else { return };
        if value.span.is_empty() {
            return;
        }
        if matches!(key.as_ref(), "description" | "desc") && entry.description.is_none() {
            entry.description = Some(text.clone());
        }
        if !entry.listed {
            return;
        }
        let place = || NamePlace { key: key.clone(), span: value.span, quoted: *style != Style::Plain };
        let mut keep = |kept: &mut Option<Name<'t>>| match kept {
            None => *kept = Some((text.clone(), place())),
            Some(_) => self.repeated.push((text.clone(), place())),
        };
        if own == Some(key.as_ref()) {
            keep(&mut self.own);
        }
        if let Some(index) = NAMES.iter().position(|name| *name == key.as_ref()) {
            keep(&mut self.usual[index]);
        }
    }

    /// Returns the best of the names.
    pub(super) fn best(&mut self) -> Option<Name<'t>> {
        self.own.take().or_else(|| best_name(std::mem::take(&mut self.usual)))
    }

    /// Returns another name under the same key.
    pub(super) fn again(&self, key: &str, name: &str) -> Option<(Cow<'t, str>, Span)> {
        let other = self.repeated.iter().find(|(text, place)| place.key == key && text != name && !text.is_empty());
        other.map(|(text, place)| (text.clone(), place.span))
    }
}

/// Returns the best of the names that stand under [`NAMES`]: `key`, else `flag`, `feature`, `name`; but an `id` that is
/// a word where the name is prose.
pub(super) fn best_name<N: AsRef<str>, P>(names: [Option<(N, P)>; NAMES.len()]) -> Option<(N, P)> {
    let [key, name, id, flag, feature] = names;
    let prose = name.as_ref().is_some_and(|(text, _)| text.as_ref().contains(' '));
    let word = |text: &str| !text.contains(' ') && !text.bytes().all(|byte| byte.is_ascii_digit());
    match id {
        Some(id) if key.is_none() && prose && word(id.0.as_ref()) => Some(id),
        id => key.or(flag).or(feature).or(name).or(id),
    }
}
