//! A server on the loopback that does to its clients whatever a test wants.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// What came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// As `GET`.
    pub(crate) method: String,
    /// The target as it was sent.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: HashMap<String, String>,
    /// Parameters of the target and of a form, decoded.
    pub(crate) parameters: HashMap<String, String>,
}

impl Asked {
    pub(crate) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }
}

/// A server that lives as long as the value.
pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    ended: Arc<AtomicBool>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts one that lets `answer` write to every connection once the request is read.
    pub(crate) fn start(answer: impl Fn(&Asked, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        Self::serve(asked, move |stream| {
            if let Some(asked) = read(stream) {
                log.lock().unwrap().push(asked.clone());
                answer(&asked, stream);
            }
        })
    }

    /// Starts one that hands over every connection as it comes.
    pub(crate) fn raw(meet: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::serve(Arc::default(), meet)
    }

    fn serve(asked: Arc<Mutex<Vec<Asked>>>, meet: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ended = Arc::new(AtomicBool::new(false));
        let (stop, meet) = (Arc::clone(&ended), Arc::new(meet));
        let listening = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (Ok(mut stream), meet) = (stream, Arc::clone(&meet)) else { return };
                thread::spawn(move || meet(&mut stream));
            }
        });
        Self { address, asked, ended, listening: Some(listening) }
    }

    /// Starts one that answers 200 with what `body` makes of the request.
    pub(crate) fn saying(body: impl Fn(&Asked) -> String + Send + Sync + 'static) -> Self {
        Self::start(move |asked, stream| respond(stream, "200 OK", "application/json", &body(asked)))
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the listener, so that it sees the end.
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

/// Writes an answer and closes.
pub(crate) fn respond(stream: &mut TcpStream, status: &str, kind: &str, body: &str) {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body.as_bytes());
}

fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = HashMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut form = vec![0; length];
    reader.read_exact(&mut form).ok()?;
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let parameters = [query, std::str::from_utf8(&form).ok()?]
        .into_iter()
        .filter_map(|text| reqwest::Url::parse(&format!("http://x/?{text}")).ok())
        .flat_map(|url| url.query_pairs().into_owned().collect::<Vec<_>>())
        .collect();
    Some(Asked { method, target, headers, parameters })
}

/// What Prometheus says of one number, evaluated now.
pub(crate) fn number(value: &str) -> String {
    let now = jiff::Timestamp::now().as_millisecond() as f64 / 1000.0;
    format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[{now:.3},"{value}"]}}]}}}}"#
    )
}

/// What Prometheus says of nothing.
pub(crate) const EMPTY: &str = r#"{"status":"success","data":{"resultType":"vector","result":[]}}"#;

/// A healthy Prometheus: answers `errors` and `total` as given, and a sample of now.
pub(crate) fn healthy(asked: &Asked, errors: &str, total: &str) -> String {
    let query = asked.parameter("query");
    if query.contains("timestamp(") {
        number(&jiff::Timestamp::now().as_second().to_string())
    } else if query.contains("code=~") {
        number(errors)
    } else {
        number(total)
    }
}
