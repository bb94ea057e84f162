//! The append-only record of every change: append, read, verify.
