//! The names of servers, resolved as everything else on this machine resolves them.
//!
//! The C library loads what `/etc/nsswitch.conf` names (systemd-resolved, mDNS, LDAP), which must be of its own version: a
//! program that brings its own C library along can't load it, and may crash if it tries. It asks `getent` instead,
//! which comes with the system's.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::process::{Command, Stdio};

/// What `getent` ends with where nobody knows the name.
const UNKNOWN: i32 = 2;

/// Resolves names by the system's `getent`.
pub(super) struct Getent;

impl Resolve for Getent {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::task::spawn_blocking(move || addresses("getent", name.as_str())).await??;
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

/// Returns the addresses of a name in the order in which they are to be tried, without a port.
///
/// # Errors
/// Nobody knows the name. A system without `getent` has none of those modules either, and the built-in ones are asked.
fn addresses(getent: &str, name: &str) -> io::Result<Vec<SocketAddr>> {
    let unknown = || io::Error::new(io::ErrorKind::NotFound, "no address is known for that name");
    // It would be taken for an option.
    if name.starts_with('-') {
        return Err(unknown());
    }
    let asked = Command::new(getent).args(["ahosts", name]).stdin(Stdio::null()).stderr(Stdio::null()).output();
    match asked {
        Ok(answer) if answer.status.success() => {
            // A line for each address and kind of socket, the address first.
            let mut found: Vec<SocketAddr> = Vec::new();
            for line in String::from_utf8_lossy(&answer.stdout).lines() {
                let address = line.split_whitespace().next().and_then(|word| word.parse::<IpAddr>().ok());
                let address = address.map(|address| SocketAddr::new(address, 0));
                found.extend(address.filter(|address| !found.contains(address)));
            }
            if found.is_empty() { Err(unknown()) } else { Ok(found) }
        }
        Ok(answer) if answer.status.code() == Some(UNKNOWN) => Err(unknown()),
        _ => Ok((name, 0).to_socket_addrs()?.collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loopback(found: &[SocketAddr]) -> bool {
        !found.is_empty() && found.iter().all(|address| address.ip().is_loopback() && address.port() == 0)
    }

    #[test]
    fn a_name_has_each_address_once() {
        let found = addresses("getent", "localhost").unwrap();
        assert!(loopback(&found), "{found:?}");
        assert!(found.iter().enumerate().all(|(at, address)| !found[..at].contains(address)), "{found:?}");
    }

    #[test]
    fn an_unknown_name_and_one_like_an_option_have_none() {
        for name in ["nowhere.invalid", "--help", ""] {
            assert!(addresses("getent", name).is_err(), "{name}");
        }
    }

    #[test]
    fn without_getent_the_built_in_resolver_is_asked() {
        assert!(loopback(&addresses("/nowhere/getent", "localhost").unwrap()));
        // One that doesn't know the question, as small systems have.
        assert!(loopback(&addresses("false", "localhost").unwrap()));
        assert!(addresses("/nowhere/getent", "nowhere.invalid").is_err());
    }
}
