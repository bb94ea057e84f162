//! Any JSON answer as a source.

use super::ask::{held, question, verdict};
use super::server::Server;
use flagctl::model::{AbsentErrors, Numbers, SourceKind, Verdict};
use jiff::Timestamp;

/// Puts the time, in place of `NOW` (RFC 3339), `SECONDS` and `MILLIS`.
fn dated(body: &str) -> String {
    let now = Timestamp::now();
    body.replace("NOW", &now.to_string())
        .replace("SECONDS", &now.as_second().to_string())
        .replace("MILLIS", &now.as_millisecond().to_string())
}

#[test]
fn numbers_are_read_by_pointers() {
    for (body, word, reason) in [
        (
            r#"{"errors":5,"total":1000,"newest":"NOW"}"#,
            Verdict::Pass,
            "5 of 1000 requests failed in 1m: 0.5%, at most 1% may",
        ),
        (
            r#"{"errors":"5","total":"1e3","newest":SECONDS}"#,
            Verdict::Pass,
            "5 of 1000 requests failed in 1m: 0.5%, at most 1% may",
        ),
        (
            r#"{"errors":50,"total":1000,"newest":MILLIS}"#,
            Verdict::Breach,
            "50 of 1000 requests failed in 1m: 5%, at most 1% may",
        ),
        (
            r#"{"errors":5,"total":1000,"newest":"SECONDS"}"#,
            Verdict::Pass,
            "5 of 1000 requests failed in 1m: 0.5%, at most 1% may",
        ),
        (
            r#"{"errors":5,"total":1000}"#,
            Verdict::Hold,
            "it has no living sample: `/newest` found none; is what it counts still running and scraped?",
        ),
        (
            r#"{"errors":5,"total":1000,"newest":"yesterday"}"#,
            Verdict::Hold,
            r#"the source `prod` gave no time for `freshness`: `"yesterday"` is neither RFC 3339 nor a time since 1970"#,
        ),
        (
            r#"{"errors":5,"total":1000,"newest":-1}"#,
            Verdict::Hold,
            "the source `prod` gave no time for `freshness`: `-1` is neither RFC 3339 nor a time since 1970",
        ),
        (
            r#"{"errors":" 5","total":1000,"newest":SECONDS}"#,
            Verdict::Hold,
            "`errors` gave the text ` 5`, which is no clean number",
        ),
        (
            r#"{"errors":"5%","total":1000,"newest":SECONDS}"#,
            Verdict::Hold,
            "`errors` gave the text `5%`, which is no clean number",
        ),
        (
            r#"{"errors":"NaN","total":1000,"newest":SECONDS}"#,
            Verdict::Hold,
            "`errors` gave the text `NaN`, which is no clean number",
        ),
        (r#"{"errors":true,"total":1000,"newest":SECONDS}"#, Verdict::Hold, "`errors` gave `true`, which is no number"),
        (r#"{"errors":[5],"total":1000,"newest":SECONDS}"#, Verdict::Hold, "`errors` gave a list of 1, not a number"),
        (r#"{"errors":{},"total":1000,"newest":SECONDS}"#, Verdict::Hold, "`errors` gave an object, not a number"),
        (r#"{"errors":5,"total":null,"newest":SECONDS}"#, Verdict::Hold, "`total` found no series"),
        (
            r#"{"total":1000,"newest":SECONDS}"#,
            Verdict::Hold,
            "`errors` found no series: no error yet, or a wrong name; where a healthy service has none, set `absent-errors = \"zero\"`",
        ),
        (
            r#"{"errors":1e400,"total":1000}"#,
            Verdict::Hold,
            "the source `prod` answered 200, but what came is no JSON (number out of range at line 1 column 15): `{\"errors\":1e400,\"total\":1000}`",
        ),
        (
            r#"{"errors":500,"errors":0,"total":1000,"newest":SECONDS}"#,
            Verdict::Hold,
            "the source `prod` answered 200, but what came is ambiguous: the key `errors` stands twice at line 1 column 22",
        ),
        (
            r#"{"errors":-0,"total":1000,"newest":SECONDS}"#,
            Verdict::Pass,
            "0 of 1000 requests failed in 1m: 0%, at most 1% may",
        ),
        (r#"{"errors":0,"total":1e308,"newest":SECONDS}"#, Verdict::Hold, "`total` (1e308) is too large for a count"),
        (
            r#"{"errors":1e308,"total":1000,"newest":SECONDS}"#,
            Verdict::Hold,
            "`errors` (1e308) is too large for a count",
        ),
        (
            r#"{"errors":0,"total":1000,"newest":1e308}"#,
            Verdict::Hold,
            "the source `prod` gave no time for `freshness`: `1e+308` is neither RFC 3339 nor a time since 1970",
        ),
        (
            "{\"errors\":5,\"total\":1000}}",
            Verdict::Hold,
            "the source `prod` answered 200, but what came is no JSON (trailing characters at line 1 column 26): `{\"errors\":5,\"total\":1000}}`",
        ),
    ] {
        let server = Server::saying(move |_| dated(body));
        let judgement = verdict(&question(SourceKind::Json, &server.url()));
        assert_eq!((judgement.verdict, judgement.reason.as_str()), (word, reason), "{body}");
    }
}

#[test]
fn a_rate_and_a_count_will_do() {
    for (rate, word) in
        [("0.005", Verdict::Pass), ("0.02", Verdict::Breach), ("2", Verdict::Hold), ("null", Verdict::Hold)]
    {
        let server = Server::saying(move |_| dated(&format!(r#"{{"r":{rate},"n":[1,{{"a/b":"1000"}}],"t":SECONDS}}"#)));
        let mut question = question(SourceKind::Json, &server.url());
        question.numbers = Numbers::Rate { rate: "/r".into(), total: "/n/1/a~1b".into() };
        question.freshness = Some("/t".into());
        let judgement = verdict(&question);
        assert_eq!(judgement.verdict, word, "{}", judgement.reason);
    }
}

#[test]
fn null_is_zero_errors_only_where_told_so() {
    for (errors, absent, word) in [
        (r#""errors":null,"#, AbsentErrors::Zero, Verdict::Pass),
        (r#""errors":null,"#, AbsentErrors::Hold, Verdict::Hold),
        ("", AbsentErrors::Zero, Verdict::Hold),
    ] {
        let server = Server::saying(move |_| dated(&format!(r#"{{{errors}"total":1000,"newest":SECONDS}}"#)));
        let mut question = question(SourceKind::Json, &server.url());
        question.absent_errors = absent;
        assert_eq!(verdict(&question).verdict, word, "{errors}");
    }
}

#[test]
fn placeholders_are_filled_into_url_and_pointers() {
    let server = Server::saying(|_| dated(r#"{"a/b c":{"errors":5,"total":1000},"newest":SECONDS}"#));
    let mut question = question(
        SourceKind::Json,
        &format!("{}/v1/{{{{flag}}}}?env={{{{environment}}}}&w={{{{window}}}}", server.url()),
    );
    question.subject.flag = flagctl::model::FlagName::new("a/b c").unwrap();
    question.numbers = Numbers::Counts { errors: "/{{flag}}/errors".into(), total: "/{{flag}}/total".into() };
    assert_eq!(verdict(&question).verdict, Verdict::Pass);
    assert_eq!(server.asked()[0].target, "/v1/a%2Fb%20c?env=production&w=1m");

    question.numbers = Numbers::Counts { errors: "errors".into(), total: "/total".into() };
    assert_eq!(
        held(&question),
        "the source `prod` was not asked: `errors`: `errors` is no JSON pointer, as `/data/0/value`"
    );
    question.source.url = format!("{}/{{{{flaag}}}}", server.url());
    assert!(held(&question).starts_with("the source `prod` was not asked: `url`: there is no placeholder `{{flaag}}`"));
}

#[test]
fn without_freshness_nothing_passes() {
    let server = Server::saying(|_| r#"{"errors":5,"total":1000}"#.to_owned());
    let mut question = question(SourceKind::Json, &server.url());
    question.freshness = None;
    assert_eq!(held(&question), "the time of its newest sample is not known; set `freshness` to what tells it");
}
