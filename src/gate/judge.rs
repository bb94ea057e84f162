//! The threshold judge: is the observed rate one to go on with, or not, or can't it be told?

use super::figures::{count, requests, shares, span};
use super::{ADHOC, Applies, Moment, Threshold, wilson};
use crate::model::{AbsentErrors, Answer, Evidence, Judgement, Shown, Verdict};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Rates are compared with this tolerance: a true ratio of 0.1 comes out as 0.09999999999999999 or a little above.
const TOLERANCE: f64 = 1e-9;
/// How far the clock of a source may run ahead of ours.
const SKEW: SignedDuration = SignedDuration::from_secs(30);
/// More than this is no count: nobody has served so many requests, and beyond it a double can't count one by one.
const MOST: f64 = 1e15;

/// Two counts that can be judged.
struct Counts {
    errors: f64,
    total: f64,
}

/// Returns what the gate says of the evidence. Whatever is not a clean rate at or below the limit does not pass.
#[must_use]
pub fn judge(rule: &Threshold, moment: &Moment, evidence: Option<&Evidence>) -> Judgement {
    let says = |verdict, reason| Judgement {
        gate: rule.name.clone(),
        verdict,
        reason,
        rate: None,
        interval: None,
        limit: Some(rule.max),
        evidence: evidence.cloned(),
    };
    match rule.applies {
        Applies::Exposed if moment.exposure.is_zero() => {
            return says(Verdict::NotApplicable, "nobody is exposed yet".to_owned());
        }
        Applies::Exposed | Applies::Always => {}
    }
    let Some(evidence) = evidence else {
        return says(Verdict::Hold, "its source was not looked at".to_owned());
    };
    let counts = match weigh(rule, moment, evidence) {
        Ok(counts) => counts,
        Err(why) => return says(Verdict::Hold, why),
    };
    let rate = (counts.errors / counts.total).min(1.0);
    let (observed, limit) = shares(rate, rule.max);
    let numbers = format!(
        "{} of {} failed in {}: {observed}, at most {limit} may",
        count(counts.errors),
        requests(counts.total),
        span(evidence.window_s),
    );
    let (verdict, reason) = if rate <= rule.max + TOLERANCE {
        (Verdict::Pass, numbers)
    } else if rate > rule.max + TOLERANCE {
        (Verdict::Breach, numbers)
    } else {
        (Verdict::Hold, format!("`max` is {}, which is no limit", rule.max))
    };
    Judgement {
        rate: Some(rate),
        interval: wilson(counts.errors.min(counts.total), counts.total),
        ..says(verdict, reason)
    }
}

/// Returns the counts, if everything about the evidence allows to judge them; else says what does not.
fn weigh(rule: &Threshold, moment: &Moment, evidence: &Evidence) -> Result<Counts, String> {
    let source = Shown(&evidence.source);
    if let Some(why) = &evidence.failure {
        return Err(format!("the source `{source}` {}", Shown(why)));
    }
    if let Some(warning) = evidence.warnings.first() {
        return Err(format!("the source `{source}` warns beside its answer: {}", Shown(warning)));
    }
    let total = number("total", &evidence.total)?.ok_or("`total` found no series")?;
    if total <= 0.0 {
        return Err(format!("no request was counted in {}", span(evidence.window_s)));
    }
    let enough = total >= rule.min_requests * (1.0 - TOLERANCE);
    if !enough {
        return Err(format!(
            "only {} in {}, and `min-requests` is {}",
            requests(total),
            span(evidence.window_s),
            count(rule.min_requests)
        ));
    }
    fresh(rule, moment, evidence)?;
    within_step(moment, evidence)?;
    let errors = match number("errors", &evidence.errors)? {
        Some(errors) => errors,
        None => absent_errors(rule, evidence)?,
    };
    if errors > total * (1.0 + TOLERANCE) {
        return Err(format!(
            "`errors` ({}) is more than `total` ({}); it must count a part of what `total` counts",
            count(errors),
            count(total)
        ));
    }
    Ok(Counts { errors, total })
}

