//! One lazy HTTP client: TLS, CA, auth, deadline, retries, size limit, masking. Nothing is built before a client is.

mod cancel;
mod failure;
mod message;
#[cfg(static_libc)]
mod names;
mod secret;
mod tls;

pub use cancel::{Cancel, Wait};
pub use failure::Failure;
pub use message::{Body, Method, Reply, Request};
pub use secret::{Mask, hide_user_info};

use crate::model::{Auth, Endpoint, SecretText, Shown};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use cancel::POLL;
use reqwest::blocking;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Proxy, Url, redirect};
use std::error::Error as StdError;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, Read as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How many bytes of an answer are read, after decompression.
pub const BODY_LIMIT: u64 = 8_000_000;
/// How often a request is sent at most.
const ATTEMPTS: u32 = 4;
/// The wait before the second attempt; doubled before each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How often the time of one request a whole exchange with its retries may take.
pub const PATIENCE: u32 = 3;

/// A client for one server. Making it reads the secrets and, for `https`, the certificates; it opens no connection.
pub struct Client {
    /// There until it is dropped.
    inner: Option<blocking::Client>,
    base: Url,
    headers: HeaderMap,
    mask: Mask,
    timeout: Duration,
}

impl Client {
    /// Makes a client for a source or a backend.
    ///
    /// # Errors
    /// [`Failure::Settings`], [`Failure::Secret`] and [`Failure::Tls`]: what of the settings can't be used.
    pub fn new<'e>(endpoint: impl Into<Endpoint<'e>>) -> Result<Self, Failure> {
        let source: Endpoint<'_> = endpoint.into();
        let mut mask = Mask::default();
        let base = parse_url("url", source.url, &mask)?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(Failure::Settings(format!(
                "`url`: `{}` holds a user or a password; set `basic-auth-user` and `basic-auth-password-env`",
                Shown(&mask.hide(source.url))
            )));
        }
        let headers = headers(&source, &mut mask)?;
        let proxy = source.proxy.map(|proxy| parse_url("proxy", proxy, &mask)).transpose()?;
        if let Some(password) = proxy.as_ref().and_then(Url::password) {
            mask.add(password);
        }
        let settings = |error: reqwest::Error| Failure::Settings(mask.hide(&root_cause(&error)));
        let direct = proxy.is_none() && is_loopback(&base);
        let plain = base.scheme() == "http" && (direct || proxy.as_ref().is_some_and(|url| url.scheme() == "http"));
        let mut builder = blocking::Client::builder()
            .user_agent(concat!("flagctl/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .timeout(None)
            .connect_timeout(source.timeout)
            .tls_backend_preconfigured(if plain { tls::unused()? } else { tls::trusting(source.ca_file)? });
        if direct {
            // As Go's clients do: what the environment says of proxies is not meant for this machine.
            builder = builder.no_proxy();
        } else if let Some(proxy) = proxy {
            builder = builder.proxy(Proxy::all(proxy).map_err(settings)?);
        }
        #[cfg(static_libc)]
        {
            builder = builder.dns_resolver(std::sync::Arc::new(names::Getent));
        }
        let inner = Some(builder.build().map_err(settings)?);
        Ok(Self { inner, base, headers, mask, timeout: source.timeout })
    }

    /// Returns the address of `path` below the source's URL, whose own path stays in front.
    #[must_use]
    pub fn below(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let joined = format!("{}{path}", url.path().trim_end_matches('/'));
        url.set_path(&joined);
        url.set_fragment(None);
        url
    }

    /// Returns the source's URL as it is.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.base
    }

    /// Returns what keeps this source's secrets out of messages.
    #[must_use]
    pub const fn mask(&self) -> &Mask {
        &self.mask
    }

    /// Returns how long one exchange with its retries may take.
    #[must_use]
    pub fn patience(&self) -> Duration {
        self.timeout.saturating_mul(PATIENCE)
    }

    /// Sends a request and reads the whole answer; connect failures, 429 and 5xx are tried again while there is time.
    ///
    /// A 429 is waited for as long as its `Retry-After` says; one that tells only the end of a limit, each service in its
    /// own way, is handed back. Comes back by the deadline of `wait` whatever the server, the resolver or the proxy does.
    ///
    /// # Errors
    /// Says why there is no answer. An answer with a bad status is an answer.
    pub fn send(&self, request: &Request, wait: &Wait) -> Result<Reply, Failure> {
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let outcome = self.attempt(request, wait);
            let again = match &outcome {
                Ok(reply) => reply.status == 429 || reply.status >= 500,
                Err(failure) => failure.may_pass(),
            };
            let limited = outcome.as_ref().ok().filter(|reply| reply.status == 429);
            let asked = limited.and_then(|reply| reply.header("retry-after")?.trim().parse().ok());
            let elsewhere = asked.is_none() && limited.is_some_and(|reply| reply.header("x-ratelimit-reset").is_some());
            let next = asked.map_or_else(|| jittered(pause), Duration::from_secs);
            if !again || elsewhere || attempt >= ATTEMPTS || wait.left() <= next {
                return outcome;
            }
            wait.pause(next, &mut |_| {})?;
            pause *= 2;
        }
        Err(Failure::Timeout { after: self.timeout })
    }

    /// Sends a request once, as what may not be done twice has to be, on a thread of its own, so that nothing that
    /// blocks there holds up the one who waits.
    ///
    /// # Errors
    /// As [`Client::send`]. Unless it is [`Failure::was_not_sent`], the server may have done it all the same.
    pub fn attempt(&self, request: &Request, wait: &Wait) -> Result<Reply, Failure> {
        let limit = self.timeout.min(wait.left());
        let (sender, receiver) = mpsc::sync_channel(1);
        let (client, headers, mask) = (self.inner.clone(), self.headers.clone(), self.mask.clone());
        let request = request.clone();
        let start = Instant::now();
        thread::Builder::new()
            .name("http".to_owned())
            .spawn(move || {
                if let Some(client) = client {
                    // Whoever has stopped waiting hears nothing of it.
                    let _ = sender.send(exchange(&client, request, headers, limit, &mask));
                }
            })
            .map_err(|error| Failure::Connect(error.to_string()))?;
        loop {
            if wait.cancel.is_cancelled() {
                return Err(Failure::Cancelled);
            }
            match receiver.recv_timeout(POLL) {
                Ok(outcome) => return outcome,
                Err(RecvTimeoutError::Disconnected) => return Err(Failure::Broken("no answer came".to_owned())),
                Err(RecvTimeoutError::Timeout) if start.elapsed() > limit => {
                    return Err(Failure::Timeout { after: limit });
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

impl Drop for Client {
    /// Lets go of the inner client elsewhere: that waits for its own thread to end, which may hang in the resolver.
    fn drop(&mut self) {
        let inner = self.inner.take();
        let _ = thread::Builder::new().name("http".to_owned()).spawn(move || drop(inner));
    }
}

/// Shortens a pause by up to a quarter, so that those who began together don't come back together.
#[must_use]
pub fn jittered(pause: Duration) -> Duration {
    // Keyed anew for each value, so that its hash of nothing is as good as a die.
    let thrown = RandomState::new().build_hasher().finish() % 1000;
    pause - pause * u32::try_from(thrown).unwrap_or_default() / 4000
}

fn parse_url(key: &str, text: &str, mask: &Mask) -> Result<Url, Failure> {
    let unusable = |why: String| Failure::Settings(format!("`{key}`: `{}` {why}", Shown(&mask.hide(text))));
    let url = Url::parse(text).map_err(|error| unusable(format!("is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(unusable("is no `http://` or `https://` URL".to_owned()));
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Reads the secrets and makes the headers that every request carries.
fn headers(source: &Endpoint<'_>, mask: &mut Mask) -> Result<HeaderMap, Failure> {
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, text: &str| {
        let mut value = HeaderValue::from_bytes(text.as_bytes())
            .map_err(|_| Failure::Settings(format!("the header `{name}` can't be sent as it is")))?;
        value.set_sensitive(true);
        headers.insert(name, value);
        Ok(())
    };
    for (name, text) in source.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Failure::Settings(format!("`headers`: `{}` is no header name", Shown(name))))?;
        match text {
            SecretText::Plain(text) => put(name, text)?,
            SecretText::Kept(kept) => {
                let text = secret::read(kept)?;
                mask.add(text.as_str());
                put(name, &text)?;
            }
        }
    }
    match source.auth {
        None => {}
        Some(Auth::Token(kept)) => {
            let token = secret::read(kept)?;
            mask.add(token.as_str());
            put(AUTHORIZATION, &token)?;
        }
        Some(Auth::Bearer(kept)) => {
            let token = secret::read(kept)?;
            mask.add(token.as_str());
            put(AUTHORIZATION, &format!("Bearer {token}"))?;
        }
        Some(Auth::Basic { user, password }) => {
            let password = secret::read(password)?;
            mask.add(password.as_str());
            let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
            mask.add(pair.as_str());
            put(AUTHORIZATION, &format!("Basic {pair}"))?;
        }
    }
    Ok(headers)
}

/// One request and its answer, read whole.
fn exchange(
    client: &blocking::Client,
    request: Request,
    headers: HeaderMap,
    limit: Duration,
    mask: &Mask,
) -> Result<Reply, Failure> {
    let start = Instant::now();
    let failed = |error: &(dyn StdError + 'static)| classify(error, limit, mask);
    let mut sent = match request.method {
        Method::Get => client.get(request.url),
        Method::Post => client.post(request.url),
        Method::Put => client.put(request.url),
        Method::Patch => client.patch(request.url),
        Method::Delete => client.delete(request.url),
    };
    for (name, value) in request.headers {
        sent = sent.header(*name, *value);
    }
    if let Some(Body { kind, text }) = request.body {
        sent = sent.header(CONTENT_TYPE, kind).body(text);
    }
    let mut answer =
        sent.headers(headers).header(ACCEPT, request.accept).timeout(limit).send().map_err(|error| failed(&error))?;
    if answer.status().is_redirection() {
        let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or_default();
        return Err(Failure::Redirect { to: redirect_target(answer.url(), to, mask) });
    }
    let status = answer.status().as_u16();
    let content_type = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let content_type = content_type.to_owned();
    let headers = answer.headers().clone();
    let mut body = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match answer.read(&mut chunk) {
            Ok(0) => return Ok(Reply { status, content_type, body, headers }),
            Ok(count) => body.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(&error)),
        }
        if body.len() as u64 > BODY_LIMIT {
            return Err(Failure::TooLarge { limit: BODY_LIMIT });
        }
        // Each read has its own limit inside of the client; a dripping server would meet that one forever.
        if start.elapsed() > limit {
            return Err(Failure::Timeout { after: limit });
        }
    }
}

/// Shows where a redirect leads, without what may be secret in it.
fn redirect_target(from: &Url, to: &str, mask: &Mask) -> String {
    match from.join(to) {
        Ok(mut url) if !to.is_empty() => {
            // Neither can fail where there is a host; where there is none, there is nobody to name.
            let _ = url.set_username("");
            let _ = url.set_password(None);
            url.set_query(None);
            url.set_fragment(None);
            format!("`{}`", Shown(&mask.hide(url.as_str())))
        }
        _ => "nowhere".to_owned(),
    }
}

fn classify(error: &(dyn StdError + 'static), limit: Duration, mask: &Mask) -> Failure {
    let cause = || Shown(&mask.hide(&root_cause(error))).to_string();
    let (mut connecting, mut place) = (false, String::new());
    let mut next = Some(error);
    while let Some(link) = next {
        if let Some(error) = link.downcast_ref::<rustls::Error>() {
            return Failure::Tls(Shown(&mask.hide(&tls::explain(error))).to_string());
        }
        if let Some(error) = link.downcast_ref::<reqwest::Error>() {
            if error.is_timeout() {
                return Failure::Timeout { after: limit };
            }
            connecting |= error.is_connect();
            let host = |url: &Url| Some(format!("{}:{}: ", url.host_str()?, url.port_or_known_default()?));
            place = error.url().and_then(host).unwrap_or(place);
        }
        next = below(link);
    }
    if connecting { Failure::Connect(format!("{place}{}", cause())) } else { Failure::Broken(cause()) }
}

/// Returns the error that `error` wraps. An I/O error hides what was put into it from `source`.
fn below<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut last = error;
    while let Some(inner) = below(last) {
        last = inner;
    }
    last.to_string()
}
