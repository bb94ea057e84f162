//! The file backend: reads a flags file, replaces it whole or not at all, and knows the checkout it stands in.

mod checkout;
mod detect;
mod exchange;
mod identity;
mod mask;
mod overwrite;
mod replace;
mod spare;
mod text;

pub use checkout::{Checkout, LastChange, Standing, Tracked, committed_text, last_change, last_changes};
pub use detect::{
    Detection, Dialect, Seen, USUAL_SHARES, USUAL_SWITCHES, among_settings, detect, is_choice, loosely, names_default,
    names_environment, other_way, percentages, telling,
};
pub use replace::{ReplaceError, replace};
pub use spare::{set_aside, sweep};
pub use text::FlagsFile;
