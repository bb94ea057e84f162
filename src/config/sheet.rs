//! The text of a `flagctl.toml` as a flat list of typed values, and everything that is wrong with it.

use super::keys::{Place, children, dotted, nearest, place};
use super::mistake::{Mistake, names_secret};
use super::show::compact;
use super::table::KEYS;
use super::value::{self, Value};
use crate::model::Shown;
use std::ops::Range;
use std::time::Duration;
use toml_edit::{Document, Item, TableLike};

/// One value that is written in the file.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Its path, names as the user chose them, entries of lists by their number from 0.
    pub(super) path: Vec<String>,
    pub(super) value: Value,
    /// The value as TOML text on one line, without comments.
    pub(super) written: String,
    /// Where the value stands, in bytes.
    pub(super) span: Range<usize>,
}

/// A table whose name the user chose: `gates.error-rate`.
#[derive(Clone, Debug)]
pub(super) struct Named {
    /// Its path.
    pub(super) path: Vec<String>,
    /// Where its name stands.
    pub(super) span: Range<usize>,
}

/// Everything that a text says.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    /// The values, in the order of the text.
    pub(super) found: Vec<Found>,
    /// The tables with chosen names, and entries of lists, in the order of the text.
    pub(super) named: Vec<Named>,
    /// The paths that are written, but unknown or wrong.
    wrong: Vec<Vec<String>>,
    /// What is wrong with single keys and values, in the order of the text.
    pub(super) mistakes: Vec<Mistake>,
}

impl Sheet {
    /// Reads a text whole.
    ///
    /// # Errors
    /// Says where the text is no TOML.
    pub(super) fn parse(text: &str) -> Result<Self, Mistake> {
        let document = Document::parse(text).map_err(|error| syntax(&error, text))?;
        Ok(Self::of(document.as_table(), text))
    }

    /// Reads what stands in a table that was parsed from `text`.
    pub(super) fn of(table: &dyn TableLike, text: &str) -> Self {
        let mut sheet = Self::default();
        sheet.table(table, &mut Vec::new(), &mut Vec::new(), text);
        sheet.found.sort_by_key(|found| found.span.start);
        sheet.named.sort_by_key(|named| named.span.start);
        sheet.mistakes.sort_by_key(|mistake| mistake.span.start);
        sheet
    }

    fn table(&mut self, table: &dyn TableLike, path: &mut Vec<String>, pattern: &mut Vec<&'static str>, text: &str) {
        let children = children(pattern);
        for (name, item) in table.iter() {
            let key_span = table.key(name).and_then(toml_edit::Key::span).unwrap_or_else(|| value::span(item));
            let step = children.iter().find(|child| **child == name || **child == "*");
            path.push(name.to_owned());
            match step {
                Some(step) => {
                    pattern.push(step);
                    if *step == "*" {
                        self.named.push(Named { path: path.clone(), span: key_span });
                    }
                    self.item(item, path, pattern, text);
                    pattern.pop();
                }
                None => {
                    self.wrong.push(path.clone());
                    self.mistakes.push(unknown(path, pattern, &children, key_span));
                }
            }
            path.pop();
        }
    }

    fn item(&mut self, item: &Item, path: &mut Vec<String>, pattern: &mut Vec<&'static str>, text: &str) {
        match place(pattern) {
            Some(Place::Key(key)) => {
                let name = path.last().cloned().unwrap_or_default();
                match value::read(&dotted(path), &name, key.kind, item, text) {
                    Ok(value) => self.found.push(Found {
                        path: path.clone(),
                        value,
                        written: compact(item),
                        span: value::span(item),
                    }),
                    Err(mistake) => {
                        self.wrong.push(path.clone());
                        self.mistakes.push(mistake);
                    }
                }
            }
            Some(Place::Table) => match item.as_table_like() {
                Some(table) => self.table(table, path, pattern, text),
                None => {
                    let message = format!("`{}` is a table of keys, not a value", dotted(path));
                    let help = format!("its keys are written below `[{}]`", dotted(path));
                    self.mistakes.push(Mistake::new(value::span(item), message).help(help));
                }
            },
            Some(Place::List) => self.list(item, path, pattern, text),
            None => {}
        }
    }

    fn list(&mut self, item: &Item, path: &mut Vec<String>, pattern: &mut Vec<&'static str>, text: &str) {
        let whole = value::span(item);
        let tables: Option<Vec<(&dyn TableLike, Range<usize>)>> = match item {
            Item::ArrayOfTables(list) => Some(
                list.iter()
                    .map(|table| (table as &dyn TableLike, table.span().unwrap_or_else(|| whole.clone())))
                    .collect(),
            ),
            Item::Value(toml_edit::Value::Array(list)) => list
                .iter()
                .map(|entry| {
                    let table = entry.as_inline_table()?;
                    Some((table as &dyn TableLike, entry.span().unwrap_or_else(|| whole.clone())))
                })
                .collect(),
            _ => None,
        };
        let Some(tables) = tables else {
            let message = format!("`{}` must be a list of tables", dotted(path));
            self.mistakes.push(Mistake::new(whole, message));
            return;
        };
        pattern.push("[]");
        for (at, (table, span)) in tables.into_iter().enumerate() {
            path.push(at.to_string());
            self.named.push(Named { path: path.clone(), span });
            self.table(table, path, pattern, text);
            path.pop();
        }
        pattern.pop();
    }

