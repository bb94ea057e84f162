//! How a flags file spells a flag: as the configuration pins it, else as it looks.

use crate::backend::file::FlagsFile;
use crate::config::Environment;
use crate::error::Result;
use crate::model::Mapping;

/// Returns the mapping of a file.
pub(super) fn of(_file: &FlagsFile, environment: &Environment) -> Result<Mapping> {
    Ok(environment.mapping.clone().unwrap_or_else(Mapping::native))
}

/// Returns the mapping of a file for a rollback: a spelling that can't be recognised is taken for the native one.
pub(super) fn leniently(file: &FlagsFile, environment: &Environment) -> Result<Mapping> {
    of(file, environment).or_else(|_| Ok(Mapping::native()))
}
