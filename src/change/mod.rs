//! The only place that changes anything: lock, compare, apply, read back, record.

mod apply;
mod declare;
mod lock;
mod outcome;
mod record;
mod remote;
mod request;
mod trial;
mod whole;

pub use apply::apply;
pub use declare::declare_remote;
pub use lock::Patience;
pub use outcome::rehearse;
pub use record::Record;
pub use remote::{FIRST_PAUSE, LONGEST_PAUSE, SILENCE};
pub use remote::{RemoteJob, RemoteRequest, Want, apply_remote, is_worth_another_try};
pub use request::{Apart, Applied, Change, Edited, Job, Parts, Request};
pub use trial::{try_append, try_lock, try_write};
pub use whole::{create, read_text, rewrite};
