//! A percentage of users, exact to a thousandth.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Thousandths of a percent, 0 to 100,000: a `f64` can't hold 0.1 and a rollout is compared for equality.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Percent(u32);

/// Why a text is no percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PercentError {
    /// Not digits with an optional decimal point.
    #[error("is not a number between 0 and 100")]
    NotANumber,
    /// Above 100, or below 0.
    #[error("is not between 0 and 100")]
    OutOfRange,
    /// More than three decimals.
    #[error("has more than three decimals")]
    TooFine,
}

impl Percent {
    /// Nobody.
    pub const ZERO: Self = Self(0);
    /// Everybody.
    pub const FULL: Self = Self(100_000);

    /// Makes a percentage of `milli` thousandths, if that is at most 100 %.
    #[must_use]
    pub const fn from_milli(milli: u32) -> Option<Self> {
        if milli <= 100_000 { Some(Self(milli)) } else { None }
    }

    /// Makes a percentage of whole percents, if that is at most 100.
    #[must_use]
    pub const fn from_whole(whole: u32) -> Option<Self> {
        if whole <= 100 { Some(Self(whole * 1000)) } else { None }
    }

    /// Returns the thousandths of a percent.
    #[must_use]
    pub const fn milli(self) -> u32 {
        self.0
    }

    /// Returns the percents as the nearest float: for formulas of others that compute in floats.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1000.0
    }

    /// True at 0 %.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// True if there is no fraction of a percent.
    #[must_use]
    pub const fn is_whole(self) -> bool {
        self.0.is_multiple_of(1000)
    }

    /// Reads decimal text: digits, optionally a point and digits. No sign, no exponent, no `%`.
    ///
    /// `shift` is the number of places the point is moved to the right first: 0 for percents, 2 for fractions of one.
    ///
    /// # Errors
    /// Says why the text is no percentage.
    pub fn parse_decimal(text: &str, shift: usize) -> Result<Self, PercentError> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
            return Err(if text.strip_prefix('-').is_some_and(|rest| Self::parse_decimal(rest, shift).is_ok()) {
                PercentError::OutOfRange
            } else {
                PercentError::NotANumber
            });
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 3 + shift {
            return Err(PercentError::TooFine);
        }
        let scaled = format!("{whole}{fraction:0<width$}", width = 3 + shift);
        let scaled = scaled.trim_start_matches('0');
        if scaled.len() > 6 {
            return Err(PercentError::OutOfRange);
        }
        let milli = if scaled.is_empty() { 0 } else { scaled.parse().map_err(|_| PercentError::NotANumber)? };
        Self::from_milli(milli).ok_or(PercentError::OutOfRange)
    }
}

/// Reads what a person types: `5`, `12.5`, `5%`.
impl std::str::FromStr for Percent {
    type Err = PercentError;

    fn from_str(text: &str) -> Result<Self, PercentError> {
        let text = text.trim();
        Self::parse_decimal(text.strip_suffix('%').unwrap_or(text).trim_end(), 0)
    }
}

/// Writes the shortest decimal: `5`, `12.5`, `0.125`; the sign `%` is the caller's.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if self.is_whole() {
            (self.0 / 1000).to_string()
        } else {
            format!("{}.{:03}", self.0 / 1000, self.0 % 1000).trim_end_matches('0').to_owned()
        };
        f.pad(&text)
    }
}

impl fmt::Debug for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}%")
    }
}

/// A number in JSON, an integer where it is whole.
impl Serialize for Percent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_whole() {
            serializer.serialize_u32(self.0 / 1000)
        } else {
            serializer.serialize_f64(f64::from(self.0) / 1000.0)
        }
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = f64::deserialize(deserializer)?;
        Self::parse_decimal(&number.to_string(), 0)
            .map_err(|error| serde::de::Error::custom(format!("`{number}` {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimal_text_exactly() {
        for (text, milli) in [
            ("0", 0),
            ("5", 5_000),
            ("12.5", 12_500),
            ("0.125", 125),
            ("100", 100_000),
            ("5.0", 5_000),
            ("5.", 5_000),
            (".5", 500),
            ("007", 7_000),
        ] {
            assert_eq!(Percent::parse_decimal(text, 0).map(Percent::milli), Ok(milli), "{text}");
        }
        for (text, milli) in [("0.05", 5_000), ("1", 100_000), ("1.0", 100_000), ("0.00125", 125)] {
            assert_eq!(Percent::parse_decimal(text, 2).map(Percent::milli), Ok(milli), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_percentage() {
        use PercentError::{NotANumber, OutOfRange, TooFine};
        for (text, error) in [
            ("", NotANumber),
            (".", NotANumber),
            ("5%", NotANumber),
            ("+5", NotANumber),
            ("1e2", NotANumber),
            ("nan", NotANumber),
            ("٥", NotANumber),
            ("-1", OutOfRange),
            ("101", OutOfRange),
            ("100.001", OutOfRange),
            ("99999999999999999999", OutOfRange),
            ("0.0001", TooFine),
        ] {
            assert_eq!(Percent::parse_decimal(text, 0), Err(error), "{text}");
        }
        assert_eq!("5%".parse(), Ok(Percent(5_000)));
    }

    #[test]
    fn writes_the_shortest_form() {
        for (milli, text) in [(0, "0"), (5_000, "5"), (12_500, "12.5"), (125, "0.125"), (100_000, "100")] {
            assert_eq!(Percent(milli).to_string(), text);
        }
        assert_eq!(serde_json::to_string(&[Percent(5_000), Percent(12_500)]).unwrap(), "[5,12.5]");
    }
}
