//! By how much counters grew between two looks at a page.

use super::page::{PROCESS_START, Page, Sample};
use super::selector::Selector;
use crate::metrics::look::excerpt;
use crate::model::Answer;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How far the clock of the process may differ from ours, in seconds.
const SKEW: f64 = 30.0;

/// Two looks at the same page.
#[derive(Debug)]
pub(super) struct Looks<'a> {
    first: &'a Page,
    second: &'a Page,
    /// When the first was taken, in seconds since 1970.
    first_at: f64,
    /// True if the process began between them: every counter began anew, also one that is larger than before.
    restarted: bool,
    /// True if some counter began anew, so that another may have vanished with the process that held it.
    shrank: bool,
}

impl<'a> Looks<'a> {
    /// Puts two looks side by side.
    ///
    /// # Errors
    /// Where they are of two processes that ran at the same time, as behind a load balancer: nothing can be compared.
    pub(super) fn new(
        (first, second): (&'a Page, &'a Page),
        first_at: Timestamp,
        selectors: [&Selector; 2],
    ) -> Result<Self, String> {
        let first_at = first_at.as_millisecond() as f64 / 1000.0;
        let start = |page: &Page| page.samples.iter().find(|sample| sample.name == PROCESS_START).map(|s| s.value);
        let restarted = match (start(first), start(second)) {
            (Some(one), Some(two)) if (one - two).abs() > 1.0 => {
                if two < one || two < first_at - SKEW {
                    return Err(format!(
                        "answered as two different processes (`{PROCESS_START}` is {one}, then {two}); `url` must lead \
                         to one process, not to a load balancer"
                    ));
                }
                true
            }
            _ => false,
        };
        let counters = |page: &'a Page| {
            let counters = selectors.into_iter().flat_map(|selector| page.matching(selector));
            counters.map(|sample| (sample.series(), sample.value)).collect::<BTreeMap<_, _>>()
        };
        let before = counters(first);
        let shrank = counters(second).iter().any(|(series, now)| before.get(series).is_some_and(|then| now < then));
        Ok(Self { first, second, first_at, restarted, shrank })
    }

    /// True if both pages tell when the process began: it goes on, whatever single counters do.
    fn told(&self) -> bool {
        let tells = |page: &Page| page.samples.iter().any(|sample| sample.name == PROCESS_START);
        tells(self.first) && tells(self.second)
    }
}

/// Returns the sum of the increases of all series that the selector means.
///
/// A counter that shrank began anew and counts from 0, as Prometheus has it; so does one that appeared. Where some shrank
/// and others did not, and neither the process nor the counters tell when they began, the sum is nonsense; and one that
/// vanished without a restart makes the sum nonsense: what it counted at last can't be known.
pub(super) fn increase(looks: &Looks<'_>, selector: &Selector) -> Answer {
    let before: BTreeMap<String, &Sample> =
        looks.first.matching(selector).map(|sample| (sample.series(), sample)).collect();
    let after: BTreeMap<String, &Sample> =
        looks.second.matching(selector).map(|sample| (sample.series(), sample)).collect();
    let all = before.values().chain(after.values());
    if let Some(why) = all.clone().find_map(|sample| looks.second.no_counter(sample, selector)) {
        return Answer::Nonsense(why);
    }
    if let Some(odd) = all.clone().find(|sample| !(sample.value >= 0.0 && sample.value.is_finite())) {
        return Answer::Number(odd.value);
    }
    if before.is_empty() && after.is_empty() {
        return Answer::Absent;
    }
    let mut sum = 0.0;
    let mut anew = looks.restarted || looks.shrank;
    for (series, now) in &after {
        let created = created(looks.second, now);
        match before.get(series) {
            Some(then)
                if !looks.restarted && created == self::created(looks.first, then) && now.value >= then.value =>
            {
                // Where one counter began anew, one that is larger than before may have done so too: `then` may be
                // errors of another life, and what was counted since is not known.
                if looks.shrank && created.is_none() && then.value > 0.0 && !looks.told() {
                    return Answer::Nonsense(format!(
                        "`{}`, which may have begun anew between two looks, as another did",
                        excerpt(series)
                    ));
                }
                sum += now.value - then.value;
            }
            Some(_) => {
                anew = true;
                sum += now.value;
            }
            None if created.is_some_and(|created| created < looks.first_at - SKEW) => {
                return Answer::Nonsense(format!("`{}`, which appeared though it is older", excerpt(series)));
            }
            None => sum += now.value,
        }
    }
    match before.keys().find(|series| !after.contains_key(*series)) {
        Some(gone) if !anew => Answer::Nonsense(format!("`{}`, which vanished between two looks", excerpt(gone))),
        Some(_) | None => Answer::Number(sum),
    }
}

/// Returns when a counter began, where OpenMetrics says it.
fn created(page: &Page, counter: &Sample) -> Option<f64> {
    let family = ["_total", "_count", "_bucket"]
        .into_iter()
        .find_map(|part| counter.name.strip_suffix(part))
        .unwrap_or(&counter.name);
    let name = format!("{family}_created");
    let same = |sample: &&Sample| {
        sample.name == name
            && sample.labels.iter().all(|label| counter.labels.contains(label))
            && counter.labels.iter().all(|label| label.0 == "le" || sample.labels.contains(label))
    };
    page.samples.iter().find(same).map(|sample| sample.value)
}
