//! The few colours, each with one meaning. Everything reads the same without them.

use anstyle::{AnsiColor, Style};
use std::fmt::{self, Display};

/// Something is wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Something asks for care.
pub const CARE: Style = AnsiColor::Yellow.on_default().bold();
/// Something went well.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// A name.
pub const NAME: Style = AnsiColor::Cyan.on_default();
/// What matters less.
pub const DIM: Style = Style::new().dimmed();
/// What matters most.
pub const STRONG: Style = Style::new().bold();

/// Shows a value in a style.
pub struct Styled<T>(pub Style, pub T);

impl<T: Display> Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        self.1.fmt(f)?;
        write!(f, "{:#}", self.0)
    }
}
