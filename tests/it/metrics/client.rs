//! Who we say we are, by which way, and what is never shown.

use super::ask::{held, question, verdict};
use super::server::{Server, healthy, respond};
use flagctl::http::Cancel;
use flagctl::metrics;
use flagctl::model::{Auth, Secret, SecretText, SourceKind, Verdict};
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn secrets_are_sent_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        Secret::File(path)
    };
    let server = Server::start(|asked, stream| {
        let echo = format!("who is {}? {:?}", asked.headers["authorization"], asked.headers.get("x-scope"));
        respond(stream, "403 Forbidden", "text/plain", &echo);
    });
    for (auth, sent, shown) in [
        (Auth::Bearer(file("token", "s3cret-token\n")), "Bearer s3cret-token", "Bearer ***"),
        (
            Auth::Basic { user: "ops".into(), password: file("password", "pass:wörd") },
            "Basic b3BzOnBhc3M6d8O2cmQ=",
            "Basic ***",
        ),
    ] {
        let mut question = question(SourceKind::Prometheus, &server.url());
        question.source.auth = Some(auth);
        question.source.headers = vec![
            ("X-Plain".into(), SecretText::Plain("for all to see".into())),
            ("X-Scope".into(), SecretText::Kept(file("scope", "tenant-7"))),
        ];
        let evidence = metrics::look(std::slice::from_ref(&question), &Cancel::default(), &|_| {});
        let asked = server.asked().pop().unwrap();
        assert_eq!(asked.headers["authorization"], sent);
        assert_eq!(
            (asked.headers["x-plain"].as_str(), asked.headers["x-scope"].as_str()),
            ("for all to see", "tenant-7")
        );
        assert_eq!(
            evidence[0].failure.as_deref(),
            Some(format!("did not let us in (403: who is {shown}? Some(\"***\"))").as_str())
        );
        let all = format!("{evidence:?}");
        for secret in ["s3cret", "wörd", "b3Bz", "tenant-7"] {
            assert!(!all.contains(secret), "{all}");
        }
    }
}

#[test]
fn secrets_that_are_not_there_hold() {
    let mut question = question(SourceKind::Prometheus, "http://127.0.0.1:9");
    question.source.auth = Some(Auth::Bearer(Secret::Env("FLAGCTL_TEST_NOT_SET".into())));
    assert_eq!(
        held(&question),
        "the source `prod` was not asked: the environment variable `FLAGCTL_TEST_NOT_SET` is not set"
    );
    question.source.auth = Some(Auth::Bearer(Secret::File("/no/such/file".into())));
    assert_eq!(
        held(&question),
        "the source `prod` was not asked: the file `/no/such/file` with the secret can't be read: No such file or directory (os error 2)"
    );
}

#[test]
fn addresses_that_can_not_be_used_hold() {
    for (url, reason) in [
        (
            "prometheus:9090",
            "the source `prod` was not asked: `url`: `prometheus:9090` is no `http://` or `https://` URL",
        ),
        (
            "127.0.0.1:9090",
            "the source `prod` was not asked: `url`: `127.0.0.1:9090` is no URL: relative URL without a base",
        ),
        (
            "file:///etc/passwd",
            "the source `prod` was not asked: `url`: `file:///etc/passwd` is no `http://` or `https://` URL",
        ),
        (
            "http://ops:hunter2@127.0.0.1:9090",
            "the source `prod` was not asked: `url`: `http://***@127.0.0.1:9090` holds a user or a password; set `basic-auth-user` and `basic-auth-password-env`",
        ),
    ] {
        assert_eq!(held(&question(SourceKind::Prometheus, url)), reason);
    }
}

#[test]
fn what_may_pass_is_tried_again() {
    for status in ["500 Oops", "503 Busy", "429 Slow"] {
        let count = AtomicUsize::new(0);
        let server = Server::start(move |asked, stream| {
            if count.fetch_add(1, Ordering::SeqCst) < 2 {
                respond(stream, status, "text/plain", "later");
            } else {
                respond(stream, "200 OK", "application/json", &healthy(asked, "5", "1000"));
            }
        });
        assert_eq!(verdict(&question(SourceKind::Prometheus, &server.url())).verdict, Verdict::Pass);
    }
    let server = Server::start(|_, stream| respond(stream, "404 Gone", "text/plain", "never"));
    assert_eq!(held(&question(SourceKind::Prometheus, &server.url())), "the source `prod` answered 404: never");
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_limit_that_holds_longer_than_there_is_time_is_not_run_against() {
    for limit in ["Retry-After: 3600", "X-Ratelimit-Reset: 4102444800000"] {
        // The kind is the last of the head that is ours to choose.
        let kind = format!("text/plain\r\n{limit}");
        let server = Server::start(move |_, stream| respond(stream, "429 Slow", &kind, "later"));
        assert_eq!(held(&question(SourceKind::Prometheus, &server.url())), "the source `prod` answered 429: later");
        assert_eq!(server.asked().len(), 1, "{limit}");
    }
}

#[test]
fn a_proxy_is_asked_for_other_hosts_and_where_it_is_set() {
    let proxy = Server::saying(|asked| healthy(asked, "5", "1000"));
    let mut question = question(SourceKind::Prometheus, "http://metrics.invalid:9090/prom");
    question.source.proxy = Some(proxy.url());
    assert_eq!(verdict(&question).verdict, Verdict::Pass);
    question.source.url = "http://127.0.0.1:9/prom".into();
    assert_eq!(verdict(&question).verdict, Verdict::Pass);
    let targets: Vec<String> = proxy.asked().into_iter().map(|asked| asked.target).collect();
    assert!(targets[0].starts_with("http://metrics.invalid:9090/prom/api/v1/query?"), "{targets:?}");
    assert!(targets.last().unwrap().starts_with("http://127.0.0.1:9/prom/api/v1/query?"), "{targets:?}");
}

#[test]
fn a_proxy_that_fails_holds_without_its_password() {
    let proxy = Server::start(|_, stream| respond(stream, "407 Who", "text/plain", "no hunter2 here"));
    let mut question = question(SourceKind::Prometheus, "https://metrics.invalid");
    question.source.proxy = Some(proxy.url().replace("http://", "http://ops:hunter2@"));
    let said = held(&question);
    assert!(said.starts_with("the source `prod` could not be reached: ") && !said.contains("hunter2"), "{said}");
    question.source.url = "http://metrics.invalid".into();
    assert_eq!(held(&question), "the source `prod` answered 407: no *** here");
}

#[test]
fn long_queries_are_posted() {
    let server = Server::saying(|asked| healthy(asked, "5", "1000"));
    let mut question = question(SourceKind::Prometheus, &server.url());
    let many: Vec<String> = (0..200).map(|number| format!("total_{number}")).collect();
    let total = format!(r#"sum(increase({{__name__=~"{}"}}[1m]))"#, many.join("|"));
    question.numbers =
        flagctl::model::Numbers::Counts { errors: r#"errors{code=~"5.."}"#.into(), total: total.clone() };
    assert_eq!(verdict(&question).verdict, Verdict::Pass);
    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/api/v1/query"));
    assert_eq!(asked.parameter("query"), total);
}
