//! Replaces a flags file whole: the old or the new text stands in it at any instant, and a change that someone else
//! made meanwhile is never lost.
//!
//! The steps: the new text goes into a spare file beside the flags file (mode and owner of the old one, synced); the
//! flags file is compared once more; the two are *exchanged* in one step; then what came out is compared with what was
//! read. If it is something else, somebody was quicker: the two are exchanged back, and the caller reads anew.
//!
//! Where a process can be stopped or killed, and why nothing is lost:
//! - before the exchange: the flags file is untouched. If it changes meanwhile, the last comparison or the one after
//!   the exchange sees it. A rollback that can't wait takes the spare file away (`set_aside`), so that a writer which
//!   was stopped here has nothing to exchange when it goes on.
//! - after the exchange, before the check: the spare file holds what came out, and its name tells which text that
//!   should be. The next holder of the lock (`sweep`), or a rollback without it (`set_aside`), finishes the check.
//! - while exchanging back: what comes out has to be this write's own text. If it is not, somebody changed the file in
//!   that instant: theirs goes back in place, and the change that was out meanwhile is kept beside, and said.
//!
//! What no rename can see is a program that keeps the old file open and writes into it afterwards.

use super::exchange::{exchange, sync_folder, unsupported};
use super::identity::Kept;
use super::overwrite::overwrite;
use super::spare::{Kind, Spare};
use super::text::{FlagsFile, is};
use crate::error::Error;
use crate::exit::Exit;
use crate::model::{Mode, Shown};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

/// Why a file was not replaced.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// Somebody changed the file since it was read. Theirs stands; nothing else was changed.
    #[error("the file changed since it was read")]
    Changed,
    /// A rollback that could not wait took this write out of our hands. What stands in the file has to be read.
    #[error("a rollback took this write out of our hands")]
    TakenOver,
    /// It can't be done; the error says whether anything was changed.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Replaces the text of `file`, as it was read, by `new`. Returns sentences about what could not be done as usual.
///
/// # Errors
/// [`ReplaceError`] says why it was not done.
pub fn replace(file: &FlagsFile, new: &str, mode: Mode) -> Result<Vec<String>, ReplaceError> {
    let mut notes = Vec::new();
    if file.identity.names > 1 {
        match mode {
            Mode::Careful => return Err(hard_link(file).into()),
            Mode::Urgent => notes.push(format!(
                "{} had {} names (hard links): only this one has the new text",
                shown(&file.path),
                file.identity.names
            )),
        }
    }
    let (spare, kept) = match prepare(file, new, mode) {
        Ok(prepared) => prepared,
        Err(error) => return instead(file, new, mode, &error),
    };
    match kept {
        Kept::All => {}
        Kept::Readable => {
            notes.push(format!("{} has another owner now: the old one can't be kept", shown(&file.path)));
        }
        Kept::No => {
            remove(&spare);
            let error = io::Error::other("its owner or group can't be kept, and its readers could be locked out");
            return instead(file, new, mode, &error);
        }
    }
    // Compared here, after the spare file has its final name: see `set_aside`.
    if !file.holds(&file.text) {
        remove(&spare);
        return Err(ReplaceError::Changed);
    }
    match exchange(&spare.path, &file.target) {
        Ok(()) => check(&spare, file, new)?,
        Err(error) if unsupported(&error) => match rename_over(&spare, file, new) {
            Ok(()) => {}
            Err(Renaming::Lost(error)) => return Err(error),
            Err(Renaming::Impossible(error)) => {
                remove(&spare);
                return instead(file, new, mode, &error);
            }
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let taken = !spare.path.exists();
            remove(&spare);
            return Err(if taken { ReplaceError::TakenOver } else { ReplaceError::Changed });
        }
        Err(error) => {
            remove(&spare);
            return instead(file, new, mode, &error);
        }
    }
    if let Err(error) = sync_folder(file.folder()) {
        notes.push(format!(
            "{} is changed, but a power cut now could bring the old text back: {error}",
            shown(&file.path)
        ));
    }
    Ok(notes)
}

/// Writes the new text beside the flags file and makes it last.
fn prepare(file: &FlagsFile, new: &str, mode: Mode) -> io::Result<(Spare, Kept)> {
    let new = file.bytes(new);
    let mut spare = Spare::name(file.folder(), &file.target, Kind::Part, &file.bytes(&file.text), &new);
    let mut made = create(&spare.path)?;
    let kind = match mode {
        Mode::Careful => Kind::Careful,
        Mode::Urgent => Kind::Urgent,
    };
    let filled = made
        .write_all(&new)
        .and_then(|()| file.identity.give(&File::open(&file.target)?, &made))
        .and_then(|kept| made.sync_all().map(|()| kept))
        .and_then(|kept| spare.become_kind(&file.target, kind).map(|()| kept));
    match filled {
        Ok(kept) => Ok((spare, kept)),
        Err(error) => {
            remove(&spare);
            Err(error)
        }
    }
}

/// Makes a new file that nobody else can read yet.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        // The name holds this process's pid and start: it is a leftover of its own.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs::remove_file(path)?;
            options.open(path)
        }
        opened => opened,
    }
}

/// Looks at what the exchange took out: it has to be what was read.
fn check(spare: &Spare, file: &FlagsFile, new: &str) -> Result<(), ReplaceError> {
    match is(&spare.path, &file.bytes(&file.text)) {
        Ok(true) => {
            remove(spare);
            Ok(())
        }
        Ok(false) => Err(put_back(spare, file, new).err().unwrap_or(ReplaceError::Changed)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ReplaceError::TakenOver),
        Err(error) => {
            put_back(spare, file, new)?;
            Err(failure(file, &error).into())
        }
    }
}

