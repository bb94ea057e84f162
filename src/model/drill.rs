//! What entries tell of drills: which part one is, how it ended, and what one that never ended left behind.

use super::{Action, Entry, History, Percent, Verdict};
use jiff::{SignedDuration, Timestamp};

/// The reason that the way up of a drill is recorded with.
pub const UP: &str = "drill: up, to be rolled back";
/// The reason that the way back to where a flag was is recorded with.
pub const BACK: &str = "drill: back to where it was";
/// How far ahead of ours another machine's clock may be.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A part of a drill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// One step up.
    Up,
    /// The way down: what is rehearsed.
    Down,
    /// Back to where it was.
    Back,
}

/// What a drill that never ended left.
#[derive(Clone, Copy, Debug)]
pub struct Leftover<'a> {
    /// Its newest entry: the flag was brought to `to` by it.
    pub entry: &'a Entry,
    /// Where the flag was before the drill; `None` if that could not be told.
    pub before: Option<Percent>,
}

impl Entry {
    /// Returns which part of a drill this is; `None` for every other change.
    #[must_use]
    pub fn part(&self) -> Option<Part> {
        if self.action != Action::Drill {
            return None;
        }
        let said = |words: &str| self.reason.as_ref().is_some_and(|reason| reason.starts_with(words));
        Some(match self.from {
            _ if said(UP) => Part::Up,
            _ if said(BACK) => Part::Back,
            Some(from) if self.to < from => Part::Down,
            _ => Part::Back,
        })
    }

    /// True for the way down of a drill, whatever was seen before it.
    #[must_use]
    pub fn is_way_down_of_drill(&self) -> bool {
        self.part() == Some(Part::Down)
    }

    /// True for a drill that passed: a gate saw the breach, and the way down was taken.
    #[must_use]
    pub fn is_drill_that_passed(&self) -> bool {
        let seen = self.verdicts.iter().any(|judgement| judgement.verdict == Verdict::Breach);
        self.is_way_down_of_drill() && self.to.is_zero() && seen
    }

    /// True if it was made later than our clock can be wrong.
    #[must_use]
    pub fn is_of_the_future(&self, now: Timestamp) -> bool {
        now.duration_until(self.at) > SKEW
    }
}

/// True for the way down of a drill, at `at` of the entries, that found the flag elsewhere than its way up had brought it:
/// somebody else had set it meanwhile. Such a drill proves nothing.
#[must_use]
pub fn disturbed(entries: &[Entry], at: usize) -> bool {
    let Some(down) = entries.get(at).filter(|entry| entry.is_way_down_of_drill()) else { return false };
    let here =
        |entry: &&Entry| (&entry.flag, &entry.file, &entry.environment) == (&down.flag, &down.file, &down.environment);
    let up = entries[..at].iter().rev().find(here).filter(|entry| entry.part() == Some(Part::Up));
    up.is_some_and(|up| Some(up.to) != down.from)
}

