//! The only place that changes anything: lock, compare, apply, read back, record.

mod apply;
mod lock;
mod request;
mod whole;

pub use apply::{apply, rehearse};
pub use lock::Patience;
pub use request::{Applied, Change, Edited, Job, Record, Request};
pub use whole::{create, read_text, rewrite};
