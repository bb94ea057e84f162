//! Tests of `document`.

mod declare;
mod findings;
mod mapped;
mod properties;
mod tricky;
