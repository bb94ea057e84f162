//! Scalars → values, and values → scalars in the style of the one that stood there.

use super::anchors::Value;
use super::events::Style;
use super::survey::Oddity;
use crate::model::{OnOff, Percent, PercentError, Scale};

/// Reads a percentage.
///
/// Taken are `0|[1-9][0-9]*` with optional decimals, plain or quoted: what every reader of YAML takes for the same number.
pub(super) fn percent(value: &Value<'_>, scale: Scale) -> Result<Percent, String> {
    let text = readable(value, &["int", "float"])?;
    let parsed = match scale {
        Scale::Percent => Percent::parse_decimal(text, 0),
        Scale::Fraction => Percent::parse_decimal(text, 2),
        Scale::Doubtful => Percent::parse_decimal(text, 0).or_else(|_| Percent::parse_decimal(text, 2)),
    };
    let odd = spelled_oddly(text);
    match parsed {
        Ok(percent) if odd.is_none() => {
            if scale == Scale::Doubtful && !percent.is_zero() {
                Err("may be a percentage or a share of one: set `scale`".to_owned())
            } else {
                Ok(percent)
            }
        }
        Err(PercentError::OutOfRange) if scale == Scale::Fraction => Err("is not between 0 and 1".to_owned()),
        Err(error @ (PercentError::OutOfRange | PercentError::TooFine)) if odd.is_none() => Err(error.to_string()),
        Ok(_) | Err(_) => Err(odd.unwrap_or_else(|| PercentError::NotANumber.to_string())),
    }
}

/// Returns why a number is left alone though some readers take it for one.
fn spelled_oddly(text: &str) -> Option<String> {
    let unsigned = text.trim_start_matches(['+', '-']);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(whole, rest)| (whole, Some(rest)));
    let reason = if text.ends_with('%') && digits(text.trim_end_matches('%').trim_end().replace('.', "").as_str()) {
        "is text to every reader: write the number without `%`"
    } else if digits(whole) && whole.len() > 1 && whole.starts_with('0') {
        "is octal to some readers and decimal to others"
    } else if text.starts_with('+') && digits(whole) {
        "has a sign, which some readers take for text"
    } else if unsigned.contains('_') && digits(&unsigned.replace(['_', '.'], "")) {
        "has `_` in it, which some readers take for text"
    } else if unsigned.starts_with("0x") || unsigned.starts_with("0o") || unsigned.starts_with("0b") {
        "is not decimal"
    } else if unsigned.contains(['e', 'E']) && unsigned.parse::<f64>().is_ok() {
        "has an exponent, which some readers take for text"
    } else if fraction.is_some_and(str::is_empty) || (whole.is_empty() && fraction.is_some_and(digits)) {
        "lacks digits at its point"
    } else if matches!(text, "true" | "false" | "True" | "False" | "yes" | "no" | "on" | "off") {
        "is a boolean, not a number"
    } else {
        return None;
    };
    Some(reason.to_owned())
}

/// A boolean, and whether only YAML 1.1 takes the text for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    pub(super) value: bool,
    pub(super) old_style: bool,
}

/// Reads whether a flag is on: by the file's own words, or as a boolean.
pub(super) fn truth(value: &Value<'_>, words: Option<&OnOff>) -> Result<Truth, String> {
    let plain = |value| Ok(Truth { value, old_style: false });
    if let Some(words) = fitting(Some(value), words) {
        let text = readable(value, &["str", "bool", "int"])?;
        return match words.meaning(text) {
            Some(on) => plain(on),
            None => Err(format!("is neither `{}` nor `{}`", words.on.join("`, `"), words.off.join("`, `"))),
        };
    }
    let text = readable(value, &["bool"])?;
    if value.style != Style::Plain {
        return Err("is text, not a boolean".to_owned());
    }
    match text {
        "true" | "True" | "TRUE" => plain(true),
        "false" | "False" | "FALSE" => plain(false),
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Ok(Truth { value: true, old_style: true }),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => Ok(Truth { value: false, old_style: true }),
        _ => Err("is not a boolean".to_owned()),
    }
}

/// Returns the words of a switch, unless what stands there is a plain boolean that is none of them, or that says the same
/// without them: a boolean stays one, where the others are texts.
pub(super) fn fitting<'m>(old: Option<&Value<'_>>, words: Option<&'m OnOff>) -> Option<&'m OnOff> {
    let plain = |value: &Value<'_>| value.style == Style::Plain && value.tag.is_none();
    let agree = |words: &OnOff| (words.meaning("true"), words.meaning("false")) == (Some(true), Some(false));
    let fits = |words: &OnOff, value: &Value<'_>| match value.text.as_ref() {
        _ if !plain(value) => true,
        _ if agree(words) => truth(value, None).is_err(),
        "true" | "false" => words.meaning(&value.text).is_some(),
        _ => true,
    };
    words.filter(|words| old.is_none_or(|value| fits(words, value)))
}

/// Returns the text of a scalar that may hold a value, or why it can't.
fn readable<'v>(value: &'v Value<'_>, types: &[&str]) -> Result<&'v str, String> {
    if value.style == Style::Block {
        return Err("is a block of text".to_owned());
    }
    if let Some(tag) = &value.tag
        && !tag.core.as_deref().is_some_and(|core| types.contains(&core))
    {
        return Err(format!("carries the tag `{}`", tag.name));
    }
    if is_null(value) {
        return Err("is empty".to_owned());
    }
    Ok(&value.text)
}

/// True for `key:` with nothing, `~` and `null`.
pub(super) fn is_null(value: &Value<'_>) -> bool {
    value.span.is_empty()
        || (value.style == Style::Plain && matches!(value.text.as_ref(), "" | "~" | "null" | "Null" | "NULL"))
}

/// Writes a percentage in the style of the number that stood there, if one did: its scale and its decimals.
pub(super) fn number_like(old: Option<&str>, percent: Percent, scale: Scale) -> String {
    let number = match scale {
        Scale::Percent | Scale::Doubtful => percent.to_string(),
        Scale::Fraction => {
            let digits = format!("{}.{:05}", percent.milli() / 100_000, percent.milli() % 100_000);
            digits.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    };
    let decimals = old.and_then(|old| old.split_once('.')).map(|(_, decimals)| decimals);
    let Some(decimals) = decimals.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())) else { return number };
    // `5.00` is a way to write numbers; `0.05` is only a number that needs two places.
    let places = if decimals.ends_with('0') { decimals.len() } else { 1 };
    match number.split_once('.') {
        None => format!("{number}.{:0<places$}", ""),
        Some((whole, have)) => format!("{whole}.{have:0<places$}"),
    }
}

/// True if a switch is written in words; booleans of which `true` means off are none.
pub(super) fn in_words(words: Option<&OnOff>) -> bool {
    words.is_some_and(|words| (words.written(true), words.written(false)) != ("false", "true"))
}

/// Writes whether a flag is on: in the file's own words, else `true` or `false`.
pub(super) fn word(on: bool, words: Option<&OnOff>) -> String {
    words.map_or_else(|| on.to_string(), |words| words.written(on).to_owned())
}

/// Returns what is odd about the number of a percentage, if something is.
pub(super) fn oddity(value: &Value<'_>, scale: Scale) -> Option<Oddity> {
    let reason = percent(value, scale).err()?;
    let unsigned = value.text.trim_start_matches('-');
    let octal = unsigned.len() > 1 && unsigned.starts_with('0') && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    let number = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    Some(match () {
        () if octal && value.style == Style::Plain => Oddity::Octal,
        () if number && reason.starts_with("is not between") => Oddity::Range,
        () => Oddity::Type,
    })
}