/// Puts back what the exchange took out, and removes this write's own text.
fn put_back(spare: &Spare, file: &FlagsFile, new: &str) -> Result<(), ReplaceError> {
    if let Err(error) = exchange(&spare.path, &file.target) {
        let taken = error.kind() == io::ErrorKind::NotFound && !spare.path.exists();
        return Err(if taken { ReplaceError::TakenOver } else { left_out(spare, file, Some(&error)).into() });
    }
    if is(&spare.path, &file.bytes(new)).unwrap_or(false) {
        remove(spare);
        let _ = sync_folder(file.folder());
        return Ok(());
    }
    // Somebody replaced this write's text in the meantime: theirs is the newest and goes back in place.
    let again = exchange(&spare.path, &file.target);
    Err(left_out(spare, file, again.as_ref().err()).into())
}

/// Why a rename was not made, or was made and undone.
enum Renaming {
    /// Not made.
    Impossible(io::Error),
    /// The file changed before or during it.
    Lost(ReplaceError),
}

/// Replaces the file where nothing can be exchanged: compares right before and right after a rename.
fn rename_over(spare: &Spare, file: &FlagsFile, new: &str) -> Result<(), Renaming> {
    let mut old = File::open(&file.target).map_err(Renaming::Impossible)?;
    let mut bytes = Vec::new();
    let expected = file.bytes(&file.text);
    let same = |bytes: &[u8]| *bytes == *expected;
    old.read_to_end(&mut bytes).map_err(Renaming::Impossible)?;
    if !same(&bytes) {
        remove(spare);
        return Err(Renaming::Lost(ReplaceError::Changed));
    }
    fs::rename(&spare.path, &file.target).map_err(Renaming::Impossible)?;
    bytes.clear();
    if old.rewind().and_then(|()| old.read_to_end(&mut bytes)).is_ok() && same(&bytes) {
        return Ok(());
    }
    // Written to between the two comparisons: that text goes back.
    let restored = create(&spare.path).and_then(|mut made| {
        made.write_all(&bytes)?;
        file.identity.give(&old, &made)?;
        made.sync_all()?;
        let ours = is(&file.target, &file.bytes(new))?;
        if ours { fs::rename(&spare.path, &file.target) } else { Err(io::ErrorKind::ResourceBusy.into()) }
    });
    Err(Renaming::Lost(match restored {
        Ok(()) => ReplaceError::Changed,
        Err(error) => left_out(spare, file, Some(&error)).into(),
    }))
}

/// What is done when the file can't be replaced: nothing for a careful change, an overwrite for an urgent one.
fn instead(file: &FlagsFile, new: &str, mode: Mode, error: &io::Error) -> Result<Vec<String>, ReplaceError> {
    match mode {
        Mode::Careful => Err(failure(file, error).into()),
        // A limit of the process: it holds for the file itself too.
        Mode::Urgent if error.kind() == io::ErrorKind::FileTooLarge => Err(failure(file, error).into()),
        Mode::Urgent => overwrite(file, new, error),
    }
}

fn remove(spare: &Spare) {
    // A spare file that can't be removed is swept by the next holder of the lock.
    let _ = fs::remove_file(&spare.path);
}

pub(super) fn shown(path: &Path) -> String {
    format!("`{}`", Shown(&path.to_string_lossy()))
}

/// Tells why the file can't be replaced. Nothing was changed.
pub(super) fn failure(file: &FlagsFile, error: &io::Error) -> Error {
    let failed = Error::failed(format!("{} can't be replaced: {}", shown(&file.path), reason(error)));
    let folder = shown(file.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    match error.kind() {
        io::ErrorKind::PermissionDenied => failed
            .help(format!("run it as a user who may create files in {folder}; is the file or its folder immutable?")),
        io::ErrorKind::ReadOnlyFilesystem => failed.help("mount it for writing, or run flagctl where the file is kept"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            failed.help(format!("free some space for {folder}"))
        }
        io::ErrorKind::FileTooLarge => failed.help("let files grow larger: `ulimit -f unlimited`"),
        io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
            failed.help("run flagctl on the host, where the file is kept")
        }
        _ => failed,
    }
}

/// Continues "can't be replaced: …".
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "its file system is read-only".to_owned(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "no space left".to_owned(),
        io::ErrorKind::FileTooLarge => "no file may grow so large here".to_owned(),
        io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => "it is a mount point".to_owned(),
        _ => error.to_string(),
    }
}

fn hard_link(file: &FlagsFile) -> Error {
    let name = shown(&file.path);
    Error::invalid(format!(
        "{name} has {} names (hard links): replacing it would leave the others with the old text",
        file.identity.names
    ))
    .help("make it a file of its own first: copy it, and move the copy over it")
}

/// Tells that somebody's change stands beside the flags file instead of in it.
fn left_out(spare: &Spare, file: &FlagsFile, error: Option<&io::Error>) -> Error {
    let why = error.map(|error| format!(": {error}")).unwrap_or_default();
    Error::new(Exit::Conflict, format!("{} was changed by others twice while it was written{why}", shown(&file.path)))
        .help(format!("one of their changes is kept in {}: compare it with the flags file", shown(&spare.path)))
        .changed(Some(error.is_some()))
}
