//! The only place that changes anything: lock, compare, apply, read back, record.

mod apply;
mod lock;
mod request;

pub use apply::apply;
pub use lock::Patience;
pub use request::{Applied, Change, Edited, Job, Record, Request};
