//! The series of a gauge, as one page shows them now.

use super::{ACCEPT, Selector, page};
use crate::http::{Client, Request, Wait};
use crate::metrics::Trouble;
use crate::metrics::look::fetch;
use crate::metrics::series::{date, now};
use crate::model::{Answer, Series};

/// Reads the page once. A sample that carries no time is of now.
pub(in crate::metrics) fn gauge(client: &Client, selector: &Selector, wait: &Wait) -> Result<Vec<Series>, Trouble> {
    let reply = fetch(client, &Request::get(client.url().clone(), ACCEPT), wait)?;
    // Whole seconds: what is older than that may be as old as the next one.
    let now = date(&reply).map_or_else(now, |date| date + 1.0);
    let page = page(reply, &|sample| selector.matches(sample))?;
    let series = page.matching(selector).map(|sample| Series {
        labels: sample.labels.clone(),
        value: Answer::Number(sample.value),
        age_s: Some(sample.time.map_or(0.0, |time| now - time)),
    });
    Ok(series.collect())
}
