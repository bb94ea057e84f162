//! A `/metrics` page as a source.

use super::ask::{held, question, verdict};
use super::server::{Server, respond};
use flagctl::http::Cancel;
use flagctl::metrics;
use flagctl::model::{AbsentErrors, Question, SourceKind, Verdict};
use std::cell::RefCell;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

const TEXT: &str = "text/plain; version=0.0.4";
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A server whose page is `first`, and ever after `then`.
fn pages(kind: &'static str, first: String, then: String) -> Server {
    let next = Mutex::new(Some(first));
    Server::start(move |_, stream| {
        let first = next.lock().unwrap().take();
        respond(stream, "200 OK", kind, first.as_ref().unwrap_or(&then));
    })
}

/// Requests and errors of one flag, as a page has them.
fn counts(total: u32, errors: u32) -> String {
    let good = total - errors;
    format!(
        "# TYPE http_requests_total counter\n\
         http_requests_total{{flag=\"checkout\",code=\"200\"}} {good}\n\
         http_requests_total{{flag=\"checkout\",code=\"500\"}} {errors}\n\
         http_requests_total{{flag=\"other\",code=\"500\"}} 77\n"
    )
}

fn ask(server: &Server) -> Question {
    question(SourceKind::Exposition, &server.url())
}

#[test]
fn what_grew_between_two_looks_is_judged() {
    for (first, then, word, rate) in [
        (counts(1000, 10), counts(1200, 11), Verdict::Pass, Some(1.0 / 200.0)),
        (counts(1000, 10), counts(1200, 16), Verdict::Breach, Some(6.0 / 200.0)),
        (counts(1000, 10), counts(1040, 10), Verdict::Hold, None),
        // The process began anew: what it counted since is what grew.
        (counts(1000, 500), counts(60, 0), Verdict::Pass, Some(0.0)),
        (counts(1000, 10), counts(1000, 10), Verdict::Hold, None),
    ] {
        let judgement = verdict(&ask(&pages(TEXT, first, then)));
        assert_eq!((judgement.verdict, judgement.rate), (word, rate), "{}", judgement.reason);
    }
    let open = |page: String| page.replace("http_requests_total counter", "http_requests counter") + "# EOF\n";
    let server = pages(OPEN_METRICS, open(counts(1000, 10)), open(counts(1200, 11)));
    assert_eq!(verdict(&ask(&server)).verdict, Verdict::Pass);
    assert!(server.asked()[0].headers["accept"].starts_with("application/openmetrics-text"));
}

#[test]
fn pages_that_can_not_tell_hold() {
    let cases = [
        (String::new(), String::new(), "`total` found no series"),
        (
            counts(1000, 10),
            counts(1200, 11).trim_end().to_owned(),
            "the source `prod` answered 200, but its page can't be read: its last line has no end, so that it may be cut off",
        ),
        (
            counts(1000, 10),
            "<html>\n".to_owned(),
            "the source `prod` answered 200, but its page can't be read: line 1: there is no value: `<html>`",
        ),
        (
            counts(1000, 10).replace("counter", "gauge"),
            counts(1200, 11).replace("counter", "gauge"),
            "`total` gave `http_requests_total`, which is a gauge, no counter",
        ),
        (counts(1000, 10), counts(1200, 11).replace("500\"} 11", "500\"} NaN"), "`total` is NaN, no number"),
        (
            counts(1000, 10),
            counts(1200, 11).lines().filter(|line| !line.contains("500")).map(|line| format!("{line}\n")).collect(),
            "`total` gave `http_requests_total{code=\"500\",flag=\"checkout\"}`, which vanished between two looks",
        ),
        (
            counts(1000, 10).replace("} 990", "} 990 1000"),
            counts(1200, 11).replace("} 1189", "} 1189 1000").replace("} 11\n", "} 11 1000\n"),
            "its newest sample is ",
        ),
    ];
    for (first, then, reason) in cases {
        let said = held(&ask(&pages(TEXT, first, then)));
        assert!(said == reason || (reason.ends_with(' ') && said.starts_with(reason)), "{said}");
    }
    let cut = held(&ask(&pages(OPEN_METRICS, counts(1, 1), counts(1, 1))));
    assert_eq!(
        cut,
        "the source `prod` answered 200, but its page can't be read: it does not end with `# EOF`, so that it is cut off"
    );
}

#[test]
fn absent_errors_count_as_zero_where_the_page_knows_the_metric() {
    let page = |total: u32| format!("requests_total {total}\n# TYPE errors_total counter\n");
    let server = pages(TEXT, page(1000), page(1200));
    let mut question = ask(&server);
    for (errors, absent, word) in [
        ("errors_total", AbsentErrors::Zero, Verdict::Pass),
        ("errors_total", AbsentErrors::Hold, Verdict::Hold),
        ("erors_total", AbsentErrors::Zero, Verdict::Hold),
    ] {
        let server = pages(TEXT, page(1000), page(1200));
        question.source.url = server.url();
        question.absent_errors = absent;
        question.numbers = flagctl::model::Numbers::Counts { errors: errors.into(), total: "requests_total".into() };
        assert_eq!(verdict(&question).verdict, word, "{errors}");
    }
}

#[test]
fn selectors_that_are_none_are_not_asked() {
    let server = pages(TEXT, counts(1, 0), counts(2, 0));
    for (errors, reason) in [
        (
            "sum(errors)",
            "the source `prod` was not asked: `errors` is an expression; a page is read with a plain selector, as `name{label=\"x\",code=~\"5..\"}`",
        ),
        (
            "{{flag}}_errors",
            "the source `prod` was not asked: `errors`: `{{flag}}` must stand inside quotes, as in `{flag=\"{{flag}}\"}`",
        ),
    ] {
        let mut question = ask(&server);
        question.numbers = flagctl::model::Numbers::Counts { errors: errors.into(), total: "a".into() };
        assert_eq!(held(&question), reason);
    }
    assert!(server.asked().is_empty());
}

#[test]
fn the_wait_is_reported_to_the_one_who_asked() {
    let server = pages(TEXT, counts(1000, 10), counts(1200, 11));
    let mut question = ask(&server);
    question.window = Duration::from_millis(500);
    let told = RefCell::new(Vec::new());
    let here = thread::current().id();
    let evidence = metrics::look(std::slice::from_ref(&question), &Cancel::default(), &|step| {
        assert_eq!(thread::current().id(), here);
        told.borrow_mut().push(step);
    });
    let told = told.into_inner();
    assert!(told.len() > 1 && told.is_sorted_by_key(|step| step.waited), "{told:?}");
    assert!(told.iter().all(|step| step.source == "prod" && step.window == question.window), "{told:?}");
    assert!(evidence[0].window_s >= 0.5);
    assert_eq!(evidence[0].newest_sample, Some(evidence[0].looked_at));
}
