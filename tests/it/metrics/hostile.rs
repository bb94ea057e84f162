//! Servers that do their worst. Whatever they do, the look ends and the gate holds.

use super::ask::{hasty, judged, question};
use super::server::{Asked, Server, respond};
use flagctl::http::Cancel;
use flagctl::metrics;
use flagctl::model::{Question, SourceKind, Verdict};
use snapbox::IntoData as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const KINDS: [SourceKind; 3] = [SourceKind::Prometheus, SourceKind::Exposition, SourceKind::Json];
/// Far more than any look may take: a look that has not ended by then never will.
const NEVER: Duration = Duration::from_secs(300);

/// Asks with every kind of source, patiently, and returns why the gate holds, if all say the same.
fn held(url: &str) -> String {
    said(KINDS.map(|kind| question(kind, url)))
}

/// As `held`, but waits only 0.4 s for one answer.
fn held_hastily(url: &str) -> String {
    said(KINDS.map(|kind| hasty(kind, url)))
}

fn said(questions: [Question; 3]) -> String {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(judged(&questions)));
    let said = receiver.recv_timeout(NEVER).expect("a look did not end");
    assert!(said.iter().all(|judgement| judgement.verdict == Verdict::Hold), "{said:#?}");
    let mut reasons: Vec<String> = said.into_iter().map(|judgement| judgement.reason).collect();
    reasons.dedup();
    reasons.join("\n")
}

/// Waits until the client has gone.
fn hang(stream: &mut TcpStream) {
    let _ = stream.read_to_end(&mut Vec::new());
}

/// Writes `part` again and again until the client has gone.
fn pour(stream: &mut TcpStream, part: &[u8], pause: Duration) {
    while stream.write_all(part).is_ok() {
        thread::sleep(pause);
    }
}

fn zipped(bytes: usize) -> Vec<u8> {
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..bytes / 1_000_000 {
        zip.write_all(&[b' '; 1_000_000]).unwrap();
    }
    zip.finish().unwrap()
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

#[test]
fn slow_ones() {
    const DRIP: Duration = Duration::from_millis(20);
    let late = "the source `prod` did not answer within 0.4 s";
    assert_eq!(held_hastily(&Server::start(|_, stream| hang(stream)).url()), late, "hangs");
    let drips_no_tls = Server::raw(|stream| pour(stream, b"H", DRIP));
    assert_eq!(
        held(&drips_no_tls.url().replace("http:", "https:")),
        "the source `prod` could not be reached over TLS: received corrupt message of type InvalidContentType"
    );
    assert_eq!(held_hastily(&Server::raw(hang).url().replace("http:", "https:")), late, "hangs before TLS");
    let drips_head = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        pour(stream, b"X: y\r\n", DRIP);
    });
    assert_eq!(held_hastily(&drips_head.url()), late, "drips headers");
    let drips_body = Server::start(|_, stream| {
        let _ = stream.write_all(&[OK, b"Content-Length: 1000000\r\n\r\n"].concat());
        pour(stream, b" ", DRIP);
    });
    assert_eq!(held_hastily(&drips_body.url()), late, "drips its body");
}

#[test]
fn endless_ones() {
    let large = "the source `prod` answered with more than 8 MB";
    let megabyte = vec![b' '; 1_000_000];
    let part = megabyte.clone();
    let endless = Server::start(move |_, stream| {
        let _ = stream.write_all(&[OK, b"\r\n"].concat());
        pour(stream, &part, Duration::ZERO);
    });
    assert_eq!(held(&endless.url()), large, "never ends");
    let announced = Server::start(move |_, stream| {
        let _ = stream.write_all(&[OK, b"Content-Length: 1000000000\r\n\r\n"].concat());
        pour(stream, &megabyte, Duration::ZERO);
    });
    assert_eq!(held(&announced.url()), large, "announces a gigabyte");
    let bomb = zipped(200_000_000);
    assert!(bomb.len() < 1_000_000);
    let bomb = Server::start(move |_, stream| {
        let head = format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
        let _ = stream.write_all(&[OK, head.as_bytes(), &bomb].concat());
    });
    assert_eq!(held(&bomb.url()), large, "a bomb");
}

