//! The ids of users, one a line, from a file or from stdin: read as they come, however many they are.

use crate::error::{Error, Result};
use crate::model::Shown;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

/// The longest id that is read: what is longer is no list of ids.
const LONGEST: usize = 64 * 1024;

/// Ids of users, read one by one.
pub(super) struct Ids {
    from: BufReader<Box<dyn Read>>,
    /// The file as it is shown.
    pub(super) name: String,
    line: Vec<u8>,
    number: u64,
}

impl Ids {
    /// Opens a file, or for `-` stdin.
    pub(super) fn open(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::of(Box::new(io::stdin().lock()), "stdin"));
        }
        let name = path.display().to_string();
        match File::open(path) {
            Ok(file) => Ok(Self::of(Box::new(file), &name)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Error::usage(format!("there is no file `{}`", Shown(&name)))
                    .help("name a file with one id a line, or `-` for stdin"))
            }
            Err(error) => Err(Error::failed(format!("can't read {}: {error}", Shown(&name)))),
        }
    }

    fn of(from: Box<dyn Read>, name: &str) -> Self {
        let from = BufReader::with_capacity(64 * 1024, from);
        Self { from, name: name.to_owned(), line: Vec::new(), number: 0 }
    }

    /// Returns the next id, without the end of its line.
    pub(super) fn next(&mut self) -> Result<Option<&str>> {
        self.line.clear();
        let read = self.from.by_ref().take(LONGEST as u64 + 2).read_until(b'\n', &mut self.line);
        if read.map_err(|error| Error::failed(format!("can't read {}: {error}", Shown(&self.name))))? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let line = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // Some editors begin a file with a mark.
        let line = if self.number == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        if line.len() > LONGEST {
            return Err(self.refuse("is longer than 64 KiB", "give one id a line"));
        }
        match std::str::from_utf8(line) {
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(self.refuse("is not UTF-8", "save the ids as UTF-8: other bytes are other users")),
        }
    }

    /// True if the next id has to be waited for.
    pub(super) fn waits(&self) -> bool {
        self.from.buffer().is_empty()
    }

    fn refuse(&self, why: &str, help: &str) -> Error {
        Error::usage(format!("line {} of {} {why}", self.number, Shown(&self.name))).help(help)
    }
}
