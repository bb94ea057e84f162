//! Requests and failures per flag and variant, and the `/metrics` page that shows them.

use flagctl::model::Percent;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

/// The counters of one flag.
#[derive(Default)]
pub(crate) struct Counters {
    on: Outcomes,
    off: Outcomes,
}

#[derive(Default)]
struct Outcomes {
    served: AtomicU64,
    failed: AtomicU64,
}

/// What was counted for the users who have a feature, and for all.
#[derive(Clone, Copy)]
pub(crate) struct Count {
    /// All requests.
    pub(crate) all: u64,
    /// Those of users who have the feature.
    pub(crate) exposed: u64,
    /// Those of all requests that failed.
    pub(crate) failed: u64,
}

impl Counters {
    /// Counts one request.
    pub(crate) fn count(&self, on: bool, failed: bool) {
        let outcomes = if on { &self.on } else { &self.off };
        let counter = if failed { &outcomes.failed } else { &outcomes.served };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns what was counted so far.
    pub(crate) fn so_far(&self) -> Count {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let exposed = load(&self.on.served) + load(&self.on.failed);
        Count {
            all: exposed + load(&self.off.served) + load(&self.off.failed),
            exposed,
            failed: load(&self.on.failed) + load(&self.off.failed),
        }
    }

    /// Writes the series of a flag. Every series is there from the first request on, also the failures that are still
    /// 0: what is not shown can't be told from what is not measured.
    fn write(&self, page: &mut String, flag: &str) {
        for (variant, outcomes) in [("on", &self.on), ("off", &self.off)] {
            for (code, counter) in [(200, &outcomes.served), (500, &outcomes.failed)] {
                let value = counter.load(Ordering::Relaxed);
                let _ = writeln!(
                    page,
                    r#"holograph_requests_total{{flag="{flag}",variant="{variant}",code="{code}"}} {value}"#
                );
            }
        }
    }
}

impl Count {
    /// Returns what was counted since an earlier count.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            all: self.all - earlier.all,
            exposed: self.exposed - earlier.exposed,
            failed: self.failed - earlier.failed,
        }
    }
}

/// Returns the page in the Prometheus text format: of each flag its counters, and the exposure that is served.
pub(crate) fn page<'a>(flags: impl Iterator<Item = (&'a str, &'a Counters, Percent)> + Clone) -> String {
    let mut page = "# HELP holograph_requests_total Requests, by flag, variant of the user and status code.\n\
                    # TYPE holograph_requests_total counter\n"
        .to_owned();
    for (flag, counters, _) in flags.clone() {
        counters.write(&mut page, flag);
    }
    page += "# HELP flag_exposure_percent The exposure that this instance serves, by flag.\n\
             # TYPE flag_exposure_percent gauge\n";
    for (flag, _, exposure) in flags {
        let _ = writeln!(page, r#"flag_exposure_percent{{flag="{flag}"}} {exposure}"#);
    }
    page
}
