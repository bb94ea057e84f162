//! A thousand users who ask a service for its pages, over and over.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub(super) const USERS: usize = 1_000;

/// Returns a user's id. A thousand users are a small sample, of which half may be 48 % as well as 52 %; which of these ids
/// are in is the same on every machine.
fn name(user: usize) -> String {
    format!("customer-{user}")
}

/// How many threads share the users. A user is always one thread's, so what it sees is in order.
const THREADS: usize = 2;

/// One connection that is kept.
pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(super) fn open(url: &str) -> Self {
        let stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends a request for a user and returns status and body.
    pub(super) fn ask(&mut self, method: &str, path: &str, user: &str) -> (u16, String) {
        let request = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nX-User-Id: {user}\r\nContent-Length: 0\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(rest) = line.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(rest) = line.strip_prefix("content-length: ") {
                length = rest.parse().unwrap();
            } else if line.is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        (status, String::from_utf8(body).unwrap())
    }

    /// Asks once for every user, and returns those who have the feature.
    pub(super) fn exposed(&mut self, path: &str) -> BTreeSet<usize> {
        (0..USERS).filter(|user| self.ask("GET", path, &name(*user)).0 != 403).collect()
    }
}

/// What the users of a page saw.
#[derive(Default)]
pub(super) struct Seen {
    /// How often somebody who had the feature lost it.
    pub(super) lost: AtomicUsize,
    /// When somebody last had it.
    pub(super) last: Mutex<Option<Instant>>,
}

/// The users at work.
pub(super) struct Load {
    stop: Arc<AtomicBool>,
    pub(super) seen: Arc<[Seen; 2]>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    /// Lets the users ask for these pages, one by one, until the load is ended.
    pub(super) fn start(url: &str, pages: [&'static str; 2]) -> Self {
        let (stop, seen) = (Arc::new(AtomicBool::new(false)), Arc::new([Seen::default(), Seen::default()]));
        let threads = (0..THREADS).map(|thread| {
            let (stop, seen, url) = (Arc::clone(&stop), Arc::clone(&seen), url.to_owned());
            thread::spawn(move || ask_on(&url, pages, thread, &stop, &seen))
        });
        let threads = threads.collect();
        Self { stop, seen, threads }
    }

    pub(super) fn end(self) {
        self.stop.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().unwrap();
        }
    }
}

fn ask_on(url: &str, pages: [&str; 2], thread: usize, stop: &AtomicBool, seen: &[Seen; 2]) {
    let mut connection = Connection::open(url);
    let mut had = [vec![false; USERS], vec![false; USERS]];
    for user in (thread..USERS).step_by(THREADS).cycle() {
        for (page, path) in pages.iter().enumerate() {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let has = connection.ask("GET", path, &name(user)).0 != 403;
            if has {
                *seen[page].last.lock().unwrap() = Some(Instant::now());
            } else if had[page][user] {
                seen[page].lost.fetch_add(1, Ordering::SeqCst);
            }
            had[page][user] = has;
            // Some hundred requests a second are load enough.
            thread::sleep(Duration::from_millis(1));
        }
    }
}
