//! What stands at a path, looked at before it is opened: a pipe would hang its reader.

use std::fs::{File, FileType};
use std::io::{Error, ErrorKind, Read as _, Result};
use std::path::Path;

/// The most that a configuration may hold, in bytes.
const MOST: u64 = 4 * 1024 * 1024;

/// What is said of a symlink to nothing.
pub(super) const LEADS_NOWHERE: &str = "a symlink that leads nowhere";

/// Names what stands at a path instead of a file; `None` where a file stands, or nothing.
pub(super) fn oddity(path: &Path) -> Option<&'static str> {
    let named = path.symlink_metadata().ok()?;
    match path.metadata() {
        Ok(found) if found.is_file() => None,
        Ok(found) if found.is_dir() => Some("a directory"),
        Ok(found) => Some(special(found.file_type())),
        Err(_) => named.is_symlink().then_some(LEADS_NOWHERE),
    }
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    match (kind.is_fifo(), kind.is_socket()) {
        (true, _) => "a named pipe",
        (_, true) => "a socket",
        _ => "a device",
    }
}

#[cfg(not(unix))]
fn special(_kind: FileType) -> &'static str {
    "no regular file"
}

/// Reads a configuration's bytes, from a regular file only and never without limit.
///
/// # Errors
/// Those of the system; and where something else stands there, or more than 4 MB.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let found = path.metadata()?;
    if found.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    if let Some(kind) = oddity(path) {
        return Err(Error::new(ErrorKind::InvalidInput, format!("it is {kind}")));
    }
    let mut bytes = Vec::new();
    if found.len() <= MOST {
        File::open(path)?.take(MOST + 1).read_to_end(&mut bytes)?;
    }
    if found.len().max(bytes.len() as u64) > MOST {
        return Err(Error::new(ErrorKind::FileTooLarge, "it is larger than 4 MB"));
    }
    Ok(bytes)
}
