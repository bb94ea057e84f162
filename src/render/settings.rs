//! The settings as a table.

use super::style::{DIM, NAME, Styled};
use crate::model::Shown;
use comfy_table::{ContentArrangement, Table};

/// Returns key, value and origin of each setting, a line each.
#[must_use]
pub fn human<'a>(settings: impl Iterator<Item = (&'a str, &'a str, String)>, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.set_header(["KEY", "VALUE", "FROM"].map(|head| Styled(DIM, head).to_string()));
    for (key, value, origin) in settings {
        table.add_row([
            Styled(NAME, Shown(key)).to_string(),
            Shown(value).to_string(),
            Styled(DIM, Shown(&origin)).to_string(),
        ]);
    }
    super::flush(&table)
}
