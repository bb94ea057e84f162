//! Metrics endpoints that do their worst, under `advance --yes`: it holds, ends by itself and touches nothing.

use crate::console::{CONFIG, Console, FLAGS};
use crate::metrics::server::{EMPTY, Server, healthy, number, respond};
#[cfg(static_libc)]
use crate::{console::Outcome, process};
use snapbox::IntoData as _;
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
#[cfg(static_libc)]
use std::{env, fs, os::unix::fs::PermissionsExt as _, time::Instant};

/// Far more than any look may take: a verb that has not ended by then never will.
const NEVER: Duration = Duration::from_secs(120);
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

/// Advances over a server, and returns why it held.
fn held(console: Console) -> String {
    let (sender, receiver) = mpsc::channel();
    let before = console.read(FLAGS);
    let text = before.clone();
    thread::spawn(move || {
        let ended = console.json("advance checkout_v2 --yes");
        let _ = sender.send((ended, console.read(FLAGS), console.path(".flagctl").exists()));
    });
    let ((code, answer), after, recorded) = receiver.recv_timeout(NEVER).expect("an advance did not end");
    assert_eq!(code, 5, "{answer}");
    assert_eq!(answer["changed"], false, "{answer}");
    assert_eq!(answer["error"]["code"], "hold", "{answer}");
    assert_eq!(answer["verdicts"][0]["verdict"], "hold", "{answer}");
    assert_eq!(answer["changes"], serde_json::json!([]), "{answer}");
    assert_eq!(text, after, "the flags file was touched");
    assert!(!recorded, "something was recorded");
    answer["verdicts"][0]["reason"].as_str().unwrap().to_owned()
}

fn gated(server: &Server) -> String {
    held(Console::gated(&server.url()))
}

fn hang(stream: &mut TcpStream) {
    let _ = stream.read_to_end(&mut Vec::new());
}

fn pour(stream: &mut TcpStream, part: &[u8], pause: Duration) {
    while stream.write_all(part).is_ok() {
        thread::sleep(pause);
    }
}

fn vector(samples: &str) -> String {
    format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{samples}]}}}}"#)
}

