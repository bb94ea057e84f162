//! Why a request came to nothing.

use crate::error::Error;
use std::time::Duration;

/// Why a request came to nothing. Its text is what follows a source's name: a verb and the rest; secrets are masked
/// and foreign text is made safe to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The settings can't be used.
    #[error("was not asked: {0}")]
    Settings(String),
    /// A secret can't be read or sent.
    #[error("was not asked: {0}")]
    Secret(String),
    /// Nobody could be reached.
    #[error("could not be reached: {0}")]
    Connect(String),
    /// Nobody to trust, or none who speaks TLS.
    #[error("could not be reached over TLS: {0}")]
    Tls(String),
    /// Too slow.
    #[error("did not answer {}", within(*.after))]
    Timeout {
        /// How long it was waited.
        after: Duration,
    },
    /// It sends us elsewhere; secrets don't go there.
    #[error("answered with a redirect to {to}, which is not followed")]
    Redirect {
        /// Where to, without user, password and query.
        to: String,
    },
    /// More than is read.
    #[error("answered with more than {} MB", .limit / 1_000_000)]
    TooLarge {
        /// Bytes that are read at most.
        limit: u64,
    },
    /// The answer ended early, or is no HTTP.
    #[error("gave an answer that broke off or is garbled: {0}")]
    Broken(String),
    /// The operator stopped the wait.
    #[error("was not waited for: the wait was stopped")]
    Cancelled,
}

/// Says how long was waited; what was left of a deadline at its very end is not worth a number.
fn within(after: Duration) -> String {
    if after < Duration::from_millis(50) { "in time".to_owned() } else { format!("within {}", seconds(after)) }
}

impl Failure {
    /// True where the server can't have seen the request.
    #[must_use]
    pub const fn was_not_sent(&self) -> bool {
        match self {
            Self::Settings(_) | Self::Secret(_) | Self::Connect(_) | Self::Tls(_) => true,
            Self::Timeout { .. }
            | Self::Redirect { .. }
            | Self::TooLarge { .. }
            | Self::Broken(_)
            | Self::Cancelled => false,
        }
    }

    /// True where the same request may do better in a moment.
    pub(super) const fn may_pass(&self) -> bool {
        match self {
            Self::Connect(_) => true,
            Self::Settings(_)
            | Self::Secret(_)
            | Self::Tls(_)
            | Self::Timeout { .. }
            | Self::Redirect { .. }
            | Self::TooLarge { .. }
            | Self::Broken(_)
            | Self::Cancelled => false,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::failed(failure.to_string())
    }
}

/// Writes a duration as seconds with at most one decimal.
fn seconds(duration: Duration) -> String {
    let tenths = (duration.as_millis() + 50) / 100;
    if tenths.is_multiple_of(10) { format!("{} s", tenths / 10) } else { format!("{}.{} s", tenths / 10, tenths % 10) }
}
