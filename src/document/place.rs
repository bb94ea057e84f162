//! Bytes → lines and columns, for messages only.

/// Tells line and column of bytes; linear over all questions where they come in ascending order.
pub(crate) struct Places<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    column: usize,
}

impl<'t> Places<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, column: 1 }
    }

    pub(crate) const fn text(&self) -> &'t str {
        self.text
    }

    /// Returns line and column of a byte, both from 1, the column in characters. A line ends with `\n`.
    pub(crate) fn of(&mut self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        if at < self.at {
            (self.at, self.line, self.column) = (0, 1, 1);
        }
        let mut passed = &self.text.as_bytes()[self.at..at];
        // A byte-order mark is no column.
        if self.at == 0 && passed.starts_with("\u{feff}".as_bytes()) {
            passed = &passed[3..];
        }
        if let Some(last) = passed.iter().rposition(|byte| *byte == b'\n') {
            self.line += passed[..=last].iter().filter(|byte| **byte == b'\n').count();
            self.column = 1;
            passed = &passed[last + 1..];
        }
        // Bytes that continue a character are no column.
        self.column += passed.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        self.at = at;
        (self.line, self.column)
    }
}
