//! The judge's table: one line a case, then what holds for every evidence.

use super::{ADHOC, Applies, Moment, Threshold, judge};
use crate::model::{AbsentErrors, Answer, Evidence, Percent, Query, Verdict};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use snapbox::IntoData as _;
use std::time::Duration;

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

fn rule() -> Threshold {
    Threshold {
        name: "error-rate".into(),
        max: 0.01,
        min_requests: 500.0,
        max_age: Duration::from_secs(120),
        absent_errors: AbsentErrors::Hold,
        applies: Applies::Exposed,
    }
}

fn moment() -> Moment {
    Moment { exposure: Percent::from_whole(25).unwrap(), began: Some(ago(1800)), after_rollback: false, now: now() }
}

/// 5 errors of 1000 in 10 minutes, looked at 10 s ago, the newest sample 20 s old.
fn evidence() -> Evidence {
    Evidence {
        source: "prod".into(),
        queries: vec![Query { of: "total".into(), text: "sum(x)".into() }],
        window_s: 600.0,
        looked_at: ago(10),
        newest_sample: Some(ago(20)),
        errors: Answer::Number(5.0),
        total: Answer::Number(1000.0),
        errors_exist: None,
        warnings: Vec::new(),
        failure: None,
    }
}

type Change = fn(&mut Threshold, &mut Moment, &mut Evidence);

/// What the gate says of the good evidence after one change.
fn said(change: Change) -> (Verdict, String) {
    let (mut rule, mut moment, mut evidence) = (rule(), moment(), evidence());
    change(&mut rule, &mut moment, &mut evidence);
    let judgement = judge(&rule, &moment, Some(&evidence));
    (judgement.verdict, judgement.reason)
}

