//! How a flags file spells a flag: as the configuration pins it, else as it looks.

use crate::backend::file::{self, Detection, Dialect, Seen, among_settings, detect};
use crate::config::{Environment, Starter};
use crate::document;
use crate::error::{Error, Result};
use crate::model::{Flag, FlagName, Mapping, Percent, Scale, Shown};
use std::path::Path;

/// What pins a mapping, where nothing tells which.
const EXAMPLE: &str = "[flags-file]\ndialect = \"mapped\"\nroot = [\"features\"]\nrollout = [\"rollout_percentage\"]\nenabled = [\"enabled\"]";

/// What the environment that counts is called.
pub(super) const PRODUCTION: [&str; 3] = ["production", "prod", "live"];

/// Returns the mapping of a file.
///
/// # Errors
/// Exit 3 if it isn't pinned and can't be recognised: says what was seen, and what to write.
pub(super) fn of(path: &Path, text: &str, environment: &Environment) -> Result<Mapping> {
    let mut mapping = match &environment.mapping {
        Some(pinned) if passed_by(text, pinned).is_empty() => pinned.clone(),
        Some(pinned) => return Err(nobody(path, &passed_by(text, pinned))),
        None => recognised(path, text, &Named::of(path, environment))?,
    };
    if let Some(scale) = environment.scale {
        mapping.scale = scale;
    } else if environment.mapping.is_some() && mapping.scale == Scale::Doubtful {
        mapping.scale = scale(text, &mapping);
    }
    Ok(mapping)
}

/// Returns the mapping of a file for a rollback: one that can't be recognised is taken for what it may be.
pub(super) fn leniently(path: &Path, text: &str, environment: &Environment) -> Mapping {
    let looked_for = Environment { mapping: None, ..environment.clone() };
    let trusted = if distrusted(text, environment) { &looked_for } else { environment };
    of(path, text, trusted).unwrap_or_else(|_| file::loosely(text))
}

/// True if the configuration pins keys that no flag of the file has, though it has flags.
pub(super) fn distrusted(text: &str, environment: &Environment) -> bool {
    environment.mapping.as_ref().is_some_and(|pinned| !passed_by(text, pinned).is_empty())
}

/// Returns how the flags of a text are spelled, if they have none of the keys that are pinned; none if they may have.
fn passed_by(text: &str, pinned: &Mapping) -> Vec<Mapping> {
    let has_keys =
        |flag: &Flag| !flag.value_lines.is_empty() || flag.rollout.value().is_some() || flag.enabled.value().is_some();
    let seen = |mapping: &Mapping| document::listing(text, mapping).flags.iter().any(has_keys);
    if seen(pinned) {
        return Vec::new();
    }
    // A place that is there and holds no flag yet is left alone, whatever stands elsewhere.
    let missing = pinned.root.iter().any(|key| !text.contains(key.as_str()));
    let found = match detect(text) {
        Detection::Found(mapping) => vec![mapping],
        Detection::Ambiguous(several) => several.into_iter().map(|seen| seen.mapping).collect(),
        Detection::Nothing { .. } | Detection::OtherDialect(_) => Vec::new(),
    };
    found.into_iter().filter(|mapping| (missing || mapping.root == pinned.root) && seen(mapping)).collect()
}

fn nobody(path: &Path, found: &[Mapping]) -> Error {
    let error = Error::invalid(format!("`[flags-file]` names keys that no flag in {} has", name(path)));
    found.iter().fold(error, |error, mapping| error.help(format!("its flags read as:\n{}", indented(&pinned(mapping)))))
}

/// Returns the error for a flag that stands in several places of a file, of which none is pinned; `None` for others.
pub(super) fn scattered(path: &Path, text: &str, environment: &Environment, flag: Option<&FlagName>) -> Option<Error> {
    if environment.mapping.is_some() {
        return None;
    }
    let Detection::Ambiguous(mut several) = detect(text) else { return None };
    let Some(flag) = flag else { return Some(ambiguous(path, &several, &Named::of(path, environment))) };
    let line = |seen: &Seen| document::look_up(text, &seen.mapping, flag).flags.first().map(|flag| flag.line);
    several.retain(|seen| line(seen).is_some());
    let mut lines: Vec<String> = several.iter().filter_map(line).map(|line| line.to_string()).collect();
    lines.dedup();
    let places = match lines.as_slice() {
        [] => return None,
        [line] => format!("in line {line}"),
        lines => format!("in {} places, lines {}", lines.len(), lines.join(", ")),
    };
    let message =
        format!("`{flag}` stands in `{}` {places}, beside other places that hold flags: none is pinned", name(path));
    let error = Error::invalid(message).help("say in flagctl.toml which is meant:");
    Some(several.iter().fold(error, |error, seen| {
        let about = line(seen).map_or_else(String::new, |line| format!("line {line}:\n"));
        error.help(format!("{about}{}", indented(&pinned(&seen.mapping))))
    }))
}

/// Returns the error for a file in which flags may stand that are not seen: another tool's, or one with percentages that
/// can't be told from settings; `None` where the spelling is pinned, or there is nothing.
pub(super) fn unseen(path: &Path, text: &str, environment: &Environment) -> Option<Error> {
    if environment.mapping.is_some() {
        return None;
    }
    match detect(text) {
        Detection::OtherDialect(dialect) => Some(other(path, dialect)),
        Detection::Nothing { keys, hint, percentages: true } => Some(nothing(path, text, &keys, &hint)),
        Detection::Nothing { .. } | Detection::Found(_) | Detection::Ambiguous(_) => None,
    }
}

