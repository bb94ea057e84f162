//! Tests of `completions`.