#[test]
fn the_whole_judgement_of_a_clean_rate() {
    let judgement = judge(&rule(), &moment(), Some(&evidence()));
    snapbox::assert_data_eq!(
        serde_json::to_string_pretty(&judgement).unwrap(),
        snapbox::str![[r#"
{
  "gate": "error-rate",
  "verdict": "pass",
  "reason": "5 of 1000 requests failed in 10m: 0.5%, at most 1% may",
  "rate": 0.005,
  "interval": [
    0.0021375355273244596,
    0.011650955373375113
  ],
  "limit": 0.01,
  "evidence": {
    "source": "prod",
    "queries": [
      {
        "of": "total",
        "text": "sum(x)"
      }
    ],
    "window_s": 600.0,
    "looked_at": "2026-11-22T11:59:50Z",
    "newest_sample": "2026-11-22T11:59:40Z",
    "errors": {
      "answer": "number",
      "value": 5.0
    },
    "total": {
      "answer": "number",
      "value": 1000.0
    },
    "errors_exist": null,
    "warnings": [],
    "failure": null
  }
}
"#]]
        .raw()
    );
}

#[test]
fn numbers_are_compared_with_the_limit() {
    let cases: [(Change, Verdict, &str); 9] = [
        (
            |_, _, e| e.errors = Answer::Number(-0.0),
            Verdict::Pass,
            "0 of 1000 requests failed in 10m: 0%, at most 1% may",
        ),
        (
            |_, _, e| (e.errors, e.total) = (Answer::Number(1e12), Answer::Number(1e15)),
            Verdict::Pass,
            "1000000000000 of 1000000000000000 requests failed in 10m: 0.1%, at most 1% may",
        ),
        (
            |_, _, e| e.errors = Answer::Number(0.0),
            Verdict::Pass,
            "0 of 1000 requests failed in 10m: 0%, at most 1% may",
        ),
        (
            |_, _, e| e.errors = Answer::Number(10.0),
            Verdict::Pass,
            "10 of 1000 requests failed in 10m: 1%, at most 1% may",
        ),
        (
            |_, _, e| e.errors = Answer::Number(10.000_000_1),
            Verdict::Pass,
            "10 of 1000 requests failed in 10m: 1%, at most 1% may",
        ),
        (
            |_, _, e| e.errors = Answer::Number(10.001),
            Verdict::Breach,
            "10 of 1000 requests failed in 10m: 1.0001%, at most 1% may",
        ),
        (
            |_, _, e| e.errors = Answer::Number(1000.0),
            Verdict::Breach,
            "1000 of 1000 requests failed in 10m: 100%, at most 1% may",
        ),
        (
            |r, _, e| (r.max, e.errors) = (0.0, Answer::Number(0.5)),
            Verdict::Breach,
            "0.5 of 1000 requests failed in 10m: 0.05%, at most 0% may",
        ),
        (|r, _, _| r.max = f64::NAN, Verdict::Hold, "`max` is NaN, which is no limit"),
    ];
    for (change, verdict, reason) in cases {
        assert_eq!(said(change), (verdict, reason.to_owned()));
    }
}

#[test]
fn what_can_not_tell_holds_and_says_why() {
    let cases: [(Change, &str); 26] = [
        (|_, _, e| e.failure = Some("did not answer within 5 s".into()), "the source `prod` did not answer within 5 s"),
        (
            |_, _, e| e.warnings.push("a store is \u{1b}down".into()),
            "the source `prod` warns beside its answer: a store is \\u{1b}down",
        ),
        (|_, _, e| e.total = Answer::Absent, "`total` found no series"),
        (|_, _, e| e.total = Answer::Several(3), "`total` gave 3 series instead of one; wrap it in `sum(…)`"),
        (|_, _, e| e.total = Answer::Unknown, "`total` was not answered"),
        (|_, _, e| e.total = Answer::Number(f64::NAN), "`total` is NaN, no number"),
        (|_, _, e| e.total = Answer::Number(f64::INFINITY), "`total` is infinite"),
        (|_, _, e| e.total = Answer::Number(-1.0), "`total` is negative (-1)"),
        (|_, _, e| e.total = Answer::Number(-1e308), "`total` is negative (-1e308)"),
        (|_, _, e| e.total = Answer::Number(-0.0), "no request was counted in 10m"),
        (|_, _, e| e.total = Answer::Number(1e308), "`total` (1e308) is too large for a count"),
        (|_, _, e| e.total = Answer::Number(1.5e15), "`total` (1.5e15) is too large for a count"),
        (|_, _, e| e.errors = Answer::Number(1e300), "`errors` (1e300) is too large for a count"),
        (|_, _, e| e.total = Answer::Number(0.0), "no request was counted in 10m"),
        (|r, _, e| (r.min_requests, e.total) = (0.0, Answer::Number(0.0)), "no request was counted in 10m"),
        (|_, _, e| e.total = Answer::Number(499.0), "only 499 requests in 10m, and `min-requests` is 500"),
        (|_, _, e| e.errors = Answer::Nonsense("a matrix".into()), "`errors` gave a matrix"),
        (
            |_, _, e| e.errors = Answer::Number(1000.1),
            "`errors` (1000) is more than `total` (1000); it must count a part of what `total` counts",
        ),
        (|_, _, e| e.newest_sample = Some(ago(121)), "its newest sample is 2m 1s old, and `max-age` is 2m"),
        (|_, _, e| e.newest_sample = Some(ago(-31)), "its newest sample is 31s in the future; is a clock wrong?"),
        (
            |_, _, e| e.newest_sample = None,
            "the time of its newest sample is not known; set `freshness` to what tells it",
        ),
        (
            |_, _, e| {
                e.newest_sample = None;
                e.queries.push(Query { of: "freshness".into(), text: "max(timestamp(x))".into() });
            },
            "it has no living sample: `max(timestamp(x))` found none; is what it counts still running and scraped?",
        ),
        (
            |_, m, _| m.began = Some(ago(500)),
            "its window of 10m reaches back before the present step began; it can tell in 1m 50s",
        ),
        (|_, m, _| m.began = None, "it is not known when the present step began"),
        (|_, _, e| e.window_s = f64::NAN, "its window of NaN s is no span of time"),
        (
            |_, _, e| e.errors = Answer::Absent,
            "`errors` found no series: no error yet, or a wrong name; where a healthy service has none, set `absent-errors = \"zero\"`",
        ),
    ];
    for (change, reason) in cases {
        assert_eq!(said(change), (Verdict::Hold, reason.to_owned()));
    }
    let (mut ad_hoc, mut evidence) = (rule(), evidence());
    (ad_hoc.name, evidence.errors) = (ADHOC.into(), Answer::Absent);
    let reason = judge(&ad_hoc, &moment(), Some(&evidence)).reason;
    assert!(reason.ends_with("where a healthy service has none, give `--absent-errors zero`"), "{reason}");
    let unasked = judge(&rule(), &moment(), None);
    assert_eq!((unasked.verdict, unasked.reason.as_str()), (Verdict::Hold, "its source was not looked at"));
}

#[test]
fn absent_errors_count_as_zero_only_where_the_metric_exists() {
    let cases: [(Change, Verdict); 4] = [
        (|_, _, e| e.errors_exist = Some(true), Verdict::Pass),
        (|_, _, e| e.errors_exist = Some(false), Verdict::Hold),
        (|_, _, e| e.errors_exist = None, Verdict::Hold),
        (|_, _, e| (e.errors_exist, e.total) = (Some(true), Answer::Number(10.0)), Verdict::Hold),
    ];
    for (change, verdict) in cases {
        let (mut rule, mut moment, mut evidence) = (rule(), moment(), evidence());
        (rule.absent_errors, evidence.errors) = (AbsentErrors::Zero, Answer::Absent);
        change(&mut rule, &mut moment, &mut evidence);
        assert_eq!(judge(&rule, &moment, Some(&evidence)).verdict, verdict);
    }
}

#[test]
fn at_zero_a_gate_of_the_exposed_has_no_say() {
    let at_zero = |applies, after_rollback, evidence: Option<&Evidence>| {
        let moment = Moment { exposure: Percent::ZERO, began: Some(ago(60)), after_rollback, now: now() };
        judge(&Threshold { applies, ..rule() }, &moment, evidence).verdict
    };
    let (good, bad) = (evidence(), Evidence { errors: Answer::Number(500.0), ..evidence() });
    assert_eq!(at_zero(Applies::Exposed, false, Some(&bad)), Verdict::NotApplicable);
    assert_eq!(at_zero(Applies::Exposed, true, None), Verdict::NotApplicable);
    assert_eq!(at_zero(Applies::Always, false, Some(&good)), Verdict::Pass);
    assert_eq!(at_zero(Applies::Always, false, Some(&bad)), Verdict::Breach);
    assert_eq!(at_zero(Applies::Always, false, None), Verdict::Hold);
    // After a rollback the window still holds numbers of the step that was left.
    assert_eq!(at_zero(Applies::Always, true, Some(&good)), Verdict::Hold);
}

#[test]
fn small_skews_and_late_judging_are_borne() {
    let cases: [Change; 3] = [
        |_, _, e| e.newest_sample = Some(ago(-30)),
        |_, _, e| e.newest_sample = Some(ago(120)),
        // The look waited a minute after `now` was taken.
        |_, _, e| (e.looked_at, e.newest_sample) = (ago(-60), Some(ago(-60))),
    ];
    for change in cases {
        assert_eq!(said(change).0, Verdict::Pass);
    }
}

/// Ways in which evidence can be bad.
fn defect() -> impl Strategy<Value = fn(&mut Evidence)> {
    let defects: Vec<fn(&mut Evidence)> = vec![
        |e| e.failure = Some(String::new()),
        |e| e.warnings.push(String::new()),
        |e| e.total = Answer::Absent,
        |e| e.total = Answer::Several(2),
        |e| e.total = Answer::Nonsense(String::new()),
        |e| e.total = Answer::Unknown,
        |e| e.total = Answer::Number(f64::NAN),
        |e| e.total = Answer::Number(f64::INFINITY),
        |e| e.total = Answer::Number(1.001e15),
        |e| e.total = Answer::Number(-0.5),
        |e| e.total = Answer::Number(0.0),
        |e| e.total = Answer::Number(499.9),
        |e| e.errors = Answer::Absent,
        |e| e.errors = Answer::Several(2),
        |e| e.errors = Answer::Nonsense(String::new()),
        |e| e.errors = Answer::Unknown,
        |e| e.errors = Answer::Number(f64::NAN),
        |e| e.errors = Answer::Number(f64::NEG_INFINITY),
        |e| e.errors = Answer::Number(-0.5),
        |e| e.errors = Answer::Number(1e300),
        |e| e.newest_sample = None,
        |e| e.newest_sample = Some(ago(121)),
        |e| e.newest_sample = Some(ago(-3600)),
        |e| e.newest_sample = Some(Timestamp::MAX),
        |e| e.newest_sample = Some(Timestamp::MIN),
        |e| e.window_s = f64::NAN,
        |e| e.window_s = f64::INFINITY,
        |e| e.window_s = -1.0,
        |e| e.window_s = 1e9,
    ];
    proptest::sample::select(defects)
}

proptest! {
    #[test]
    fn no_evidence_with_a_defect_passes(
        defects in proptest::collection::vec(defect(), 1..4),
        total in 500.0f64..1e9,
        share in 0.0f64..0.01,
        zero in any::<bool>(),
        exist in proptest::option::of(Just(false)),
    ) {
        let mut evidence = Evidence {
            total: Answer::Number(total),
            errors: Answer::Number(total * share),
            errors_exist: exist,
            ..evidence()
        };
        let absent_errors = if zero { AbsentErrors::Zero } else { AbsentErrors::Hold };
        let rule = Threshold { absent_errors, ..rule() };
        prop_assert_eq!(judge(&rule, &moment(), Some(&evidence)).verdict, Verdict::Pass);
        for defect in defects {
            defect(&mut evidence);
        }
        prop_assert_eq!(judge(&rule, &moment(), Some(&evidence)).verdict, Verdict::Hold);
    }

    /// More errors never make a verdict better.
    #[test]
    fn the_verdict_is_monotone_in_errors(total in 500.0f64..1e9, one in 0.0f64..1.5, two in 0.0f64..1.5) {
        let verdict = |share: f64| {
            let errors = Answer::Number(total * share);
            judge(&rule(), &moment(), Some(&Evidence { total: Answer::Number(total), errors, ..evidence() })).verdict
        };
        let (fewer, more) = (verdict(one.min(two)), verdict(one.max(two)));
        prop_assert!(more != Verdict::Pass || fewer == Verdict::Pass, "{fewer:?} {more:?}");
        prop_assert!(more != Verdict::Breach || fewer != Verdict::Hold, "{fewer:?} {more:?}");
    }

    /// A true ratio at the limit passes, whatever the rounding.
    #[test]
    fn the_limit_itself_passes(total in 500u32..1_000_000, percent in 1u32..100) {
        let max = f64::from(percent) / 100.0;
        let errors = Answer::Number(f64::from(total) * max);
        let evidence = Evidence { total: Answer::Number(f64::from(total)), errors, ..evidence() };
        prop_assert_eq!(judge(&Threshold { max, ..rule() }, &moment(), Some(&evidence)).verdict, Verdict::Pass);
    }
}
