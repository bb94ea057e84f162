//! The order of environments: what the one that comes first has held.

use super::step::minute;
use super::{First, Policy, Refusal, RefusalKind, Soaking, Way};
use crate::model::{Exposure, History, Percent, Shown};
use jiff::{SignedDuration, Timestamp};

/// How a flag stands in the environment that comes first.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// The environment.
    pub environment: String,
    /// What its users get, and have got.
    pub stands: Stands,
}

/// What the users of an environment get, and have got.
#[derive(Clone, Debug)]
pub enum Stands {
    /// It can't be told: a sentence fragment, and what would end that.
    Unknown(String, Option<Way>),
    /// It is known.
    At {
        /// What they get now.
        exposure: Percent,
        /// What each of them has got for the whole soak.
        held: Percent,
        /// When they will have got `exposure` for the whole soak.
        from: Option<Timestamp>,
        /// Since when they get it.
        since: Option<Timestamp>,
        /// How it goes on there; `None` at the end of its own ladder.
        way: Option<Way>,
    },
}

impl Ahead {
    /// Tells how a flag stands: it has held the least exposure that it had during its soak, drills left out. What a drill
    /// left there, or has raised for now, is nothing that it holds.
    #[must_use]
    pub fn of(
        environment: &str,
        exposure: &Exposure,
        history: &History,
        soaking: Option<Soaking>,
        policy: &Policy,
        now: Timestamp,
    ) -> Self {
        let stands = match (exposure, soaking) {
            (Exposure::AtLeast { reason, .. } | Exposure::Unknown { reason }, _) => {
                Stands::Unknown(reason.clone(), Some(Way::Mend))
            }
            (Exposure::Exactly(exposure), _) if history.leftover(*exposure).is_some() => left(*exposure, history),
            (Exposure::Exactly(exposure), soaking) => {
                let soak = SignedDuration::try_from(policy.soak).unwrap_or(SignedDuration::MAX);
                let began = now.checked_sub(soak).unwrap_or(Timestamp::MIN);
                let from = soaking.map(|soaking| soaking.since.checked_add(soak).unwrap_or(Timestamp::MAX));
                let (real, since) = (history.without_drills(), soaking.map(|soaking| soaking.since));
                let held = held(*exposure, &real, soaking, began);
                let up = if history.latch().is_some() { Way::Unlatch } else { Way::Advance };
                let way = policy.ladder.above(*exposure).map(|_| up);
                Stands::At { exposure: *exposure, held, from, since, way }
            }
        };
        Self { environment: environment.to_owned(), stands }
    }

    /// Returns why a step to `to` would come too early, if it would.
    pub(super) fn refusal(&self, to: Percent) -> Option<Refusal> {
        let name = Shown(&self.environment);
        let (reason, until, way) = match &self.stands {
            Stands::Unknown(why, way) => {
                (format!("how the flag stands in `{name}`, which comes first, can't be told: {why}"), None, *way)
            }
            Stands::At { held, .. } if *held >= to => return None,
            Stands::At { exposure, held, from, since, .. } if *exposure >= to => {
                let since = since.map_or_else(String::new, |since| format!(" since {}", minute(since)));
                let at = format!("`{name}` comes first, and is at {exposure}%{since}");
                (format!("{at}: it has to hold {to}% for its soak, and has held {held}%"), *from, None)
            }
            Stands::At { exposure, way, .. } => {
                let top = if way.is_none() { ", the last of its own steps" } else { "" };
                (format!("`{name}` comes first, and is at {exposure}%{top}, not yet at {to}%"), None, *way)
            }
        };
        let first = way.map(|way| First { environment: self.environment.clone(), way });
        Some(Refusal { kind: RefusalKind::Order, reason, until, first })
    }
}

/// Tells that a flag is where a drill has brought it.
fn left(exposure: Percent, history: &History) -> Stands {
    let before = history.leftover(exposure).and_then(|left| left.before);
    let was = before.map_or_else(String::new, |before| format!(", and was at {before}% before"));
    let back = before.filter(|before| *before < exposure).map(Way::PutBack);
    Stands::Unknown(format!("a drill brought it to {exposure}%{was}, and has not ended"), back)
}

