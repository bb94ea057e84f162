//! What is sent, and what comes back.

use reqwest::Url;
use reqwest::header::HeaderMap;

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where to.
    pub url: Url,
    /// What kinds of answer are understood, as the header `Accept` has it.
    pub accept: &'static str,
    /// What is done there.
    pub method: Method,
    /// Further headers, none of them secret.
    pub headers: &'static [(&'static str, &'static str)],
    /// What is sent.
    pub body: Option<Body>,
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Asks or adds.
    Post,
    /// Sets.
    Put,
    /// Changes a part.
    Patch,
    /// Takes away.
    Delete,
}

/// What a request sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The header `Content-Type`.
    pub kind: &'static str,
    /// The text.
    pub text: String,
}

impl Request {
    /// Makes a request that sends nothing.
    #[must_use]
    pub const fn bare(method: Method, url: Url, accept: &'static str) -> Self {
        Self { url, accept, method, headers: &[], body: None }
    }

    /// Makes a request that reads.
    #[must_use]
    pub const fn get(url: Url, accept: &'static str) -> Self {
        Self::bare(Method::Get, url, accept)
    }

    /// Adds what is sent.
    #[must_use]
    pub fn with(self, kind: &'static str, text: impl Into<String>) -> Self {
        Self { body: Some(Body { kind, text: text.into() }), ..self }
    }
}

impl Method {
    /// Returns its name in the protocol.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// An answer, read whole.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status; never a redirect.
    pub status: u16,
    /// The header `Content-Type`, or nothing.
    pub content_type: String,
    /// At most [`super::BODY_LIMIT`] bytes, decompressed.
    pub body: Vec<u8>,
    pub(super) headers: HeaderMap,
}

impl Reply {
    /// Returns a header of the answer, where it is plain text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