/// Returns a usable number, or `None` for an absent one.
fn number(key: &str, answer: &Answer) -> Result<Option<f64>, String> {
    match answer {
        Answer::Number(number) if number.is_nan() => Err(format!("`{key}` is NaN, no number")),
        Answer::Number(number) if number.is_infinite() => Err(format!("`{key}` is infinite")),
        Answer::Number(number) if *number < 0.0 => Err(format!("`{key}` is negative ({})", figure(*number))),
        Answer::Number(number) if *number > MOST => {
            Err(format!("`{key}` ({}) is too large for a count", figure(*number)))
        }
        // Makes 0 of -0.
        Answer::Number(number) => Ok(Some(*number + 0.0)),
        Answer::Absent => Ok(None),
        Answer::Several(many) => Err(format!("`{key}` gave {many} series instead of one; wrap it in `sum(…)`")),
        Answer::Nonsense(what) => Err(format!("`{key}` gave {}", Shown(what))),
        Answer::Unknown => Err(format!("`{key}` was not answered")),
    }
}

/// Writes a number that is no count, in a few digits.
fn figure(number: f64) -> String {
    if number.abs() >= MOST { format!("{number:e}") } else { number.to_string() }
}

/// Decides whether no errors series means no errors.
fn absent_errors(rule: &Threshold, evidence: &Evidence) -> Result<f64, String> {
    let (set, zero) = match rule.name.as_str() {
        ADHOC => ("give", "--absent-errors zero"),
        _ => ("set", "absent-errors = \"zero\""),
    };
    match (rule.absent_errors, evidence.errors_exist) {
        (AbsentErrors::Zero, Some(true)) => Ok(0.0),
        (AbsentErrors::Zero, Some(false)) => Err(format!(
            "`errors` found no series, and its metric does not exist at all, so that `{zero}` can't count it as 0: is the \
             name right?"
        )),
        (AbsentErrors::Zero, None) => Err(format!(
            "`errors` found no series, and it can't be told whether its metric exists at all, so that `{zero}` can't count \
             it as 0"
        )),
        (AbsentErrors::Hold, _) => Err(format!(
            "`errors` found no series: no error yet, or a wrong name; where a healthy service has none, {set} `{zero}`"
        )),
    }
}

/// Holds unless the newest sample is young enough.
fn fresh(rule: &Threshold, moment: &Moment, evidence: &Evidence) -> Result<(), String> {
    let asked = evidence.queries.iter().find(|query| query.of == "freshness");
    let newest = match (evidence.newest_sample, asked) {
        (Some(newest), _) => newest,
        (None, Some(query)) => {
            return Err(format!(
                "it has no living sample: `{}` found none; is what it counts still running and scraped?",
                Shown(&query.text)
            ));
        }
        (None, None) => {
            return Err("the time of its newest sample is not known; set `freshness` to what tells it".to_owned());
        }
    };
    // The look may have waited after `now` was taken.
    let age = moment.now.max(evidence.looked_at).duration_since(newest);
    if age < -SKEW {
        return Err(format!(
            "its newest sample is {} in the future; is a clock wrong?",
            span(age.unsigned_abs().as_secs_f64())
        ));
    }
    if age > SignedDuration::try_from(rule.max_age).unwrap_or(SignedDuration::MAX) {
        return Err(format!(
            "its newest sample is {} old, and `max-age` is {}",
            span(age.as_secs_f64()),
            span(rule.max_age.as_secs_f64())
        ));
    }
    Ok(())
}

/// Holds where the window reaches back before the present step began: above 0, and at 0 after a rollback.
fn within_step(moment: &Moment, evidence: &Evidence) -> Result<(), String> {
    if moment.exposure.is_zero() && !moment.after_rollback {
        return Ok(());
    }
    let began = moment.began.ok_or("it is not known when the present step began")?;
    let window = Duration::try_from_secs_f64(evidence.window_s)
        .map_err(|_| format!("its window of {} s is no span of time", evidence.window_s))?;
    let reaches = evidence.looked_at.checked_sub(window).unwrap_or(Timestamp::MIN);
    if reaches < began {
        let enough = began.duration_since(reaches).as_secs_f64();
        return Err(format!(
            "its window of {} reaches back before the present step began; it can tell in {}",
            span(evidence.window_s),
            span(enough)
        ));
    }
    Ok(())
}
