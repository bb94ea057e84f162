//! The salts of flags: a key that decides which users are in, and that flagctl never changes.

use super::anchors::Value;
use super::events::{Events, Style};
use super::reading::{self, Held};
use super::refusal::Refusal;
use super::scalar;
use super::scan::scan;
use crate::model::Mapping;
use std::collections::HashMap;

/// Returns the salts of the flags that have one of their own, by name.
///
/// # Errors
/// Says where a salt stands that can't be read.
pub fn salts(text: &str, mapping: &Mapping) -> Result<HashMap<String, String>, Refusal> {
    let wanted = Mapping { rollout: vec![vec!["salt".to_owned()]], enabled: Vec::new(), ..mapping.clone() };
    let mut salts = HashMap::new();
    let mut odd = None;
    scan(text, Events::new(text), &wanted, |entry, anchors| match &reading::read(&entry, anchors, &wanted).rollout {
        Held::Absent => {}
        held => match held.value().filter(|value| value.style != Style::Block) {
            Some(value) if scalar::is_null(value) => {}
            Some(Value { text, .. }) => {
                let salt = text.clone().into_owned();
                let known = salts.insert(entry.name.clone().into_owned(), salt);
                if known.is_some_and(|known| known != *text) {
                    odd.get_or_insert((entry.name_span, "has two salts"));
                }
            }
            None => {
                odd.get_or_insert((entry.name_span, "has a salt that is no text"));
            }
        },
    });
    match odd {
        Some((span, reason)) => {
            let name = span.slice(text).unwrap_or_default();
            Err(Refusal::at(text, span.start, span.end, format!("`{}` {reason}", crate::model::Shown(name))))
        }
        None => Ok(salts),
    }
}
