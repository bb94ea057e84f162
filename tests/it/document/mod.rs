//! Tests of `document`.

mod tricky;
