//! Tests of `document`.

mod cut;
mod declare;
mod findings;
mod mapped;
mod merges;
mod properties;
mod tricky;
