//! Answers of a service as errors that say what to do.

use crate::error::Error;
use crate::http::Reply;
use crate::model::Shown;
use serde::de::DeserializeOwned;

/// The longest message of a server that is shown, in characters.
const LONGEST: usize = 200;

/// What a service says when it refuses.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// Its own code or name for it, where it gives one.
    pub code: Option<String>,
    /// Its message, made safe to show and cut.
    pub message: String,
}

impl Refused {
    /// Reads a refusal: `code` or `name`, and `message`. An answer that is no JSON keeps its status alone.
    #[must_use]
    pub fn of(reply: &Reply) -> Self {
        let value: serde_json::Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str);
        let detail = value.pointer("/details/0/message").and_then(serde_json::Value::as_str);
        let message = match (text("message"), detail) {
            (Some(message), Some(detail)) if message.starts_with("Request validation failed") => detail,
            (Some(message), _) => message,
            (None, _) => "",
        };
        let short: String = message.lines().next().unwrap_or_default().chars().take(LONGEST).collect();
        Self {
            status: reply.status,
            code: text("code").or_else(|| text("name")).map(|code| Shown(code).to_string()),
            message: Shown(&short).to_string(),
        }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "answered {}", self.status)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        Ok(())
    }
}

/// Reads the JSON of an answer that is good by its status.
///
/// # Errors
/// Exit 1: the service, or something before it, answered nonsense.
pub fn parse<T: DeserializeOwned>(reply: &Reply, service: &str) -> Result<T, Error> {
    serde_json::from_slice(&reply.body).map_err(|error| {
        let kind = if reply.content_type.is_empty() { "nothing that has a type" } else { &reply.content_type };
        Error::failed(format!(
            "{service} answered {} with what is not its own JSON ({}): {error}",
            reply.status,
            Shown(kind)
        ))
        .help("is `url` the address of the service itself, and not of a login page or a proxy?")
        .passing()
    })
}