/// How a file is called in a configuration.
pub(super) struct Named {
    /// Its path, as an environment would name it.
    pub(super) flags: String,
    /// The environment that names it already.
    pub(super) environment: Option<String>,
}

impl Named {
    fn of(path: &Path, environment: &Environment) -> Self {
        Self { flags: path.display().to_string(), environment: environment.name.clone() }
    }
}

/// Recognises how a text spells its flags.
pub(super) fn recognised(path: &Path, text: &str, named: &Named) -> Result<Mapping> {
    match detect(text) {
        Detection::Found(mapping) => Ok(mapping),
        Detection::Ambiguous(seen) => Err(ambiguous(path, &seen, named)),
        Detection::Nothing { keys, hint, .. } => Err(nothing(path, text, &keys, &hint)),
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

fn ambiguous(path: &Path, seen: &[Seen], named: &Named) -> Error {
    let error =
        Error::invalid(format!("`{}` holds flags in {} places, and only one can be meant", name(path), seen.len()));
    let places: Vec<&str> = seen.iter().filter_map(|seen| block_of(&seen.mapping)).collect();
    let distinct = |at: usize| !places[..at].contains(&places[at]);
    if places.len() == seen.len() && (0..places.len()).all(distinct) && named.environment.is_none() {
        let table = |(seen, place): (&Seen, &&str)| Starter::environment(place, &named.flags, &seen.mapping);
        let tables = seen.iter().zip(&places).map(table).collect::<Vec<_>>().join("\n");
        let all = indented(&format!("version = 1\n\n{tables}"));
        return error.help(format!("each is an environment of its own; write in flagctl.toml:\n{all}"));
    }
    let error = error.help("say which in flagctl.toml, one of these:");
    seen.iter().fold(error, |error, seen| {
        let root = seen.mapping.root.join(".");
        let place = if root.is_empty() { "at its top".to_owned() } else { format!("below `{}`", Shown(&root)) };
        let flags = if seen.flags == 1 { "flag" } else { "flags" };
        let about = format!("{} {flags} {place}, as `{}`:", seen.flags, Shown(&seen.example));
        let lines = match &named.environment {
            Some(_) => pinned(&seen.mapping),
            None => {
                let environment = block_of(&seen.mapping).unwrap_or("production");
                Starter::environment(environment, &named.flags, &seen.mapping)
            }
        };
        error.help(format!("{about}\n{}", indented(&lines)))
    })
}

/// Returns the key on the way to the flags that names an environment.
fn names_environment(mapping: &Mapping) -> Option<&str> {
    let keys = mapping.root.iter().chain(mapping.rollout.iter().flatten());
    keys.map(String::as_str).find(|key| file::names_environment(key))
}

/// Returns the environments whose blocks a file holds, with how each spells its flags; `None` where it holds anything else.
pub(super) fn blocks(text: &str) -> Option<Vec<(String, Mapping)>> {
    let Detection::Ambiguous(several) = detect(text) else { return None };
    let is_production = |seen: &Seen| block_of(&seen.mapping).is_some_and(|name| PRODUCTION.contains(&name));
    // What stands in no block holds where no block says otherwise: in production, if that has none.
    let elsewhere = if several.iter().any(is_production) { None } else { Some("production") };
    let block = |seen: Seen| {
        let name = block_of(&seen.mapping).or(elsewhere)?.to_owned();
        Some((name, seen.mapping))
    };
    let blocks: Vec<(String, Mapping)> = several.into_iter().map(block).collect::<Option<_>>()?;
    let distinct = |at: usize| !blocks[..at].iter().any(|(name, _)| *name == blocks[at].0);
    (0..blocks.len()).all(distinct).then_some(blocks)
}

/// Returns the key that names an environment, or what holds for all of them.
fn block_of(mapping: &Mapping) -> Option<&str> {
    let last = mapping.root.last().map(String::as_str);
    names_environment(mapping).or_else(|| last.filter(|key| file::names_default(key)))
}

fn nothing(path: &Path, text: &str, keys: &[String], hint: &str) -> Error {
    let listing = document::listing(text, &Mapping::native());
    if let Some(broken) = listing.broken {
        return broken.into_error(path, text);
    }
    let keys: Vec<_> = keys.iter().map(|key| format!("`{}`", Shown(key))).collect();
    let saw = if keys.is_empty() { String::new() } else { format!("; at its top: {}", keys.join(", ")) };
    let example = format!("[environments.production]\nflags = \"{}\"\n{EXAMPLE}", name(path));
    let error = Error::invalid(format!("no flags with a percentage were found in `{}`: {hint}{saw}", name(path)));
    if let Some(mapping) = among_settings(text) {
        return error
            .help("let settings stand elsewhere than percentages")
            .help(format!("or say in flagctl.toml that all of them are flags:\n{}", indented(&pinned(&mapping))));
    }
    error.help(format!("if it holds some, say in flagctl.toml where, for example:\n{}", indented(&example)))
}

/// Sets lines of a file apart from the sentence above them.
fn indented(lines: &str) -> String {
    let set = |line: &str| if line.is_empty() { String::new() } else { format!("    {line}") };
    lines.lines().map(set).collect::<Vec<_>>().join("\n")
}

fn other(path: &Path, dialect: Dialect) -> Error {
    Error::invalid(format!("`{}` is a {} file, which this version can't edit", name(path), dialect.name()))
        .help("name a flags file of your own with `-f FILE`")
}

/// Returns the lines of `flagctl.toml` that pin a mapping.
pub(super) fn pinned(mapping: &Mapping) -> String {
    Starter::pinned(mapping).trim_end().to_owned()
}
