//! Tests of `document`.

mod declare;
mod findings;
mod mapped;
mod merges;
mod properties;
mod tricky;
