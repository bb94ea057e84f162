//! What stands between flagctl and Unleash, and does to its requests what networks do.

use crate::metrics::server::Server;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weather {
    /// It is answered.
    Fair,
    /// The connection is closed on it.
    Refuse,
    /// It never arrives, and nobody says so.
    Hang,
    /// It arrives, and its answer comes so many milliseconds late.
    Late(u64),
    /// It arrives, and its answer ends after so many bytes.
    Cut(usize),
    /// It arrives, and its answer comes byte by byte, each so many milliseconds after the last.
    Drip(u64),
    /// It never arrives; what comes back is no HTTP.
    Garbage,
    /// It never arrives; what comes back has this status and is not from Unleash.
    Status(u16),
    /// It arrives, and its answer never does.
    Lost,
}

struct Sky {
    /// How many requests came.
    requests: usize,
    weather: Weather,
    /// Only what writes is in it.
    writes_only: bool,
    /// Done once, before the first write is passed on.
    before_write: Option<Box<dyn FnOnce() + Send>>,
}

pub(super) struct Proxy {
    server: Server,
    sky: Arc<Mutex<Sky>>,
}

impl Proxy {
    pub(super) fn to(url: &str) -> Self {
        let sky =
            Arc::new(Mutex::new(Sky { requests: 0, weather: Weather::Fair, writes_only: false, before_write: None }));
        let (target, over) = (url.trim_start_matches("http://").to_owned(), Arc::clone(&sky));
        let server = Server::raw(move |client| meet(client, &target, &over));
        Self { server, sky }
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    pub(super) fn set(&self, weather: Weather, writes_only: bool) {
        let mut sky = self.sky.lock().unwrap();
        (sky.weather, sky.writes_only) = (weather, writes_only);
    }

    pub(super) fn requests(&self) -> usize {
        self.sky.lock().unwrap().requests
    }

    pub(super) fn before_write(&self, act: impl FnOnce() + Send + 'static) {
        self.sky.lock().unwrap().before_write = Some(Box::new(act));
    }
}

/// One connection: each request in the weather that is when it comes.
fn meet(client: &mut TcpStream, target: &str, sky: &Mutex<Sky>) {
    let Ok(server) = TcpStream::connect(target) else { return };
    let now = Arc::new(Mutex::new(Weather::Fair));
    let back = (server.try_clone().unwrap(), client.try_clone().unwrap(), Arc::clone(&now));
    let answers = thread::spawn(move || answer(back.0, back.1, &back.2));
    let (mut server, mut bytes) = (server, [0; 65_536]);
    while let Ok(length) = client.read(&mut bytes)
        && length > 0
    {
        let weather = forecast(&bytes[..length], sky, &now);
        let passed = match weather {
            Weather::Hang => continue,
            Weather::Refuse => false,
            Weather::Garbage => client.write_all(&[0xf7; 512]).is_err(),
            Weather::Status(code) => {
                let head =
                    format!("HTTP/1.1 {code} Injected\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nno\n");
                let _ = client.write_all(head.as_bytes());
                false
            }
            _ => server.write_all(&bytes[..length]).is_ok(),
        };
        if !passed {
            break;
        }
    }
    close(&server, client);
    let _ = answers.join();
}

/// Tells in which weather a part of a request is; that of its beginning holds for the rest of it.
fn forecast(bytes: &[u8], sky: &Mutex<Sky>, now: &Mutex<Weather>) -> Weather {
    let writes = [&b"POST "[..], b"PATCH "].iter().any(|method| bytes.starts_with(method));
    if writes || bytes.starts_with(b"GET ") {
        let mut sky = sky.lock().unwrap();
        sky.requests += 1;
        if let Some(act) = sky.before_write.take_if(|_| writes) {
            act();
        }
        *now.lock().unwrap() = if writes || !sky.writes_only { sky.weather } else { Weather::Fair };
    }
    *now.lock().unwrap()
}

fn answer(mut server: TcpStream, mut client: TcpStream, now: &Mutex<Weather>) {
    let (mut bytes, mut sent) = ([0; 65_536], 0);
    while let Ok(length) = server.read(&mut bytes)
        && length > 0
    {
        let weather = *now.lock().unwrap();
        let passed = match weather {
            Weather::Lost => false,
            Weather::Late(ms) => {
                thread::sleep(Duration::from_millis(ms));
                client.write_all(&bytes[..length]).is_ok()
            }
            Weather::Cut(most) => {
                let left = length.min(most.saturating_sub(sent));
                sent += left;
                client.write_all(&bytes[..left]).is_ok() && sent < most
            }
            Weather::Drip(ms) => bytes[..length].iter().all(|byte| {
                thread::sleep(Duration::from_millis(ms));
                client.write_all(&[*byte]).is_ok()
            }),
            _ => client.write_all(&bytes[..length]).is_ok(),
        };
        if !passed {
            break;
        }
    }
    close(&server, &client);
}

fn close(one: &TcpStream, other: &TcpStream) {
    let _ = (one.shutdown(Shutdown::Both), other.shutdown(Shutdown::Both));
}
