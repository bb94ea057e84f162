//! The only place that changes anything: lock, compare, apply, read back, record.

mod apply;
mod lock;
mod outcome;
mod request;
mod whole;

pub use apply::apply;
pub use lock::Patience;
pub use outcome::rehearse;
pub use request::{Apart, Applied, Change, Edited, Job, Record, Request};
pub use whole::{create, read_text, rewrite};
