//! A plain `/metrics` page, read twice: no server needed that stores anything.

mod gauge;
mod increase;
mod page;
mod selector;
#[cfg(test)]
mod tests;

pub(super) use gauge::gauge;
pub(super) use selector::Selector;

use super::Trouble;
use super::look::{Findings, Look};
use crate::http::{Client, Reply, Request};
use crate::model::placeholder::Place;
use crate::model::{Answer, Numbers};
use increase::{Looks, increase};
use jiff::{SignedDuration, Timestamp};
use page::{Page, Sample, Syntax};
use std::time::{Duration, Instant};

/// OpenMetrics where it is to be had: only it tells where a page ends.
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.9,*/*;q=0.1";
/// How often the wait between the looks is reported.
const REPORT_EVERY: Duration = Duration::from_millis(100);

/// What is read off a page.
struct Wanted {
    errors: Selector,
    total: Selector,
    freshness: Option<Selector>,
}

/// Says what is wrong with a selector whose placeholders are filled in.
///
/// # Errors
/// A sentence fragment that follows the option's name.
pub fn check_selector(text: &str) -> Result<(), String> {
    Selector::parse(text).map(drop)
}

/// Reads the page twice, the question's window apart, and returns by how much the counters grew.
pub(super) fn ask(look: &Look<'_>, client: &Client) -> Result<Findings, Trouble> {
    let Numbers::Counts { errors, total } = &look.question.numbers else {
        return Err(Trouble::Answer("was not asked: an `exposition` source needs `errors` and `total`".to_owned()));
    };
    let selector = |key, text: &str| {
        Selector::parse(&look.fill(key, text, Place::Query)?)
            .map_err(|why| Trouble::Answer(format!("was not asked: `{key}` {why}")))
    };
    let freshness = look.question.freshness.as_ref().map(|text| selector("freshness", text)).transpose()?;
    let wanted = Wanted { errors: selector("errors", errors)?, total: selector("total", total)?, freshness };

    let began = Instant::now();
    let first = read(look, client, &wanted)?;
    let first_at = Timestamp::now();
    let mut told = Duration::ZERO;
    look.tell(told);
    look.wait.pause(look.question.window.saturating_sub(began.elapsed()), &mut |_| {
        let waited = began.elapsed();
        if waited >= told + REPORT_EVERY {
            told = waited;
            look.tell(waited);
        }
    })?;
    let second = read(look, client, &wanted)?;
    let (window, looked_at) = (began.elapsed(), Timestamp::now());

    let looks = Looks::new((&first, &second), first_at, [&wanted.errors, &wanted.total]).map_err(Trouble::Answer)?;
    let errors = increase(&looks, &wanted.errors);
    Ok(Findings {
        errors_exist: (errors == Answer::Absent).then(|| wanted.errors.name().map(|name| second.knows(name))).flatten(),
        errors,
        total: increase(&looks, &wanted.total),
        newest_sample: newest(&second, &wanted, looked_at)?,
        warnings: Vec::new(),
        window: Some(window),
        looked_at: Some(looked_at),
    })
}

fn read(look: &Look<'_>, client: &Client, wanted: &Wanted) -> Result<Page, Trouble> {
    let reply = look.fetch(client, &Request::get(client.url().clone(), ACCEPT))?;
    page(reply, &|sample| {
        [Some(&wanted.errors), Some(&wanted.total), wanted.freshness.as_ref()]
            .into_iter()
            .flatten()
            .any(|selector| selector.wants(sample))
    })
}

/// Reads the page of an answer, and keeps the samples that are wanted.
fn page(reply: Reply, wanted: &dyn Fn(&Sample) -> bool) -> Result<Page, Trouble> {
    let unreadable = |why: String| Trouble::Answer(format!("answered 200, but its page can't be read: {why}"));
    let text = String::from_utf8(reply.body).map_err(|_| unreadable("it is not UTF-8".to_owned()))?;
    let syntax = if reply.content_type.starts_with("application/openmetrics-text") {
        Syntax::OpenMetrics
    } else {
        Syntax::Prometheus
    };
    Page::parse(&text, syntax, wanted).map_err(unreadable)
}

/// Returns the time of the newest sample: what `freshness` says, or the samples of `total` themselves; a sample that
/// carries no time is of now.
fn newest(page: &Page, wanted: &Wanted, now: Timestamp) -> Result<Option<Timestamp>, Trouble> {
    let (seconds, key): (Vec<f64>, _) = match &wanted.freshness {
        Some(selector) => (page.matching(selector).map(|sample| sample.value).collect(), "freshness"),
        None => {
            let times: Option<Vec<f64>> = page.matching(&wanted.total).map(|sample| sample.time).collect();
            match times {
                Some(times) => (times, "total"),
                None => return Ok(Some(now)),
            }
        }
    };
    let Some(newest) = seconds.into_iter().reduce(f64::max) else { return Ok(None) };
    let time = SignedDuration::try_from_secs_f64(newest).ok().and_then(|since| Timestamp::from_duration(since).ok());
    let wrong =
        || Trouble::Answer(format!("gave {newest:?} as time of `{key}`, which is no time in seconds since 1970"));
    time.map(Some).ok_or_else(wrong)
}
