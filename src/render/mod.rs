//! The only maker of text: values in, text or JSON out.

pub mod bucket;
pub mod change;
mod command;
pub mod diff;
pub mod doctor;
pub mod drill;
pub mod error;
pub mod fleet;
pub mod ledger;
mod marked;
pub mod plan;
pub mod rollout;
pub mod settings;
pub mod status;
pub mod style;
pub mod time;

pub use command::command;

/// Returns a table's lines without the blanks at both ends.
fn flush(table: &comfy_table::Table) -> String {
    table.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(&line).trim_end())).collect()
}
