//! Everything the user said, resolved: the values, and where each came from.

use crate::gate::Threshold;
use crate::model::{Mapping, Numbers, Source};
use std::path::PathBuf;
use std::time::Duration;

/// One environment: a flags file and the source its gates ask.
#[derive(Clone, Debug)]
pub struct Environment {
    /// Its name; `None` where a file is used without one.
    pub name: Option<String>,
    /// Its flags file, absolute or relative to the current directory: fit to open and to show.
    pub flags: PathBuf,
    /// How that file spells a flag, where the configuration says it; else it is found by looking.
    pub mapping: Option<Mapping>,
    /// The source for gates that name none.
    pub source: Option<String>,
}

/// A gate with everything that is needed to ask its source.
#[derive(Clone, Debug)]
pub struct Gate {
    /// How it judges.
    pub rule: Threshold,
    /// Whom it asks.
    pub source: Source,
    /// Which numbers it asks for.
    pub numbers: Numbers,
    /// What tells the age of the newest sample, where the source can't find it by itself.
    pub freshness: Option<String>,
    /// How far back the numbers reach.
    pub window: Duration,
}
