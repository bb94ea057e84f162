//! The edit that goes back: every way that leads the flag's users out of the rollout is tried, the best first.

use super::edit::{Draft, Edited, Obstacle, Replacement};
use super::entry::{Body, Entry, Field as Which, Site};
use super::insert::{NewPair, NewValue};
use super::locate::{Located, locate, quote};
use super::reading::{self, Held, Reading};
use super::refusal::Refusal;
use super::{scalar, second, syntax};
use crate::model::{FlagName, Mapping, Shown, Values};

/// Which of the two values a way sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Whichever the flag has.
    Both,
    Rollout,
    Enabled,
}

/// Sets the values of a flag, one of them where the other can't be had; every entry of a flag that stands several times.
pub(super) fn edit(text: &str, mapping: &Mapping, name: &FlagName, values: Values) -> Result<Edited, Refusal> {
    let located = locate(text, mapping, name);
    let work = Work { text, mapping, name, values, located: &located };
    let Some(first) = located.entries.first() else { return Err(work.not_found()) };
    let ways: &[Way] = match values {
        Values { rollout, .. } if !rollout.is_zero() => &[Way::Rollout],
        Values { enabled: None, .. } => &[Way::Rollout, Way::Enabled],
        Values { .. } => &[Way::Both, Way::Rollout, Way::Enabled],
    };
    let mut obstacle = None;
    for way in ways {
        match work.draft(ways, *way) {
            Ok(mut draft) => {
                work.tell(&mut draft);
                if let Some(edited) = work.proven(draft) {
                    return Ok(edited);
                }
            }
            Err(met) => {
                obstacle.get_or_insert(met);
            }
        }
    }
    let obstacle = obstacle
        .unwrap_or_else(|| Obstacle { span: first.name_span, reason: "could not be edited provably".to_owned() });
    Err(work.give_up(&obstacle))
}

struct Work<'w, 't> {
    text: &'t str,
    mapping: &'w Mapping,
    name: &'w FlagName,
    values: Values,
    located: &'w Located<'t>,
}

