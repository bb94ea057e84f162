//! Files that are written as a whole text: a configuration, a new flags file.

use super::lock::{self, Patience};
use crate::backend::file::{self, FlagsFile, ReplaceError};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Mode, Shown};
use std::io::{self, Write as _};
use std::path::Path;

/// Returns the text of a file that is to be rewritten.
///
/// # Errors
/// As [`FlagsFile::read`].
pub fn read_text(path: &Path) -> Result<String> {
    Ok(FlagsFile::read(path)?.text)
}

/// Replaces the text `old` of a file by `new`, under its lock.
///
/// # Errors
/// `conflict` (7) if it holds something else by now, `failed` (1) if it can't be replaced.
pub fn rewrite(path: &Path, old: &str, new: &str, patience: &Patience<'_>) -> Result<Vec<String>> {
    let _lock = lock::take(path, Mode::Careful, patience)?;
    let file = FlagsFile::read(path)?;
    if file.text != old {
        return Err(changed(path));
    }
    match file::replace(&file, new, Mode::Careful) {
        Ok(notes) => Ok(notes),
        Err(ReplaceError::Failed(error)) => Err(error),
        Err(ReplaceError::Changed | ReplaceError::TakenOver) => Err(changed(path)),
    }
}

/// Makes a file that isn't there yet, whole or not at all; its folder too.
///
/// # Errors
/// `conflict` (7) if it is there by now, `failed` (1) if it can't be made.
pub fn create(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let made = std::fs::create_dir_all(folder).and_then(|()| {
        let mut spare = tempfile::Builder::new().prefix(".flagctl-").tempfile_in(folder)?;
        spare.write_all(text.as_bytes())?;
        readable(spare.as_file())?;
        spare.as_file().sync_all()?;
        spare.persist_noclobber(path).map_err(|error| error.error)?;
        std::fs::File::open(folder).and_then(|folder| folder.sync_all()).or(Ok(()))
    });
    made.map_err(|error: io::Error| {
        let name = path.display().to_string();
        match error.kind() {
            io::ErrorKind::AlreadyExists => changed(path),
            // In the words of its kind: the error itself names the spare file.
            kind => Error::failed(format!("`{}` can't be made: {kind}", Shown(&name)))
                .help(format!("make it possible to write into `{}`", Shown(&folder.display().to_string()))),
        }
    })
}

/// Gives a new file the mode that the user's other new files get.
fn readable(file: &std::fs::File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let umask = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
        rustix::process::umask(umask);
        file.set_permissions(std::fs::Permissions::from_mode(0o666 & !umask.as_raw_mode()))?;
    }
    let _ = file;
    Ok(())
}

fn changed(path: &Path) -> Error {
    let name = path.display().to_string();
    Error::new(Exit::Conflict, format!("`{}` was changed by someone else meanwhile", Shown(&name)))
        .help("look at it and try again")
}
