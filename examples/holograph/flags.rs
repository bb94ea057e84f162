//! The service's view of its flags file: read again ten times a second, the last good reading kept.

use anyhow::Context;
use flagctl::bucket;
use flagctl::model::Percent;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const FRESH_FOR: Duration = Duration::from_millis(100);

/// The flags of one file, as users get them.
pub(crate) struct Flags {
    file: PathBuf,
    reading: Mutex<Reading>,
}

struct Reading {
    at: Instant,
    exposures: HashMap<String, Percent>,
}

impl Flags {
    /// Reads the file for the first time.
    pub(crate) fn open(file: &Path) -> anyhow::Result<Self> {
        let exposures = read(file)?;
        Ok(Self { file: file.to_owned(), reading: Mutex::new(Reading { at: Instant::now(), exposures }) })
    }

    /// Returns what users get of a flag; nothing where the file has no such flag.
    pub(crate) fn exposure(&self, flag: &str) -> Percent {
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if reading.at.elapsed() > FRESH_FOR {
            reading.at = Instant::now();
            // A file that can't be read must not switch features on or off: what was last known stays.
            if let Ok(exposures) = read(&self.file) {
                reading.exposures = exposures;
            }
        }
        reading.exposures.get(flag).copied().unwrap_or(Percent::ZERO)
    }

    /// True if this user gets the flag: always the same users, and more of them as the exposure rises.
    pub(crate) fn is_on(&self, flag: &str, user: &str) -> bool {
        bucket::is_in(self.exposure(flag), flag, user)
    }
}

/// Reads what users get of each flag.
pub(crate) fn read(file: &Path) -> anyhow::Result<HashMap<String, Percent>> {
    #[derive(serde::Deserialize)]
    struct Entry {
        enabled: bool,
        rollout: Percent,
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?;
    let entries: HashMap<String, Entry> =
        serde_yaml::from_str(&text).with_context(|| format!("can't understand {}", file.display()))?;
    Ok(entries
        .into_iter()
        .map(|(name, entry)| (name, if entry.enabled { entry.rollout } else { Percent::ZERO }))
        .collect())
}
