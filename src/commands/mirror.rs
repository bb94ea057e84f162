//! The file that is kept in step with a backend over the wire: for people who read it. No rollback ever reads it.

use super::mapping;
use crate::change::{self, Patience};
use crate::config::Environment;
use crate::document::{self, Language};
use crate::error::{Error, Result};
use crate::model::{Flag, FlagName, Mapping, Mode, Percent, Shown, Values};
use std::path::Path;
use std::time::Duration;

/// How long another flagctl is waited for that writes the file.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// Writes into the file, which is there, what a backend stores of a flag; declares it there, if it isn't there yet.
///
/// # Errors
/// The file can't be edited safely, or the flag has no one percentage.
pub(super) fn keep(path: &Path, flag: &Flag) -> Result<()> {
    let old = change::read_text(path)?;
    let new = with(path, &old, &mapping_of(path, &old), flag)?;
    if new == old {
        return Ok(());
    }
    let patience = Patience { timeout: LOCK_WAIT, stopped: &|| None, waiting: &|_| {} };
    change::rewrite(path, &old, &new, &patience).map(|_| ())
}

/// True if there is nothing at a mirror's path, not even a link that leads nowhere.
pub(super) fn is_missing(path: &Path) -> bool {
    path.symlink_metadata().is_err()
}

/// Makes the file, with every flag of a backend; returns the names of those that it can't hold, as they have no one
/// percentage.
///
/// # Errors
/// The file can't be made.
pub(super) fn make(path: &Path, flags: &[Flag]) -> Result<Vec<FlagName>> {
    let (mapping, mut entries, mut left_out) = (mapping_of(path, ""), Vec::new(), Vec::new());
    for flag in flags {
        // Each by itself: with thousands of them the text would be read thousands of times.
        let Ok(entry) = with(path, "", &mapping, flag) else {
            left_out.push(flag.name.clone());
            continue;
        };
        entries.push(entry);
    }
    let text = match Language::of(path) {
        Language::Yaml => entries.join("\n"),
        Language::Json => in_braces(&entries),
    };
    change::create(path, &text).map(|()| left_out)
}

/// Makes one text of JSON of several, each an object with one flag.
fn in_braces(entries: &[String]) -> String {
    let bare = |entry: &String| {
        let text = entry.trim();
        format!("  {}", text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text))
    };
    match entries.iter().map(bare).collect::<Vec<_>>().join(",\n") {
        none if none.is_empty() => "{}\n".to_owned(),
        some => format!("{{\n{some}\n}}\n"),
    }
}

/// Returns a text that holds what a backend stores of a flag.
fn with(path: &Path, old: &str, mapping: &Mapping, flag: &Flag) -> Result<String> {
    let values = values(flag)?;
    let refused = |text: &str| {
        let text = text.to_owned();
        move |refusal: document::Refusal| refusal.into_error(path, &text)
    };
    let begun = Language::of(path).begun(old, mapping);
    let old = begun.as_deref().unwrap_or(old);
    let mut new = old.to_owned();
    if document::look_up(old, mapping, &flag.name).get(&flag.name).is_none() {
        let description = flag.description.as_deref().unwrap_or_default();
        new = document::declare(old, mapping, &flag.name, description, None).map_err(refused(old))?.text;
    }
    document::edit(&new, mapping, &flag.name, values, Mode::Careful).map(|edited| edited.text).map_err(refused(&new))
}

/// Returns what the file says otherwise than a backend, as sentences, with the name of each flag; `all` says that `flags`
/// are all that the backend has, and not only those that were asked for.
///
/// # Errors
/// The file can't be read.
pub(super) fn differences(path: &Path, flags: &[Flag], all: bool) -> Result<Vec<(FlagName, String)>> {
    let text = change::read_text(path)?;
    let listing = document::listing(&text, &mapping_of(path, &text));
    if let Some(broken) = listing.broken {
        return Err(broken.into_error(path, &text));
    }
    let mut found = Vec::new();
    for flag in flags {
        let (name, there) = (&flag.name, flag.exposure());
        match listing.flags.iter().find(|mirrored| mirrored.name == *name).map(Flag::exposure) {
            // What has no one percentage can't stand there.
            None if there.known().is_none() => {}
            None => found.push((name.clone(), format!("`{name}` is at {there}, and not in the mirror"))),
            Some(here) if here != there => {
                found.push((name.clone(), format!("`{name}` is at {there}, and at {here} in the mirror")));
            }
            Some(_) => {}
        }
    }
    for mirrored in listing.flags.iter().filter(|_| all) {
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
