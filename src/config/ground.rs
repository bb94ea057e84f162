//! Where things are: the folder we stand in, the configuration above it, the Git root, the conventional flags file.

use super::standing::oddity;
use crate::error::{Error, Result};
use crate::model::{Shown, Typed};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The name of the configuration file.
pub const CONFIG_FILE: &str = "flagctl.toml";

/// The flags files that are found without a configuration, below the current folder or the nearest one above it.
pub const CONVENTIONAL: [&str; 12] = [
    "config/feature_flags.yaml",
    "config/feature_flags.yml",
    "config/feature_flags.json",
    "config/feature-flags.yaml",
    "config/feature-flags.yml",
    "config/feature-flags.json",
    "feature_flags.yaml",
    "feature_flags.yml",
    "feature_flags.json",
    "feature-flags.yaml",
    "feature-flags.yml",
    "feature-flags.json",
];

/// The ledger's place below its folder.
pub(super) const LEDGER: &str = ".flagctl/ledger.jsonl";

/// The folder of the process, and the one that `--chdir` names.
#[derive(Clone, Debug)]
pub(super) struct Ground {
    /// The folder of the process, absolute.
    directory: PathBuf,
    /// The folder that relative arguments and the search begin at, absolute.
    pub(super) base: PathBuf,
    /// Whether both are the same.
    moved: bool,
    /// The Git root of the base, once it was looked for.
    git: OnceLock<Option<PathBuf>>,
}

