//! The Prometheus HTTP API, as Prometheus and VictoriaMetrics answer it.

use super::look::{Findings, Look, excerpt};
use super::promql::{self, Shape};
use super::{Trouble, body};
use crate::http::{Client, Method, Request};
use crate::model::placeholder::{Place, prometheus_duration};
use crate::model::{AbsentErrors, Answer, Numbers};
use jiff::{SignedDuration, Timestamp};
use reqwest::Url;
use serde_json::Value;
use std::thread;
use std::time::Duration;

/// URLs longer than this are not sent, the query is posted instead: some proxies cut a longer request line.
const LONGEST_GET: usize = 2_000;
/// How far back a metric's name is looked for.
const KNOWN_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// More selectors than this are not asked one by one for their newest sample.
const MOST_SELECTORS: usize = 8;

/// One answer to an instant query.
#[derive(Debug, PartialEq)]
pub(super) struct Instant {
    pub(super) answer: Answer,
    /// When it was evaluated, in seconds since 1970, by the server's clock.
    pub(super) evaluated: Option<f64>,
    pub(super) warnings: Vec<String>,
}

/// Asks for `total` first, then, at that same time of evaluation, for all the rest.
///
/// Two counts that were taken at different moments can make a service that fails always look as if it had more errors
/// than requests.
pub(super) fn ask(look: &Look<'_>, client: &Client) -> Result<Findings, Trouble> {
    let Numbers::Counts { errors, total } = &look.question.numbers else {
        return Err(Trouble::Answer("was not asked: a `prometheus` source needs `errors` and `total`".to_owned()));
    };
    let total_query = look.fill("total", total, Place::Query)?;
    let errors_query = look.fill("errors", errors, Place::Query)?;
    let freshness = freshness_queries(look, &total_query)?;
    let total = query(look, client, &total_query, None)?;
    let mut found = Findings {
        errors: Answer::Unknown,
        total: total.answer,
        errors_exist: None,
        newest_sample: None,
        warnings: total.warnings,
        window: reach(look, [&total_query, &errors_query]),
        looked_at: None,
    };
    if found.total.usable().is_none() {
        return Ok(found);
    }
    let (errors, ages) = thread::scope(|scope| {
        let ask = |text| scope.spawn(move || query(look, client, text, total.evaluated));
        let errors = ask(&errors_query);
        let ages: Vec<_> = freshness.iter().map(|text| ask(text)).collect();
        let ended = |answer: thread::Result<_>| {
            answer.unwrap_or_else(|_| Err(Trouble::Answer("was not asked, by a bug of flagctl".to_owned())))
        };
        (ended(errors.join()), ages.into_iter().map(|age| ended(age.join())).collect::<Vec<_>>())
    });
    let errors = errors?;
    found.errors = errors.answer;
    found.warnings.extend(errors.warnings);
    let mut times = Vec::new();
    for age in ages {
        let age = age?;
        found.warnings.extend(age.warnings);
        times.push(moment(&age.answer)?);
    }
    // Every selector has to be fresh: a sum with one dead half is no fresh sum.
    found.newest_sample = times.into_iter().collect::<Option<Vec<_>>>().and_then(|times| times.into_iter().min());
    if found.errors == Answer::Absent && look.question.absent_errors == AbsentErrors::Zero {
        found.errors_exist = exist(look, client, &errors_query)?;
    }
    Ok(found)
}

/// Returns the queries whose answers are the times of newest samples: that of the settings, or one for each selector of
/// `total`; none where they can't be had.
fn freshness_queries(look: &Look<'_>, total: &str) -> Result<Vec<String>, Trouble> {
    if let Some(freshness) = &look.question.freshness {
        return Ok(vec![look.fill("freshness", freshness, Place::Query)?]);
    }
    let queries: Vec<String> = match promql::shape(total) {
        Ok(Shape { selectors, .. }) if selectors.len() <= MOST_SELECTORS => {
            selectors.iter().map(|selector| format!("max(timestamp({selector}))")).collect()
        }
        Ok(_) | Err(_) => Vec::new(),
    };
    for query in &queries {
        look.note("freshness", query);
    }
    Ok(queries)
}

