//! Any JSON answer, read by pointers (RFC 6901).

use super::look::{Findings, Look, excerpt};
use super::{Trouble, body};
use crate::http::{Client, Request};
use crate::model::placeholder::Place;
use crate::model::{Answer, Numbers};
use jiff::Timestamp;
use reqwest::Url;
use serde_json::Value;

/// Asks once, and reads everything off the one answer.
pub(super) fn ask(look: &Look<'_>, client: &Client) -> Result<Findings, Trouble> {
    let url = look.fill("url", &look.question.source.url, Place::Url)?;
    let url = Url::parse(&url).map_err(|error| Trouble::Answer(format!("was not asked: `url`: {error}")))?;
    let pointer = |key, text: &str| {
        let text = look.fill(key, text, Place::Pointer)?;
        if text.is_empty() || text.starts_with('/') {
            return Ok(text);
        }
        let why = format!("was not asked: `{key}`: `{}` is no JSON pointer, as `/data/0/value`", excerpt(&text));
        Err(Trouble::Answer(why))
    };
    let (key, errors, total) = match &look.question.numbers {
        Numbers::Counts { errors, total } => ("errors", pointer("errors", errors)?, pointer("total", total)?),
        Numbers::Rate { rate, total } => ("rate", pointer("rate", rate)?, pointer("total", total)?),
    };
    let freshness = look.question.freshness.as_ref().map(|text| pointer("freshness", text)).transpose()?;

    let reply = look.fetch(client, &Request::get(url, "application/json"))?;
    let body = body::read(&reply.body)?.map_err(|error| {
        let start = excerpt(&String::from_utf8_lossy(&reply.body[..reply.body.len().min(80)]));
        Trouble::Answer(format!("answered 200, but what came is no JSON ({error}): `{start}`"))
    })?;
    let total = number(body.pointer(&total));
    let found = number(body.pointer(&errors));
    let errors_exist = (found == Answer::Absent).then(|| body.pointer(&errors).is_some());
    let errors = match (key, &found, &total) {
        ("rate", Answer::Number(rate), Answer::Number(total)) => Answer::Number(rate * total),
        _ => found,
    };
    let newest_sample = match freshness {
        Some(pointer) => time(body.pointer(&pointer))?,
        None => None,
    };
    Ok(Findings { errors, total, errors_exist, newest_sample, warnings: Vec::new(), window: None, looked_at: None })
}

/// Reads a number; one in a text counts where it is nothing but a decimal number. Null is absent.
fn number(value: Option<&Value>) -> Answer {
    match value {
        None | Some(Value::Null) => Answer::Absent,
        Some(Value::Number(number)) => match number.as_f64() {
            Some(number) => Answer::Number(number),
            None => Answer::Nonsense(format!("`{number}`, which is no number that can be counted with")),
        },
        Some(Value::String(text)) => match text.parse() {
            Ok(number) if is_decimal(text) => Answer::Number(number),
            Ok(_) | Err(_) => Answer::Nonsense(format!("the text `{}`, which is no clean number", excerpt(text))),
        },
        Some(Value::Bool(truth)) => Answer::Nonsense(format!("`{truth}`, which is no number")),
        Some(Value::Array(list)) => Answer::Nonsense(format!("a list of {}, not a number", list.len())),
        Some(Value::Object(_)) => Answer::Nonsense("an object, not a number".to_owned()),
    }
}

/// True for what JSON itself takes for a number.
fn is_decimal(text: &str) -> bool {
    matches!(serde_json::from_str(text), Ok(Value::Number(_))) && !text.contains(char::is_whitespace)
}

/// Reads a time: RFC 3339, or seconds or milliseconds since 1970. Both units can't be mistaken for one another between
/// the years 1973 and 5138.
fn time(value: Option<&Value>) -> Result<Option<Timestamp>, Trouble> {
    const MILLIS: f64 = 1e11;
    let wrong = |value: &Value| {
        let text = excerpt(&value.to_string());
        Trouble::Answer(format!("gave no time for `freshness`: `{text}` is neither RFC 3339 nor a time since 1970"))
    };
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(None) };
    if let Some(time) = value.as_str().and_then(|text| text.parse().ok()) {
        return Ok(Some(time));
    }
    match number(Some(value)) {
        Answer::Number(since) if (0.0..MILLIS * 1000.0).contains(&since) => {
            let millis = if since < MILLIS { since * 1000.0 } else { since };
            Timestamp::from_millisecond(millis as i64).map(Some).map_err(|_| wrong(value))
        }
        _ => Err(wrong(value)),
    }
}