    /// Takes in what another part of the text says.
    pub(super) fn absorb(&mut self, other: Self) {
        self.found.extend(other.found);
        for named in other.named {
            if !self.named.iter().any(|known| known.path == named.path) {
                self.named.push(named);
            }
        }
        self.wrong.extend(other.wrong);
        self.mistakes.extend(other.mistakes);
    }

    /// Drops what stands at the paths that `gone` names.
    pub(super) fn forget(&mut self, gone: impl Fn(&[String]) -> bool) {
        self.found.retain(|found| !gone(&found.path));
        self.wrong.retain(|path| !gone(path));
    }

    /// Returns the paths that are written, but unknown or wrong.
    pub(super) fn wrong(&self) -> &[Vec<String>] {
        &self.wrong
    }

    /// Returns what is written at a path.
    pub(super) fn get(&self, path: &[&str]) -> Option<&Found> {
        self.found.iter().find(|found| found.path.iter().map(String::as_str).eq(path.iter().copied()))
    }

    /// Returns the chosen names below a path, in the order of the text.
    pub(super) fn names(&self, path: &[&str]) -> Vec<(&str, Range<usize>)> {
        self.named
            .iter()
            .filter(|named| {
                named.path.len() == path.len() + 1 && named.path.iter().zip(path).all(|(name, other)| name == other)
            })
            .filter_map(|named| Some((named.path.last()?.as_str(), named.span.clone())))
            .collect()
    }

    /// True if anything at or below a path is written, right or wrong.
    pub(super) fn has(&self, path: &[&str]) -> bool {
        let paths = self.found.iter().map(|found| &found.path).chain(&self.wrong);
        paths
            .into_iter()
            .any(|other| other.len() >= path.len() && other.iter().zip(path).all(|(name, other)| name == other))
    }

    /// True if something below a path is unknown or wrong: what seems to be missing there may only be misspelt.
    pub(super) fn flawed(&self, path: &[&str]) -> bool {
        self.wrong
            .iter()
            .any(|other| other.len() > path.len() && other.iter().zip(path).all(|(name, other)| name == other))
    }

    /// Returns the text at a path.
    pub(super) fn text(&self, path: &[&str]) -> Option<&str> {
        match &self.get(path)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the duration at a path.
    pub(super) fn duration(&self, path: &[&str]) -> Option<Duration> {
        match self.get(path)?.value {
            Value::Duration(duration) => Some(duration),
            _ => None,
        }
    }

    /// Returns where the value at a path stands.
    pub(super) fn span(&self, path: &[&str]) -> Option<Range<usize>> {
        self.get(path).map(|found| found.span.clone())
    }
}

/// Says that a key is not known, and what may have been meant.
fn unknown(path: &[String], pattern: &[&str], children: &[&'static str], span: Range<usize>) -> Mistake {
    let Some((name, parents)) = path.split_last() else { return Mistake::new(span, "unknown key") };
    let near = nearest(name, children.iter().copied());
    let slip = near.is_some_and(|near| strsim::damerau_levenshtein(name, near) <= 2);
    if pattern.first() == Some(&"sources") && names_secret(name) && !slip {
        let stem = match name.to_lowercase() {
            name if name.contains("pass") => "basic-auth-password",
            _ => "bearer-token",
        };
        return Mistake::new(span, format!("`{}` would keep a secret in this file", Shown(&dotted(path))))
            .help(format!("write `{stem}-env = \"NAME\"`, the environment variable that holds it"))
            .help(format!("or `{stem}-file = \"PATH\"`, the file that holds it"));
    }
    let message = match parents {
        [] => format!("unknown key `{}`", Shown(name)),
        parents => format!("unknown key `{}` in `{}`", Shown(name), Shown(&dotted(parents))),
    };
    let mistake = Mistake::new(span, message);
    if near.is_some() {
        return mistake.meant(near);
    }
    let elsewhere = KEYS.iter().find(|key| key.path.rsplit('.').next() == Some(name));
    let known = || children.iter().map(|child| format!("`{child}`")).collect::<Vec<_>>().join(", ");
    match elsewhere {
        Some(key) => mistake.help(format!("there is `{}`", key.path.replace(".[]", "").replace('*', "NAME"))),
        None => mistake.help(format!("the keys here are {}", known())),
    }
}

/// Makes one line of what the TOML parser says.
pub(super) fn syntax(error: &toml_edit::TomlError, text: &str) -> Mistake {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark)) {
            return Mistake::new(at..at + line.trim_end().len(), "a merge conflict is left in this file")
                .help("resolve it, then run the command again");
        }
        at += line.len();
    }
    let span = error.span().unwrap_or(text.len()..text.len());
    let message = match error.message().lines().collect::<Vec<_>>().join(", ").as_str() {
        message if message.starts_with("string values must be quoted") => {
            "a value is missing, or a text has no quotes".to_owned()
        }
        message if message.starts_with("invalid basic string") => "a text is not closed with `\"`".to_owned(),
        message if message.starts_with("invalid literal string") => "a text is not closed with `'`".to_owned(),
        message => message.to_owned(),
    };
    Mistake::new(span, format!("this is not TOML: {message}"))
}
