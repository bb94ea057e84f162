//! The service: two pages, each with a feature behind a flag.

use crate::counters::{self, Counters};
use crate::flags::Flags;
use crate::traffic;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// One page and the feature on it.
pub(crate) struct Page {
    /// Where it is.
    pub(crate) path: &'static str,
    /// The flag of its feature.
    pub(crate) flag: &'static str,
    new: &'static str,
    old: &'static str,
    counters: Counters,
    misbehaves: AtomicBool,
    exposed: AtomicU64,
}

/// All pages over one flags file.
pub(crate) struct Service {
    flags: Flags,
    pages: [Page; 2],
}

/// What a user gets.
pub(crate) enum Answer {
    /// A page.
    Page(&'static str),
    /// The feature failed.
    Failure,
}

impl Service {
    /// Starts the service with users of its own.
    pub(crate) fn start(flags: &Path) -> anyhow::Result<Arc<Self>> {
        let service = Arc::new(Self {
            flags: Flags::open(flags)?,
            pages: [
                Page::new("/reality", "holograph_reality_enabled", "a holographic reality", "the plain reality"),
                Page::new("/ui", "hyperspace_ui_enabled", "the hyperspace interface", "the flat interface"),
            ],
        });
        traffic::start(&service);
        Ok(service)
    }

    /// Returns the pages.
    pub(crate) fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Returns the page whose feature is behind a flag.
    pub(crate) fn page_of(&self, flag: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.flag == flag)
    }

    /// Serves one request of a user.
    pub(crate) fn serve(&self, page: &Page, user: &str) -> Answer {
        let on = self.flags.is_on(page.flag, user);
        let failed = on && page.fails();
        page.counters.count(on, failed);
        match (failed, on) {
            (true, _) => Answer::Failure,
            (false, true) => Answer::Page(page.new),
            (false, false) => Answer::Page(page.old),
        }
    }

    /// Returns the page of numbers.
    pub(crate) fn metrics(&self) -> String {
        counters::page(self.pages.iter().map(|page| (page.flag, &page.counters, self.flags.exposure(page.flag))))
    }
}

impl Page {
    fn new(path: &'static str, flag: &'static str, new: &'static str, old: &'static str) -> Self {
        Self {
            path,
            flag,
            new,
            old,
            counters: Counters::default(),
            misbehaves: AtomicBool::new(false),
            exposed: AtomicU64::new(0),
        }
    }

    /// Makes the feature fail for one request in four of those who have it, or heals it.
    pub(crate) fn misbehave(&self, misbehaves: bool) {
        self.misbehaves.store(misbehaves, Ordering::Relaxed);
    }

    /// Returns what was counted.
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    fn fails(&self) -> bool {
        self.exposed.fetch_add(1, Ordering::Relaxed).is_multiple_of(4) && self.misbehaves.load(Ordering::Relaxed)
    }
}
