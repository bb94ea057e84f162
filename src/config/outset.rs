//! Where `init` begins: what the other verbs use from here, and the folder that a configuration goes to.

use super::arguments::{Arguments, Said, Surroundings};
use super::ground::{CONVENTIONAL, Ground, LEDGER};
use crate::error::Result;
use std::path::{Component, Path, PathBuf};

/// What is known of a place before it has a configuration.
#[derive(Debug)]
pub struct Outset {
    /// The configuration that is named, whether it is there or not, else the nearest one above.
    pub config: Option<PathBuf>,
    /// The configuration was found, not named.
    pub is_found: bool,
    /// The folder to look in, fit to open and to show.
    pub folder: PathBuf,
    /// The flags file that is named.
    pub file: Option<PathBuf>,
    ground: Ground,
}

impl Outset {
    /// Looks at the place that a call leads to.
    ///
    /// # Errors
    /// Exit 2 if there is no such folder.
    pub fn of(arguments: &Arguments, around: &Surroundings<'_>) -> Result<Self> {
        let ground = Ground::new(&around.directory).moved(arguments.chdir.as_deref())?;
        let said = Said::of(arguments, around);
        let named = said.config.as_ref().map(|(path, _)| ground.argument(path));
        let is_found = named.is_none();
        let config = named.or_else(|| ground.config().map(|path| ground.shown(&path)));
        let file = said.file.as_ref().map(|(path, _)| ground.argument(path));
        Ok(Self { config, is_found, folder: ground.shown(&ground.base), file, ground })
    }

    /// Returns the folder above, up to the Git root, of the flags file that the other verbs find from here; with the
    /// file, where it isn't in the folder itself.
    #[must_use]
    pub fn above(&self) -> Option<(PathBuf, Option<PathBuf>)> {
        let file = self.ground.conventional(None).into_iter().next()?;
        let home = self.home_of(&file);
        let outside = !file.starts_with(&self.ground.base);
        (home != self.ground.base).then(|| (self.ground.shown(&home), outside.then_some(file)))
    }

    /// Returns the folder for the configuration of a flags file: this one, or the one above that holds both, which the
    /// other verbs find from here; never one outside the Git root.
    #[must_use]
    pub fn home(&self, file: &Path) -> PathBuf {
        let full = self.ground.absolute(file);
        self.ground.shown(&self.home_of(&full.canonicalize().unwrap_or(full)))
    }

    fn home_of(&self, file: &Path) -> PathBuf {
        let base = &self.ground.base;
        let root = self.ground.git_root(base).unwrap_or_else(|| base.clone());
        let within: Vec<&Path> = base.ancestors().take_while(|folder| folder.starts_with(&root)).collect();
        // From `config/` it is found too; from everywhere else by the folder above.
        let conventional = |folder: &&&Path| CONVENTIONAL.iter().any(|name| folder.join(name) == file);
        let holding = || within.iter().find(|folder| file.starts_with(folder));
        within
            .iter()
            .rev()
            .find(conventional)
            .or_else(holding)
            .map_or_else(|| base.clone(), |folder| folder.to_path_buf())
    }

    /// Returns the Git root, where that is above.
    #[must_use]
    pub fn root(&self) -> Option<PathBuf> {
        let root = self.ground.git_root(&self.ground.base)?;
        // Without the slash at its end.
        (root != self.ground.base).then(|| self.ground.shown(&root).components().collect())
    }

    /// Returns the ledger that recorded the changes of a flags file until now, if it isn't the one that a configuration in
    /// `home` leads to: latches and soaks are known from it.
    #[must_use]
    pub fn ledger(&self, file: &Path, home: &Path) -> Option<PathBuf> {
        let kept = self.ground.ledger_without_config(file);
        (kept.is_file() && !self.ground.same_file(&kept, &home.join(LEDGER))).then_some(kept)
    }
}

/// Returns a path as it is from a folder, with `/`: by `..` too, where both have more in common than the root folder.
#[must_use]
pub fn relative(home: &Path, path: &Path) -> String {
    let absolute = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or(path.to_owned());
    let (home, full) = (absolute(home), absolute(path));
    let common = home.components().zip(full.components()).take_while(|(one, other)| one == other).count();
    let is_shared = home.components().take(common).any(|part| matches!(part, Component::Normal(_)));
    if !is_shared && home.components().count() > common {
        return full.to_string_lossy().replace('\\', "/");
    }
    let up = home.components().skip(common).map(|_| Component::ParentDir);
    let shown: PathBuf = up.chain(full.components().skip(common)).collect();
    shown.to_string_lossy().replace('\\', "/")
}
