//! The last resort of a rollback: a file that can't be replaced is overwritten where it is.

use super::replace::{ReplaceError, create, failure, reason, shown};
use super::spare::{Kind, Spare};
use super::text::FlagsFile;
use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Overwrites `file` in place, after its text was saved beside it or in the temporary folder.
///
/// `why` is what kept it from being replaced. Returns sentences about it.
///
/// # Errors
/// As for a replacement; a failure halfway is repaired, and where it can't be, the saved copy is named.
pub(super) fn overwrite(file: &FlagsFile, new: &str, why: &io::Error) -> Result<Vec<String>, ReplaceError> {
    let mut opened = File::options().read(true).write(true).open(&file.target).map_err(|_| failure(file, why))?;
    let (was, new) = (file.bytes(&file.text), file.bytes(new));
    let copy = save(file, &was, &new);
    let drop_copy = || {
        if let Some(copy) = &copy {
            let _ = fs::remove_file(copy);
        }
    };
    let mut bytes = Vec::new();
    if opened.read_to_end(&mut bytes).is_err() || bytes != *was {
        drop_copy();
        return Err(ReplaceError::Changed);
    }
    if let Err(error) = reserve(&opened, new.len()) {
        drop_copy();
        return Err(failure(file, &error).into());
    }
    if let Err(error) = fill(&mut opened, &new) {
        if fill(&mut opened, &was).is_ok() {
            drop_copy();
            return Err(failure(file, &error).into());
        }
        return Err(half(file, copy.as_deref(), &error).into());
    }
    drop_copy();
    let mut notes =
        vec![format!("{} was overwritten in place, since it can't be replaced: {}", shown(&file.path), reason(why))];
    if copy.is_none() {
        notes.push("no copy of the old text could be saved before that".to_owned());
    }
    Ok(notes)
}

/// Saves the old text: beside the file, else in the temporary folder.
fn save(file: &FlagsFile, was: &[u8], new: &[u8]) -> Option<PathBuf> {
    let name = |folder: &Path| Spare::name(folder, &file.target, Kind::Copy, was, new).path;
    [name(file.folder()), name(&std::env::temp_dir())].into_iter().find(|path| {
        let saved = create(path).and_then(|mut copy| {
            copy.write_all(was)?;
            copy.sync_all()
        });
        if saved.is_err() {
            let _ = fs::remove_file(path);
        }
        saved.is_ok()
    })
}

/// Gets the space for a longer text first: a full disk is told before the first byte is overwritten.
#[cfg(target_os = "linux")]
fn reserve(file: &File, len: usize) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, len as u64) {
        Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => Err(error.into()),
        // Not every file system can; then the write tells.
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn reserve(_file: &File, _len: usize) -> io::Result<()> {
    Ok(())
}

fn fill(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

fn half(file: &FlagsFile, copy: Option<&Path>, error: &io::Error) -> Error {
    let failed =
        Error::failed(format!("{} may hold half of the new text: {error}", shown(&file.path))).changed(Some(true));
    match copy {
        Some(copy) => failed.help(format!("its text before is saved in {}", shown(copy))),
        None => failed.help("no copy of it could be saved; take it from version control"),
    }
}
