//! `flagctl.toml`, environment and arguments → settings, each value knowing where it came from; and, lenient, the
//! little that a rollback reads.

mod adhoc;
mod arguments;
mod bars;
mod choice;
pub mod duration;
mod edit;
mod environments;
mod fleet;
mod freeze;
mod gates;
mod ground;
mod keys;
mod lenient;
mod load;
mod mentions;
mod mistake;
mod moment;
mod remotes;
mod review;
mod salvage;
mod schema;
mod settings;
mod sheet;
mod show;
mod sources;
mod spots;
mod standing;
mod starter;
mod table;
mod url;
mod value;

pub use adhoc::{ADHOC_ERRORS, ADHOC_TOTAL, AdHoc, adhoc_gate};
pub use arguments::{Arguments, Origin, Surroundings, environment_variable, readable_variables};
pub use edit::{Edited, set};
pub use fleet::{Fleet, Gauge};
pub use ground::{CONFIG_FILE, CONVENTIONAL};
pub use keys::{Key, Kind, bare as key_part, nearest};
pub use lenient::{Lenient, lenient, lenient_for};
pub use load::{load, load_all, locate};
pub use schema::schema;
pub use settings::{Environment, Gate, SOAK, Settings};
pub use show::Setting;
pub use starter::Starter;
pub use table::KEYS;

/// Reads a rate with its `%`, 0 to 100, as a fraction of 1.
///
/// # Errors
/// Says, as a fragment, why the text is none.
pub fn rate(text: &str) -> Result<f64, &'static str> {
    let number = text.trim().strip_suffix('%').ok_or("is not a rate with its %")?.trim_end();
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match number.parse::<f64>() {
        Ok(percent) if plain && percent <= 100.0 => Ok(percent / 100.0),
        Ok(_) if plain => Err("is above 100%"),
        _ => Err("is not a rate such as `1%` or `0.5%`"),
    }
}
