//! Durations as people write them: `30s`, `10m`, `1h30m`, `2d`.

use std::time::Duration;

const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// The longest duration: ten years.
const MOST: u64 = 3_650 * 86_400;

/// Why a text is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// A number without a unit.
    #[error("has no unit: write `{0}s`, `{0}m`, `{0}h` or `{0}d`")]
    NoUnit(String),
    /// Not numbers with units, from the largest to the smallest.
    #[error("is not a duration such as `30s`, `10m`, `1h30m` or `2d`")]
    NoDuration,
    /// More than ten years.
    #[error("is longer than ten years")]
    TooLong,
}

/// Reads whole numbers with the units w, d, h, m, s, each at most once, from the largest to the smallest.
///
/// # Errors
/// Says why the text is no duration.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.trim();
    if digits(text) {
        return Err(DurationError::NoUnit(text.to_owned()));
    }
    let mut seconds: u64 = 0;
    let mut rest = text;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let at = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or(DurationError::NoDuration)?;
        let (number, tail) = rest.split_at(at);
        let mut tail = tail.chars();
        let letter = tail.next();
        let unit = units.find(|(name, _)| Some(*name) == letter).ok_or(DurationError::NoDuration)?;
        if number.is_empty() {
            return Err(DurationError::NoDuration);
        }
        let part = number.parse().ok().and_then(|number: u64| number.checked_mul(unit.1));
        seconds =
            part.and_then(|part| seconds.checked_add(part)).filter(|sum| *sum <= MOST).ok_or(DurationError::TooLong)?;
        rest = tail.as_str();
    }
    if text.is_empty() { Err(DurationError::NoDuration) } else { Ok(Duration::from_secs(seconds)) }
}

/// Writes the shortest form: `1h30m`, `0s`; parts of a second are left out.
#[must_use]
pub fn text(duration: Duration) -> String {
    let mut seconds = duration.as_secs();
    let mut text = String::new();
    for (name, unit) in UNITS.iter().skip(1) {
        if seconds >= *unit {
            text.push_str(&format!("{}{name}", seconds / unit));
            seconds %= unit;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes() {
        for (written, seconds, shortest) in [
            ("30s", 30, "30s"),
            ("10m", 600, "10m"),
            ("1h30m", 5_400, "1h30m"),
            ("2d", 172_800, "2d"),
            ("1w", 604_800, "7d"),
            ("90m", 5_400, "1h30m"),
            ("0s", 0, "0s"),
            (" 5m ", 300, "5m"),
        ] {
            let duration = parse(written).unwrap();
            assert_eq!((duration.as_secs(), text(duration).as_str()), (seconds, shortest), "{written}");
        }
    }

    #[test]
    fn refuses_the_rest() {
        use DurationError::{NoDuration, NoUnit, TooLong};
        for (written, error) in [
            ("30", NoUnit("30".into())),
            ("", NoDuration),
            ("m", NoDuration),
            ("5x", NoDuration),
            ("30m1h", NoDuration),
            ("1h30", NoDuration),
            ("1.5h", NoDuration),
            ("-5m", NoDuration),
            ("10 m", NoDuration),
            ("٣s", NoDuration),
            ("4000d", TooLong),
            ("99999999999999999999s", TooLong),
        ] {
            assert_eq!(parse(written), Err(error), "{written}");
        }
    }
}