/// Hides the port, which is another one each time.
fn portless(reason: &str) -> String {
    match reason.split_once("127.0.0.1:") {
        Some((before, after)) => {
            format!("{before}127.0.0.1:PORT{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => reason.to_owned(),
    }
}

#[test]
fn broken_ones() {
    let broken = |head: &'static [u8]| {
        let server = Server::start(move |_, stream| {
            let _ = stream.write_all(head);
        });
        held(&server.url())
    };
    let said = [
        ("garbage", broken(b"\x00\x01\x02\xff\xfe\r\n\r\n")),
        ("nothing", broken(b"")),
        ("half a head", broken(b"HTTP/1.1 200 OK\r\nContent-")),
        ("half a body", broken(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"status\":")),
        ("half a chunk", broken(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{\"status\":")),
        ("no last chunk", broken(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n")),
        ("no zip", broken(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nabcd")),
        ("a reset", held(&Server::raw(|stream| drop(stream.peek(&mut [0]))).url())),
        ("refused", {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            held(&format!("http://127.0.0.1:{port}"))
        }),
        ("no TLS", held(&Server::start(|_, stream| hang(stream)).url().replace("http:", "https:"))),
        ("an error", {
            let server =
                Server::start(|_, stream| respond(stream, "500 Oops", "text/plain", "\n it is \x1b[31mred\nmore"));
            held(&server.url())
        }),
    ];
    let said: String = said.iter().map(|(what, reason)| format!("{what}: {}\n", portless(reason))).collect();
    snapbox::assert_data_eq!(
        said,
        snapbox::str![[r#"
garbage: the source `prod` gave an answer that broke off or is garbled: invalid HTTP version parsed
nothing: the source `prod` gave an answer that broke off or is garbled: connection closed before message completed
half a head: the source `prod` gave an answer that broke off or is garbled: connection closed before message completed
half a body: the source `prod` gave an answer that broke off or is garbled: end of file before message length reached
half a chunk: the source `prod` gave an answer that broke off or is garbled: end of file before message length reached
no last chunk: the source `prod` gave an answer that broke off or is garbled: unexpected EOF during chunk size line
no zip: the source `prod` gave an answer that broke off or is garbled: Invalid gzip header
a reset: the source `prod` gave an answer that broke off or is garbled: Connection reset by peer (os error 104)
refused: the source `prod` could not be reached: 127.0.0.1:PORT: Connection refused (os error 111)
no TLS: the source `prod` could not be reached: 127.0.0.1:PORT: tls handshake eof
an error: the source `prod` answered 500: it is \u{1b}[31mred

"#]]
        .raw()
    );
}

#[test]
fn redirects_lead_nowhere_and_take_no_secret_along() {
    let elsewhere = Server::start(|_, stream| respond(stream, "200 OK", "text/plain", ""));
    for status in ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"] {
        let to = elsewhere.url().replace("http://", "http://user:pw@");
        let server = Server::start(move |_: &Asked, stream| {
            let head = format!("HTTP/1.1 {status}\r\nLocation: {to}/login?token=abc\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.write_all(head.as_bytes());
        });
        assert_eq!(
            held(&server.url()),
            format!("the source `prod` answered with a redirect to `{}/login`, which is not followed", elsewhere.url())
        );
    }
    assert!(elsewhere.asked().is_empty());
    let nowhere = Server::start(|_, stream| respond(stream, "302 Found", "text/plain", ""));
    assert_eq!(held(&nowhere.url()), "the source `prod` answered with a redirect to nowhere, which is not followed");
}

#[test]
fn a_stopped_look_ends_at_once() {
    for kind in KINDS {
        let (met, meets) = mpsc::channel();
        let server = Server::start(move |_, stream| {
            let _ = met.send(());
            hang(stream);
        });
        let mut question = hasty(kind, &server.url());
        question.source.timeout = NEVER * 10;
        let cancel = Cancel::default();
        let switch = cancel.clone();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(metrics::look(&[question], &cancel, &|_| {})));
        meets.recv_timeout(NEVER).unwrap();
        switch.cancel();
        let evidence = receiver.recv_timeout(NEVER).expect("a stopped look did not end");
        assert_eq!(evidence[0].failure.as_deref(), Some("was not waited for: the wait was stopped"));
    }
}
