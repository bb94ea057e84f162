//! Sources over the wire → evidence. Asks and waits; judges nothing.

mod body;
mod exposition;
mod json;
mod look;
mod prometheus;
mod promql;
mod series;

pub use exposition::check_selector;
pub use look::{Progress, look};
pub use promql::{Unreadable, check_query};
pub use series::{Gauge, selector};

use crate::http::Failure;
use crate::model::placeholder::PlaceholderError;

/// Why a look came to nothing: a sentence fragment that follows the source's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Trouble {
    /// No answer.
    #[error(transparent)]
    Asking(#[from] Failure),
    /// The question can't be put.
    #[error("was not asked: `{key}`: {error}")]
    Placeholder {
        /// The key whose text it stands in.
        key: &'static str,
        /// What is wrong with it.
        error: PlaceholderError,
    },
    /// An answer that is no use.
    #[error("{0}")]
    Answer(String),
}
