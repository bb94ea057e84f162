//! Every body that servers were seen to answer, and some more: as `total`, as `errors`, and what the gate says of it.

use super::ask::{moment, question, rule};
use super::server::{Asked, Server, number, respond};
use flagctl::gate::judge;
use flagctl::http::Cancel;
use flagctl::metrics;
use flagctl::model::{Question, SourceKind, Verdict};
use std::sync::Arc;

/// One recorded answer.
struct Recorded {
    /// The query it answered.
    query: String,
    status: String,
    kind: String,
    body: String,
}

fn recorded() -> Vec<Recorded> {
    let files = [
        include_str!("../../corpus/metrics/prometheus-2.42.txt"),
        include_str!("../../corpus/metrics/victoria-metrics-1.79.txt"),
        include_str!("../../corpus/metrics/odd.txt"),
    ];
    let blocks = files.into_iter().flat_map(|file| file.split("\n### ").skip(1));
    blocks
        .map(|block| {
            let mut lines = block.splitn(3, '\n');
            let mut line = || lines.next().unwrap();
            let (query, head, body) = (line(), line(), line());
            let (status, kind) = head.split_once(' ').unwrap();
            Recorded {
                query: query.to_owned(),
                status: format!("{status} Recorded"),
                kind: kind.to_owned(),
                body: body.trim_end().to_owned(),
            }
        })
        .collect()
}

/// Answers `/N/errors/…` and `/N/total/…` with body N in that place, and well in every other.
fn serve(recorded: Arc<Vec<Recorded>>) -> Server {
    Server::start(move |asked: &Asked, stream| {
        let mut path = asked.target.trim_start_matches('/').split('/');
        let body = &recorded[path.next().unwrap().parse::<usize>().unwrap()];
        let place = path.next().unwrap();
        let query = asked.parameter("query");
        let good = if query.contains("timestamp(") {
            number(&jiff::Timestamp::now().as_second().to_string())
        } else if query.contains("code=~") {
            if place == "errors" {
                return respond(stream, &body.status, &body.kind, &body.body);
            }
            number("0")
        } else {
            if place == "total" {
                return respond(stream, &body.status, &body.kind, &body.body);
            }
            number("1000")
        };
        respond(stream, "200 OK", "application/json", &good);
    })
}

/// What everyone can see to be one clean number, found by other means than those under test.
fn is_clean(body: &Recorded) -> bool {
    let number = body.body.split_once("\"value\":[").and_then(|(_, rest)| rest.split('"').nth(1));
    body.status.starts_with("200")
        && body.body.contains(r#"{"status":"success","data":{"resultType":"vector","result":[{"#)
        && body.body.ends_with('}')
        && body.body.matches("\"value\":[").count() == 1
        && (!body.body.contains("\"warnings\"") || body.body.contains("\"warnings\":[]"))
        && number.is_some_and(|number| number.chars().all(|c| c.is_ascii_digit() || ".e-".contains(c)))
        && number.and_then(|number| number.parse::<f64>().ok()).is_some_and(|number| (0.0..1e6).contains(&number))
}

#[test]
fn nothing_but_a_clean_number_passes() {
    let recorded = Arc::new(recorded());
    let server = serve(Arc::clone(&recorded));
    let questions: Vec<Question> = (0..recorded.len())
        .flat_map(|number| ["total", "errors"].map(|place| format!("{}/{number}/{place}", server.url())))
        .map(|url| question(SourceKind::Prometheus, &url))
        .collect();
    let evidence: Vec<_> =
        questions.chunks(20).flat_map(|some| metrics::look(some, &Cancel::default(), &|_| {})).collect();
    let mut said = String::new();
    for (body, evidence) in recorded.iter().zip(evidence.chunks(2)) {
        said += &format!("{}\n", body.query);
        for (place, evidence) in ["total", "errors"].into_iter().zip(evidence) {
            let judgement = judge(&rule(), &moment(), Some(evidence));
            said += &format!("  as {place}: {}: {}\n", judgement.verdict, judgement.reason);
            match judgement.verdict {
                Verdict::Pass | Verdict::Breach => assert!(is_clean(body), "{}: {}", body.query, body.body),
                Verdict::Hold => assert!(place == "total" || !is_clean(body), "{}: {}", body.query, body.body),
                Verdict::NotApplicable => panic!("{}", body.query),
            }
        }
    }
    snapbox::assert_data_eq!(said, snapbox::file!["../../corpus/metrics/judged.txt"].raw());
}
