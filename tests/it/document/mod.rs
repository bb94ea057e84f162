//! Tests of `document`.

mod declare;
mod findings;
mod tricky;
