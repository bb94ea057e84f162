//! The straight way.

use super::ask::{held, question, verdict};
use super::server::{Asked, EMPTY, Server, healthy, number};
use flagctl::http::Cancel;
use flagctl::metrics;
use flagctl::model::{AbsentErrors, Answer, SourceKind, Verdict};

#[test]
fn clean_numbers_are_judged() {
    for (errors, total, word, reason) in [
        ("5", "1000", Verdict::Pass, "5 of 1000 requests failed in 1m: 0.5%, at most 1% may"),
        ("10.0000001", "1000", Verdict::Pass, "10 of 1000 requests failed in 1m: 1%, at most 1% may"),
        ("11", "1000", Verdict::Breach, "11 of 1000 requests failed in 1m: 1.1%, at most 1% may"),
        ("-0", "1000", Verdict::Pass, "0 of 1000 requests failed in 1m: 0%, at most 1% may"),
        ("0", "1e308", Verdict::Hold, "`total` (1e308) is too large for a count"),
        ("1e308", "1000", Verdict::Hold, "`errors` (1e308) is too large for a count"),
        ("0", "49", Verdict::Hold, "only 49 requests in 1m, and `min-requests` is 50"),
    ] {
        let server = Server::saying(move |asked| healthy(asked, errors, total));
        let judgement = verdict(&question(SourceKind::Prometheus, &server.url()));
        assert_eq!((judgement.verdict, judgement.reason.as_str()), (word, reason));
    }
}

#[test]
fn everything_is_asked_at_one_time_of_evaluation() {
    let server = Server::saying(|asked| healthy(asked, "5", "1000"));
    let _ = verdict(&question(SourceKind::Prometheus, &format!("{}/prom/eu/", server.url())));
    let asked = server.asked();
    let mut queries: Vec<_> = asked.iter().map(|asked| asked.parameter("query")).collect();
    queries.sort_unstable();
    assert_eq!(
        queries,
        [
            r#"max(timestamp(http_requests_total{flag="checkout"}))"#,
            r#"sum(increase(http_requests_total{flag="checkout",code=~"5.."}[1m]))"#,
            r#"sum(increase(http_requests_total{flag="checkout"}[1m]))"#,
        ]
    );
    assert!(asked.iter().all(|asked| asked.method == "GET" && asked.target.starts_with("/prom/eu/api/v1/query?")));
    assert!(asked.iter().all(|asked| asked.headers["user-agent"].starts_with("flagctl/")));
    assert_eq!(asked[0].parameter("time"), "");
    assert!(!asked[1].parameter("time").is_empty() && asked[1].parameter("time") == asked[2].parameter("time"));
}

#[test]
fn nothing_is_not_zero() {
    let server = Server::saying(|_| EMPTY.to_owned());
    assert_eq!(held(&question(SourceKind::Prometheus, &server.url())), "`total` found no series");
}

#[test]
fn minus_zero_is_kept_as_zero() {
    let server = Server::saying(|asked| healthy(asked, "-0", "1000"));
    let question = question(SourceKind::Prometheus, &server.url());
    let evidence = metrics::look(&[question], &Cancel::default(), &|_| {}).remove(0);
    assert!(matches!(evidence.errors, Answer::Number(number) if number.is_sign_positive()), "{:?}", evidence.errors);
}

#[test]
fn a_key_that_stands_twice_holds_in_every_answer() {
    type Place = fn(&Asked) -> bool;
    let places: [(&str, Place); 4] = [
        ("total", |asked| {
            !asked.target.contains("__name__") && !asked.parameter("query").contains("code=~") && !is_freshness(asked)
        }),
        ("errors", |asked| asked.parameter("query").contains("code=~")),
        ("freshness", is_freshness),
        ("exists", |asked| asked.target.contains("__name__")),
    ];
    for (place, is_it) in places {
        for (once, twice, key) in [
            (r#"{"status":"#, r#"{"status":"error","status":"#, "status"),
            (r#""value":"#, r#""value":[1,"7"],"value":"#, "value"),
            (r#""data":"#, r#""data":null,"data":"#, "data"),
        ] {
            let server = Server::saying(move |asked| {
                let body = if asked.target.contains("__name__") {
                    r#"{"status":"success","data":["http_requests_total",{"value":0}]}"#.to_owned()
                } else if place == "exists" && asked.parameter("query").contains("code=~") {
                    EMPTY.to_owned()
                } else if is_freshness(asked) {
                    number(&jiff::Timestamp::now().as_second().to_string())
                } else {
                    healthy(asked, "0", "1000")
                };
                if is_it(asked) { body.replacen(once, twice, 1) } else { body }
            });
            let mut question = question(SourceKind::Prometheus, &server.url());
            question.absent_errors = AbsentErrors::Zero;
            let said = held(&question);
            let start =
                format!("the source `prod` answered 200, but what came is ambiguous: the key `{key}` stands twice at ");
            assert!(said.starts_with(&start), "{place}: {said}");
        }
    }
}

fn is_freshness(asked: &Asked) -> bool {
    asked.parameter("query").contains("timestamp(")
}
