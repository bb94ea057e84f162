//! What services in other languages need of a flags file: a typed module for TypeScript, vectors for any language. Pure.

mod literal;
mod typescript;
mod vectors;

pub use typescript::{MARK, typescript};
pub use vectors::vectors;

use crate::model::Flag;

/// A flag with what decides who is in.
#[derive(Clone, Copy, Debug)]
pub struct Salted<'a> {
    /// The flag.
    pub flag: &'a Flag,
    /// Its salt, if it has one of its own.
    pub own_salt: Option<&'a str>,
}

impl Salted<'_> {
    /// Returns the salt that its users are hashed with.
    #[must_use]
    pub fn salt(&self) -> &str {
        self.own_salt.filter(|salt| !salt.is_empty()).unwrap_or(self.flag.name.as_str())
    }
}