impl<'t> Work<'_, 't> {
    /// Drafts all entries, each in its best way from `first` on.
    fn draft(&self, ways: &[Way], first: Way) -> Result<Draft, Obstacle> {
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
        Ok(draft)
    }

    fn entry(&self, entry: &Entry<'t>, way: Way, met: &Option<Obstacle>) -> Result<Draft, Obstacle> {
        let mut draft = Draft::default();
        if let Some(obstacle) = met {
            draft.notes.push(format!("{} and was left as it is", obstacle.reason));
        }
        if let Body::Alias { anchor: Some(anchor), .. } = entry.body {
            let pairs = self.pairs(way);
            draft.detach(self.text, entry, anchor, &pairs);
            draft.notes.push(format!("`{}` was an alias: it has values of its own now", self.name));
            return Ok(draft);
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
                    self.replace(entry, site, path, draft, &|old| match old {
                        Some(value) => match scalar::percent(value, scale) {
                            Ok(percent) if percent == wanted => None,
                            Ok(_) => Some(Replacement {
                                value: NewValue {
                                    text: scalar::number_like(Some(&value.text), wanted, scale),
                                    word: false,
                                    quote: quote(value.style),
                                },
                                keep_tag: true,
                            }),
                            Err(_) => Some(Replacement {
                                value: NewValue {
                                    text: scalar::number_like(None, wanted, scale),
                                    word: false,
                                    quote: None,
                                },
                                keep_tag: false,
                            }),
                        },
                        None => Some(Replacement {
                            value: NewValue {
                                text: scalar::number_like(None, wanted, scale),
                                word: false,
                                quote: None,
                            },
                            keep_tag: false,
                        }),
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
        let (wanted, words) = (self.values.enabled.unwrap_or(false), key.words.as_ref());
        let new = |quote| NewValue { text: scalar::word(wanted, words), word: words.is_some(), quote };
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
        new: &dyn Fn(Option<&super::anchors::Value<'t>>) -> Option<Replacement>,
    ) -> Result<(), Obstacle> {
        let label = if path.is_empty() { self.name.to_string() } else { path.join(".") };
        let old = match &site.shape {
            super::entry::Shape::Scalar(value) => Some(value),
            _ => None,
        };
        let Some(replacement) = new(old) else { return Ok(()) };
        self.unshared(entry, Some(site))?;
        let named = |obstacle: Obstacle| Obstacle { reason: format!("`{label}` {}", obstacle.reason), ..obstacle };
        draft.replace(self.text, site, &label, &replacement).map_err(named)
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
        Some(NewPair { path: key.path.clone(), value: NewValue { text, word: words.is_some(), quote: None } })
    }

    fn pairs(&self, way: Way) -> Vec<NewPair> {
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
            None => Ok(()),
            Some(uses) => {
                let alias = Shown(uses.first.slice(self.text).unwrap_or_default()).to_string();
                let line = Refusal::at(self.text, uses.first.start, uses.first.end, "").line;
                let span = site.map_or(entry.name_span, |site| site.span);
                let label =
                    site.and_then(|site| site.key).and_then(|key| key.slice(self.text)).unwrap_or(self.name.as_str());
                Err(Obstacle { span, reason: format!("`{}` is shared with `{alias}` in line {line}", Shown(label)) })
            }
        }
    }

    /// Says what is odd about the place that is written.
    fn tell(&self, draft: &mut Draft) {
        let lines: Vec<String> = self.located.entries.iter().map(|entry| self.line(entry).to_string()).collect();
        if lines.len() > 1 {
            draft.notes.push(format!(
                "`{}` stands {} times, in lines {}: each was set",
                self.name,
                lines.len(),
                lines.join(", ")
            ));
        }
        if let Some(broken) = &self.located.broken {
            let refusal = syntax::refusal(self.text, broken);
            draft.notes.push(format!("{} (line {}): what stands below was not read", refusal.reason, refusal.line));
        }
    }

    fn line(&self, entry: &Entry<'_>) -> usize {
        Refusal::at(self.text, entry.name_span.start, entry.name_span.end, "").line
    }

    fn proven(&self, draft: Draft) -> Option<Edited> {
        if draft.splices.is_empty() {
            let Draft { before, after, notes, .. } = draft;
            return self.reached(self.located).then(|| Edited { text: self.text.to_owned(), before, after, notes });
        }
        let edited =
            draft.proven(self.text, self.located, (self.mapping, self.name), |located| self.reached(located))?;
        // Where nothing is shared the proof by events is all there is to say, and in an incident time counts.
        let agreed = !self.text.contains('*') || second::agrees(self.text, &edited.text, self.mapping, self.name);
        agreed.then_some(edited)
    }

    /// True if every entry of the flag reads as was asked.
    fn reached(&self, located: &Located<'_>) -> bool {
        let wanted = self.values.rollout;
        let there = |entry: &Entry<'_>| {
            let mut places = super::place::Places::new(self.text);
            if wanted.is_zero() {
                let flag = reading::flag(entry, &located.anchors, self.mapping, &mut places);
                return flag.is_some_and(|flag| flag.exposure().known() == Some(wanted));
            }
            reading::read(entry, &located.anchors, self.mapping).percent(self.mapping) == Some(Ok(wanted))
        };
        located.entries.len() == self.located.entries.len() && located.entries.iter().all(there)
    }

    fn not_found(&self) -> Refusal {
        match &self.located.broken {
            Some(broken) => {
                let refusal = syntax::refusal(self.text, broken);
                let reason = format!("{}, and `{}` does not stand above that place", refusal.reason, self.name);
                Refusal { reason, help: Some(self.by_hand()), ..refusal }
            }
            None => Refusal::at(self.text, 0, 0, format!("the file has no flag `{}`", self.name)),
        }
    }

    fn give_up(&self, obstacle: &Obstacle) -> Refusal {
        let reason = format!("`{}` can't be rolled back here: {}", self.name, obstacle.reason);
        Refusal::at(self.text, obstacle.span.start, obstacle.span.end, reason).help(self.by_hand())
    }

    fn by_hand(&self) -> String {
        let pairs = self.pairs(Way::Both);
        let wanted: Vec<String> =
            pairs.iter().map(|pair| format!("`{}: {}`", pair.path.join("."), pair.value.text)).collect();
        if wanted.is_empty() {
            return format!("write {} as the value of `{}` by hand", self.values.rollout, self.name);
        }
        format!("write {} for `{}` by hand", wanted.join(" and "), self.name)
    }
}
