//! Limits of requests: LaunchDarkly has done nothing then, so that the same may be sent again.

use crate::http::Reply;
use jiff::Timestamp;
use std::time::Duration;

/// How often a request is sent at most.
pub(super) const TRIES: u32 = 4;

/// All clients of an account hear the same time: each waits up to so much longer, lest they come back together.
const SPREAD: Duration = Duration::from_millis(250);

/// Returns how long a limit of requests holds, as the answer has it: seconds, or the time at which it ends by
/// LaunchDarkly's clock, which is `ahead` of ours by so many seconds.
pub(super) fn of(reply: &Reply, ahead: f64) -> Option<Duration> {
    held(|name| reply.header(name), Timestamp::now(), ahead)
}

fn held<'a>(header: impl Fn(&str) -> Option<&'a str>, now: Timestamp, ahead: f64) -> Option<Duration> {
    if let Some(seconds) = header("retry-after").and_then(|text| text.trim().parse().ok()) {
        return Some(Duration::from_secs(seconds));
    }
    let ends = ["x-ratelimit-reset", "x-ratelimit-auth-token-reset"]
        .into_iter()
        .filter_map(|name| header(name)?.trim().parse::<i64>().ok())
        .max()?;
    let theirs = now.as_millisecond() as f64 + ahead * 1000.0;
    Some(Duration::try_from_secs_f64((ends as f64 - theirs) / 1000.0).unwrap_or_default())
}

/// Returns the time after a limit of `held` to try again.
pub(super) fn pause(held: Option<Duration>, attempt: u32) -> Duration {
    held.unwrap_or_else(|| Duration::from_secs(1) * attempt).saturating_add(spread())
}

/// A part of [`SPREAD`] that nobody else is likely to take too.
fn spread() -> Duration {
    let nanoseconds = Timestamp::now().subsec_nanosecond().unsigned_abs();
    SPREAD * (nanoseconds / 1000 % 1000) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_how_long_a_limit_holds() {
        let now = Timestamp::from_millisecond(1_700_000_000_000).unwrap();
        let wait = |headers: &[(&str, &'static str)], ahead: f64| {
            held(|name| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| *value), now, ahead)
        };
        assert_eq!(wait(&[], 0.0), None);
        assert_eq!(wait(&[("retry-after", "7")], 0.0), Some(Duration::from_secs(7)));
        assert_eq!(wait(&[("x-ratelimit-reset", "1700000002500")], 0.0), Some(Duration::from_millis(2500)));
        assert_eq!(wait(&[("x-ratelimit-reset", "1700000002500")], 2.0), Some(Duration::from_millis(500)));
        assert_eq!(wait(&[("x-ratelimit-reset", "1700000002500")], 60.0), Some(Duration::ZERO));
        assert_eq!(
            wait(&[("x-ratelimit-reset", "1700000001000"), ("x-ratelimit-auth-token-reset", "1700000004000")], 0.0),
            Some(Duration::from_secs(4))
        );
        for nonsense in ["soon", "-5", "99999999999999999999999999"] {
            assert_eq!(wait(&[("retry-after", nonsense), ("x-ratelimit-reset", "nonsense")], 0.0), None);
        }
    }
}
