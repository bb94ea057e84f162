//! Just enough HTTP/1.1 for a sample: one request a connection.

use crate::service::{Answer, Service};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const LARGEST_HEAD: u64 = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(5);

struct Response {
    status: &'static str,
    body: String,
}

/// Answers until the process ends.
pub(crate) fn listen(listener: &TcpListener, service: &Arc<Service>) {
    for stream in listener.incoming().flatten() {
        let service = Arc::clone(service);
        // A client that leaves early is no concern of the service.
        thread::spawn(move || answer(&stream, &service).ok());
    }
}

fn answer(stream: &TcpStream, service: &Service) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(stream.take(LARGEST_HEAD)).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    while lines.next().transpose()?.is_some_and(|header| !header.is_empty()) {}
    let Response { status, body } = respond(service, &request);
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn respond(service: &Service, request: &str) -> Response {
    let mut words = request.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if let Some(flag) = path.strip_prefix("/misbehave/") {
        return misbehave(service, method, flag);
    }
    if method != "GET" {
        return Response::new("405 Method Not Allowed", "only GET, and PUT or DELETE on /misbehave/FLAG\n");
    }
    match path {
        "/" => Response::new(
            "200 OK",
            "/reality?user=NAME and /ui?user=NAME are the pages, /metrics has the numbers.\n\
             PUT /misbehave/FLAG makes a feature fail for users who have it, DELETE heals it.\n",
        ),
        "/metrics" => Response::new("200 OK", service.metrics()),
        path => match service.pages().iter().find(|page| page.path == path) {
            None => Response::new("404 Not Found", "no such page\n"),
            Some(page) => match service.serve(page, query.strip_prefix("user=").unwrap_or_default()) {
                Answer::Page(text) => Response::new("200 OK", format!("You see {text}.\n")),
                Answer::Failure => Response::new("500 Internal Server Error", "The feature failed.\n"),
            },
        },
    }
}

fn misbehave(service: &Service, method: &str, flag: &str) -> Response {
    match (service.page_of(flag), method) {
        (None, _) => Response::new("404 Not Found", "no such flag\n"),
        (Some(page), "PUT") => {
            page.misbehave(true);
            Response::new("200 OK", "fails for one request in four of those who have it\n")
        }
        (Some(page), "DELETE") => {
            page.misbehave(false);
            Response::new("200 OK", "healthy\n")
        }
        (Some(_), _) => Response::new("405 Method Not Allowed", "only PUT and DELETE\n"),
    }
}

impl Response {
    fn new(status: &'static str, body: impl Into<String>) -> Self {
        Self { status, body: body.into() }
    }
}