/// Returns how far back the expressions reach, if that is further than the window of the settings.
fn reach(look: &Look<'_>, queries: [&String; 2]) -> Option<Duration> {
    let reach = queries.iter().filter_map(|query| promql::shape(query).ok()).map(|shape| shape.reach).max()?;
    (reach > look.question.window).then_some(reach)
}

/// Asks one instant query, at the time `at` (seconds since 1970) or now.
fn query(look: &Look<'_>, client: &Client, query: &str, at: Option<f64>) -> Result<Instant, Trouble> {
    let mut parameters = vec![
        ("query", query.to_owned()),
        ("timeout", prometheus_duration(look.question.source.timeout.min(look.wait.left()))),
    ];
    if let Some(at) = at {
        parameters.push(("time", format!("{at:.3}")));
    }
    let url = client.below("/api/v1/query");
    let reply = look.fetch(client, &request(url, &parameters))?;
    read(&reply.body, &reply.content_type)
}

pub(super) fn request(url: Url, parameters: &[(&str, String)]) -> Request {
    let accept = "application/json";
    let mut long = url.clone();
    long.query_pairs_mut().extend_pairs(parameters);
    if long.as_str().len() <= LONGEST_GET {
        return Request::get(long, accept);
    }
    long.set_query(None);
    long.query_pairs_mut().extend_pairs(parameters);
    Request::bare(Method::Post, url, accept).with("application/x-www-form-urlencoded", long.query().unwrap_or_default())
}

/// Asks whether every metric that `errors` names exists at all; `None` where that can't be told.
fn exist(look: &Look<'_>, client: &Client, errors: &str) -> Result<Option<bool>, Trouble> {
    let Ok(Shape { names: Some(names), .. }) = promql::shape(errors) else { return Ok(None) };
    let mut all = !names.is_empty();
    for name in names {
        match exists(look, client, &name)? {
            Some(exists) => all &= exists,
            None => return Ok(None),
        }
    }
    Ok(Some(all))
}

/// Asks the index of names, which is cheap; a server that has none is asked for samples of the last day.
fn exists(look: &Look<'_>, client: &Client, name: &str) -> Result<Option<bool>, Trouble> {
    let selector = promql::named(name);
    look.note("exists", &selector);
    let since = Timestamp::now().checked_sub(KNOWN_FOR).unwrap_or(Timestamp::MIN);
    let parameters = [("match[]", selector.clone()), ("start", since.as_second().to_string())];
    let reply = client.send(&request(client.below("/api/v1/label/__name__/values"), &parameters), &look.wait)?;
    let body = if reply.status == 200 { body::read(&reply.body)?.ok() } else { None };
    if let Some(names) = body.as_ref().and_then(|body| body.get("data")).and_then(Value::as_array) {
        return Ok(Some(names.iter().any(|known| known.as_str() == Some(name))));
    }
    let counted = query(look, client, &format!("count(present_over_time({selector}[1d]))"), None)?;
    Ok(match counted.answer {
        Answer::Number(count) => Some(count > 0.0),
        Answer::Absent => Some(false),
        Answer::Several(_) | Answer::Nonsense(_) | Answer::Unknown => None,
    })
}

/// Reads the time of a newest sample; `None` where there is no sample.
fn moment(answer: &Answer) -> Result<Option<Timestamp>, Trouble> {
    let unusable = |what: String| Err(Trouble::Answer(format!("gave no time for `freshness`: {what}")));
    match answer {
        Answer::Absent => Ok(None),
        Answer::Number(seconds) => match SignedDuration::try_from_secs_f64(*seconds)
            .ok()
            .and_then(|since| Timestamp::from_duration(since).ok())
        {
            Some(time) => Ok(Some(time)),
            None => unusable(format!("{seconds:?} is no time in seconds since 1970")),
        },
        Answer::Several(many) => unusable(format!("{many} series came instead of one; wrap it in `max(…)`")),
        Answer::Nonsense(what) => unusable(format!("it is {what}")),
        Answer::Unknown => unusable("no answer came".to_owned()),
    }
}