impl Ground {
    pub(super) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), base: directory.to_owned(), moved: false, git: OnceLock::new() }
    }

    /// Stands in the folder that `--chdir` names.
    ///
    /// # Errors
    /// Exit 2 if there is no such folder.
    pub(super) fn moved(self, chdir: Option<&Path>) -> Result<Self> {
        let Some(folder) = chdir else { return Ok(self) };
        match self.directory.join(folder).canonicalize() {
            Ok(base) if base.is_dir() => Ok(Self { base, moved: true, ..self }),
            Ok(_) => {
                let name = folder.to_string_lossy();
                Err(Error::usage(format!("`{}` is a file, not a folder", Shown(&name)))
                    .help(format!("a flags file is named with `-f {}`", Typed(&name))))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(Error::usage(format!("there is no folder `{}`", Shown(&folder.to_string_lossy())))
                    .help("name one that is there with `-C DIR`, or leave it out"))
            }
            Err(error) => {
                let name = folder.to_string_lossy();
                Err(Error::usage(format!("the folder `{}` can't be entered: {error}", Shown(&name)))
                    .help("name another with `-C DIR`, or the flags file with `-f FILE`"))
            }
        }
    }

    /// Returns a path that is fit to open and to show: relative where that is short.
    pub(super) fn shown(&self, path: &Path) -> PathBuf {
        let mut up = PathBuf::new();
        for folder in self.directory.ancestors().take(4) {
            // A path that begins at the root folder is shorter as it is.
            if folder.parent().is_none() {
                break;
            }
            if let Ok(rest) = path.strip_prefix(folder) {
                let relative = up.join(rest);
                return if relative.as_os_str().is_empty() { PathBuf::from(".") } else { relative };
            }
            up.push("..");
        }
        path.to_owned()
    }

    /// Returns a path that was shown as an absolute one.
    pub(super) fn absolute(&self, shown: &Path) -> PathBuf {
        let mut path = self.directory.clone();
        for part in shown.components() {
            match part {
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir if path.file_name().is_some() => {
                    path.pop();
                }
                part => path.push(part),
            }
        }
        path
    }

    /// Returns a path from the command line as it was given, moved by `--chdir`.
    pub(super) fn argument(&self, path: &Path) -> PathBuf {
        if self.moved { self.shown(&self.base.join(path)) } else { path.to_owned() }
    }

    /// Returns the folder that holds `.git`, from `folder` upward. From the base upward it is looked for once.
    pub(super) fn git_root(&self, folder: &Path) -> Option<PathBuf> {
        let holds = |folder: &&Path| folder.join(".git").exists();
        let below = folder.ancestors().take_while(|folder| *folder != self.base).find(holds);
        let above = || {
            let known = || self.git.get_or_init(|| self.base.ancestors().find(holds).map(Path::to_owned)).clone();
            folder.starts_with(&self.base).then(known).flatten()
        };
        below.map(Path::to_owned).or_else(above)
    }

    /// Returns the nearest configuration from the base upward.
    pub(super) fn config(&self) -> Option<PathBuf> {
        self.base.ancestors().map(|folder| folder.join(CONFIG_FILE)).find(|path| path.symlink_metadata().is_ok())
    }

    /// Returns the conventional flags files of the nearest folder that has one, from the base up to `last`; without
    /// it, up to the Git root.
    pub(super) fn conventional(&self, last: Option<&Path>) -> Vec<PathBuf> {
        self.searched(last).into_iter().find_map(|there| some(there, |path| path.is_file())).unwrap_or_default()
    }

    /// Returns what stands instead of a conventional flags file, and its kind.
    pub(super) fn odd_conventional(&self, last: Option<&Path>) -> Option<(PathBuf, &'static str)> {
        self.searched(last).into_iter().flatten().find_map(|path| oddity(&path).map(|kind| (self.shown(&path), kind)))
    }

    /// Returns the conventional places of each folder that is searched, nearest first.
    fn searched(&self, last: Option<&Path>) -> Vec<Vec<PathBuf>> {
        let git_root = self.git_root(&self.base);
        let last = last.or(git_root.as_deref()).unwrap_or(&self.base);
        // A configuration that is no folder of ours says where to look.
        let first = if self.base.starts_with(last) { self.base.as_path() } else { last };
        let folders = first.ancestors().take_while(|folder| folder.starts_with(last));
        folders.map(|folder| CONVENTIONAL.iter().map(|name| folder.join(name)).collect()).collect()
    }

    /// Returns the ledger of a flags file that no configuration rules: at the Git root, else in the file's folder, or
    /// the one above where that is called `config`.
    pub(super) fn ledger_without_config(&self, flags: &Path) -> PathBuf {
        let flags = self.directory.join(flags);
        let flags = flags.canonicalize().unwrap_or(flags);
        let folder = flags.parent().unwrap_or(&self.base);
        let home = match self.git_root(folder) {
            Some(root) => root,
            None if folder.file_name().is_some_and(|name| name == "config") => {
                folder.parent().unwrap_or(folder).to_owned()
            }
            None => folder.to_owned(),
        };
        self.shown(&home.join(LEDGER))
    }

    /// True if both paths lead to one file; relative ones begin at the process' folder.
    pub(super) fn same_file(&self, one: &Path, two: &Path) -> bool {
        let real = |path: &Path| {
            let path = self.directory.join(path);
            path.canonicalize().unwrap_or(path)
        };
        real(one) == real(two)
    }

    /// True if writing to one path would write to the other, also by another name of the same file.
    pub(super) fn one_inode(&self, one: &Path, two: &Path) -> bool {
        let [one, two] = [one, two].map(|path| self.absolute(path));
        one == two || self.same_file(&one, &two) || same_inode(&one, &two)
    }
}

fn some(paths: Vec<PathBuf>, wanted: impl Fn(&Path) -> bool) -> Option<Vec<PathBuf>> {
    let found: Vec<PathBuf> = paths.into_iter().filter(|path| wanted(path)).collect();
    if found.is_empty() { None } else { Some(found) }
}

#[cfg(unix)]
fn same_inode(one: &Path, two: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let (Ok(one), Ok(two)) = (one.metadata(), two.metadata()) else { return false };
    one.ino() == two.ino() && one.dev() == two.dev()
}

#[cfg(not(unix))]
fn same_inode(_one: &Path, _two: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_short_paths() {
        let ground = Ground::new(Path::new("/srv/app/deploy"));
        for (path, shown) in [
            ("/srv/app/deploy/config/f.yaml", "config/f.yaml"),
            ("/srv/app/config/f.yaml", "../config/f.yaml"),
            ("/srv/app/deploy", "."),
            ("/etc/f.yaml", "/etc/f.yaml"),
        ] {
            assert_eq!(ground.shown(Path::new(path)), Path::new(shown));
        }
    }
}
