//! How sure a rate is.

/// The two-sided 95 % quantile of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// Returns the Wilson score interval at 95 % of `errors` in `total`, both bounds fractions of 1; `None` without data.
///
/// E. B. Wilson, Probable Inference, JASA 22 (1927). Right for one look at a fixed number of requests, not for
/// peeking again and again: it is shown, and no verdict rests on it.
#[must_use]
pub fn wilson(errors: f64, total: f64) -> Option<(f64, f64)> {
    wilson_at(errors, total, Z_95)
}

fn wilson_at(errors: f64, total: f64, z: f64) -> Option<(f64, f64)> {
    if !(total > 0.0 && total.is_finite() && errors >= 0.0 && errors <= total) {
        return None;
    }
    let (rate, z2) = (errors / total, z * z);
    let scale = 1.0 + z2 / total;
    let middle = (rate + z2 / (2.0 * total)) / scale;
    let half = z / scale * (rate * (1.0 - rate) / total + z2 / (4.0 * total * total)).sqrt();
    // Exact at the ends, where rounding would leave a trace.
    let lower = if errors == 0.0 { 0.0 } else { (middle - half).max(0.0) };
    let upper = if errors >= total { 1.0 } else { (middle + half).min(1.0) };
    Some((lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const Z_90: f64 = 1.644_853_626_951_472_6;
    const Z_99: f64 = 2.575_829_303_548_901;

    /// Reference numbers, made with 50 digits.
    const REFERENCE: [(f64, f64, f64, f64, f64); 10] = [
        (0.0, 10.0, Z_95, 0.0, 0.277_532_799_862_889_26),
        (1.0, 10.0, Z_95, 0.017_876_213_095_072_903, 0.404_150_026_795_238_5),
        (5.0, 500.0, Z_95, 0.004_278_753_896_590_493, 0.023_193_099_755_730_702),
        (10.0, 1000.0, Z_95, 0.005_440_754_445_529_248, 0.018_309_468_870_314_774),
        (50.0, 1000.0, Z_95, 0.038_130_262_392_748_81, 0.065_313_820_244_250_81),
        (100.0, 100_000.0, Z_95, 0.000_822_337_969_721_245_6, 0.001_215_998_316_636_628),
        (500.0, 500.0, Z_95, 0.992_375_659_538_447_8, 1.0),
        (3.25, 410.5, Z_95, 0.002_802_888_848_195_295, 0.022_155_894_784_338_524),
        (12.0, 5000.0, Z_90, 0.001_499_809_571_199_613_2, 0.003_838_410_562_311_721_5),
        (1_000_000.0, 1e9, Z_99, 0.000_997_428_767_626_343_2, 0.001_002_577_854_000_420_7),
    ];

    #[test]
    fn agrees_with_the_reference() {
        for (errors, total, z, lower, upper) in REFERENCE {
            let (low, high) = wilson_at(errors, total, z).unwrap();
            let near = |got: f64, want: f64| (got - want).abs() <= 1e-9 * want.abs().max(1e-3);
            assert!(near(low, lower) && near(high, upper), "{errors} of {total}: {low} to {high}");
        }
    }

    #[test]
    fn without_data_there_is_none() {
        for (errors, total) in [(0.0, 0.0), (1.0, 0.0), (f64::NAN, 5.0), (0.0, f64::INFINITY), (6.0, 5.0), (-1.0, 5.0)]
        {
            assert_eq!(wilson(errors, total), None, "{errors} of {total}");
        }
    }

    proptest! {
        #[test]
        fn holds_the_rate(total in 1.0f64..1e9, share in 0.0f64..=1.0) {
            let (low, high) = wilson(total * share, total).unwrap();
            let rate = (total * share) / total;
            prop_assert!((0.0..=1.0).contains(&low) && low <= rate + 1e-12 && rate <= high + 1e-12 && high <= 1.0);
        }
    }
}
