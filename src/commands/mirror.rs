//! The file that is kept in step with a backend over the wire: for people who read it. No rollback ever reads it.

use super::mapping;
use crate::change::{self, Patience};
use crate::config::Environment;
use crate::document;
use crate::error::{Error, Result};
use crate::model::{Flag, FlagName, Mapping, Mode, Percent, Shown, Values};
use std::path::Path;
use std::time::Duration;

/// How long another flagctl is waited for that writes the file.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Writes into the file what a backend stores of a flag; declares it there, if it isn't there yet.
///
/// # Errors
/// The file can't be edited safely, or the flag has no one percentage.
pub(super) fn keep(path: &Path, flag: &Flag) -> Result<()> {
    let values = values(flag)?;
    if path.symlink_metadata().is_err() {
        change::create(path, "")?;
    }
    let old = change::read_text(path)?;
    let mapping = mapping_of(path, &old);
    let refused = |text: &str| {
        let text = text.to_owned();
        move |refusal: document::Refusal| refusal.into_error(path, &text)
    };
    let mut new = old.clone();
    if document::look_up(&old, &mapping, &flag.name).get(&flag.name).is_none() {
        let description = flag.description.as_deref().unwrap_or_default();
        new = document::declare(&old, &mapping, &flag.name, description, None).map_err(refused(&old))?.text;
    }
    new = document::edit(&new, &mapping, &flag.name, values, Mode::Careful).map_err(refused(&new))?.text;
    if new == old {
        return Ok(());
    }
    let patience = Patience { timeout: LOCK_WAIT, stopped: &|| None, waiting: &|_| {} };
    change::rewrite(path, &old, &new, &patience).map(|_| ())
}

/// Returns what the file says otherwise than a backend, as sentences, with the name of each flag.
///
/// # Errors
/// The file can't be read.
pub(super) fn differences(path: &Path, flags: &[Flag]) -> Result<Vec<(FlagName, String)>> {
    let text = change::read_text(path)?;
    let listing = document::listing(&text, &mapping_of(path, &text));
    if let Some(broken) = listing.broken {
        return Err(broken.into_error(path, &text));
    }
    let mut found = Vec::new();
    for flag in flags {
        let (name, there) = (&flag.name, flag.exposure());
        match listing.flags.iter().find(|mirrored| mirrored.name == *name).map(Flag::exposure) {
            None => found.push((name.clone(), format!("`{name}` is at {there}, and not in the mirror"))),
            Some(here) if here != there => {
                found.push((name.clone(), format!("`{name}` is at {there}, and at {here} in the mirror")));
            }
            Some(_) => {}
        }
    }
    for mirrored in &listing.flags {
        let name = &mirrored.name;
        if !flags.iter().any(|flag| flag.name == *name) {
            found.push((name.clone(), format!("`{name}` is in the mirror, and not in the backend")));
        }
    }
    Ok(found)
}

fn mapping_of(path: &Path, text: &str) -> Mapping {
    mapping::leniently(path, text, &Environment::nameless(path.to_owned()))
}

fn values(flag: &Flag) -> Result<Values> {
    let exposure = flag.exposure();
    let enabled = flag.enabled.value().copied();
    // What is stored where that can be read; else what users get.
    match (flag.rollout.value().copied(), exposure.known()) {
        (Some(rollout), Some(_)) => Ok(Values { rollout, enabled }),
        (None, Some(exposure)) => {
            let rollout = if enabled == Some(false) { Percent::ZERO } else { exposure };
            Ok(Values { rollout, enabled })
        }
        (_, None) => {
            let doubt = exposure.doubt().unwrap_or_default().to_owned();
            Err(Error::invalid(format!("`{}` has no one percentage to be written: {}", flag.name, Shown(&doubt))))
        }
    }
}
