//! Where a flag goes next, up or down.

use super::{Ahead, First, Overrides, Plan, Policy, Refusal, RefusalKind};
use crate::model::{Action, Exposure, Field, Flag, History, Ladder, Percent, Values};
use jiff::{SignedDuration, Timestamp};

/// What an advance has to know beside the flag and the policy.
#[derive(Clone, Debug)]
pub struct Circumstances<'a> {
    /// What the ledger knows of the flag at this place.
    pub history: &'a History,
    /// When the present step began, and how that is known.
    pub soaking: Option<Soaking>,
    /// How the flag stands in the environment that comes first, if one does.
    pub ahead: Option<Ahead>,
    /// When the flag's rollback was last rehearsed, anywhere.
    pub drilled: Option<Timestamp>,
    /// Where it can be rehearsed, or what stands in the way of that there.
    pub drill_in: Option<First>,
    /// The time of planning.
    pub now: Timestamp,
}

/// When the present step began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Soaking {
    /// The beginning.
    pub since: Timestamp,
    /// How it is known: "the ledger", "the line's last commit", "the file's time".
    pub known_by: &'static str,
}

/// How far down a rollback goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Down {
    /// To 0, and off.
    Zero,
    /// To this exposure.
    To(Percent),
    /// One step.
    Step,
}

/// Why there is no plan at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Impossible {
    /// The exposure can't be told.
    #[error("what users get of `{flag}` can't be told: {reason}")]
    Unknown {
        /// The flag.
        flag: String,
        /// Why.
        reason: String,
    },
    /// An advance would go down.
    #[error("`{flag}` is at {from}%: {to}% would be a step down")]
    Below {
        /// The flag.
        flag: String,
        /// Its exposure.
        from: Percent,
        /// What was asked for.
        to: Percent,
    },
}

/// Plans one step up, or to `to`.
///
/// # Errors
/// The exposure is unknown, or `to` lies below it.
pub fn advance(
    flag: &Flag,
    to: Option<Percent>,
    policy: &Policy,
    circumstances: &Circumstances<'_>,
    overrides: Overrides,
) -> Result<Plan, Impossible> {
    let from = match flag.exposure() {
        Exposure::Exactly(from) => from,
        Exposure::AtLeast { reason, .. } | Exposure::Unknown { reason } => {
            return Err(Impossible::Unknown { flag: flag.name.to_string(), reason });
        }
    };
    let to = to.or_else(|| policy.ladder.above(from)).unwrap_or(from);
    if to < from {
        return Err(Impossible::Below { flag: flag.name.to_string(), from, to });
    }
    let mut plan = Plan {
        action: Action::Advance,
        flag: flag.clone(),
        from: Exposure::Exactly(from),
        to,
        values: None,
        jumped: policy.ladder.steps().iter().copied().filter(|step| *step > from && *step < to).collect(),
        refusals: Vec::new(),
        verdicts: Vec::new(),
        not_looked: Vec::new(),
        overrides,
    };
    if to > from {
        // `enabled` becomes true when exposure leaves 0; a flag without the key is on by its rollout alone.
        let enabled = matches!(flag.enabled, Field::Is(false) | Field::Unreadable(_)).then_some(true);
        plan.values = Some(Values { rollout: to, enabled });
        plan.refusals = refusals(from, to, &plan.jumped, policy, circumstances);
    }
    Ok(plan)
}

