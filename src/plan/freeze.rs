//! Windows of time in which nothing goes forward.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// A window of time in which nothing goes forward, weekly or once.
#[derive(Clone, Debug)]
pub struct FreezeWindow {
    /// When it begins and ends, in its own time zone.
    pub span: FreezeSpan,
    /// The time zone of `span`.
    pub zone: TimeZone,
    /// Why, for the person who is refused.
    pub reason: Option<String>,
}

/// When a freeze window begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FreezeSpan {
    /// Every week, from a weekday and time to another; may reach over the end of the week.
    Weekly {
        /// The first moment of it.
        from: (civil::Weekday, civil::Time),
        /// The first moment after it.
        to: (civil::Weekday, civil::Time),
    },
    /// Once.
    Once {
        /// The first moment of it.
        from: civil::DateTime,
        /// The first moment after it.
        to: civil::DateTime,
    },
}

impl FreezeWindow {
    /// Returns until when nothing goes forward, if `now` lies in the window.
    #[must_use]
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let local = now.to_zoned(self.zone.clone());
        let (from, to) = match &self.span {
            FreezeSpan::Once { from, to } => (*from, *to),
            FreezeSpan::Weekly { from, to } => {
                // The latest beginning at or before now, and the first end after that beginning.
                let days = from.0.until(local.weekday());
                let mut begin = local.date().checked_sub(jiff::Span::new().days(days)).ok()?.to_datetime(from.1);
                if begin > local.datetime() {
                    begin = begin.checked_sub(jiff::Span::new().weeks(1)).ok()?;
                }
                let length = from.0.until(to.0);
                let mut end = begin.date().checked_add(jiff::Span::new().days(length)).ok()?.to_datetime(to.1);
                if end <= begin {
                    end = end.checked_add(jiff::Span::new().weeks(1)).ok()?;
                }
                (begin, end)
            }
        };
        let end = to.to_zoned(self.zone.clone()).ok()?.timestamp();
        (from <= local.datetime() && now < end).then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, time};

    fn weekend() -> FreezeWindow {
        FreezeWindow {
            span: FreezeSpan::Weekly {
                from: (Weekday::Friday, time(16, 0, 0, 0)),
                to: (Weekday::Monday, time(8, 0, 0, 0)),
            },
            zone: TimeZone::get("Europe/Berlin").unwrap(),
            reason: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Zoned>().unwrap().timestamp()
    }

    #[test]
    fn a_weekly_window_reaches_over_the_end_of_the_week() {
        let monday = at("2026-11-23T08:00:00[Europe/Berlin]");
        for (now, until) in [
            ("2026-11-20T15:59:59[Europe/Berlin]", None),
            ("2026-11-20T16:00:00[Europe/Berlin]", Some(monday)),
            ("2026-11-22T23:30:00[Europe/Berlin]", Some(monday)),
            ("2026-11-23T07:59:59[Europe/Berlin]", Some(monday)),
            ("2026-11-23T08:00:00[Europe/Berlin]", None),
            ("2026-11-20T15:30:00[UTC]", Some(monday)),
        ] {
            assert_eq!(weekend().until(at(now)), until, "{now}");
        }
    }

    #[test]
    fn the_end_keeps_its_local_hour_over_a_clock_change() {
        // Berlin leaves summer time on Sunday 2026-10-25.
        let until = weekend().until(at("2026-10-24T12:00:00[Europe/Berlin]")).unwrap();
        assert_eq!(until, at("2026-10-26T08:00:00+01:00[Europe/Berlin]"));
    }

    #[test]
    fn a_window_within_one_day_does_not_last_all_week() {
        let lunch = FreezeWindow {
            span: FreezeSpan::Weekly {
                from: (Weekday::Friday, time(12, 0, 0, 0)),
                to: (Weekday::Friday, time(13, 0, 0, 0)),
            },
            ..weekend()
        };
        assert_eq!(lunch.until(at("2026-11-20T13:00:00[Europe/Berlin]")), None);
        assert!(lunch.until(at("2026-11-20T12:59:00[Europe/Berlin]")).is_some());
    }
}
