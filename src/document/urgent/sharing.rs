//! What becomes of those that share the values of a flag that goes down.

use super::{Way, Work};
use crate::document::edit::{Draft, Obstacle};
use crate::document::entry::{Body, Entry, Field as Which};
use crate::document::events::{Events, Feed, Kind, Span};
use crate::document::insert::{NewPair, NewValue};
use crate::document::reading::{self, Held, Reading};
use crate::document::refusal::Refusal;
use crate::document::scan::scan;
use crate::document::splice::{Expects, Sign, Splice};
use crate::model::{KeyPath, Shown};

/// An anchor that is used elsewhere, on or around a value that is to be written.
struct Loose {
    anchor: usize,
    /// It is on the value itself; else on the entry, or on something around it.
    on_value: Option<Span>,
    field: Which,
}

impl<'t> Work<'_, 't> {
    /// True if an entry or a value in it is used elsewhere.
    pub(super) fn shares(&self, entry: &Entry<'t>) -> bool {
        self.located.shared(entry, None).is_some()
            || entry.sites.iter().any(|site| self.located.shared(entry, Some(site)).is_some())
    }

    /// Returns the ways in the order in which they are tried: where others are given their old values, those first that
    /// touch the fewest.
    pub(super) fn ways(&self, ways: &[Way]) -> Vec<Way> {
        let mut ordered = ways.to_vec();
        if self.sharing == super::Sharing::Detached {
            let cost = |way: &Way| match self.draft(ways, *way) {
                Ok(draft) => draft.splices.len(),
                Err(_) => usize::MAX,
            };
            ordered.sort_by_cached_key(cost);
        }
        ordered
    }

    /// Returns what is shared of what a draft writes.
    fn loose(&self, draft: &Draft) -> Vec<Loose> {
        let mut found: Vec<Loose> = Vec::new();
        for entry in &self.located.entries {
            let written = |span: Span| {
                draft.splices.iter().any(|splice| splice.span.start <= span.start && span.end <= splice.span.end)
            };
            let own = entry.sites.iter().filter(|site| written(site.span) && site.anchor != 0);
            for site in own.filter(|site| self.located.anchors.uses(site.anchor).is_some()) {
                found.push(Loose { anchor: site.anchor, on_value: Some(site.span), field: site.field });
            }
            let around = entry.anchors.iter().chain(entry.frames.iter().map(|frame| &frame.anchor));
            for anchor in around.copied().filter(|anchor| self.located.anchors.uses(*anchor).is_some()) {
                let touched = |field: Which| entry.sites.iter().any(|site| site.field == field && written(site.span));
                let inserted = draft.splices.iter().any(|splice| splice.span.is_empty());
                for field in [Which::Rollout, Which::Enabled] {
                    if touched(field) || inserted {
                        found.push(Loose { anchor, on_value: None, field });
                    }
                }
            }
        }
        found.sort_by_key(|loose| (loose.anchor, loose.field == Which::Rollout));
        found.dedup_by_key(|loose| (loose.anchor, loose.field));
        found
    }

    /// Gives those that share what a draft writes the old values as their own.
    pub(super) fn detach(&self, draft: &mut Draft) -> Result<(), Obstacle> {
        let loose = self.loose(draft);
        let anchors: Vec<usize> = loose.iter().map(|loose| loose.anchor).collect();
        for loose in loose.iter().filter(|loose| loose.on_value.is_some()) {
            self.write_out(loose, draft)?;
        }
        let fields = |anchor: usize| {
            loose
                .iter()
                .filter(move |loose| loose.anchor == anchor && loose.on_value.is_none())
                .map(|loose| loose.field)
        };
        let mut met = vec![0; anchors.len()];
        let mut pinned = Vec::new();
        let mut failed = None;
        scan(self.text, Events::new(self.text), self.mapping, |entry, known| {
            let merged = entry.frames.iter().flat_map(|frame| frame.merged_anchors.iter().map(|(anchor, _)| *anchor));
            let whole = match entry.body {
                Body::Alias { anchor, .. } => anchor,
                _ => None,
            };
            for anchor in merged.chain(whole) {
                for (index, _) in anchors.iter().enumerate().filter(|(_, known)| **known == anchor) {
                    met[index] += 1;
                }
                if fields(anchor).next().is_none() {
                    continue;
                }
                let reading = reading::read(&entry, known, self.mapping);
                match self.pin(&entry, &reading, &fields(anchor).collect::<Vec<_>>(), anchor) {
                    Ok(pin) => pinned.extend(pin),
                    Err(obstacle) => failed = Some(obstacle),
                }
            }
        });
        if let Some(obstacle) = failed {
            return Err(obstacle);
        }
        let complete = loose.iter().zip(&met).all(|(loose, met)| {
            loose.on_value.is_some() || self.located.anchors.uses(loose.anchor).is_some_and(|uses| uses.count == *met)
        });
        if !complete {
            let span = self.located.entries.first().map(|entry| entry.name_span).unwrap_or_default();
            return Err(Obstacle { span, reason: format!("`{}` is shared with what is no flag", self.name) });
        }
        for Draft { splices, notes, .. } in pinned {
            draft.splices.extend(splices);
            draft.notes.extend(notes);
        }
        Ok(())
    }

    /// Writes the old value out wherever an alias stands for it.
    fn write_out(&self, loose: &Loose, draft: &mut Draft) -> Result<(), Obstacle> {
        let Some(span) = loose.on_value else { return Ok(()) };
        let old = span.slice(self.text).unwrap_or_default();
        let value = self.located.entries.iter().flat_map(|entry| &entry.sites).find(|site| site.span == span);
        let value = value.and_then(|site| match &site.shape {
            crate::document::entry::Shape::Scalar(value) => Some(value.text.clone().into_owned()),
            _ => None,
        });
        let obstacle = || Obstacle { span, reason: "is shared".to_owned() };
        let value = value.filter(|_| !old.is_empty() && !old.contains(['\n', '\r'])).ok_or_else(obstacle)?;
        let mut events = Events::new(self.text);
        let mut lines = Vec::new();
        while let Ok(event) = events.next() {
            match event.kind {
                Kind::StreamEnd => break,
                Kind::Alias(Some(anchor)) if anchor == loose.anchor => {
                    let expects = Expects::Instead {
                        old: event.span,
                        events: vec![Sign::Scalar(value.clone())],
                        keeps_properties: false,
                    };
                    draft.splices.push(Splice { span: event.span, text: old.to_owned(), expects });
                    lines.push(Refusal::at(self.text, event.span.start, event.span.end, "").line.to_string());
                }
                _ => {}
            }
        }
        draft.notes.push(format!(
            "its value was shared: `{}` is written out where others took it, in line {}",
            Shown(old),
            lines.join(", ")
        ));
        Ok(())
    }

    /// Makes the edit by which an entry keeps values that it took from the flag.
    fn pin(
        &self,
        entry: &Entry<'_>,
        reading: &Reading<'_, '_>,
        fields: &[Which],
        anchor: usize,
    ) -> Result<Option<Draft>, Obstacle> {
        let whole = matches!(entry.body, Body::Alias { .. });
        let mut pairs = Vec::new();
        for field in fields {
            let (held, path) = match field {
                Which::Rollout => (&reading.rollout, self.mapping.rollout.get(reading.rollout_spelling)),
                Which::Enabled => {
                    (&reading.enabled, self.mapping.enabled.get(reading.enabled_spelling).map(|key| &key.path))
                }
            };
            match (held, path) {
                (Held::Merged(value), Some(path)) if !path.is_empty() => {
                    pairs.push(NewPair { path: path.clone(), value: self.same(value.span, &value.text) });
                }
                // What the flag gets by this edit, and nobody had, would be new to those that share it.
                (Held::Absent, _) => {
                    return Err(Obstacle { span: entry.name_span, reason: "would get a key".to_owned() });
                }
                _ => {}
            }
        }
        if pairs.is_empty() {
            return Ok(None);
        }
        self.complete(entry)?;
        let mut draft = Draft::default();
        let kept: Vec<String> =
            pairs.iter().map(|pair| format!("`{}: {}`", label(&pair.path), Shown(&pair.value.text))).collect();
        if whole {
            draft.detach(self.text, entry, anchor, &pairs);
        } else {
            draft.insert(self.text, entry, pairs)?;
        }
        let line = Refusal::at(self.text, entry.name_span.start, entry.name_span.end, "").line;
        draft.notes.push(format!(
            "`{}` in line {line} took its values from `{}`: it has {} of its own now",
            Shown(&entry.name),
            self.name,
            kept.join(" and ")
        ));
        Ok(Some(draft))
    }

    /// Returns a value as it stands in the text.
    fn same(&self, span: Span, text: &str) -> NewValue {
        let quote =
            span.slice(self.text).unwrap_or_default().chars().next().filter(|first| matches!(first, '"' | '\''));
        NewValue { text: text.to_owned(), word: false, quote }
    }

    /// Says who goes down with the flag.
    pub(super) fn tell_together(&self, draft: &mut Draft) {
        for loose in self.loose(draft) {
            let Some(uses) = self.located.anchors.uses(loose.anchor) else { continue };
            let alias = Shown(uses.first.slice(self.text).unwrap_or_default()).to_string();
            let line = Refusal::at(self.text, uses.first.start, uses.first.end, "").line;
            let note = format!("what takes its values by `{alias}` (line {line}) goes down with `{}`", self.name);
            if !draft.notes.contains(&note) {
                draft.notes.push(note);
            }
        }
    }

    /// True if every other flag reads in the new text as it did.
    pub(super) fn others_keep_their_values(&self, new: &str) -> bool {
        self.others(self.text) == self.others(new)
    }

    /// Returns what every other entry reads as.
    fn others(&self, text: &str) -> Vec<(String, String)> {
        let mut others = Vec::new();
        scan(text, Events::new(text), self.mapping, |entry, anchors| {
            let also = entry.also.as_ref().is_some_and(|(also, _)| also == self.name.as_str());
            if entry.name != self.name.as_str() && !also {
                let reading = reading::read(&entry, anchors, self.mapping);
                let values = (reading.percent(self.mapping), reading.truth(self.mapping));
                others.push((entry.name.into_owned(), format!("{values:?}")));
            }
        });
        others
    }
}

fn label(path: &KeyPath) -> String {
    path.join(".")
}
