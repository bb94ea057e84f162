//! An HTTP proxy on the loopback: `CONNECT` for TLS, absolute targets for plain HTTP. It can also stand before a server
//! and let in only those who show a token.

use crate::metrics::server::Server;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a relay was asked for: the first line of each request.
pub(super) type Log = Arc<Mutex<Vec<String>>>;

/// Starts a proxy that goes wherever it is told.
pub(super) fn proxy() -> (Server, Log) {
    let log = Log::default();
    let seen = Arc::clone(&log);
    let server = Server::raw(move |client| {
        let Some(head) = head(client) else { return };
        let line = head.lines().next().unwrap_or_default().to_owned();
        seen.lock().unwrap().push(line.clone());
        let mut words = line.split(' ');
        match (words.next(), words.next()) {
            (Some("CONNECT"), Some(address)) => {
                let Ok(server) = TcpStream::connect(address) else { return };
                let _ = client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
                join(client, &server);
            }
            (Some(_), Some(target)) => {
                let address = target.trim_start_matches("http://").split('/').next().unwrap_or_default();
                let path = target.trim_start_matches("http://").trim_start_matches(address);
                pass_on(client, address, &head.replacen(target, path, 1));
            }
            _ => {}
        }
    });
    (server, log)
}

/// Starts a door before `address` that opens only to this value of `Authorization`.
pub(super) fn door(address: String, key: &'static str) -> Server {
    Server::raw(move |client| {
        let Some(head) = head(client) else { return };
        if head.to_lowercase().contains(&format!("authorization: {}\r\n", key.to_lowercase())) {
            pass_on(client, &address, &head);
        } else {
            let _ = client.write_all(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 7\r\n\r\nno key\n");
        }
    })
}

/// Reads up to the empty line behind the headers.
fn head(client: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

fn pass_on(client: &mut TcpStream, address: &str, head: &str) {
    let Ok(mut server) = TcpStream::connect(address) else { return };
    // One request a connection: the next one has to be looked at again.
    let _ = server.write_all(head.replacen("\r\n", "\r\nConnection: close\r\n", 1).as_bytes());
    join(client, &server);
}

/// Copies both ways until both are done.
fn join(client: &TcpStream, server: &TcpStream) {
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        })
    };
    let pair = || Some((client.try_clone().ok()?, server.try_clone().ok()?));
    let (Some((to_server, server_end)), Some((client_end, from_server))) = (pair(), pair()) else { return };
    let (up, down) = (copy(to_server, server_end), copy(from_server, client_end));
    let _ = down.join();
    let _ = client.shutdown(Shutdown::Both);
    let _ = up.join();
}
