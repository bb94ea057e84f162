//! Every flag, page by page.

use super::{LaunchDarkly, sight};
use crate::backend::remote::Seen;
use crate::error::{Error, Result};
use crate::http::{BODY_LIMIT, Failure, Wait};
use serde_json::Value;
use std::collections::BTreeSet;

/// How many flags one answer holds: fewer where those are too long to be read.
const SIZES: [usize; 4] = [100, 20, 5, 1];

/// How many flags are read at most.
const MOST: usize = 10_000;

/// Reads every flag.
pub(super) fn list(backend: &LaunchDarkly<'_>, wait: &Wait) -> Result<Vec<Seen>> {
    let mut flags = Vec::new();
    let mut sizes = SIZES.into_iter().peekable();
    let mut offset = 0;
    while let (Some(size), true) = (sizes.peek().copied(), offset < MOST) {
        let mut answer = match page(backend, size, offset, wait) {
            Err(error) if is_too_long(&error) && size > 1 => {
                sizes.next();
                continue;
            }
            answer => answer?,
        };
        let Some(Value::Array(items)) = answer.get_mut("items").map(Value::take) else {
            return Err(Error::failed("LaunchDarkly answers a list without `items`"));
        };
        let ended = items.is_empty();
        for item in items {
            flags.push(sight::seen(item, backend.place().environment)?);
        }
        if ended || answer.pointer("/_links/next").is_none_or(Value::is_null) {
            // A flag that is made meanwhile moves the others, and one of them may come twice.
            let mut names = BTreeSet::new();
            flags.retain(|seen| names.insert(seen.flag.name.clone()));
            return Ok(flags);
        }
        offset += size;
    }
    Err(Error::failed(format!("LaunchDarkly has more than {MOST} flags in the project"))
        .help("name the flags that you mean"))
}

fn page(backend: &LaunchDarkly<'_>, limit: usize, offset: usize, wait: &Wait) -> Result<Value> {
    let environment = backend.place().environment;
    let (filter, limit, offset) = (format!("filterEnv:{environment}"), limit.to_string(), offset.to_string());
    let query = [
        ("env", environment),
        ("filter", &filter),
        // A summary would hide what stands beside the percentage.
        ("summary", "0"),
        ("sort", "key"),
        ("limit", &limit),
        ("offset", &offset),
    ];
    backend.ask(&backend.place().flags(), &query, wait)
}

fn is_too_long(error: &Error) -> bool {
    error.message.ends_with(&Failure::TooLarge { limit: BODY_LIMIT }.to_string())
}
