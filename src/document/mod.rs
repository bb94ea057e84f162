//! Pure text: parse with spans, locate, splice, prove. Never re-emits YAML.

mod anchors;
mod body;
mod careful;
mod declare;
mod edit;
mod entry;
mod events;
mod found;
mod insert;
mod listing;
mod locate;
mod outline;
mod place;
mod prove;
mod reading;
mod refusal;
mod scalar;
mod scan;
mod second;
mod splice;
mod survey;
mod syntax;
mod tree;
mod urgent;

pub use declare::declare;
pub use edit::{Edited, edit};
pub use found::{Found, find};
pub use listing::{Listing, listing, look_up};
pub use outline::{Node, outline};
pub(crate) use place::Places;
pub use refusal::Refusal;
pub use survey::{FlagSight, Oddity, Sight, Stored, survey};
pub use syntax::text;
pub(crate) use syntax::{conflicts, control};
