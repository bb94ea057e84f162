//! Tests of `document`.

mod declare;
mod tricky;
