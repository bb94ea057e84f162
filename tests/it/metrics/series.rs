//! Every series of a gauge: what comes with labels, how old it is, and what hostile servers make of it.

use super::ask::question;
use super::server::{Asked, EMPTY, Server, respond};
use flagctl::http::{Cancel, Wait};
use flagctl::metrics::{self, Gauge};
use flagctl::model::{Answer, Series, SourceKind};
use std::io::Write as _;
use std::time::Duration;

const SELECTOR: &str = r#"flag_exposure_percent{flag="checkout"}"#;

fn now(kind: SourceKind, url: &str) -> Result<Vec<Series>, String> {
    let source = question(kind, url).source;
    Gauge::open(&source)?.now(SELECTOR, &Wait::of(Duration::from_secs(30), &Cancel::default()))
}

/// Returns instance, value and age to the second, of a server that answers with these bodies.
fn told(series: &[Series]) -> Vec<String> {
    let of = |series: &Series| {
        let value = match &series.value {
            Answer::Number(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        let label = series.labels.iter().find(|(name, _)| name == "instance").map_or("", |(_, value)| value);
        format!("{label} {value} {:?}", series.age_s.map(f64::round))
    };
    series.iter().map(of).collect()
}

/// A vector evaluated at 1000 s.
fn vector(series: &[(&str, &str)]) -> String {
    let of = |(labels, value): &(&str, &str)| format!(r#"{{"metric":{{{labels}}},"value":[1000.5,"{value}"]}}"#);
    let series = series.iter().map(of).collect::<Vec<_>>().join(",");
    format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{series}]}}}}"#)
}

fn is_time(asked: &Asked) -> bool {
    asked.parameter("query").starts_with("timestamp(")
}

