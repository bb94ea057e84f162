//! Pure: flag + intent + policy + history + now → plan. Nothing is decided anywhere else.

mod freeze;
mod policy;

pub use freeze::{FreezeSpan, FreezeWindow};
pub use policy::Policy;
