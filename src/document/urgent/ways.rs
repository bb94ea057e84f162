//! The ways down for one entry: both values, or either.

use super::{Sharing, Way, Work};
use crate::document::anchors::Value;
use crate::document::edit::{Draft, Obstacle, Replacement};
use crate::document::entry::{Body, Entry, Field as Which, Shape, Site};
use crate::document::insert::{NewPair, NewValue};
use crate::document::locate::quote;
use crate::document::reading::{self, Held, Reading};
use crate::document::refusal::Refusal;
use crate::document::scalar;
use crate::model::Shown;

impl<'t> Work<'_, 't> {
    /// Drafts all entries, each in its best way from `first` on.
    pub(super) fn draft(&self, ways: &[Way], first: Way) -> Result<Draft, Obstacle> {
        let mut draft = Draft::default();
        for entry in &self.located.entries {
            let from = ways.iter().position(|way| *way == first).unwrap_or_default();
            let mut obstacle = None;
            let found = ways[from..].iter().find_map(|way| match self.entry(entry, *way, &obstacle) {
                Ok(part) => Some(part),
                Err(met) => {
                    obstacle.get_or_insert(met);
                    None
                }
            });
            match (found, obstacle) {
                (Some(part), _) => draft.append(part),
                (None, Some(obstacle)) => return Err(obstacle),
                (None, None) => {
                    return Err(Obstacle { span: entry.name_span, reason: "could not be edited".to_owned() });
                }
            }
        }
        if self.sharing == Sharing::Detached {
            self.detach(&mut draft)?;
        }
        if self.sharing == Sharing::Together {
            self.tell_together(&mut draft);
        }
        Ok(draft)
    }

    fn entry(&self, entry: &Entry<'t>, way: Way, met: &Option<Obstacle>) -> Result<Draft, Obstacle> {
        let mut draft = Draft::default();
        if let Some(obstacle) = met {
            draft.notes.push(format!("{} and was left as it is", obstacle.reason));
        }
        if let Body::Alias { anchor: Some(anchor), .. } = entry.body
            && entry.sites.is_empty()
        {
            let pairs = self.pairs(way);
            if pairs.is_empty() {
                return Err(self.no_key(entry));
            }
            self.complete(entry)?;
            draft.detach(self.text, entry, anchor, &pairs);
            draft.notes.push(format!("`{}` was an alias: it has values of its own now", self.name));
            return Ok(draft);
        }
        if let Body::Scalar(value) = &entry.body
            && scalar::is_null(value)
            && value.tag.is_none()
            && entry.sites.is_empty()
        {
            self.complete(entry)?;
            if !value.span.is_empty() {
                self.unshared(entry, None)?;
            }
            return draft.fill(self.text, entry, &self.pairs(way)).map(|()| draft);
        }
        if let Some(reason) = reading::no_body(entry)
            && entry.sites.is_empty()
        {
            return Err(Obstacle { span: entry.body_span, reason: format!("`{}` {reason}", self.name) });
        }
        let reading = reading::read(entry, &self.located.anchors, self.mapping);
        let mut missing = Vec::new();
        if way != Way::Enabled {
            self.rollout(entry, &reading, way, &mut draft, &mut missing)?;
        }
        if way != Way::Rollout {
            self.switch(entry, &reading, way, &mut draft, &mut missing)?;
        }
        if way == Way::Both && matches!((&reading.rollout, &reading.enabled), (Held::Absent, Held::Absent)) {
            // Nothing says that the flag is down: what a missing key means is up to whoever reads the file.
            self.missing(self.rollout_pair(), &mut missing)?;
        }
        if !missing.is_empty() {
            self.complete(entry)?;
            self.unshared(entry, None)?;
            draft.insert(self.text, entry, missing)?;
        }
        Ok(draft)
    }

    fn rollout(
        &self,
        entry: &Entry<'t>,
        reading: &Reading<'_, 't>,
        way: Way,
        draft: &mut Draft,
        missing: &mut Vec<NewPair>,
    ) -> Result<(), Obstacle> {
        let (spelling, wanted, scale) = (reading.rollout_spelling, self.values.rollout, self.mapping.scale);
        let Some(path) = self.mapping.rollout.get(spelling) else { return Ok(()) };
        match &reading.rollout {
            Held::Absent if way == Way::Both => Ok(()),
            Held::Absent => self.missing(self.rollout_pair(), missing),
            Held::Merged(value) => {
                let text = scalar::number_like(Some(&value.text), wanted, scale);
                missing.push(NewPair {
                    path: path.clone(),
                    value: NewValue { text, word: false, quote: quote(value.style) },
                });
                Ok(())
            }
            Held::Own(..) | Held::Aliased(..) | Held::Misplaced(_) => {
                for site in entry.counting(Which::Rollout, spelling) {
                    self.replace(entry, site, path, draft, &|old| {
                        let read = old.map(|value| (value, scalar::percent(value, scale)));
                        let (like, quote, keep_tag) = match read {
                            Some((_, Ok(percent))) if percent == wanted => return None,
                            Some((value, Ok(_))) => (Some(value.text.as_ref()), quote(value.style), true),
                            Some((value, Err(_))) => (decimal(&value.text), None, false),
                            None => (None, None, false),
                        };
                        let text = scalar::number_like(like, wanted, scale);
                        Some(Replacement { value: NewValue { text, word: false, quote }, keep_tag })
                    })?;
                }
                Ok(())
            }
        }
    }

    fn switch(
        &self,
        entry: &Entry<'t>,
        reading: &Reading<'_, 't>,
        way: Way,
        draft: &mut Draft,
        missing: &mut Vec<NewPair>,
    ) -> Result<(), Obstacle> {
        let Some(key) = self.mapping.enabled.get(reading.enabled_spelling) else {
            return if way == Way::Both { Ok(()) } else { Err(self.no_key(entry)) };
        };
        let wanted = self.values.enabled.unwrap_or(false);
        let words = scalar::fitting(reading.enabled.value(), key.words.as_ref());
        let new = |quote| NewValue { text: scalar::word(wanted, words), word: scalar::in_words(words), quote };
        match &reading.enabled {
            Held::Absent if way == Way::Both => Ok(()),
            Held::Absent => self.missing(self.enabled_pair(), missing),
            Held::Merged(_) => {
                missing.push(NewPair { path: key.path.clone(), value: new(None) });
                Ok(())
            }
            Held::Own(..) | Held::Aliased(..) | Held::Misplaced(_) => {
                for site in entry.counting(Which::Enabled, reading.enabled_spelling) {
                    self.replace(entry, site, &key.path, draft, &|old| match old
                        .map(|value| (value, scalar::truth(value, words)))
                    {
                        Some((_, Ok(truth))) if truth.value == wanted => None,
                        Some((value, Ok(_))) => Some(Replacement { value: new(quote(value.style)), keep_tag: true }),
                        Some((value, Err(_))) if words.is_some() => {
                            Some(Replacement { value: new(quote(value.style)), keep_tag: false })
                        }
                        _ => Some(Replacement { value: new(None), keep_tag: false }),
                    })?;
                }
                Ok(())
            }
        }
    }

    /// Replaces one value, unless it is right already; `new` sees the scalar that stands there, if one does.
    fn replace(
        &self,
        entry: &Entry<'t>,
        site: &Site<'t>,
        path: &[String],
        draft: &mut Draft,
        new: &dyn Fn(Option<&Value<'t>>) -> Option<Replacement>,
    ) -> Result<(), Obstacle> {
        let label = if path.is_empty() { self.name.to_string() } else { path.join(".") };
        let old = match &site.shape {
            Shape::Scalar(value) => Some(value),
            _ => None,
        };
        let Some(replacement) = new(old) else { return Ok(()) };
        self.unshared(entry, Some(site))?;
        let named = |obstacle: Obstacle| Obstacle { reason: format!("`{label}` {}", obstacle.reason), ..obstacle };
        if self.located.broken.is_some() && !self.ends(entry, site) {
            let reason = "has no certain end in a text that is broken below".to_owned();
            return Err(named(Obstacle { span: site.span, reason }));
        }
        draft.replace(self.text, site, &label, &replacement).map_err(named)
    }

    /// Refuses to add to an entry of which more may stand below the break.
    pub(super) fn complete(&self, entry: &Entry<'_>) -> Result<(), Obstacle> {
        let reason = || format!("`{}` can't be read to its end, and no key is added to it", self.name);
        if entry.cut { Err(Obstacle { span: entry.name_span, reason: reason() }) } else { Ok(()) }
    }

    /// True if a value ends where the parser says, whatever is wrong below: with its line, or between braces at a comma
    /// or a brace.
    fn ends(&self, entry: &Entry<'_>, site: &Site<'_>) -> bool {
        let value = site.span.slice(self.text).unwrap_or_default();
        if value.is_empty() || value.contains(['\n', '\r']) {
            return false;
        }
        let rest = self.text.get(site.span.end..).unwrap_or_default();
        let flow = entry.in_flow || entry.frames.get(site.frame).is_some_and(|frame| frame.flow);
        let comment = |line: &str| line.starts_with([' ', '\t']) && line.trim_start().starts_with('#');
        let mut lines = rest.lines();
        if flow {
            let next = lines.find(|line| !line.trim().is_empty() && !comment(line)).unwrap_or_default();
            return next.trim_start().starts_with([',', '}', ']']);
        }
        lines.next().is_none_or(|line| line.trim().is_empty() || comment(line))
    }

    fn missing(&self, pair: Option<NewPair>, missing: &mut Vec<NewPair>) -> Result<(), Obstacle> {
        missing.extend(pair);
        Ok(())
    }

    fn rollout_pair(&self) -> Option<NewPair> {
        let habits = &self.located.habits;
        let path = self.mapping.rollout.get(habits.spelling()).filter(|path| !path.is_empty())?;
        Some(NewPair { path: path.clone(), value: habits.number(self.values.rollout, self.mapping.scale) })
    }

    fn enabled_pair(&self) -> Option<NewPair> {
        let key = self.mapping.enabled.first().filter(|key| !key.path.is_empty())?;
        let words = key.words.as_ref();
        let text = scalar::word(self.values.enabled.unwrap_or(false), words);
        Some(NewPair { path: key.path.clone(), value: NewValue { text, word: scalar::in_words(words), quote: None } })
    }

    pub(super) fn pairs(&self, way: Way) -> Vec<NewPair> {
        let enabled = self.enabled_pair().filter(|_| way != Way::Rollout);
        let rollout = self.rollout_pair().filter(|_| way != Way::Enabled);
        enabled.into_iter().chain(rollout).collect()
    }

    fn no_key(&self, entry: &Entry<'_>) -> Obstacle {
        Obstacle { span: entry.name_span, reason: "flags in this file have no key that switches them off".to_owned() }
    }

    /// Refuses to write where others would change too.
    fn unshared(&self, entry: &Entry<'t>, site: Option<&Site<'t>>) -> Result<(), Obstacle> {
        match self.located.shared(entry, site) {
            Some(uses) if self.sharing == Sharing::Untouched => {
                let alias = Shown(uses.first.slice(self.text).unwrap_or_default()).to_string();
                let line = Refusal::at(self.text, uses.first.start, uses.first.end, "").line;
                let span = site.map_or(entry.name_span, |site| site.span);
                let label =
                    site.and_then(|site| site.key).and_then(|key| key.slice(self.text)).unwrap_or(self.name.as_str());
                Err(Obstacle { span, reason: format!("`{}` is shared with `{alias}` in line {line}", Shown(label)) })
            }
            _ => Ok(()),
        }
    }
}

/// Returns a text that is a number, out of range or not.
fn decimal(text: &str) -> Option<&str> {
    Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}
