//! Times and durations for people: UTC to the minute, and the two largest units.

use jiff::{SignedDuration, Timestamp};

/// Writes a time to the minute, in UTC.
#[must_use]
pub fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Writes how long ago a time was, or how far ahead it lies.
#[must_use]
pub fn distance(at: Timestamp, now: Timestamp) -> String {
    let ahead = now.duration_until(at);
    if ahead.is_positive() {
        // Rounded up: what still lasts for half a second is not over.
        let up = if ahead.subsec_nanos() > 0 { 1 } else { 0 };
        format!("in {}", length(SignedDuration::from_secs(ahead.as_secs() + up)))
    } else {
        format!("{} ago", length(at.duration_until(now)))
    }
}

/// Writes since when something is so: a time that is yet to come is told as such.
#[must_use]
pub fn since(at: Timestamp, now: Timestamp) -> String {
    if now.duration_until(at) > SignedDuration::from_secs(1) {
        format!("{}, which is yet to come", minute(at))
    } else {
        distance(at, now)
    }
}

/// Writes a duration with its two largest units: `3d 4h`, `10m`, `30s`.
#[must_use]
pub fn length(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().unsigned_abs();
    let parts = [(seconds / 86_400, 'd'), (seconds / 3_600 % 24, 'h'), (seconds / 60 % 60, 'm'), (seconds % 60, 's')];
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    let shown = parts[first..].iter().take(2).filter(|(count, _)| *count > 0);
    let text = shown.map(|(count, unit)| format!("{count}{unit}")).collect::<Vec<_>>().join(" ");
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_come_is_told_as_such() {
        let now: Timestamp = "2026-11-18T12:00:00Z".parse().unwrap();
        assert_eq!(since(now - SignedDuration::from_mins(2), now), "2m ago");
        assert_eq!(since(now + SignedDuration::from_hours(24), now), "2026-11-19 12:00 UTC, which is yet to come");
    }

    #[test]
    fn two_units_are_enough() {
        for (seconds, text) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (90, "1m 30s"),
            (3_600, "1h"),
            (7_860, "2h 11m"),
            (86_400 * 3 + 60, "3d"),
        ] {
            assert_eq!(length(SignedDuration::from_secs(seconds)), text);
        }
    }
}
