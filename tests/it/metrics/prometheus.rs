//! The straight way.

use super::ask::{held, question, verdict};
use super::server::{EMPTY, Server, healthy};
use flagctl::model::{SourceKind, Verdict};

#[test]
fn clean_numbers_are_judged() {
    for (errors, total, word, reason) in [
        ("5", "1000", Verdict::Pass, "5 of 1000 requests failed in 1m: 0.5%, at most 1% may"),
        ("10.0000001", "1000", Verdict::Pass, "10 of 1000 requests failed in 1m: 1%, at most 1% may"),
        ("11", "1000", Verdict::Breach, "11 of 1000 requests failed in 1m: 1.1%, at most 1% may"),
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
