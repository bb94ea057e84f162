//! A backend that is no file: where it is and which part of it is ours. Settings as data; the talking is in `backend`.

use super::{Auth, Endpoint, Secret};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where the flags of an environment live, if that is no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// What it speaks.
    pub kind: RemoteKind,
    /// Its address, without the path of the API.
    pub url: String,
    /// The project, as it is called there.
    pub project: String,
    /// The environment, as it is called there.
    pub environment: String,
    /// How it knows us; `None` where the configuration does not say.
    pub auth: Option<Auth>,
    /// Where the token of its clients is kept, to ask what it serves to them.
    pub client_token: Option<Secret>,
    /// A PEM file of the authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// An HTTP proxy; without it the usual environment variables rule.
    pub proxy: Option<String>,
    /// How long one request may take.
    pub timeout: Duration,
    /// The flags file that is kept in step with it, if one is. Nothing is ever read from it for a rollback.
    pub mirror: Option<PathBuf>,
}

/// What a backend speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemoteKind {
    /// Unleash's admin API.
    Unleash,
    /// LaunchDarkly's REST API.
    LaunchDarkly,
}

impl RemoteKind {
    /// Returns the word for it in the configuration.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unleash => "unleash",
            Self::LaunchDarkly => "launchdarkly",
        }
    }

    /// Returns what it calls itself.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Unleash => "Unleash",
            Self::LaunchDarkly => "LaunchDarkly",
        }
    }
}

impl Remote {
    /// Returns the address of its flags, for people and for the ledger: `unleash://HOST/PROJECT/ENVIRONMENT`.
    ///
    /// It holds no secret: a URL with a user in it is refused before.
    #[must_use]
    pub fn address(&self) -> String {
        let host = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest).trim_end_matches('/');
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        format!("{}://{host}/{}/{}", self.kind.word(), self.project, self.environment)
    }
}

impl<'a> From<&'a Remote> for Endpoint<'a> {
    fn from(remote: &'a Remote) -> Self {
        Self {
            url: &remote.url,
            timeout: remote.timeout,
            auth: remote.auth.as_ref(),
            ca_file: remote.ca_file.as_deref(),
            headers: &[],
            proxy: remote.proxy.as_deref(),
        }
    }
}

/// True if a place is the address of a backend, as [`Remote::address`] gives it, and no file's path.
#[must_use]
pub fn is_address(place: &Path) -> bool {
    place.to_str().is_some_and(|text| text.contains("://"))
}