fn refusals(
    from: Percent,
    to: Percent,
    jumped: &[Percent],
    policy: &Policy,
    circumstances: &Circumstances<'_>,
) -> Vec<Refusal> {
    [
        ladder(from, to, jumped, &policy.ladder),
        soak(from, policy, circumstances),
        freeze(policy, circumstances.now),
        latch(circumstances.history),
        // What is refused is told in the order in which it is to be done: a drill leaves a step's soak alone.
        drill(policy, circumstances),
        circumstances.ahead.as_ref().and_then(|ahead| ahead.refusal(to)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn ladder(from: Percent, to: Percent, jumped: &[Percent], ladder: &Ladder) -> Option<Refusal> {
    let steps = ladder.steps().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let reason = if !ladder.contains(to) {
        format!("{to}% is not one of the steps {steps}")
    } else if let Some(first) = jumped.first().filter(|_| from.is_zero()) {
        // Nobody is exposed yet, so no gate over exposed users can speak for more than the first step.
        format!("nobody has seen the feature yet: the first step is {first}%, not {to}%")
    } else {
        return None;
    };
    Some(Refusal { kind: RefusalKind::Ladder, reason, until: None, first: None })
}

fn soak(from: Percent, policy: &Policy, circumstances: &Circumstances<'_>) -> Option<Refusal> {
    if from.is_zero() || policy.soak.is_zero() {
        return None;
    }
    let Some(soaking) = circumstances.soaking else {
        let reason = format!("since when the flag is at {from}% can't be told");
        return Some(Refusal { kind: RefusalKind::Soak, reason, until: None, first: None });
    };
    let soak = SignedDuration::try_from(policy.soak).unwrap_or(SignedDuration::MAX);
    let until = soaking.since.checked_add(soak).unwrap_or(Timestamp::MAX);
    let lacks = circumstances.now < until;
    lacks.then(|| Refusal {
        kind: RefusalKind::Soak,
        reason: format!("at {from}% since {} by {}, and the soak is {soak:#}", minute(soaking.since), soaking.known_by),
        until: Some(until),
        first: None,
    })
}

fn freeze(policy: &Policy, now: Timestamp) -> Option<Refusal> {
    let (until, window) =
        policy.freeze.iter().filter_map(|window| Some((window.until(now)?, window))).max_by_key(|(until, _)| *until)?;
    let reason = window.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", crate::model::Shown(reason)));
    Some(Refusal {
        kind: RefusalKind::Freeze,
        reason: format!("a freeze is on{reason}"),
        until: Some(until),
        first: None,
    })
}

fn latch(history: &History) -> Option<Refusal> {
    let entry = history.latch()?;
    let why = entry.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", crate::model::Shown(reason)));
    let actor = crate::model::Shown(&entry.actor).to_string();
    let reason = format!("rolled back to {}% by {actor} at {}{why}", entry.to, minute(entry.at));
    Some(Refusal { kind: RefusalKind::Latch, reason, until: None, first: None })
}

fn drill(policy: &Policy, circumstances: &Circumstances<'_>) -> Option<Refusal> {
    let max_age = SignedDuration::try_from(policy.drill_max_age?).unwrap_or(SignedDuration::MAX);
    let reason = match circumstances.drilled {
        Some(at) if at.duration_until(circumstances.now) <= max_age => return None,
        Some(at) => format!("its rollback was last rehearsed at {}, and that may be {} ago", minute(at), days(max_age)),
        None => "its rollback was never rehearsed".to_owned(),
    };
    Some(Refusal { kind: RefusalKind::Drill, reason, until: None, first: circumstances.drill_in.clone() })
}

/// Writes a duration, whole days as such.
fn days(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    if seconds > 0 && seconds % 86_400 == 0 { format!("{}d", seconds / 86_400) } else { format!("{duration:#}") }
}

/// Writes a time to the minute, in UTC.
pub(super) fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Plans the way down. Asks no policy: nothing blocks a rollback.
///
/// # Errors
/// The exposure is unknown and the target isn't 0: what lies below it can't be told.
pub fn rollback(flag: &Flag, down: Down, ladder: &Ladder) -> Result<Plan, Impossible> {
    let from = flag.exposure();
    let (to, values) = match (down, &from) {
        (Down::Zero, _) => (Percent::ZERO, off(flag)),
        (Down::To(to), _) if to.is_zero() => (Percent::ZERO, off(flag)),
        (Down::To(to), Exposure::Exactly(from)) if to >= *from => (*from, None),
        (Down::Step, Exposure::Exactly(from)) if from.is_zero() => (*from, None),
        (Down::To(to), Exposure::Exactly(_)) => (to, Some(Values { rollout: to, enabled: None })),
        (Down::Step, Exposure::Exactly(from)) => {
            let to = ladder.below(*from);
            (to, Some(Values { rollout: to, enabled: None }))
        }
        (Down::To(_) | Down::Step, Exposure::AtLeast { reason, .. } | Exposure::Unknown { reason }) => {
            return Err(Impossible::Unknown { flag: flag.name.to_string(), reason: reason.clone() });
        }
    };
    Ok(Plan {
        action: Action::Rollback,
        flag: flag.clone(),
        from,
        to,
        values,
        jumped: Vec::new(),
        refusals: Vec::new(),
        verdicts: Vec::new(),
        not_looked: Vec::new(),
        overrides: Overrides::default(),
    })
}

/// Returns what brings a flag to 0: `rollout: 0` and `enabled: false` for whichever keys exist, and a `rollout` where
/// there is neither. `None` only where each key that exists reads as down.
fn off(flag: &Flag) -> Option<Values> {
    let down = match (&flag.enabled, &flag.rollout) {
        (Field::Is(false), Field::Absent) => true,
        (Field::Absent | Field::Is(false), Field::Is(rollout)) => rollout.is_zero(),
        (Field::Is(true) | Field::Unreadable(_), _) | (_, Field::Unreadable(_)) | (Field::Absent, Field::Absent) => {
            false
        }
    };
    // Also where no `enabled` was read: of a flag that stands twice one may have it. It is never inserted.
    (!down).then_some(Values { rollout: Percent::ZERO, enabled: Some(false) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Entry, FlagName, Unreadable};
    use std::time::Duration;

    fn percent(whole: u32) -> Percent {
        Percent::from_whole(whole).unwrap()
    }

    /// Reads `on 5`, `off 25`, `- 5`, `on -`, `? ?`.
    fn flag(text: &str) -> Flag {
        let (enabled, rollout) = text.split_once(' ').unwrap();
        let unreadable = || Unreadable {
            key: if enabled == "?" { "enabled" } else { "rollout" }.into(),
            text: "5%".into(),
            reason: "is not a number".into(),
            line: 2,
            column: 3,
        };
        Flag {
            enabled: match enabled {
                "on" => Field::Is(true),
                "off" => Field::Is(false),
                "-" => Field::Absent,
                _ => Field::Unreadable(unreadable()),
            },
            rollout: match rollout {
                "-" => Field::Absent,
                "?" => Field::Unreadable(unreadable()),
                number => Field::Is(number.parse().unwrap()),
            },
            ..Flag::bare(FlagName::new("f").unwrap())
        }
    }

    fn shown(plan: &Plan) -> String {
        let Some(values) = plan.values else { return format!("{} nothing", plan.from) };
        let rollout = values.rollout;
        let enabled = values.enabled.map_or("-".to_owned(), |enabled| enabled.to_string());
        let refusals: Vec<_> = plan.refusals.iter().map(|refusal| refusal.kind.word()).collect();
        format!("{} -> {}% rollout {rollout} enabled {enabled} {}", plan.from, plan.to, refusals.join(","))
    }

    fn up(text: &str, to: Option<u32>, history: &History, soaked: bool) -> String {
        let now: Timestamp = "2026-11-18T12:00:00Z".parse().unwrap();
        let since = now - SignedDuration::from_mins(if soaked { 30 } else { 29 });
        let policy = Policy { soak: Duration::from_mins(30), ..Policy::default() };
        let soaking = Some(Soaking { since, known_by: "the ledger" });
        let circumstances = Circumstances { history, soaking, ahead: None, drilled: None, drill_in: None, now };
        match advance(&flag(text), to.map(percent), &policy, &circumstances, Overrides::default()) {
            Ok(plan) => shown(&plan).trim_end().to_owned(),
            Err(impossible) => impossible.to_string(),
        }
    }

    #[test]
    fn an_advance_goes_one_step_up() {
        let none = History::default();
        for (text, to, expected) in [
            ("off 0", None, "0% -> 5% rollout 5 enabled true"),
            ("off 25", None, "0% -> 5% rollout 5 enabled true"),
            ("off 5", None, "0% -> 5% rollout 5 enabled true"),
            ("on 5", None, "5% -> 25% rollout 25 enabled -"),
            ("on 37", None, "37% -> 50% rollout 50 enabled -"),
            ("- 5", None, "5% -> 25% rollout 25 enabled -"),
            ("- -", None, "0% -> 5% rollout 5 enabled -"),
            ("off -", None, "0% -> 5% rollout 5 enabled true"),
            ("on -", None, "100% nothing"),
            ("on 100", None, "100% nothing"),
            ("on 5", Some(5), "5% nothing"),
            ("on 5", Some(50), "5% -> 50% rollout 50 enabled -"),
            ("on 5", Some(37), "5% -> 37% rollout 37 enabled - ladder"),
            ("off 0", Some(25), "0% -> 25% rollout 25 enabled true ladder"),
            ("on 25", Some(5), "`f` is at 25%: 5% would be a step down"),
            ("on ?", None, "what users get of `f` can't be told: `rollout: 5%` is not a number"),
        ] {
            assert_eq!(up(text, to, &none, true), expected, "{text} {to:?}");
        }
    }

    fn rolled_back() -> History {
        let entry = Entry {
            v: 1,
            id: String::new(),
            prev: vec![],
            at: "2026-11-18T11:00:00Z".parse().unwrap(),
            actor: "ada".into(),
            host: "h".into(),
            environment: None,
            file: "f.yaml".into(),
            flag: "f".into(),
            action: Action::Rollback,
            from: Some(percent(5)),
            to: percent(0),
            reason: None,
            verdicts: vec![],
            overrides: vec![],
            before: vec![],
            after: vec![],
        };
        History { entries: vec![entry] }
    }

    #[test]
    fn policy_refuses() {
        assert_eq!(up("on 5", None, &History::default(), false), "5% -> 25% rollout 25 enabled - soak");
        assert_eq!(up("off 0", None, &History::default(), false), "0% -> 5% rollout 5 enabled true");
        assert_eq!(up("off 0", None, &rolled_back(), true), "0% -> 5% rollout 5 enabled true latch");
    }

    #[test]
    fn a_rollback_establishes_both_keys() {
        let down = |text: &str, down| match rollback(&flag(text), down, &Ladder::default()) {
            Ok(plan) => shown(&plan).trim_end().to_owned(),
            Err(impossible) => impossible.to_string(),
        };
        for (text, expected) in [
            ("on 25", "25% -> 0% rollout 0 enabled false"),
            ("off 25", "0% -> 0% rollout 0 enabled false"),
            ("on 0", "0% -> 0% rollout 0 enabled false"),
            ("off 0", "0% nothing"),
            ("- 25", "25% -> 0% rollout 0 enabled false"),
            ("- 0", "0% nothing"),
            ("on -", "100% -> 0% rollout 0 enabled false"),
            ("off -", "0% nothing"),
            ("- -", "0% -> 0% rollout 0 enabled false"),
            ("on ?", "unknown -> 0% rollout 0 enabled false"),
            ("? ?", "unknown -> 0% rollout 0 enabled false"),
            ("? -", "unknown -> 0% rollout 0 enabled false"),
        ] {
            assert_eq!(down(text, Down::Zero), expected, "{text}");
            assert_eq!(down(text, Down::To(Percent::ZERO)), expected, "{text}");
        }
        assert_eq!(down("on 50", Down::To(percent(25))), "50% -> 25% rollout 25 enabled -");
        assert_eq!(down("on 50", Down::To(percent(50))), "50% nothing");
        assert_eq!(down("on -", Down::To(percent(50))), "100% -> 50% rollout 50 enabled -");
        assert_eq!(down("on 50", Down::Step), "50% -> 25% rollout 25 enabled -");
        assert_eq!(down("on 37", Down::Step), "37% -> 25% rollout 25 enabled -");
        assert_eq!(down("on 5", Down::Step), "5% -> 0% rollout 0 enabled -");
        assert_eq!(down("on ?", Down::Step), "what users get of `f` can't be told: `rollout: 5%` is not a number");
    }
}
