//! An answer of which the end is not known when it begins: written as it comes, to a stdout that is locked once.

use super::{Term, json_line};
use crate::error::{Error, Result};
use std::io::{self, BufWriter, IsTerminal as _, StdoutLock, Write as _};

/// An answer that is being written.
#[derive(Debug)]
pub struct Stream {
    out: BufWriter<StdoutLock<'static>>,
    /// Somebody looks at it.
    pub watched: bool,
}

impl Term {
    /// Begins an answer that is written piece by piece. Nothing else may be answered until it is dropped.
    #[must_use]
    pub fn stream(&self) -> Stream {
        let out = io::stdout();
        let watched = out.is_terminal();
        Stream { out: BufWriter::with_capacity(64 * 1024, out.lock()), watched }
    }
}

impl Stream {
    /// Writes a piece; false once the reader has gone away (`| head`), and no more is wanted.
    ///
    /// # Errors
    /// stdout could not be written.
    pub fn write(&mut self, text: &str) -> Result<bool> {
        wanted(self.out.write_all(text.as_bytes()))
    }

    /// Writes a value as JSON, without a line end.
    ///
    /// # Errors
    /// As [`Stream::write`].
    pub fn json(&mut self, value: &serde_json::Value) -> Result<bool> {
        self.write(&json_line(value))
    }

    /// Writes an object up to the beginning of a list that `key` will hold.
    ///
    /// # Errors
    /// As [`Stream::write`].
    pub fn json_open(&mut self, object: &serde_json::Value, key: &str) -> Result<bool> {
        let text = json_line(object);
        self.write(&format!("{},\"{key}\":[", text.strip_suffix('}').unwrap_or(&text)))
    }

    /// Ends the list and the object that [`Stream::json_open`] began, with what else there is to say in it.
    ///
    /// # Errors
    /// As [`Stream::write`].
    pub fn json_close(&mut self, more: Option<&serde_json::Value>) -> Result<bool> {
        self.write("]")?;
        for (key, value) in more.and_then(serde_json::Value::as_object).into_iter().flatten() {
            // The object began with it.
            if key != "version" {
                self.write(&format!(",\"{key}\":{}", json_line(value)))?;
            }
        }
        self.write("}\n")?;
        self.flush()
    }

    /// Hands over what was written so far.
    ///
    /// # Errors
    /// As [`Stream::write`].
    pub fn flush(&mut self) -> Result<bool> {
        wanted(self.out.flush())
    }
}

fn wanted(written: io::Result<()>) -> Result<bool> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Error::failed(format!("can't write the answer to stdout: {error}"))),
    }
}
