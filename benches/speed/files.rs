//! The files that are measured on.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder with a flags file of so many flags, each at 25 %.
pub(crate) struct Folder {
    folder: tempfile::TempDir,
    text: String,
    flags: u32,
}

impl Folder {
    pub(crate) fn new(flags: u32) -> io::Result<Self> {
        let mut text = "# The feature flags of a service.\n".to_owned();
        for number in 0..flags {
            let _ = write!(
                text,
                "\nfeature_number_{number}_enabled:\n  enabled: true\n  rollout: 25 # of the users\n  \
                 description: \"Enables what the team of feature {number} has built\"\n"
            );
        }
        let parent = std::env::var_os("DIR").map_or_else(std::env::temp_dir, PathBuf::from);
        let folder = Self { folder: tempfile::tempdir_in(parent)?, text, flags };
        fs::create_dir(folder.path().join("config"))?;
        folder.reset()?;
        Ok(folder)
    }

    /// Makes the flags as they were. The ledger and the log stay, and grow, as they do in life.
    pub(crate) fn reset(&self) -> io::Result<()> {
        fs::write(self.flags(), &self.text)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn flags(&self) -> PathBuf {
        self.path().join("config/feature_flags.yaml")
    }

    /// The log of the bare program.
    pub(crate) fn log(&self) -> PathBuf {
        self.path().join("floor.log")
    }

    pub(crate) fn size(&self) -> io::Result<u64> {
        Ok(fs::metadata(self.flags())?.len())
    }

    /// The flag in the middle of the file.
    pub(crate) fn middle(&self) -> String {
        format!("feature_number_{}_enabled", self.flags / 2)
    }
}
