//! What services in other languages need of a flags file: a typed module for TypeScript, vectors for any language. Pure.

mod literal;
mod typescript;
mod vectors;

pub use typescript::{MARK, typescript};
pub use vectors::vectors;
