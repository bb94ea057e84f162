//! A flags file as it was read: its text, and which file it was.

use super::identity::Identity;
use super::mask::Mask;
use crate::document;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Shown, Typed};
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// A flags file as it was read at one moment.
#[derive(Debug)]
pub struct FlagsFile {
    /// As the user named it: fit to show.
    pub path: PathBuf,
    /// Its text, to the byte; of one that is no UTF-8 throughout, each byte that isn't as a character of its own.
    pub text: String,
    /// What stands for those bytes.
    pub(super) mask: Option<Mask>,
    /// Where the first of them stands, as a sentence.
    pub odd: Option<String>,
    /// The file itself, symlinks followed: what is replaced, so that a symlink stays one.
    pub(super) target: PathBuf,
    /// Owner, mode and names.
    pub(super) identity: Identity,
}

impl FlagsFile {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// `failed` (1) if it isn't there or can't be read, `invalid` (3) if it is no regular file or not UTF-8.
    pub fn read(path: &Path) -> Result<Self> {
        let target = path.canonicalize().map_err(|error| unreadable(path, &error))?;
        let (bytes, identity) = contents(&target).map_err(|error| unreadable(path, &error))?;
        if let Some(encoding) = document::wide(&bytes) {
            return Err(wide(path, encoding));
        }
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(path, error.as_bytes()))?;
        Ok(Self { path: path.to_owned(), text, mask: None, odd: None, target, identity })
    }

    /// Reads the file at `path` for a rollback: bytes that are no UTF-8 don't keep it from reading what is around them.
    ///
    /// # Errors
    /// As [`FlagsFile::read`], but for those bytes.
    pub fn read_urgently(path: &Path) -> Result<Self> {
        let failed = match Self::read(path) {
            Err(error) if error.exit == Exit::Invalid => error,
            read => return read,
        };
        let Ok(target) = path.canonicalize() else { return Err(failed) };
        let Ok((bytes, identity)) = contents(&target) else { return Err(failed) };
        if document::wide(&bytes).is_some() {
            return Err(failed);
        }
        let Some((text, mask)) = Mask::cover(&bytes) else { return Err(failed) };
        let odd = failed.message + ": such bytes were left as they are, and readers may not load the file";
        Ok(Self { path: path.to_owned(), text, mask: Some(mask), odd: Some(odd), target, identity })
    }

    /// Returns the bytes of a text of this file.
    pub(super) fn bytes<'t>(&self, text: &'t str) -> Cow<'t, [u8]> {
        Mask::bytes(self.mask.as_ref(), text)
    }

    /// Returns a text of this file as it is shown: what is no UTF-8 as the sign for that.
    #[must_use]
    pub fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.bytes(text) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    /// True if the file holds exactly `text` now, a text of this file.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        is(&self.target, &self.bytes(text)).unwrap_or(false)
    }

    /// True if the file at `path` holds exactly `text`. Looks piece by piece: a large file is not held a second time.
    #[must_use]
    pub fn stands(path: &Path, text: &str) -> bool {
        is(path, text.as_bytes()).unwrap_or(false)
    }

    /// Returns the folder that the file stands in, symlinks followed.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.target.parent().unwrap_or(Path::new("/"))
    }
}

/// How much of a file is held at once to be compared.
const PIECE: usize = 16 * 1024;

/// Tells whether a file holds exactly these bytes.
pub(super) fn is(path: &Path, expected: &[u8]) -> io::Result<bool> {
    let mut file = File::open(path)?;
    let mut piece = Vec::with_capacity(PIECE);
    let mut rest = expected;
    loop {
        piece.clear();
        let length = file.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        match rest.strip_prefix(piece.as_slice()) {
            Some(after) if length < PIECE => return Ok(after.is_empty()),
            Some(after) => rest = after,
            None => return Ok(false),
        }
    }
}

/// Reads a regular file. Anything else is told before it is read: a pipe would hang, a device never end.
pub(super) fn contents(target: &Path) -> io::Result<(Vec<u8>, Identity)> {
    let kind = std::fs::metadata(target)?;
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !kind.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let file = File::open(target)?;
    let identity = Identity::of(&file.metadata()?);
    let mut bytes = Vec::with_capacity(usize::try_from(identity.len).unwrap_or(0) + 1);
    // A bare file would be asked for its length once more.
    file.take(u64::MAX).read_to_end(&mut bytes)?;
    Ok((bytes, identity))
}

fn unreadable(path: &Path, error: &io::Error) -> Error {
    let name = path.to_string_lossy();
    let name = Shown(&name);
    match error.kind() {
        io::ErrorKind::NotFound => Error::failed(format!("there is no flags file `{name}`"))
            .help("name it with `-f FILE`, or run `flagctl init` where it is"),
        io::ErrorKind::IsADirectory => Error::invalid(format!("`{name}` is a directory, not a flags file"))
            .help("name the file in it with `-f FILE`"),
        io::ErrorKind::InvalidInput => {
            Error::invalid(format!("`{name}` is not a regular file")).help("name a flags file with `-f FILE`")
        }
        io::ErrorKind::PermissionDenied => Error::failed(format!("`{name}` can't be read: permission denied"))
            .help("run it as a user who may read the file"),
        _ => {
            Error::failed(format!("`{name}` can't be read: {error}")).help("name a flags file that can, with `-f FILE`")
        }
    }
}

fn wide(path: &Path, encoding: &str) -> Error {
    let name = path.to_string_lossy();
    let (old, new) = (Typed(&name).to_string(), Typed(&format!("{name}.utf8")).to_string());
    // The order of the bytes matters to `iconv` alone.
    Error::invalid(format!("`{}` is {}, and a flags file has to be UTF-8", Shown(&name), &encoding[..6]))
        .help(format!("convert it: iconv -f {encoding} -t UTF-8 {old} > {new} && mv {new} {old}"))
}

fn not_utf8(path: &Path, bytes: &[u8]) -> Error {
    let name = path.to_string_lossy();
    let (old, new) = (Typed(&name).to_string(), Typed(&format!("{name}.utf8")).to_string());
    let name = Shown(&name);
    let good = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let before = String::from_utf8_lossy(&bytes[..good]);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    let rest = before.rsplit('\n').next().unwrap_or_default().to_owned();
    let after = bytes[good..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    let source = Some(rest + String::from_utf8_lossy(after).trim_end_matches('\r'));
    let spot = crate::error::Spot { file: path.to_owned(), line, column, width: 1, source };
    Error::invalid(format!("`{name}` is not UTF-8: byte 0x{:02x} at line {line}, column {column}", bytes[good]))
        .at(spot)
        .help(format!("save it as UTF-8; if it is Latin-1: iconv -f LATIN1 -t UTF-8 {old} > {new} && mv {new} {old}"))
}
