//! A document that `doc` keeps: where it may stand, as it is, and as it should be.

use super::Context;
use super::interrupt::{Interrupt, LOCK_TIMEOUT};
use crate::change::{self, Patience};
use crate::config::{Environment, Settings};
use crate::error::{Error, Result};
use crate::model::Shown;
use std::path::{Component, Path, PathBuf};

/// One document.
pub(super) struct Paper {
    pub(super) path: PathBuf,
    pub(super) old: Option<String>,
    pub(super) new: String,
}

impl Paper {
    /// Reads a document, if it may be one; it needn't be there yet.
    pub(super) fn read(settings: &Settings, path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let name = Shown(&shown);
        let another = "name a document of its own: `doc = \"docs/…\"` below the flag in flagctl.toml";
        if let Some(what) = taken(settings, path) {
            return Err(Error::invalid(format!("`{name}` can't be a document: it is {what}")).help(another));
        }
        if path.is_dir() {
            return Err(Error::invalid(format!("`{name}` can't be a document: it is a directory")).help(another));
        }
        if let Some(why) = settings.no_document(path).or_else(|| settings.no_document(&resolved(path))) {
            return Err(Error::invalid(format!("`{name}` can't be a document: {why}")).help(another));
        }
        let is_there = path.symlink_metadata().is_ok();
        if is_there && !path.exists() {
            let message = format!("`{name}` can't be a document: it is a symlink that leads nowhere");
            return Err(Error::invalid(message).help("take the symlink out, or make the file that it leads to"));
        }
        if let Some(outside) = outside(settings, path) {
            let outside = outside.display().to_string();
            let message = format!("`{name}` leads out of the repository by a symlink: to `{}`", Shown(&outside));
            return Err(Error::invalid(message).help("name the document itself, if it is meant"));
        }
        let old = if is_there { Some(text(path, &name)?) } else { None };
        Ok(Self { path: path.to_owned(), new: old.clone().unwrap_or_default(), old })
    }

    pub(super) fn is_stale(&self) -> bool {
        self.old.as_ref() != Some(&self.new)
    }

    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    pub(super) fn write(&self, context: &Context) -> Result<()> {
        let Some(old) = &self.old else { return change::create(&self.path, &self.new) };
        let interrupt = Interrupt::listen(context);
        let patience = Patience {
            timeout: LOCK_TIMEOUT,
            stopped: &|| interrupt.exit(),
            waiting: &|holder| context.term.status(holder),
        };
        change::rewrite(&self.path, old, &self.new, &patience).map(|_| ())
    }
}

/// Reads a text; what is said of a flags file is not said of a document.
fn text(path: &Path, name: &Shown<'_>) -> Result<String> {
    change::read_text(path).map_err(|error| {
        let message = error.message.replace("flags file", "document");
        Error::new(error.exit, message).help(format!("make `{name}` a text that can be read and written"))
    })
}

/// Returns what a path already is to flagctl.
fn taken(settings: &Settings, path: &Path) -> Option<&'static str> {
    let is = |other: &Path| one(path, other);
    let chosen = settings.environment().ok();
    let mut flags = settings.environments.iter().chain(chosen).filter_map(Environment::file);
    if flags.any(is) {
        return Some("a flags file");
    }
    if settings.file.as_deref().is_some_and(is) {
        return Some("the configuration");
    }
    is(&settings.ledger).then_some("the ledger")
}

/// True if both paths lead to one file, there or not.
fn one(one: &Path, two: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if let (Ok(one), Ok(two)) = (one.metadata(), two.metadata()) {
            return one.ino() == two.ino() && one.dev() == two.dev();
        }
    }
    resolved(one) == resolved(two)
}

/// Returns where a path leads, if a symlink on it leads out of the repository; without one, out of the folder of the
/// configuration.
fn outside(settings: &Settings, path: &Path) -> Option<PathBuf> {
    let root = lexical(&settings.root);
    let root = root.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&root);
    let leads = resolved(path);
    (lexical(path).starts_with(root) && !leads.starts_with(resolved(root))).then_some(leads)
}

/// Returns the absolute path as it is written, `..` taken out.
fn lexical(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in full.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// Returns the path with the symlinks followed of as much of it as is there.
fn resolved(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let known = full.ancestors().find_map(|part| Some((part, part.canonicalize().ok()?)));
    match known {
        Some((part, real)) => full.strip_prefix(part).map_or(real.clone(), |rest| real.join(rest)),
        None => full,
    }
}
