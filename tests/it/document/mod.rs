//! Tests of `document`.

mod cut;
mod declare;
mod findings;
mod hostile;
mod mapped;
mod properties;
mod salts;
mod tricky;
