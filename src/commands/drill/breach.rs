//! Where the errors of a drill come from: an endpoint of its own, or the service.

use crate::config::{self, Gate};
use crate::error::{Error, Result};
use crate::http::{Cancel, Client, Method, Request, Wait};
use crate::model::{AbsentErrors, FlagName, Shown, Source, SourceKind};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one request to the service's switch may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How many requests a second the endpoint tells of; while it breaches every fourth of them fails.
const REQUESTS: u128 = 500;

/// A breach that can be begun and ended.
pub(super) enum Breach {
    /// A page of numbers that lives as long as the drill.
    Embedded {
        /// Where the page is.
        url: String,
        /// Since when it tells of errors.
        since: Arc<Mutex<Option<Instant>>>,
    },
    /// The service's own switch.
    Service {
        /// The switch.
        client: Box<Client>,
    },
}

impl Breach {
    /// Starts an endpoint on the loopback that tells of requests, and, once it is told to, of errors.
    pub(super) fn embedded(flag: &FlagName) -> Result<Self> {
        let failed = |error: std::io::Error| Error::failed(format!("no endpoint for the drill can be opened: {error}"));
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let url = format!("http://{}/metrics", listener.local_addr().map_err(failed)?);
        let since = Arc::new(Mutex::new(None));
        let (seen, began, flag) = (Arc::clone(&since), Instant::now(), flag.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let since = *seen.lock().unwrap_or_else(PoisonError::into_inner);
                // A reader that goes away is none of the drill's concern.
                let _ = answer(stream, &page(&flag, began, since));
            }
        });
        Ok(Self::Embedded { url, since })
    }

    /// Takes the service's own switch.
    pub(super) fn of_service(url: &str) -> Result<Self> {
        let source = Source {
            name: "--misbehave".to_owned(),
            kind: SourceKind::Json,
            url: url.to_owned(),
            timeout: TIMEOUT,
            auth: None,
            ca_file: None,
            headers: Vec::new(),
            proxy: None,
        };
        let client = Client::new(&source).map_err(|why| Error::usage(format!("`--misbehave`: {why}")))?;
        Ok(Self::Service { client: Box::new(client) })
    }

    /// Returns the gate that has to see the breach; `None` where the flag's own gates have to.
    pub(super) fn gate(&self) -> Result<Option<Gate>> {
        let Self::Embedded { url, .. } = self else { return Ok(None) };
        let given = config::AdHoc {
            url: url.clone(),
            max: "1%".to_owned(),
            window: Some("1s".to_owned()),
            min_requests: Some(20),
            absent_errors: AbsentErrors::Hold,
            ..config::AdHoc::default()
        };
        let mut gate = config::adhoc_gate(&given)?;
        gate.rule.name = "drill".to_owned();
        Ok(Some(gate))
    }

    /// True if the service itself fails, and not a page that only tells of failures.
    pub(super) const fn is_of_service(&self) -> bool {
        matches!(self, Self::Service { .. })
    }

    /// Begins it; who stops the drill doesn't wait for the service.
    pub(super) fn begin(&self, cancel: &Cancel) -> Result<()> {
        match self {
            Self::Embedded { since, .. } => {
                *since.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                Ok(())
            }
            Self::Service { client } => switch(client, Method::Put, cancel),
        }
    }

    /// Ends it.
    pub(super) fn end(&self) -> Result<()> {
        match self {
            Self::Embedded { since, .. } => {
                *since.lock().unwrap_or_else(PoisonError::into_inner) = None;
                Ok(())
            }
            Self::Service { client } => switch(client, Method::Delete, &Cancel::default()),
        }
    }
}

fn switch(client: &Client, method: Method, cancel: &Cancel) -> Result<()> {
    let url = client.url().clone();
    // What stands behind a `?` may be a secret, and is recorded nowhere.
    let mut shown = crate::http::hide_user_info(url.as_str().split(['?', '#']).next().unwrap_or_default());
    shown.push_str(if url.query().is_some() { "?…" } else { "" });
    let wait = Wait::of(client.patience(), cancel);
    let request = Request::bare(method, url, "*/*");
    let word = method.word();
    match client.send(&request, &wait) {
        Ok(reply) if (200..300).contains(&reply.status) => Ok(()),
        Ok(reply) => Err(Error::failed(format!("`{word} {}` was answered with {}", Shown(&shown), reply.status))),
        Err(why) => Err(Error::failed(format!("`{word} {}` failed: {why}", Shown(&shown)))),
    }
}

/// Returns the page: so many requests a second since it began, and, once it breaches, a quarter of them failed.
fn page(flag: &FlagName, began: Instant, breach: Option<Instant>) -> String {
    let label = flag.as_str().replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
    let count = |since: Instant| since.elapsed().as_millis() * REQUESTS / 1000;
    let (all, failed) = (count(began), breach.map_or(0, |since| count(since) / 4));
    let series = |code: &str, count: u128| {
        format!("http_requests_total{{flag=\"{label}\",variant=\"on\",code=\"{code}\"}} {count}\n")
    };
    format!("# TYPE http_requests_total counter\n{}{}", series("200", all - failed), series("500", failed))
}

fn answer(stream: TcpStream, page: &str) -> std::io::Result<()> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let mut lines = BufReader::new(&stream).lines();
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        page.len()
    );
    (&stream).write_all([head.as_bytes(), page.as_bytes()].concat().as_slice())
}
