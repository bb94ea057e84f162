//! Where a ledger stands, and how an entry names the place of its flag.

use crate::model::{Entry, is_address};
use std::io;
use std::path::{Path, PathBuf};

/// A ledger's file. One ledger may serve several flags files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// The file itself; it needn't be there yet.
    pub path: PathBuf,
    /// The folder that the entries' `file` is relative to.
    pub root: PathBuf,
}

/// Where a flag stands, as entries tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The environment's name; `None` for a nameless one.
    pub environment: Option<String>,
    /// The flags file, as [`Ledger::name_of`] gives it.
    pub file: String,
}

impl Ledger {
    /// Returns the ledger at `path`: its entries name files from the folder that holds `.flagctl`, else from its own.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = full.parent().unwrap_or(Path::new("/"));
        let root = match folder.parent() {
            Some(parent) if folder.file_name().is_some_and(|name| name == ".flagctl") => parent,
            _ => folder,
        };
        Self { root: root.to_owned(), path: path.to_owned() }
    }

    /// Returns the ledger of a flags file that no configuration speaks of: `.flagctl/ledger.jsonl` at the Git root, else
    /// in the file's folder (its parent where that folder is called `config`).
    #[must_use]
    pub fn beside(flags: &Path) -> Self {
        let flags = std::path::absolute(flags).unwrap_or_else(|_| flags.to_owned());
        let folder = flags.parent().unwrap_or(Path::new("/"));
        let git = folder.ancestors().find(|ancestor| ancestor.join(".git").exists());
        let root = git.unwrap_or_else(|| match folder.parent() {
            Some(parent) if folder.file_name().is_some_and(|name| name == "config") => parent,
            _ => folder,
        });
        Self { path: root.join(".flagctl").join("ledger.jsonl"), root: root.to_owned() }
    }

    /// Refuses pipes and devices: they would hang a reader, or swallow an entry.
    pub(super) fn refuse_special(&self) -> io::Result<()> {
        std::fs::metadata(&self.path).map_or(Ok(()), |found| refuse_special(&found))
    }

    /// Names a flags file, or a backend, as entries do: relative to the root where it is below it, else absolute; with `/` on every
    /// system, so that it reads the same in every checkout.
    #[must_use]
    pub fn name_of(&self, file: &Path) -> String {
        // The address of a backend is the same from everywhere.
        if is_address(file) {
            return file.to_string_lossy().into_owned();
        }
        let resolved = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path));
        let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The folder's symlinks are followed, the file's own is not: the name is what the team knows.
        let full = match (resolved(folder), file.file_name()) {
            (Ok(folder), Some(name)) => folder.join(name),
            _ => file.to_owned(),
        };
        let root = resolved(&self.root).unwrap_or_else(|_| self.root.clone());
        let name = full.strip_prefix(&root).unwrap_or(&full);
        let parts: Vec<_> = name.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/").replacen("//", "/", 1)
    }

    /// Returns the place of a flag in `file`, used as `environment`.
    #[must_use]
    pub fn place(&self, environment: Option<&str>, file: &Path) -> Place {
        Place { environment: environment.map(str::to_owned), file: self.name_of(file) }
    }
}

impl Place {
    /// True if an entry is about this place: the same environment, or the same file.
    #[must_use]
    pub fn is_of(&self, entry: &Entry) -> bool {
        self.covers(entry.environment.as_deref(), &entry.file)
    }

    pub(super) fn covers(&self, environment: Option<&str>, file: &str) -> bool {
        self.file == file || (environment.is_some() && environment == self.environment.as_deref())
    }
}

/// Refuses pipes and devices, as [`Ledger::refuse_special`].
pub(super) fn refuse_special(found: &std::fs::Metadata) -> io::Result<()> {
    if found.is_file() || found.is_dir() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"))
}

/// Returns why a ledger can't be used, for a person.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "its file system is read-only".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "no space left".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => "its folder is a file".to_owned(),
        _ => error.to_string(),
    }
}
