//! Every series of a gauge with its labels, where a look asks for one number.

use super::exposition::{self, Selector};
use super::look::{fetch, tidy};
use super::{Trouble, prometheus};
use crate::http::{Client, Reply, Wait};
use crate::model::placeholder::{self, Place, prometheus_duration};
use crate::model::{Answer, Series, Source, SourceKind, Subject};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

/// How far behind the server's own clock an answer may be evaluated and still count as of now. Beyond that the clock
/// counts: some servers answer a question about now with what they knew a while ago.
const BEHIND: f64 = 2.0;

/// A source of gauges, opened; nothing was asked yet.
pub struct Gauge {
    client: Client,
    source: Source,
}

/// Returns the selector that `text` means for a subject.
///
/// # Errors
/// Says, as a fragment that follows the key, why it can't be asked. An expression has no samples whose age could be
/// told.
pub fn selector(text: &str, subject: &Subject, window: Duration) -> Result<String, String> {
    let filled =
        placeholder::fill(text, Place::Query, subject, window).map_err(|error| format!("can't be: {error}"))?;
    Selector::parse(&filled)?;
    Ok(filled)
}

impl Gauge {
    /// Makes the client; opens no connection.
    ///
    /// # Errors
    /// Says what of the settings can't be used, as a fragment that follows the source's name.
    pub fn open(source: &Source) -> Result<Self, String> {
        if source.kind == SourceKind::Json {
            return Err("is a `json` source, which has no series".to_owned());
        }
        let client = Client::new(source).map_err(|failure| failure.to_string())?;
        Ok(Self { client, source: source.clone() })
    }

    /// Returns the source's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.source.name
    }

    /// Returns how the one instance is called that shows a page of its own; `None` where the source knows many.
    #[must_use]
    pub fn page(&self) -> Option<String> {
        let url = self.client.url();
        let port = url.port_or_known_default().map_or_else(String::new, |port| format!(":{port}"));
        (self.source.kind == SourceKind::Exposition).then(|| format!("{}{port}", url.host_str().unwrap_or_default()))
    }

    /// Returns every series of a selector with the age of its sample: now, within the source's `timeout`.
    ///
    /// # Errors
    /// Says why there is no whole and sound answer, as a fragment that follows the source's name.
    pub fn now(&self, selector: &str, wait: &Wait) -> Result<Vec<Series>, String> {
        let wait = self.one(wait);
        self.masked(match self.source.kind {
            SourceKind::Prometheus => self.of_prometheus(selector, &wait),
            SourceKind::Exposition | SourceKind::Json => Selector::parse(selector)
                .map_err(Trouble::Answer)
                .and_then(|selector| exposition::gauge(&self.client, &selector, &wait)),
        })
    }

    /// Returns every series that there was at `then`, without ages; of a page, which knows no past, none.
    ///
    /// # Errors
    /// As [`Gauge::now`].
    pub fn then(&self, selector: &str, then: Timestamp, wait: &Wait) -> Result<Vec<Series>, String> {
        let wait = self.one(wait);
        self.masked(match self.source.kind {
            SourceKind::Prometheus => {
                #[expect(clippy::cast_precision_loss, reason = "milliseconds of centuries fit into a double")]
                let seconds = then.as_millisecond() as f64 / 1000.0;
                let series = self.query(selector, Some(seconds), &wait).map(|(series, _)| series);
                series.map(|series| series.iter().map(plain).map(|(labels, value)| unaged(labels, value)).collect())
            }
            SourceKind::Exposition | SourceKind::Json => Ok(Vec::new()),
        })
    }

    /// Returns the time for one question: a source that hangs must not take what the next look needs.
    fn one(&self, wait: &Wait) -> Wait {
        Wait::of(self.source.timeout.min(wait.left()), &wait.cancel)
    }

    fn masked(&self, outcome: Result<Vec<Series>, Trouble>) -> Result<Vec<Series>, String> {
        let mask = self.client.mask();
        let of = |series: Series| {
            let labels = series.labels.into_iter().map(|(name, value)| (name, mask.hide(&value))).collect();
            Series { labels, value: tidy(series.value, mask), age_s: series.age_s }
        };
        outcome.map(|series| series.into_iter().map(of).collect()).map_err(|trouble| mask.hide(&trouble.to_string()))
    }

    /// Asks for the times first, then at that same moment for the values: a sample that arrives between the two makes a
    /// value look older than it is, never younger.
    fn of_prometheus(&self, selector: &str, wait: &Wait) -> Result<Vec<Series>, Trouble> {
        let (times, date) = self.query(&format!("timestamp({selector})"), None, wait)?;
        let Some(evaluated) = times.iter().find_map(|series| prometheus::sample(series).1) else {
            return Ok(Vec::new());
        };
        let now = date.filter(|date| *date > evaluated + BEHIND).map_or(evaluated, |date| date + 1.0);
        let times: BTreeMap<Labels, Answer> = times.iter().map(plain).collect();
        let (values, _) = self.query(selector, Some(evaluated), wait)?;
        let series = values.iter().map(plain).map(|(labels, value)| {
            let time = times.get(&labels).and_then(Answer::usable);
            Series { age_s: time.map(|time| now - time), ..unaged(labels, value) }
        });
        Ok(series.collect())
    }

    /// Asks one instant query; returns its series, and the server's clock where it tells that.
    fn query(&self, query: &str, at: Option<f64>, wait: &Wait) -> Result<(Vec<Value>, Option<f64>), Trouble> {
        let mut parameters = vec![
            ("query", query.to_owned()),
            ("timeout", prometheus_duration(self.source.timeout.min(wait.left()).max(Duration::from_millis(1)))),
        ];
        if let Some(at) = at {
            parameters.push(("time", format!("{at:.3}")));
        }
        let request = prometheus::request(self.client.below("/api/v1/query"), &parameters);
        let reply = fetch(&self.client, &request, wait)?;
        let date = date(&reply);
        let (body, series) = prometheus::opened(&reply.body, &reply.content_type)?;
        if let Some(warning) = prometheus::warnings(&body).first() {
            return Err(Trouble::Answer(format!("warns beside its answer: {warning}")));
        }
        let series = series.map_err(|what| Trouble::Answer(format!("gave {what}")))?;
        Ok((series, date))
    }
}

type Labels = Vec<(String, String)>;

/// Returns the labels of a series, sorted, without the metric's name, and its value.
fn plain(series: &Value) -> (Labels, Answer) {
    let metric = series.get("metric").and_then(Value::as_object).into_iter().flatten();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut labels: Labels =
        metric.filter(|(name, _)| *name != "__name__").map(|(name, value)| (name.clone(), text(value))).collect();
    labels.sort_unstable();
    (labels, prometheus::sample(series).0)
}

const fn unaged(labels: Labels, value: Answer) -> Series {
    Series { labels, value, age_s: None }
}

/// Returns what an answer says of its server's clock, in seconds since 1970.
pub(super) fn date(reply: &Reply) -> Option<f64> {
    let date = jiff::fmt::rfc2822::parse(reply.header("date")?).ok()?;
    #[expect(clippy::cast_precision_loss, reason = "seconds of centuries fit into a double")]
    Some(date.timestamp().as_second() as f64)
}

/// Returns our own clock, in seconds since 1970.
pub(super) fn now() -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of centuries fit into a double")]
    let seconds = Timestamp::now().as_millisecond() as f64 / 1000.0;
    seconds
}
