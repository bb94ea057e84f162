//! Real Prometheus.

use super::relay::{door, proxy};
use super::{Component, until};
use crate::metrics::ask::{held, question, verdict};
use crate::metrics::server::{Server, respond};
use flagctl::model::{AbsentErrors, Auth, Numbers, Question, Secret, SourceKind, Verdict};
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A service that a test drives: at every scrape it has served 100 requests more, of which some failed.
#[derive(Default)]
struct Service {
    requests: AtomicU64,
    errors: AtomicU64,
    /// How many of the next 100 fail.
    failing: AtomicU64,
    /// 0: runs; 1: idles; 2: is broken.
    state: AtomicU64,
}

impl Service {
    fn serve(self: &Arc<Self>) -> Server {
        let service = Arc::clone(self);
        Server::start(move |_, stream| {
            let state = service.state.load(Ordering::SeqCst);
            if state == 0 {
                service.requests.fetch_add(100, Ordering::SeqCst);
                service.errors.fetch_add(service.failing.load(Ordering::SeqCst), Ordering::SeqCst);
            }
            let (requests, errors) = (service.requests.load(Ordering::SeqCst), service.errors.load(Ordering::SeqCst));
            let page = format!(
                "# TYPE http_requests_total counter\n\
                 http_requests_total{{flag=\"checkout\",code=\"200\"}} {}\n\
                 http_requests_total{{flag=\"checkout\",code=\"500\"}} {errors}\n\
                 http_requests_total{{flag=\"healthy\",code=\"200\"}} {requests}\n",
                requests - errors
            );
            let status = if state == 2 { "500 Broken" } else { "200 OK" };
            respond(stream, status, "text/plain; version=0.0.4", &page);
        })
    }
}

fn port(server: &Server) -> String {
    server.url().rsplit(':').next().unwrap().to_owned()
}

fn short(url: &str) -> Question {
    Question { window: Duration::from_secs(5), ..question(SourceKind::Prometheus, url) }
}

/// A question that needs no samples: constants for the counts, the server's clock for the freshness.
fn constant(url: &str) -> Question {
    Question {
        numbers: Numbers::Counts { errors: "vector(5)".into(), total: "vector(1000)".into() },
        freshness: Some("vector(time())".into()),
        ..question(SourceKind::Prometheus, url)
    }
}

#[test]
fn a_rollout_is_watched_from_the_first_scrape_to_the_death_of_its_target() {
    let service = Arc::new(Service::default());
    let target = service.serve();
    let prometheus = Component::start("start-prometheus.sh", &[port(&target)], &[]);
    let asked = short(&prometheus.url);

    let good = until(&asked, |judgement| judgement.verdict == Verdict::Pass);
    assert_eq!(good.rate, Some(0.0), "{good:#?}");

    // Its error metric exists, but no error of this flag does.
    let mut healthy = short(&prometheus.url);
    healthy.subject.flag = flagctl::model::FlagName::new("healthy").unwrap();
    until(&healthy, |judgement| judgement.reason.ends_with("set `absent-errors = \"zero\"`"));
    healthy.absent_errors = AbsentErrors::Zero;
    until(&healthy, |judgement| judgement.verdict == Verdict::Pass && judgement.rate == Some(0.0));
    if let Numbers::Counts { errors, .. } = &mut healthy.numbers {
        *errors = "sum(increase(http_requets_failed_total[{{window}}]))".into();
    }
    until(&healthy, |judgement| judgement.reason.contains("its metric does not exist at all"));

    service.failing.store(10, Ordering::SeqCst);
    let bad = until(&asked, |judgement| judgement.rate.is_some_and(|rate| rate > 0.099));
    assert_eq!(bad.verdict, Verdict::Breach);

    service.state.store(1, Ordering::SeqCst);
    until(&asked, |judgement| judgement.reason == "no request was counted in 5s");
    let mut ratio = short(&prometheus.url);
    let selector = |code: &str| format!("http_requests_total{{flag=\"checkout\"{code}}}[5s]");
    let failed = selector(",code=~\"5..\"");
    ratio.numbers = Numbers::Counts {
        errors: format!("sum(rate({failed})) / sum(rate({}))", selector("")),
        total: "count(up) * 1000".into(),
    };
    until(&ratio, |judgement| judgement.reason == "`errors` is NaN, no number");

    // The counters move again, then the target breaks: the increase still has samples, but no living one.
    service.state.store(0, Ordering::SeqCst);
    until(&asked, |judgement| judgement.rate.is_some());
    service.state.store(2, Ordering::SeqCst);
    let mut long = short(&prometheus.url);
    long.window = Duration::from_secs(60);
    let stale = until(&long, |judgement| judgement.reason.starts_with("it has no living sample"));
    assert_eq!(
        (stale.verdict, stale.reason.as_str()),
        (
            Verdict::Hold,
            "it has no living sample: `max(timestamp(http_requests_total{flag=\"checkout\"}))` found none; is what it \
             counts still running and scraped?"
        )
    );
    let total = stale.evidence.unwrap().total.usable();
    assert!(total.is_some_and(|total| total > 50.0), "{total:?}");
}

#[test]
fn a_dead_remote_read_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("prometheus.yml");
    fs::write(&config, "remote_read: [{url: \"http://127.0.0.1:1/read\", read_recent: true}]\n").unwrap();
    let prometheus = Component::start("start-prometheus.sh", &[], &[("CONFIG", config.to_str().unwrap())]);
    let mut asked = constant(&prometheus.url);
    assert_eq!(verdict(&asked).verdict, Verdict::Pass);
    asked.numbers = Numbers::Counts { errors: "vector(5)".into(), total: "count(up) or vector(1000)".into() };
    let said = held(&asked);
    assert!(said.starts_with("the source `prod` warns beside its answer: remote_read: "), "{said}");
}

#[test]
fn a_server_may_stand_below_a_path_and_behind_others() {
    let prometheus = Component::start("start-prometheus.sh", &[], &[("PREFIX", "/prom/eu")]);
    assert_eq!(verdict(&constant(&prometheus.url)).verdict, Verdict::Pass);
    let bare = prometheus.url.replace("/prom/eu", "");
    assert_eq!(held(&constant(&bare)), "the source `prod` answered 404: 404 page not found");

    let (proxy, log) = proxy();
    let mut asked = constant(&prometheus.url);
    asked.source.proxy = Some(proxy.url());
    assert_eq!(verdict(&asked).verdict, Verdict::Pass);
    assert!(log.lock().unwrap().iter().all(|line| line.starts_with(&format!("GET {}/api/v1/query?", prometheus.url))));

    let folder = tempfile::tempdir().unwrap();
    let token = folder.path().join("token");
    let door = door(bare.replace("http://", ""), "Bearer s3cret");
    let mut asked = constant(&format!("{}/prom/eu", door.url()));
    assert_eq!(held(&asked), "the source `prod` did not let us in (401: no key)");
    for (text, word) in [("s3cret\n", Verdict::Pass), ("secret\n", Verdict::Hold)] {
        fs::write(&token, text).unwrap();
        asked.source.auth = Some(Auth::Bearer(Secret::File(token.clone())));
        assert_eq!(verdict(&asked).verdict, word);
    }
}
