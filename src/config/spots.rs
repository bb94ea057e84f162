//! Where in the configuration's text something stands, for those who find out by other means that it is amiss.

use super::mistake::Mistake;
use super::settings::{Environment, Gate, Settings};
use crate::error::Error;
use std::path::PathBuf;

impl Settings {
    /// Returns an error about a value or a named table of the configuration: at its place, if it stands there.
    #[must_use]
    pub fn amiss(&self, path: &[&str], message: impl Into<String>) -> Error {
        let of_table = || {
            let (last, above) = path.split_last()?;
            self.sheet.names(above).into_iter().find(|(name, _)| name == last).map(|(_, span)| span)
        };
        match self.sheet.span(path).or_else(of_table) {
            Some(span) => Mistake::new(span, message).error(self.config_name(), &self.text),
            None => Error::invalid(message),
        }
    }

    /// Returns the names that `[flags]` has tables for, in the order of the text.
    #[must_use]
    pub fn flag_tables(&self) -> Vec<&str> {
        self.sheet.names(&["flags"]).into_iter().map(|(name, _)| name).collect()
    }

    /// Returns every gate as each environment asks it, with the environment's name; empty where it has none.
    #[must_use]
    pub fn every_gate(&self) -> Vec<(&str, Gate)> {
        let nameless = [Environment::nameless(PathBuf::new())];
        let environments = if self.environments.is_empty() { &nameless[..] } else { &self.environments };
        let mut gates = Vec::new();
        for (at, environment) in environments.iter().enumerate() {
            let name = self.environments.get(at).and_then(|environment| environment.name.as_deref());
            for draft in &self.drafts {
                if let Ok(source) = draft.source(environment, &self.sources) {
                    gates.push((name.unwrap_or_default(), draft.bind(source)));
                }
            }
        }
        gates
    }

    /// Returns the tables of a source and a gate that the text holds as comments, each with its line; none without a gate.
    #[must_use]
    pub fn commented_gate<'s>(&'s self) -> Vec<(usize, &'s str)> {
        let table = |(at, line): (usize, &'s str)| {
            let name = line.trim().strip_prefix('#')?.trim();
            let is_one = (name.starts_with("[gates.") || name.starts_with("[sources.")) && name.ends_with(']');
            is_one.then_some((at + 1, name))
        };
        let tables: Vec<(usize, &str)> = self.text.lines().enumerate().filter_map(table).collect();
        if tables.iter().any(|(_, name)| name.starts_with("[gates.")) { tables } else { Vec::new() }
    }
}