#[test]
fn values_and_ages_are_paired_by_their_labels() {
    let server = Server::saying(|asked| {
        if is_time(asked) {
            vector(&[(r#""instance":"a""#, "990.5"), (r#""instance":"b""#, "1000.5")])
        } else {
            vector(&[
                (r#""__name__":"flag_exposure_percent","instance":"b""#, "25"),
                (r#""__name__":"flag_exposure_percent","instance":"a""#, "0"),
                (r#""__name__":"flag_exposure_percent","instance":"c""#, "NaN"),
            ])
        }
    });
    let series = now(SourceKind::Prometheus, &server.url()).unwrap();
    assert_eq!(told(&series), ["b 25 Some(0.0)", "a 0 Some(10.0)", "c NaN None"]);
    let asked = server.asked();
    assert_eq!((asked[0].parameter("time"), asked[1].parameter("time")), ("", "1000.500"), "the same moment");
    assert_eq!(
        (asked[0].parameter("query"), asked[1].parameter("query")),
        (&*format!("timestamp({SELECTOR})"), SELECTOR)
    );
}

#[test]
fn an_answer_from_the_past_does_not_make_its_samples_young() {
    let server = Server::start(|asked, stream| {
        let body = vector(&[(r#""instance":"a""#, if is_time(asked) { "1000" } else { "0" })]);
        let _ = write!(
            stream,
            "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:17:10 GMT\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
    });
    // Evaluated at 1000.5, but answered in the second after 1030.
    assert_eq!(told(&now(SourceKind::Prometheus, &server.url()).unwrap()), ["a 0 Some(31.0)"]);
}

#[test]
fn no_series_is_an_empty_answer() {
    let server = Server::saying(|_| EMPTY.to_owned());
    assert_eq!(now(SourceKind::Prometheus, &server.url()), Ok(Vec::new()));
    let page = Server::start(|_, stream| respond(stream, "200 OK", "text/plain", "other 1\n"));
    assert_eq!(now(SourceKind::Exposition, &page.url()), Ok(Vec::new()));
}

#[test]
fn what_is_no_sound_answer_is_none() {
    let long = format!("{}{}", "#".repeat(8_000_001), "\n");
    for (status, body, said) in [
        ("200 OK", "<html>", "answered 200, but what came is no JSON"),
        ("200 OK", "{}", "answered 200, but this is no answer of a Prometheus API: it has no `status`"),
        (
            "200 OK",
            r#"{"status":"success","data":{"resultType":"vector","result":{}}}"#,
            "answered 200, but its vector is no list",
        ),
        (
            "200 OK",
            r#"{"status":"success","data":{"resultType":"scalar","result":[1,"0"]}}"#,
            "gave a scalar (0), not a vector",
        ),
        ("200 OK", r#"{"status":"success","status":"success"}"#, "answered 200, but what came is ambiguous"),
        (
            "200 OK",
            r#"{"status":"success","data":{"resultType":"vector","result":[]},"warnings":["half\u001b"]}"#,
            r"warns beside its answer: half\u{1b}",
        ),
        (
            "200 OK",
            r#"{"status":"success","isPartial":true,"data":{"resultType":"vector","result":[]}}"#,
            "warns beside its answer: the answer is partial",
        ),
        ("200 OK", long.as_str(), "answered with more than 8 MB"),
        ("302 Found", "", "answered with a redirect"),
        ("403 Forbidden", "no", "did not let us in (403: no)"),
        ("500 Broken", "", "answered 500"),
    ] {
        let (status, body) = (status.to_owned(), body.to_owned());
        let server = Server::start(move |_, stream| respond(stream, &status, "application/json", &body));
        let why = now(SourceKind::Prometheus, &server.url()).unwrap_err();
        assert!(why.starts_with(said), "{said}: {why}");
    }
    for series in [r#"{"metric":{"instance":"a"}}"#, "5", r#"{"metric":5,"value":[1000,"x"]}"#] {
        let body = format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{series}]}}}}"#);
        let server = Server::saying(move |_| body.clone());
        let series = now(SourceKind::Prometheus, &server.url()).unwrap();
        assert!(series.iter().all(|series| series.value.usable().is_none() || series.age_s.is_none()), "{series:?}");
    }
}

#[test]
fn a_page_tells_of_now_unless_it_says_a_time() {
    let page = "# TYPE flag_exposure_percent gauge\n\
                flag_exposure_percent{flag=\"checkout\"} 25\n\
                flag_exposure_percent{flag=\"checkout\",instance=\"old\"} 0 1000\n\
                flag_exposure_percent{flag=\"checkout\",instance=\"odd\"} NaN\n\
                flag_exposure_percent{flag=\"other\"} 50\n";
    let server = Server::start(move |_, stream| respond(stream, "200 OK", "text/plain", page));
    let series = now(SourceKind::Exposition, &server.url()).unwrap();
    let old = series[1].age_s.unwrap();
    assert!(old > 1e9, "{old}");
    assert_eq!([told(&series[..1]), told(&series[2..])], [[" 25 Some(0.0)"], ["odd NaN Some(0.0)"]]);
    let cut = Server::start(|_, stream| respond(stream, "200 OK", "text/plain", "flag_exposure_percent 0"));
    assert!(now(SourceKind::Exposition, &cut.url()).unwrap_err().contains("may be cut off"));
}

#[test]
fn only_a_plain_selector_is_asked() {
    let subject = question(SourceKind::Prometheus, "http://127.0.0.1:9").subject;
    let selector = |text: &str| metrics::selector(text, &subject, Duration::from_secs(60));
    assert_eq!(selector(r#"e{flag="{{flag}}"}"#).as_deref(), Ok(r#"e{flag="checkout"}"#));
    assert!(selector(r#"max(e{flag="{{flag}}"})"#).unwrap_err().starts_with("is an expression"));
    assert!(selector(r#"e{flag="{{flag}}"} offset 5m"#).unwrap_err().starts_with("is an expression"));
    assert!(selector("e{flag={{flag}}}").unwrap_err().contains("must stand inside quotes"));
    assert!(Gauge::open(&question(SourceKind::Json, "http://127.0.0.1:9").source).is_err());
}
