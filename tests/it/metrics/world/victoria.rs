//! Real VictoriaMetrics.

use super::Component;
use crate::metrics::ask::{held, question, verdict};
use flagctl::model::{AbsentErrors, Numbers, Question, SourceKind, Verdict};
use jiff::{SignedDuration, Timestamp};

/// Stores a minute of samples, one a second, that end `ago` before now: 10 requests a second, every hundredth bad.
fn store(victoria: &Component, flag: &str, ago: SignedDuration) {
    let end = Timestamp::now() - ago;
    let lines: String = (0..=60)
        .flat_map(|second| {
            let at = (end - SignedDuration::from_secs(60 - second)).as_millisecond();
            let line = move |code: &str, count: f64| {
                format!("http_requests_total{{flag=\"{flag}\",code=\"{code}\"}} {count} {at}\n")
            };
            let bad = (flag != "healthy").then(|| line("500", second as f64 / 20.0));
            [Some(line("200", second as f64 * 10.0)), bad].into_iter().flatten()
        })
        .collect();
    let client = reqwest::blocking::Client::builder().no_proxy().tls_backend_preconfigured(no_tls()).build().unwrap();
    let post = client.post(format!("{}/api/v1/import/prometheus", victoria.url)).body(lines).send().unwrap();
    assert!(post.status().is_success());
    assert!(client.get(format!("{}/internal/force_flush", victoria.url)).send().unwrap().status().is_success());
}

fn no_tls() -> rustls::ClientConfig {
    rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

fn of(flag: &str, victoria: &Component) -> Question {
    let mut asked = question(SourceKind::Prometheus, &victoria.url);
    asked.subject.flag = flagctl::model::FlagName::new(flag).unwrap();
    asked
}

#[test]
fn victoria_metrics_is_asked_as_prometheus_is() {
    let victoria = Component::start("start-victoriametrics.sh", &[], &[("PREFIX", "/vm")]);
    store(&victoria, "checkout", SignedDuration::ZERO);
    store(&victoria, "healthy", SignedDuration::ZERO);
    store(&victoria, "old", SignedDuration::from_mins(4));

    let clean = verdict(&of("checkout", &victoria));
    assert_eq!(clean.verdict, Verdict::Pass, "{}", clean.reason);
    assert!(clean.rate.is_some_and(|rate| (rate - 0.005).abs() < 0.001), "{clean:#?}");

    assert_eq!(held(&of("nobody", &victoria)), "`total` found no series");

    let mut healthy = of("healthy", &victoria);
    assert!(held(&healthy).starts_with("`errors` found no series"));
    healthy.absent_errors = AbsentErrors::Zero;
    assert_eq!(verdict(&healthy).rate, Some(0.0));
    if let Numbers::Counts { errors, .. } = &mut healthy.numbers {
        *errors = "sum(increase(http_failed_total[{{window}}]))".into();
    }
    assert!(held(&healthy).contains("its metric does not exist at all"));

    // Its samples are four minutes old: too old, though the query finds them.
    let mut old = of("old", &victoria);
    old.window = std::time::Duration::from_secs(600);
    let said = held(&old);
    assert!(said.starts_with("its newest sample is 4m") && said.ends_with("`max-age` is 2m"), "{said}");

    // MetricsQL alone understands this, so that its newest sample has to be told.
    let mut metricsql = of("checkout", &victoria);
    metricsql.numbers = Numbers::Counts {
        errors: "sum(increase(http_requests_total{flag=\"{{flag}}\",code=~\"5..\"}))".into(),
        total: "sum(increase(http_requests_total{flag=\"{{flag}}\"}))".into(),
    };
    metricsql.window = std::time::Duration::from_secs(300);
    assert_eq!(held(&metricsql), "the time of its newest sample is not known; set `freshness` to what tells it");
    metricsql.freshness = Some("max(timestamp(http_requests_total{flag=\"{{flag}}\"}))".into());
    assert_eq!(verdict(&metricsql).verdict, Verdict::Pass);
}
