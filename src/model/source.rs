//! Where numbers come from, and what is asked there. Settings and questions as data; the asking is in `metrics`.

use super::{FlagName, Percent};
use std::path::PathBuf;
use std::time::Duration;

/// A metrics endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name in the configuration.
    pub name: String,
    /// What it speaks.
    pub kind: SourceKind,
    /// Its address; a `json` source may use placeholders in path and query.
    pub url: String,
    /// How long one request may take. The whole look may take three times that, plus the window where it must wait.
    pub timeout: Duration,
    /// How it knows us.
    pub auth: Option<Auth>,
    /// A PEM file of the authorities to trust beside the system's.
    pub ca_file: Option<PathBuf>,
    /// Further request headers.
    pub headers: Vec<(String, SecretText)>,
    /// An HTTP proxy; without it the usual environment variables rule.
    pub proxy: Option<String>,
}

/// What a source speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// The Prometheus HTTP API, also VictoriaMetrics'.
    Prometheus,
    /// A plain `/metrics` page, read twice.
    Exposition,
    /// Any JSON answer, read by pointers.
    Json,
}

/// How a source or a backend knows us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// `Authorization: …`: the token and nothing else.
    Token(Secret),
    /// `Authorization: Bearer …`.
    Bearer(Secret),
    /// `Authorization: Basic …`.
    Basic {
        /// The user's name, no secret.
        user: String,
        /// The password.
        password: Secret,
    },
}

/// Where a secret is kept; its text is read when it is needed and shown nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// An environment variable of this name.
    Env(String),
    /// A file; a newline at its end doesn't count.
    File(PathBuf),
}

/// A header's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretText {
    /// Written in the configuration: no secret.
    Plain(String),
    /// Kept elsewhere.
    Kept(Secret),
}

/// What one gate wants to know about one flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Whom to ask.
    pub source: Source,
    /// Which numbers: expressions, selectors or pointers, as the source's kind has it; placeholders not yet filled.
    pub numbers: Numbers,
    /// An expression or pointer that gives the time of the newest sample, where the source can't find it by itself.
    pub freshness: Option<String>,
    /// How far back the numbers reach.
    pub window: Duration,
    /// Whether an absent errors series may count as 0, so that the source has to ask whether the metric exists at all.
    pub absent_errors: AbsentErrors,
    /// What the placeholders stand for.
    pub subject: Subject,
}

/// Which numbers make a rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Two counts.
    Counts {
        /// What went wrong.
        errors: String,
        /// What was tried.
        total: String,
    },
    /// A ready rate (a fraction of 1) and a count. Only a `json` source has this.
    Rate {
        /// The share that went wrong, 0 to 1.
        rate: String,
        /// What was tried.
        total: String,
    },
}

/// What an absent errors series means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AbsentErrors {
    /// It can't be told.
    #[default]
    Hold,
    /// No error has happened yet, if the metric's name is known at all.
    Zero,
}

/// What the placeholders `{{flag}}`, `{{environment}}`, `{{exposure}}` stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The flag.
    pub flag: FlagName,
    /// The environment's name; empty for a nameless one.
    pub environment: String,
    /// The present exposure.
    pub exposure: Percent,
}
