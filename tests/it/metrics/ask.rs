//! Questions, rules and moments as the tests put them.

use flagctl::gate::{Applies, Moment, Threshold, judge};
use flagctl::http::Cancel;
use flagctl::metrics;
use flagctl::model::{
    AbsentErrors, FlagName, Judgement, Numbers, Percent, Question, Source, SourceKind, Subject, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A question to `url` that a healthy source can answer.
pub(super) fn question(kind: SourceKind, url: &str) -> Question {
    let counts = |errors: &str, total: &str| Numbers::Counts { errors: errors.into(), total: total.into() };
    let numbers = match kind {
        SourceKind::Prometheus => counts(
            r#"sum(increase(http_requests_total{flag="{{flag}}",code=~"5.."}[{{window}}]))"#,
            r#"sum(increase(http_requests_total{flag="{{flag}}"}[{{window}}]))"#,
        ),
        SourceKind::Exposition => {
            counts(r#"http_requests_total{flag="{{flag}}",code=~"5.."}"#, r#"http_requests_total{flag="{{flag}}"}"#)
        }
        SourceKind::Json => counts("/errors", "/total"),
    };
    Question {
        source: Source {
            name: "prod".into(),
            kind,
            url: url.into(),
            timeout: Duration::from_secs(5),
            auth: None,
            ca_file: None,
            headers: Vec::new(),
            proxy: None,
        },
        numbers,
        freshness: matches!(kind, SourceKind::Json).then(|| "/newest".into()),
        window: match kind {
            SourceKind::Exposition => Duration::from_millis(150),
            SourceKind::Prometheus | SourceKind::Json => Duration::from_secs(60),
        },
        absent_errors: AbsentErrors::Hold,
        subject: Subject {
            flag: FlagName::new("checkout").unwrap(),
            environment: "production".into(),
            exposure: Percent::from_whole(5).unwrap(),
        },
    }
}

/// A gate at 1 % that wants 50 requests.
pub(super) fn rule() -> Threshold {
    Threshold {
        name: "error-rate".into(),
        max: 0.01,
        min_requests: 50.0,
        max_age: Duration::from_secs(120),
        absent_errors: AbsentErrors::Hold,
        applies: Applies::Exposed,
    }
}

/// Now, at 5 % for an hour.
pub(super) fn moment() -> Moment {
    let now = Timestamp::now();
    Moment {
        exposure: Percent::from_whole(5).unwrap(),
        began: Some(now - SignedDuration::from_hours(1)),
        after_rollback: false,
        now,
    }
}

/// Looks at everything at once and judges, as `check` does.
pub(super) fn judged(questions: &[Question]) -> Vec<Judgement> {
    let evidence = metrics::look(questions, &Cancel::default(), &|_| {});
    assert_eq!(evidence.len(), questions.len());
    let judged = questions.iter().zip(&evidence).map(|(question, evidence)| {
        let rule = Threshold { absent_errors: question.absent_errors, ..rule() };
        judge(&rule, &moment(), Some(evidence))
    });
    judged.collect()
}

/// Looks and judges.
pub(super) fn verdict(question: &Question) -> Judgement {
    judged(std::slice::from_ref(question)).remove(0)
}

/// A question that waits 0.4 s for one answer, and 50 ms between two looks.
pub(super) fn hasty(kind: SourceKind, url: &str) -> Question {
    let mut question = question(kind, url);
    question.source.timeout = Duration::from_millis(400);
    if kind == SourceKind::Exposition {
        question.window = Duration::from_millis(50);
    }
    question
}

/// Looks, and returns why the gate holds.
pub(super) fn held(question: &Question) -> String {
    let judgement = verdict(question);
    assert_eq!(judgement.verdict, Verdict::Hold, "{}", judgement.reason);
    judgement.reason
}