impl History {
    /// Returns what a drill left of a flag whose users get `exposure`, if its last change is a drill's and that drill
    /// has not put it back. At 0 nothing needs to be: that is safe, and what was wanted meanwhile is not known.
    #[must_use]
    pub fn leftover(&self, exposure: Percent) -> Option<Leftover<'_>> {
        let entry = self.newest().filter(|entry| entry.to == exposure && !exposure.is_zero())?;
        let before = match entry.part()? {
            Part::Up => entry.from,
            Part::Down => self.before_drill(self.entries.len() - 1),
            Part::Back => return None,
        };
        (before != Some(exposure)).then_some(Leftover { entry, before })
    }

    /// Returns where a flag was before the drill that the entry at `at` is of.
    fn before_drill(&self, at: usize) -> Option<Percent> {
        let up = at.checked_sub(1).and_then(|at| self.entries.get(at)).filter(|entry| entry.part() == Some(Part::Up));
        up.or_else(|| self.entries.get(at)).and_then(|entry| entry.from)
    }

    /// Returns the history without drills: who rehearses changes what users get for a moment, and puts it back.
    #[must_use]
    pub fn without_drills(&self) -> Self {
        let real = self.entries.iter().enumerate().filter(|(_, entry)| entry.action != Action::Drill);
        let entries = real.map(|(at, entry)| Entry { from: self.start_without_drills(at), ..entry.clone() });
        Self { entries: entries.collect() }
    }

    /// Returns where the change at `at` began, and no more than where the drills right before it did: what one that never
    /// ended left there, users got only by the drill.
    fn start_without_drills(&self, at: usize) -> Option<Percent> {
        let from = self.entries[at].from?;
        let mut began = from;
        for drill in self.entries[..at].iter().rev().take_while(|entry| entry.action == Action::Drill) {
            if drill.to != began {
                break;
            }
            began = drill.from?;
        }
        Some(from.min(began))
    }

    /// Returns the rollback that latches the flag, unless what it brought down was only a drill's.
    #[must_use]
    pub fn incident(&self) -> Option<&Entry> {
        let latch = self.latch()?;
        let at = self.entries.iter().rposition(|entry| std::ptr::eq(entry, latch))?;
        let before = at.checked_sub(1).and_then(|at| self.entries.get(at));
        before.is_none_or(|before| before.part() != Some(Part::Up)).then_some(latch)
    }

    /// True if the drills after the entry at `at` began where it led to: then it still tells since when.
    pub(super) fn only_drills_from(&self, at: usize, exposure: Percent) -> bool {
        let after = self.entries.get(at + 1..).unwrap_or_default();
        let starts = (at + 1..).zip(after).filter_map(|(at, entry)| match entry.part()? {
            Part::Up => Some(entry.from),
            Part::Down => Some(self.before_drill(at)),
            Part::Back => None,
        });
        starts.into_iter().all(|start| start == Some(exposure)) && self.leftover(exposure).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Judgement;

    fn percent(whole: u32) -> Percent {
        Percent::from_whole(whole).unwrap()
    }

    fn entry(action: Action, from: u32, to: u32, reason: &str, seen: bool) -> Entry {
        let breach = Judgement {
            gate: "drill".into(),
            verdict: Verdict::Breach,
            reason: "bad".into(),
            rate: None,
            interval: None,
            limit: None,
            evidence: None,
        };
        Entry {
            v: 1,
            id: String::new(),
            prev: vec![],
            at: "2026-11-18T12:00:00Z".parse().unwrap(),
            actor: "ada".into(),
            host: "h".into(),
            environment: Some("staging".into()),
            file: "f.yaml".into(),
            flag: "f".into(),
            action,
            from: Some(percent(from)),
            to: percent(to),
            reason: Some(reason.into()),
            verdicts: if seen { vec![breach] } else { vec![] },
            overrides: vec![],
            before: vec![],
            after: vec![],
        }
    }

    /// A flag at 5, and as much of a drill of it as `parts` says.
    fn drilled(parts: usize, seen: bool) -> History {
        let mut entries = vec![
            entry(Action::Advance, 0, 5, "", false),
            entry(Action::Drill, 5, 25, "drill: up, to be rolled back (me)", false),
            entry(Action::Drill, 25, 0, "drill: breach seen after 1s", seen),
            entry(Action::Drill, 0, 5, BACK, false),
        ];
        entries.truncate(1 + parts);
        History { entries }
    }

    #[test]
    fn only_a_drill_that_saw_the_breach_has_passed() {
        let passed = |history: History| history.entries.iter().any(Entry::is_drill_that_passed);
        assert_eq!((1..4).map(|parts| passed(drilled(parts, true))).collect::<Vec<_>>(), [false, true, true]);
        assert!(!passed(drilled(3, false)));
    }

    #[test]
    fn what_a_drill_left_is_known() {
        let left =
            |parts, exposure| drilled(parts, true).leftover(percent(exposure)).map(|left| (left.entry.to, left.before));
        assert_eq!(left(0, 5), None);
        assert_eq!(left(1, 25), Some((percent(25), Some(percent(5)))));
        assert_eq!(left(1, 5), None, "put back by hand");
        assert_eq!(left(2, 0), None, "at 0 nothing needs to be put back");
        assert_eq!(left(3, 5), None);
    }

    #[test]
    fn a_drill_that_was_disturbed_is_told_by_its_way_down() {
        let mut history = drilled(2, true);
        assert!(!disturbed(&history.entries, 2));
        history.entries[2].from = Some(percent(40));
        assert!(disturbed(&history.entries, 2) && !disturbed(&history.entries, 1));
        assert!(history.leftover(Percent::ZERO).is_none());
    }

    #[test]
    fn a_drill_is_no_incident_and_begins_no_step_anew() {
        let mut history = drilled(3, true);
        history.entries[0].at = "2026-11-18T09:00:00Z".parse().unwrap();
        assert_eq!(history.reached(percent(5)), Some(history.entries[0].at));
        history.entries[1].from = Some(percent(50));
        assert_ne!(history.reached(percent(5)), Some(history.entries[0].at), "by hand it was elsewhere meanwhile");
        let mut left = drilled(1, true);
        assert_eq!(left.reached(percent(5)), Some(left.entries[0].at));
        left.entries.push(entry(Action::Rollback, 25, 5, "", false));
        assert!(left.latch().is_some() && left.incident().is_none());
        left.entries.push(entry(Action::Rollback, 5, 0, "", false));
        assert!(left.incident().is_some());
    }
}
