//! How a flags file spells a flag: as the configuration pins it, else as it looks.

use crate::backend::file::{Detection, Dialect, Seen, detect};
use crate::config::{Environment, Starter};
use crate::document;
use crate::error::{Error, Result};
use crate::model::{Mapping, Percent, Scale, Shown};
use std::path::Path;

/// What pins a mapping, where nothing tells which.
const EXAMPLE: &str = "[flags-file]\ndialect = \"mapped\"\nroot = [\"features\"]\nrollout = [\"rollout_percentage\"]\nenabled = [\"enabled\"]";

/// Returns the mapping of a file.
///
/// # Errors
/// Exit 3 if it isn't pinned and can't be recognised: says what was seen, and what to write.
pub(super) fn of(path: &Path, text: &str, environment: &Environment) -> Result<Mapping> {
    let mut mapping = match &environment.mapping {
        Some(pinned) => pinned.clone(),
        None => recognised(path, text)?,
    };
    if let Some(scale) = environment.scale {
        mapping.scale = scale;
    } else if environment.mapping.is_some() && mapping.scale == Scale::Doubtful {
        mapping.scale = scale(text, &mapping);
    }
    Ok(mapping)
}

/// Returns the mapping of a file for a rollback: one that can't be recognised is taken for the native one.
pub(super) fn leniently(path: &Path, text: &str, environment: &Environment) -> Mapping {
    of(path, text, environment).unwrap_or_else(|_| Mapping::native())
}

/// Recognises how a text spells its flags.
pub(super) fn recognised(path: &Path, text: &str) -> Result<Mapping> {
    match detect(text) {
        Detection::Found(mapping) => Ok(mapping),
        Detection::Ambiguous(seen) => Err(ambiguous(path, &seen)),
        Detection::Nothing { keys, hint } => Err(nothing(path, text, &keys, &hint)),
        Detection::OtherDialect(dialect) => Err(other(path, dialect)),
    }
}

/// Tells what 1 means where the configuration names the keys but not the scale.
fn scale(text: &str, mapping: &Mapping) -> Scale {
    let listing = document::listing(text, &Mapping { scale: Scale::Percent, ..mapping.clone() });
    let one = Percent::from_whole(1).unwrap_or_default();
    let mut values =
        listing.flags.iter().filter_map(|flag| flag.rollout.value()).filter(|value| !value.is_zero()).peekable();
    let some = values.peek().is_some();
    if some && !listing.whole && values.all(|value| *value <= one) { Scale::Doubtful } else { Scale::Percent }
}

fn name(path: &Path) -> String {
    Shown(&path.display().to_string()).to_string()
}

fn ambiguous(path: &Path, seen: &[Seen]) -> Error {
    let error =
        Error::invalid(format!("`{}` holds flags in {} places, and only one can be meant", name(path), seen.len()))
            .help("say which in flagctl.toml, one of these:");
    seen.iter().fold(error, |error, seen| {
        let root = seen.mapping.root.join(".");
        let place = if root.is_empty() { "at its top".to_owned() } else { format!("below `{}`", Shown(&root)) };
        let about = format!("{} flags {place}, as `{}`:", seen.flags, Shown(&seen.example));
        error.help(format!("{about}\n{}", indented(&pinned(&seen.mapping))))
    })
}

fn nothing(path: &Path, text: &str, keys: &[String], hint: &str) -> Error {
    let listing = document::listing(text, &Mapping::native());
    if let Some(broken) = listing.broken {
        return broken.into_error(path, text);
    }
    let keys: Vec<_> = keys.iter().map(|key| format!("`{}`", Shown(key))).collect();
    let saw = if keys.is_empty() { String::new() } else { format!("; at its top: {}", keys.join(", ")) };
    let example = format!("[environments.production]\nflags = \"{}\"\n{EXAMPLE}", name(path));
    Error::invalid(format!("no flags with a percentage were found in `{}`: {hint}{saw}", name(path)))
        .help(format!("if it holds some, say in flagctl.toml where, for example:\n{}", indented(&example)))
}

/// Sets lines of a file apart from the sentence above them.
fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}

fn other(path: &Path, dialect: Dialect) -> Error {
    Error::invalid(format!("`{}` is a {} file, which this version can't edit", name(path), dialect.name()))
        .help("name a flags file of your own with `-f FILE`")
}

/// Returns the lines of `flagctl.toml` that pin a mapping.
pub(super) fn pinned(mapping: &Mapping) -> String {
    let text = Starter { environments: Vec::new(), mapping: Some(mapping.clone()) }.text();
    let lines = text.lines().skip_while(|line| *line != "[flags-file]").take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}
