//! The keys of a new flag, and how they are written: in a block, in one line, or as JSON over several lines.

use super::insert::{key_token, quoted};
use super::splice::Sign;

/// A value, or keys in order.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    /// A scalar: what it reads as, and how it is written.
    Value {
        text: String,
        token: String,
    },
    Keys(Vec<(String, Self)>),
}

impl Default for Tree {
    fn default() -> Self {
        Self::Keys(Vec::new())
    }
}

/// How keys are laid out.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The quote of keys.
    pub(super) quote: Option<char>,
    /// Without blanks, as `{"a":1}`.
    pub(super) compact: bool,
    /// The indentation of the mapping, what a level adds, and the end of a line; `None`: all in one line.
    pub(super) lines: Option<(String, String, String)>,
}

impl Layout {
    pub(super) fn block(indent: &str, step: &str, quote: Option<char>, eol: &str) -> Self {
        Self { quote, compact: false, lines: Some((indent.to_owned(), step.to_owned(), eol.to_owned())) }
    }

    pub(super) const fn flow(quote: Option<char>, compact: bool) -> Self {
        Self { quote, compact, lines: None }
    }

    /// Returns the layout one level deeper.
    fn deeper(&self) -> Self {
        let lines =
            self.lines.as_ref().map(|(indent, step, eol)| (format!("{indent}{step}"), step.clone(), eol.clone()));
        Self { lines, ..self.clone() }
    }

    fn colon(&self) -> &'static str {
        if self.compact { ":" } else { ": " }
    }
}

impl Tree {
    /// Makes a scalar; with the quote, or with one that it needs.
    pub(super) fn value(text: &str, quote: Option<char>) -> Self {
        Self::Value { text: text.to_owned(), token: quoted(text, quote) }
    }

    /// Makes a scalar that is written bare whatever it looks like.
    pub(super) fn bare(text: &str) -> Self {
        Self::Value { text: text.to_owned(), token: text.to_owned() }
    }

    /// Puts something at a path of keys, making the mappings on the way.
    pub(super) fn set(&mut self, path: &[String], value: Self) {
        let Some((key, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        if let Self::Value { .. } = self {
            *self = Self::default();
        }
        if let Self::Keys(keys) = self {
            let index = keys.iter().position(|(known, _)| known == key).unwrap_or_else(|| {
                keys.push((key.clone(), Self::default()));
                keys.len() - 1
            });
            keys[index].1.set(rest, value);
        }
    }

    /// Puts a key before all others.
    pub(super) fn set_first(&mut self, key: &str, value: Self) {
        if let Self::Keys(keys) = self {
            keys.insert(0, (key.to_owned(), value));
        }
    }

    /// Writes the keys as a block; the first line is not indented, the last one not ended.
    pub(super) fn block(&self, layout: &Layout) -> String {
        let Self::Keys(keys) = self else { return self.flow(layout) };
        let (indent, _, eol) = layout.lines.clone().unwrap_or_default();
        let line = |(key, value): &(String, Self)| {
            let key = key_token(key, layout.quote);
            match value {
                Self::Value { token, .. } => format!("{key}: {token}"),
                Self::Keys(_) => {
                    let deeper = layout.deeper();
                    let below = deeper.lines.as_ref().map_or("", |(indent, ..)| indent.as_str());
                    format!("{key}:{eol}{below}{}", value.block(&deeper))
                }
            }
        };
        keys.iter().map(line).collect::<Vec<_>>().join(&format!("{eol}{indent}"))
    }

    /// Writes the keys between braces.
    pub(super) fn flow(&self, layout: &Layout) -> String {
        let keys = match self {
            Self::Value { token, .. } => return token.clone(),
            Self::Keys(keys) => keys,
        };
        let deeper = layout.deeper();
        let pair = |(key, value): &(String, Self)| {
            format!("{}{}{}", key_token(key, layout.quote), layout.colon(), value.flow(&deeper))
        };
        let pairs: Vec<String> = keys.iter().map(pair).collect();
        match &layout.lines {
            Some((indent, step, eol)) => {
                let between = format!(",{eol}{indent}{step}");
                format!("{{{eol}{indent}{step}{}{eol}{indent}}}", pairs.join(&between))
            }
            None => format!("{{{}}}", pairs.join(if layout.compact { "," } else { ", " })),
        }
    }

    /// Returns the events that this gives.
    pub(super) fn signs(&self) -> Vec<Sign> {
        match self {
            Self::Value { text, .. } => vec![Sign::Scalar(text.clone())],
            Self::Keys(keys) => {
                let pairs = keys
                    .iter()
                    .flat_map(|(key, value)| std::iter::once(Sign::Scalar(key.clone())).chain(value.signs()));
                std::iter::once(Sign::MappingStart).chain(pairs).chain([Sign::MappingEnd]).collect()
            }
        }
    }
}
