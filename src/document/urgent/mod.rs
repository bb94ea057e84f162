//! The edit that goes back: every way that leads the flag's users out of the rollout is tried, the best first.

mod sharing;
mod ways;

use super::edit::{Draft, Edited, Obstacle};
use super::entry::Entry;
use super::locate::Located;
use super::reading;
use super::refusal::Refusal;
use super::{second, syntax};
use crate::model::{Flag, FlagName, Mapping, Shown, Values};

/// Which of the two values a way sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Whichever the flag has.
    Both,
    Rollout,
    Enabled,
}

/// Sets the values of a flag, one of them where the other can't be had; every entry of a flag that stands several times.
pub(super) fn edit(
    text: &str,
    mapping: &Mapping,
    name: &FlagName,
    values: Values,
    located: &Located<'_>,
) -> Result<Edited, Refusal> {
    let work = Work { text, mapping, name, values, located, sharing: Sharing::Untouched };
    let Some(first) = located.entries.first() else { return Err(work.not_found()) };
    let ways: &[Way] = match values {
        Values { rollout, .. } if !rollout.is_zero() => &[Way::Rollout],
        Values { enabled: None, .. } => &[Way::Rollout, Way::Enabled],
        Values { .. } => &[Way::Both, Way::Rollout, Way::Enabled],
    };
    let mut obstacle = None;
    let mut unproven: Option<String> = None;
    // First so that nothing that others share is touched; then so that others keep what they had; then with them.
    for sharing in [Sharing::Untouched, Sharing::Detached, Sharing::Together] {
        let work = Work { sharing, ..work };
        for way in work.ways(ways) {
            match work.draft(ways, way) {
                Ok(mut draft) => {
                    draft.notes.extend(unproven.clone());
                    draft.notes.extend(work.stays_on(ways, way));
                    if let Some(edited) = work.proven(draft) {
                        return Ok(edited);
                    }
                    unproven = Some("what stands there could not be edited provably and was left as it is".to_owned());
                }
                Err(met) => {
                    obstacle.get_or_insert(met);
                }
            }
        }
        if located.entries.iter().all(|entry| !work.shares(entry)) {
            break;
        }
    }
    let obstacle = obstacle
        .unwrap_or_else(|| Obstacle { span: first.name_span, reason: "could not be edited provably".to_owned() });
    Err(work.give_up(&obstacle))
}

/// What becomes of those that share the flag's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sharing {
    /// What is shared is left alone.
    Untouched,
    /// Those that share it get the old values as their own.
    Detached,
    /// They change too.
    Together,
}

/// One flag of one text, and what to do with it.
#[derive(Clone, Copy)]
struct Work<'w, 't> {
    text: &'t str,
    mapping: &'w Mapping,
    name: &'w FlagName,
    values: Values,
    located: &'w Located<'t>,
    sharing: Sharing,
}

impl<'t> Work<'_, 't> {
    /// Says that the switch stays on where others take it by an anchor, and the percentage alone goes down.
    fn stays_on(&self, ways: &[Way], way: Way) -> Option<String> {
        let first = ways.first() == Some(&Way::Both) && way == Way::Rollout && self.sharing != Sharing::Untouched;
        let on = |entry: &Entry<'_>| {
            let reading = reading::read(entry, &self.located.anchors, self.mapping);
            matches!(reading.truth(self.mapping), Some(Ok(truth)) if truth.value)
        };
        let entry = self.located.entries.iter().find(|entry| first && on(entry))?;
        let spelling = reading::read(entry, &self.located.anchors, self.mapping).enabled_spelling;
        let key = self.mapping.enabled.get(spelling).map(|key| key.path.join("."))?;
        Some(format!("`{key}` of `{}` stays as it is, since others take it too: its percentage is 0", self.name))
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
        for (also, _) in self.located.entries.iter().filter_map(|entry| entry.also.as_ref()) {
            draft.notes.push(format!(
                "`{}` is called `{}` too, in the same entry: it is one flag",
                self.name,
                Shown(also)
            ));
        }
        if let Some(alias) = self.located.anchors.dangling() {
            let shown = Shown(alias.slice(self.text).unwrap_or_default()).to_string();
            let line = Refusal::at(self.text, alias.start, alias.end, "").line;
            draft
                .notes
                .push(format!("`{shown}` (line {line}) is an alias of nothing: other readers don't load the file"));
        }
        if let Some(broken) = &self.located.broken {
            let refusal = syntax::refusal(self.text, broken);
            draft.notes.push(format!("{} (line {}): what stands below was not read", refusal.reason, refusal.line));
        }
    }

    fn line(&self, entry: &Entry<'_>) -> usize {
        Refusal::at(self.text, entry.name_span.start, entry.name_span.end, "").line
    }

    fn proven(&self, mut draft: Draft) -> Option<Edited> {
        self.tell(&mut draft);
        if draft.splices.is_empty() {
            let Draft { before, after, notes, .. } = draft;
            return self.reached(self.located).then(|| Edited { text: self.text.to_owned(), before, after, notes });
        }
        let aim = (self.mapping, self.name);
        let edited = draft.proven(self.text, self.located, aim, |located| self.reached(located))?;
        // Where nothing is shared the proof by events is all there is to say, and in an incident time counts.
        let agreed = match self.sharing {
            Sharing::Untouched => {
                !self.text.contains('*') || second::agrees(self.text, &edited.text, self.mapping, self.name)
            }
            Sharing::Detached => self.others_keep_their_values(&edited.text),
            Sharing::Together => true,
        };
        agreed.then_some(edited)
    }

    /// True if every entry of the flag reads as was asked.
    fn reached(&self, located: &Located<'_>) -> bool {
        let wanted = self.values.rollout;
        let there = |entry: &Entry<'_>| {
            let mut places = super::place::Places::new(self.text);
            if wanted.is_zero() {
                let flag = reading::flag(entry, &located.anchors, self.mapping, &mut places);
                // A flag without either key may be anything to who reads the file.
                let said = |flag: &Flag| flag.enabled.value().is_some() || flag.rollout.value().is_some();
                return flag.is_some_and(|flag| said(&flag) && flag.exposure().known() == Some(wanted));
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
