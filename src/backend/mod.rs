//! Where flags live.