#[test]
fn whatever_a_prometheus_does() {
    let drip = Duration::from_millis(20);
    let elsewhere = Server::saying(|asked| healthy(asked, "0", "1000"));
    let to = elsewhere.url();
    let megabyte = vec![b' '; 1_000_000];
    let cases: Vec<(&str, Server)> = vec![
        ("hangs", Server::start(|_, stream| hang(stream))),
        (
            "drips",
            Server::start(move |_, stream| {
                let _ = stream.write_all(&[HEAD, b"Content-Length: 100000\r\n\r\n"].concat());
                pour(stream, b" ", drip);
            }),
        ),
        ("500", Server::start(|_, stream| respond(stream, "500 Oops", "text/plain", "it is \u{1b}[31mred"))),
        ("garbage", Server::saying(|_| "<html>hello</html>".to_owned())),
        ("no bytes", Server::start(|_, _| {})),
        ("empty", Server::saying(|_| EMPTY.to_owned())),
        ("NaN", Server::saying(|asked| healthy(asked, "NaN", "1000"))),
        ("Inf", Server::saying(|asked| healthy(asked, "0", "+Inf"))),
        ("negative", Server::saying(|asked| healthy(asked, "-1", "1000"))),
        ("more errors than requests", Server::saying(|asked| healthy(asked, "1001", "1000"))),
        (
            "two series",
            Server::saying(|asked| {
                let sample = r#"{"metric":{},"value":[1700000000,"1000"]}"#;
                if asked.parameter("query").contains("code=~") {
                    vector(&format!("{sample},{sample}"))
                } else {
                    healthy(asked, "0", "1000")
                }
            }),
        ),
        (
            "warnings",
            Server::saying(|asked| {
                healthy(asked, "0", "1000").replacen("{", r#"{"warnings":["a part did not answer"],"#, 1)
            }),
        ),
        (
            "stale",
            Server::saying(|asked| {
                if asked.parameter("query").contains("timestamp(") {
                    number("1700000000")
                } else {
                    healthy(asked, "0", "1000")
                }
            }),
        ),
        ("too few", Server::saying(|asked| healthy(asked, "0", "499"))),
        ("an error", Server::saying(|_| r#"{"status":"error","errorType":"bad_data","error":"no"}"#.to_owned())),
        (
            "redirects",
            Server::start(move |_, stream| {
                let head = format!("HTTP/1.1 302 Found\r\nLocation: {to}/api/v1/query\r\nContent-Length: 0\r\n\r\n");
                let _ = stream.write_all(head.as_bytes());
            }),
        ),
        (
            "a gigabyte",
            Server::start(move |_, stream| {
                let _ = stream.write_all(&[HEAD, b"Content-Length: 1000000000\r\n\r\n"].concat());
                pour(stream, &megabyte, Duration::ZERO);
            }),
        ),
    ];
    let mut said = String::new();
    for (what, server) in &cases {
        let reason = gated(server);
        let reason = reason.split(" is `max-age`").next().unwrap();
        let _ = writeln!(said, "{what}: {reason}");
    }
    let stale = said.lines().find(|line| line.starts_with("stale")).unwrap().to_owned();
    assert!(stale.contains(" old, and `max-age` is 2m"), "{stale}");
    assert!(elsewhere.asked().is_empty());
    snapbox::assert_data_eq!(
        said.replace(&stale, "stale: …").replace(&elsewhere.url(), "[URL]"),
        snapbox::str![[r#"
hangs: the source `prod` did not answer within 1 s
drips: the source `prod` did not answer within 1 s
500: the source `prod` answered 500: it is \u{1b}[31mred
garbage: the source `prod` answered 200, but what came is no JSON (expected value at line 1 column 1; application/json): `<html>hello</html>`
no bytes: the source `prod` gave an answer that broke off or is garbled: connection closed before message completed
empty: `total` found no series
NaN: `errors` is NaN, no number
Inf: `total` is infinite
negative: `errors` is negative (-1)
more errors than requests: `errors` (1001) is more than `total` (1000); it must count a part of what `total` counts
two series: `errors` gave 2 series instead of one; wrap it in `sum(…)`
warnings: the source `prod` warns beside its answer: a part did not answer
stale: …
too few: only 499 requests in 10m, and `min-requests` is 500
an error: the source `prod` answered 200, but with an error: no
redirects: the source `prod` answered with a redirect to `[URL]/api/v1/query`, which is not followed
a gigabyte: the source `prod` answered with more than 8 MB

"#]].raw()
    );
}

#[test]
fn whatever_a_page_or_json_does() {
    let page = |body: &'static str| Server::start(move |_, stream| respond(stream, "200 OK", "text/plain", body));
    let source = |kind: &str, server: &Server, numbers: &str| {
        let url = server.url();
        let gates = "[gates.error-rate]\nmax = \"1%\"\nmin-requests = 1\nwindow = \"1s\"\n";
        Console::new().with(
            "flagctl.toml",
            &format!("{CONFIG}[sources.prod]\nkind = \"{kind}\"\nurl = \"{url}\"\ntimeout = \"1s\"\n{gates}{numbers}"),
        )
    };
    let exposition =
        |server: &Server| held(source("exposition", server, "errors = 'errors_total'\ntotal = 'requests_total'\n"));
    let json =
        |server: &Server| held(source("json", server, "errors = '/errors'\ntotal = '/total'\nfreshness = '/at'\n"));
    let said = [
        ("a page that hangs", exposition(&Server::start(|_, stream| hang(stream)))),
        ("an empty page", exposition(&page(""))),
        ("no page", exposition(&page("<html>"))),
        ("no numbers", exposition(&page("requests_total NaN\nerrors_total 0\n"))),
        ("nothing happens", exposition(&page("requests_total 1000\nerrors_total 0\n"))),
        ("json that hangs", json(&Server::start(|_, stream| hang(stream)))),
        ("no json", json(&page("total: 5"))),
        ("nothing there", json(&page("{}"))),
        ("texts", json(&page(r#"{"errors":"none","total":"1000","at":"now"}"#))),
        ("old", json(&page(r#"{"errors":0,"total":1000,"at":"2020-01-01T00:00:00Z"}"#))),
    ];
    let said: String = said
        .iter()
        .map(|(what, reason)| {
            let reason = reason.split(" is 2").next().unwrap();
            format!("{what}: {}\n", if reason.contains(" old, ") { "its newest sample is … old" } else { reason })
        })
        .collect();
    snapbox::assert_data_eq!(
        said,
        snapbox::str![[r#"
a page that hangs: the source `prod` did not answer within 1 s
an empty page: `total` found no series
no page: the source `prod` answered 200, but its page can't be read: its last line has no end, so that it may be cut off
no numbers: `total` is NaN, no number
nothing happens: no request was counted in 1s
json that hangs: the source `prod` did not answer within 1 s
no json: the source `prod` answered 200, but what came is no JSON (expected ident at line 1 column 2): `total: 5`
nothing there: `total` found no series
texts: the source `prod` gave no time for `freshness`: `"now"` is neither RFC 3339 nor a time since 1970
old: its newest sample

"#]]
        .raw()
    );
}

/// A name server that never answers holds a resolver for ten seconds and more; here it does for a minute.
#[test]
#[cfg(static_libc)]
fn a_name_that_is_not_resolved_in_time_does_not_hold_up_the_end() {
    let console = Console::gated("http://metrics.example").with("bin/getent", "#!/bin/sh\nexec sleep 60\n");
    fs::set_permissions(console.path("bin/getent"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", console.path("bin").display(), env::var("PATH").unwrap());
    let began = Instant::now();
    let mut advance = console.command(&["-o", "json", "advance", "checkout_v2", "--yes"]);
    let outcome = Outcome::of(&process::output(advance.env("PATH", path)));
    assert!(began.elapsed() < Duration::from_secs(50), "it waited for the resolver: {:?}", began.elapsed());
    assert_eq!(outcome.code, Some(5), "{}", outcome.stdout);
    let reason = &outcome.json()["verdicts"][0]["reason"];
    assert_eq!(*reason, "the source `prod` did not answer within 1 s");
}

#[test]
fn a_server_may_have_a_name() {
    let server = Server::saying(|asked| healthy(asked, "0", "1000"));
    let console = Console::gated(&server.url().replace("127.0.0.1", "localhost"));
    let outcome = console.run("check checkout_v2");
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.stdout, outcome.stderr);
    let nowhere = Console::gated("http://metrics.invalid:9090").run("check checkout_v2");
    assert_eq!(nowhere.code, Some(5), "{}{}", nowhere.stdout, nowhere.stderr);
    assert!(nowhere.stdout.contains("could not be reached: metrics.invalid:9090: "), "{}", nowhere.stdout);
}
