//! Numbers as a reason writes them.

/// Writes a rate and its limit as percentages, with as many decimals as it takes to tell them apart.
pub(super) fn shares(rate: f64, limit: f64) -> (String, String) {
    (0..6).map(|more| (share(rate, more), share(limit, more))).find(|(rate, limit)| rate != limit).unwrap_or_else(
        || {
            // Equal, or as good as that: the comparison has a tolerance.
            (share(rate, 0), share(limit, 0))
        },
    )
}

/// Writes a rate as a percentage, `more` decimals finer than a person needs: `0.42%`, `12%`, `0.0031%`.
fn share(rate: f64, more: usize) -> String {
    let percent = rate * 100.0;
    if percent == 0.0 || !percent.is_finite() {
        return format!("{percent}%");
    }
    // Two decimals, and two significant digits below that.
    let (mut decimals, mut scaled) = (2, percent);
    while scaled < 0.1 && decimals < 12 {
        (decimals, scaled) = (decimals + 1, scaled * 10.0);
    }
    format!("{}%", plain(percent, decimals + more))
}

/// Writes a count; increases may be fractional.
pub(super) fn count(count: f64) -> String {
    plain(count, if count < 10.0 { 2 } else { usize::from(count < 1000.0) })
}

/// Writes a count of requests.
pub(super) fn requests(total: f64) -> String {
    let number = count(total);
    format!("{number} request{}", if number == "1" { "" } else { "s" })
}

/// Writes a span of time given in seconds, in at most two units: `10m`, `1h 30m`, `2.5s`.
pub(super) fn span(seconds: f64) -> String {
    if !seconds.is_finite() || seconds < 0.0 {
        return format!("{seconds}s");
    }
    if seconds < 60.0 {
        return format!("{}s", plain(seconds, usize::from(seconds < 10.0)));
    }
    let whole = seconds.round() as u64;
    let units = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
    let first = units.iter().position(|(_, length)| whole >= *length).unwrap_or(units.len() - 1);
    let mut rest = whole;
    let mut parts = Vec::new();
    for (unit, length) in units.iter().skip(first).take(2) {
        if rest / length > 0 {
            parts.push(format!("{}{unit}", rest / length));
        }
        rest %= length;
    }
    parts.join(" ")
}

/// Writes a number with at most `decimals` decimals.
fn plain(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_tell_enough() {
        for (rate, text) in [
            (0.0, "0%"),
            (0.01, "1%"),
            (0.010_04, "1%"),
            (0.010_1, "1.01%"),
            (0.5, "50%"),
            (0.000_031_2, "0.0031%"),
            (1.0, "100%"),
        ] {
            assert_eq!(share(rate, 0), text);
        }
        let apart = |rate, limit| {
            let (rate, limit) = shares(rate, limit);
            format!("{rate} {limit}")
        };
        assert_eq!(apart(0.010_04, 0.01), "1.004% 1%");
        assert_eq!(apart(0.01, 0.01), "1% 1%");
        assert_eq!(apart(0.1, 0.099_999_999_999_999_99), "10% 10%");
        for (number, text) in [(0.0, "0"), (3.25, "3.25"), (37.04, "37"), (410.5, "410.5"), (1_234_567.8, "1234568")] {
            assert_eq!(count(number), text);
        }
        for (seconds, text) in [
            (0.0, "0s"),
            (2.5, "2.5s"),
            (30.04, "30s"),
            (600.0, "10m"),
            (5_400.0, "1h 30m"),
            (90.0, "1m 30s"),
            (90_061.0, "1d 1h"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}
