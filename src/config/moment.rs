//! Times and time zones of freeze windows.

use super::keys::nearest;
use crate::plan::FreezeSpan;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;

/// A moment of every week, or one of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Weekly(Weekday, Time),
    Once(DateTime),
}

impl Moment {
    /// Reads `Fri 16:00` or `2026-12-20 00:00`; seconds are allowed.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // `T` parts a date from its time, as RFC 3339 has it; `Tue` begins with one.
        let parted = text.split_once(' ').or_else(|| text.split_once('T'));
        let (day, time) = parted?;
        let time = clock(time.trim())?;
        match weekday(day) {
            Some(day) => Some(Self::Weekly(day, time)),
            None => day.parse::<Date>().ok().filter(|_| day.len() == 10).map(|date| Self::Once(date.to_datetime(time))),
        }
    }

    /// Makes a span of two moments, if they are of one form and the second is not at or before the first.
    pub(super) fn span(self, to: Self) -> Result<FreezeSpan, &'static str> {
        match (self, to) {
            (Self::Weekly(..), Self::Weekly(..)) if self == to => Err("begins and ends at the same time"),
            (Self::Weekly(from_day, from), Self::Weekly(to_day, to)) => {
                Ok(FreezeSpan::Weekly { from: (from_day, from), to: (to_day, to) })
            }
            (Self::Once(from), Self::Once(to)) if from < to => Ok(FreezeSpan::Once { from, to }),
            (Self::Once(_), Self::Once(_)) => Err("ends before it begins"),
            _ => Err("mixes a weekday with a date"),
        }
    }
}

/// Reads `16:00` or `16:00:30`.
fn clock(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| {
        let digits = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        if digits { part.parse::<i8>().ok() } else { None }
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        None => 0,
        Some(second) => second?,
    };
    if parts.next().is_some() { None } else { Time::new(hour, minute, second, 0).ok() }
}

fn weekday(text: &str) -> Option<Weekday> {
    let names = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let text = text.to_lowercase();
    names.into_iter().find(|(name, _)| *name == text || name.get(..3) == Some(text.as_str())).map(|(_, day)| day)
}

/// Finds a time zone by its IANA name; else returns the nearest name.
pub(super) fn zone(text: &str) -> Result<TimeZone, Option<String>> {
    TimeZone::get(text).map_err(|_| {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let by_city = names.iter().find(|name| {
            name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&text.replace(' ', "_")))
        });
        by_city.cloned().or_else(|| nearest(text, names.iter().map(String::as_str)).map(str::to_owned))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn reads_both_forms() {
        let at = time(16, 0, 0, 0);
        for text in ["Fri 16:00", "friday 16:00", "FRI 16:00:00"] {
            assert_eq!(Moment::parse(text), Some(Moment::Weekly(Weekday::Friday, at)), "{text}");
        }
        for text in ["2026-12-20 16:00", "2026-12-20T16:00:00"] {
            assert_eq!(Moment::parse(text), Some(Moment::Once(date(2026, 12, 20).to_datetime(at))), "{text}");
        }
        for text in [
            "",
            "Fri",
            "16:00",
            "Fri 24:00",
            "Fri 4pm",
            "Fri 16",
            "Fry 16:00",
            "2026-02-30 10:00",
            "Fri 1:00",
            "Fri 16:00:00:00",
            "Fri 16:00Z",
            "20261220 10:00",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn finds_zones_and_near_names() {
        assert!(zone("Europe/Berlin").is_ok());
        assert_eq!(zone("Europe/Berln").unwrap_err().as_deref(), Some("Europe/Berlin"));
        assert_eq!(zone("Berlin").unwrap_err().as_deref(), Some("Europe/Berlin"));
        assert_eq!(zone("nowhere at all").unwrap_err(), None);
    }
}
