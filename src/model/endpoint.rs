//! An address with everything that is needed to speak to it.

use super::{Auth, SecretText, Source};
use std::path::Path;
use std::time::Duration;

/// A server of ours: a source's or a backend's. What a client is made of.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint<'a> {
    /// Its address.
    pub url: &'a str,
    /// How long one request may take.
    pub timeout: Duration,
    /// How it knows us.
    pub auth: Option<&'a Auth>,
    /// A PEM file of the authorities to trust beside the system's.
    pub ca_file: Option<&'a Path>,
    /// Further request headers.
    pub headers: &'a [(String, SecretText)],
    /// An HTTP proxy; without it the usual environment variables rule.
    pub proxy: Option<&'a str>,
}

impl<'a> From<&'a Source> for Endpoint<'a> {
    fn from(source: &'a Source) -> Self {
        Self {
            url: &source.url,
            timeout: source.timeout,
            auth: source.auth.as_ref(),
            ca_file: source.ca_file.as_deref(),
            headers: &source.headers,
            proxy: source.proxy.as_deref(),
        }
    }
}