/// Reads the body of an answer of status 200.
pub(super) fn read(body: &[u8], content_type: &str) -> Result<Instant, Trouble> {
    let (body, result) = opened(body, content_type)?;
    let (answer, evaluated) = match result {
        Ok(series) => match series.as_slice() {
            [] => (Answer::Absent, None),
            [one] => sample(one),
            several => (Answer::Several(several.len()), None),
        },
        Err(what) => (Answer::Nonsense(what), None),
    };
    Ok(Instant { answer, evaluated, warnings: warnings(&body) })
}

/// Opens the body of an answer of status 200: the whole, and the series of its vector or what it holds in place of one.
pub(super) fn opened(body: &[u8], content_type: &str) -> Result<(Value, Result<Vec<Value>, String>), Trouble> {
    let odd = |what: &str| Trouble::Answer(format!("answered 200, but {what}"));
    let mut body = body::read(body)?.map_err(|error| {
        let kind = if content_type.is_empty() { "no content type" } else { content_type };
        let start = excerpt(&String::from_utf8_lossy(&body[..body.len().min(80)]));
        odd(&format!("what came is no JSON ({error}; {}): `{start}`", excerpt(kind)))
    })?;
    match body.get("status").and_then(Value::as_str) {
        Some("success") => {}
        Some("error") => {
            let said = body.get("error").and_then(Value::as_str).unwrap_or("it does not say which");
            return Err(odd(&format!("with an error: {}", excerpt(said))));
        }
        _ => return Err(odd("this is no answer of a Prometheus API: it has no `status`")),
    }
    let data = body.get_mut("data").ok_or_else(|| odd("there is no `data` in it"))?;
    let result = data.get_mut("result").map(Value::take).ok_or_else(|| odd("there is no `result` in it"))?;
    let result = match (data.get("resultType").and_then(Value::as_str), result) {
        (Some("vector"), Value::Array(series)) => Ok(series),
        (Some("vector"), _) => return Err(odd("its vector is no list of series")),
        (Some("scalar"), result) => Err(format!("a scalar ({}), not a vector", tail(&result))),
        (Some("string"), result) => Err(format!("a text ({}), not a vector", tail(&result))),
        (Some("matrix"), _) => Err("a range of samples (matrix), not a vector".to_owned()),
        (Some(other), _) => Err(format!("a result of type `{}`, not a vector", excerpt(other))),
        (None, _) => return Err(odd("there is no `resultType` in it")),
    };
    Ok((body, result))
}

/// Reads the value of one series, and when it was evaluated.
pub(super) fn sample(series: &Value) -> (Answer, Option<f64>) {
    let Some(value) = series.get("value") else {
        let what = if series.get("histogram").is_some() { "a native histogram" } else { "a series without a value" };
        return (Answer::Nonsense(what.to_owned()), None);
    };
    let evaluated = value.get(0).and_then(Value::as_f64);
    let answer = match value.get(1).and_then(Value::as_str).map(|text| (text, text.parse())) {
        Some((_, Ok(number))) => Answer::Number(number),
        Some((text, Err(_))) => Answer::Nonsense(format!("`{}`, which is no number", excerpt(text))),
        None => Answer::Nonsense("a value that is not written as Prometheus writes numbers".to_owned()),
    };
    (answer, evaluated)
}

/// Shows the value of a scalar or a string.
fn tail(result: &Value) -> String {
    excerpt(result.get(1).and_then(Value::as_str).unwrap_or("no value"))
}

/// Collects what a server says against its own answer.
pub(super) fn warnings(body: &Value) -> Vec<String> {
    let mut warnings = match body.get("warnings") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => {
            list.iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect()
        }
        Some(other) => vec![other.to_string()],
    };
    // What a cluster of VictoriaMetrics says when one of its stores did not answer.
    if body.get("isPartial").and_then(Value::as_bool) == Some(true) {
        warnings.push("the answer is partial".to_owned());
    }
    warnings.iter().map(|warning| excerpt(warning)).collect()
}
