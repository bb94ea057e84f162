//! A gate from the command line alone, over a plain `/metrics` page.

use super::gates::{MAX_AGE, MIN_REQUESTS, default_window};
use super::settings::Gate;
use super::sources::TIMEOUT;
use super::{duration, rate, url};
use crate::error::{Error, Result};
use crate::gate::{ADHOC, Applies, Threshold};
use crate::model::placeholder::placeholders;
use crate::model::{AbsentErrors, Numbers, Shown, Source, SourceKind};

/// What went wrong, where no selector is given.
pub const ADHOC_ERRORS: &str = r#"http_requests_total{flag="{{flag}}",variant="on",code=~"5.."}"#;

/// What was tried, where no selector is given.
pub const ADHOC_TOTAL: &str = r#"http_requests_total{flag="{{flag}}",variant="on"}"#;

/// What the command line says of a gate.
#[derive(Clone, Debug, Default)]
pub struct AdHoc {
    /// `--metrics-url`: the page's address.
    pub url: String,
    /// `--max-error-rate`: the highest rate that passes, with its `%`.
    pub max: String,
    /// `--errors`: a selector of what went wrong.
    pub errors: Option<String>,
    /// `--total`: a selector of what was tried.
    pub total: Option<String>,
    /// `--window`: how long to wait between the two looks at the page.
    pub window: Option<String>,
    /// `--min-requests`: the fewest requests that tell anything.
    pub min_requests: Option<u32>,
    /// `--absent-errors`: what a missing errors series means.
    pub absent_errors: AbsentErrors,
}

/// Makes a gate of what the command line says.
///
/// # Errors
/// Exit 2 if an argument can't be read.
pub fn adhoc_gate(given: &AdHoc) -> Result<Gate> {
    let usage = |option: &str, text: &str, why: &str| Error::usage(format!("`{option}`: `{}` {why}", Shown(text)));
    url::check(&given.url).map_err(|why| {
        let error = Error::usage(format!("`--metrics-url` {}", why.message));
        why.help.into_iter().fold(error, Error::help)
    })?;
    let max = rate(&given.max)
        .map_err(|why| usage("--max-error-rate", &given.max, why).help("write it as `1%` or `0.5%`"))?;
    let window = match &given.window {
        None => default_window(SourceKind::Exposition),
        Some(text) => match duration::parse(text) {
            Ok(window) if !window.is_zero() => window,
            Ok(_) => return Err(usage("--window", text, "must be longer than nothing").help("write it as `30s`")),
            Err(why) => return Err(usage("--window", text, &why.to_string()).help("write it as `30s`")),
        },
    };
    let selector = |option: &str, given: &Option<String>, usual: &str| {
        let text = given.clone().unwrap_or_else(|| usual.to_owned());
        match placeholders(&text) {
            Ok(_) => Ok(text),
            Err(why) => Err(Error::usage(format!("`{option}`: {why}")).help(format!("it is usually `{usual}`"))),
        }
    };
    Ok(Gate {
        rule: Threshold {
            name: ADHOC.to_owned(),
            max,
            min_requests: given.min_requests.map_or(MIN_REQUESTS, f64::from),
            max_age: MAX_AGE,
            absent_errors: given.absent_errors,
            applies: Applies::Exposed,
        },
        source: Source {
            // So that the ledger tells which page it was.
            name: given.url.clone(),
            kind: SourceKind::Exposition,
            url: given.url.clone(),
            timeout: TIMEOUT,
            auth: None,
            ca_file: None,
            headers: Vec::new(),
            proxy: None,
        },
        numbers: Numbers::Counts {
            errors: selector("--errors", &given.errors, ADHOC_ERRORS)?,
            total: selector("--total", &given.total, ADHOC_TOTAL)?,
        },
        freshness: None,
        window,
    })
}
