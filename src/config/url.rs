//! Addresses of sources: HTTP, without anything secret in them.

use super::mistake::names_secret;

/// Why a text is no address to use; never repeats the text, which may hold a secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UrlError {
    pub(super) message: &'static str,
    pub(super) help: Option<&'static str>,
}

/// Checks an `http://` or `https://` address.
pub(super) fn check(text: &str) -> Result<(), UrlError> {
    let wrong = |message, help| Err(UrlError { message, help });
    let Some((scheme, rest)) = text.split_once("://") else {
        return wrong("is not an address", Some("write it with its scheme, as `http://127.0.0.1:9090`"));
    };
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return wrong("is not an http or https address", None);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if authority.contains('@') {
        return wrong(
            "must hold no user name or password: they would stand there for all to see",
            Some("use `basic-auth-user` with `basic-auth-password-env` or `basic-auth-password-file`"),
        );
    }
    let port = match authority.strip_prefix('[') {
        Some(v6) => match v6.split_once(']') {
            Some((host, port)) if host.parse::<std::net::Ipv6Addr>().is_ok() => port.strip_prefix(':'),
            _ => return wrong("is not an address: its IPv6 host can't be read", None),
        },
        None => authority.split_once(':').map(|(_, port)| port),
    };
    if authority.is_empty() || authority.starts_with(':') {
        return wrong("is not an address: it names no host", None);
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return wrong("is not an address: its port is not a number up to 65535", None);
    }
    if authority.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return wrong("is not an address: its host holds a space", None);
    }
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let secret = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        !value.is_empty() && names_secret(name)
    };
    if query.split(['&', '#']).any(secret) {
        return wrong(
            "must hold no token in its query: it would stand there for all to see",
            Some("send it as a header: `headers = { Authorization = { env = \"NAME\" } }`"),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_addresses_only() {
        for good in [
            "http://127.0.0.1:9090",
            "https://prom.example/prom/eu?x={{flag}}",
            "HTTP://[::1]:9090/",
            "http://localhost/a@b",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, part) in [
            ("127.0.0.1:9090", "not an address"),
            ("ftp://x", "not an http"),
            ("http://", "no host"),
            ("http://:80", "no host"),
            ("http://x:99999", "port"),
            ("http://a b", "space"),
            ("http://[::x]/", "IPv6"),
            ("http://ops:pw@x/", "password"),
            ("http://x/?api_key=abc", "token"),
        ] {
            assert!(check(bad).unwrap_err().message.contains(part), "{bad}");
        }
    }
}