/// Returns the least exposure since `began`.
fn held(exposure: Percent, history: &History, soaking: Option<Soaking>, began: Timestamp) -> Percent {
    let Some(soaking) = soaking else { return Percent::ZERO };
    if soaking.since <= began {
        return exposure;
    }
    // Where the last change is not on record, what was before it is not known.
    if history.reached(exposure).is_none() {
        return Percent::ZERO;
    }
    let mut least = exposure;
    for entry in history.entries.iter().rev() {
        least = least.min(entry.to);
        if entry.at <= began {
            return least;
        }
        least = least.min(entry.from.unwrap_or(Percent::ZERO));
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Entry, Ladder};
    use std::time::Duration;

    fn percent(whole: u32) -> Percent {
        Percent::from_whole(whole).unwrap()
    }

    fn policy() -> Policy {
        Policy { soak: Duration::from_mins(30), ladder: Ladder::default(), ..Policy::default() }
    }

    fn entry(minutes_ago: i64, from: u32, to: u32, now: Timestamp) -> Entry {
        Entry {
            v: 1,
            id: String::new(),
            prev: vec![],
            at: now - SignedDuration::from_mins(minutes_ago),
            actor: "ada".into(),
            host: "h".into(),
            environment: Some("staging".into()),
            file: "f.yaml".into(),
            flag: "f".into(),
            action: if to > from { Action::Advance } else { Action::Rollback },
            from: Some(percent(from)),
            to: percent(to),
            reason: None,
            verdicts: vec![],
            overrides: vec![],
            before: vec![],
            after: vec![],
        }
    }

    /// What is said of a step to `to`, where these changes were made so many minutes ago, and the soak is 30 minutes.
    fn said(changes: &[(i64, u32, u32)], to: u32) -> String {
        let now: Timestamp = "2026-11-18T12:00:00Z".parse().unwrap();
        let entries = changes.iter().map(|(ago, from, to)| entry(*ago, *from, *to, now)).collect();
        let history = History { entries };
        let newest = history.newest().unwrap();
        let soaking = Some(Soaking { since: newest.at, known_by: "the ledger" });
        let exposure = Exposure::Exactly(newest.to);
        let ahead = Ahead::of("staging", &exposure, &history, soaking, &policy(), now);
        match ahead.refusal(percent(to)) {
            None => "goes".to_owned(),
            Some(refusal) => format!("{}; first {:?}", refusal.reason, refusal.first.map(|first| first.way)),
        }
    }

    #[test]
    fn no_step_above_what_the_first_has_held() {
        let up = [(90, 0, 5), (40, 5, 25), (10, 25, 50)];
        assert_eq!(said(&up[..2], 25), "goes");
        assert_eq!(said(&up[..2], 50), "`staging` comes first, and is at 25%, not yet at 50%; first Some(Advance)");
        assert_eq!(said(&up, 25), "goes");
        assert_eq!(
            said(&up, 50),
            "`staging` comes first, and is at 50% since 2026-11-18 11:50 UTC: it has to hold 50% for its soak, and has held 25%; first None"
        );
        // It was down in between: nobody had it for the whole soak.
        let back = [(90, 0, 50), (20, 50, 0), (19, 0, 50)];
        assert!(said(&back, 5).ends_with("and has held 0%; first None"), "{}", said(&back, 5));
    }

    #[test]
    fn what_a_drill_does_is_not_held_and_takes_nothing_away() {
        let now: Timestamp = "2026-11-18T12:00:00Z".parse().unwrap();
        let drill = |ago, from, to, reason: &str| Entry {
            action: Action::Drill,
            reason: Some(reason.into()),
            ..entry(ago, from, to, now)
        };
        let all = [
            entry(40, 0, 5, now),
            drill(3, 5, 25, crate::model::UP),
            drill(2, 25, 0, "drill: breach seen"),
            drill(1, 0, 5, crate::model::BACK),
        ];
        let said = |parts: usize, exposure, to| {
            let history = History { entries: all[..=parts].to_vec() };
            let soaking = history.reached(percent(exposure)).map(|since| Soaking { since, known_by: "the ledger" });
            let exposure = Exposure::Exactly(percent(exposure));
            let ahead = Ahead::of("staging", &exposure, &history, soaking, &policy(), now);
            ahead.refusal(percent(to)).map(|refusal| (refusal.reason, refusal.first.map(|first| first.way)))
        };
        assert_eq!(said(0, 5, 5), None);
        assert_eq!(said(3, 5, 5), None);
        let (reason, way) = said(1, 25, 5).unwrap();
        assert!(reason.ends_with("a drill brought it to 25%, and was at 5% before, and has not ended"), "{reason}");
        assert_eq!(way, Some(Way::PutBack(percent(5))));
        assert!(said(2, 0, 5).is_some());
    }

    #[test]
    fn what_a_dead_drill_left_is_not_held_after_a_later_step_either() {
        let now: Timestamp = "2026-11-18T12:00:00Z".parse().unwrap();
        let up = |ago, from, to| Entry {
            action: Action::Drill,
            reason: Some(crate::model::UP.into()),
            ..entry(ago, from, to, now)
        };
        let refused = |entries: Vec<Entry>, to| {
            let since = entries.last().unwrap().at;
            let (exposure, history) = (Exposure::Exactly(entries.last().unwrap().to), History { entries });
            let soaking = Some(Soaking { since, known_by: "the ledger" });
            Ahead::of("staging", &exposure, &history, soaking, &policy(), now).refusal(percent(to)).is_some()
        };
        assert!(refused(vec![up(90, 0, 5), entry(1, 5, 25, now)], 5));
        assert!(refused(vec![entry(120, 50, 0, now), up(90, 0, 5), entry(1, 5, 25, now)], 5));
        assert!(!refused(vec![up(90, 0, 5), entry(31, 5, 25, now)], 25), "its own soak is over");
        assert!(!refused(vec![entry(120, 0, 5, now), up(90, 5, 25), entry(1, 25, 50, now)], 5));
        assert!(refused(vec![entry(120, 0, 5, now), up(90, 5, 25), entry(1, 25, 50, now)], 25));
    }

    #[test]
    fn what_is_not_known_is_not_held() {
        let now: Timestamp = "2026-11-18T12:00:00Z".parse().unwrap();
        let five = Exposure::Exactly(percent(5));
        let none = History::default();
        let by_hand =
            |minutes| Some(Soaking { since: now - SignedDuration::from_mins(minutes), known_by: "the file's time" });
        let refused = |exposure: &Exposure, soaking| {
            Ahead::of("staging", exposure, &none, soaking, &policy(), now).refusal(percent(5)).is_some()
        };
        assert!(!refused(&five, by_hand(31)));
        assert!(refused(&five, by_hand(29)));
        assert!(refused(&five, None));
        assert!(refused(&Exposure::Unknown { reason: "no".into() }, by_hand(31)));
    }
}
