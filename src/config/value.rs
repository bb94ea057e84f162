//! One value of `flagctl.toml`, read as its key's kind.

use super::duration;
use super::keys::{Kind, nearest};
use super::mistake::{Mistake, names_secret};
use super::moment::Moment;
use super::url;
use crate::model::placeholder::{self, Placeholder, PlaceholderError};
use crate::model::{EnabledKey, KeyPath, Ladder, OnOff, Percent, Secret, SecretText, Shown};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;
use toml_edit::{Item, TableLike, Value as Toml};

/// A value that is what its key asks for.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    Count(u64),
    Duration(Duration),
    /// A fraction of 1.
    Rate(f64),
    Ladder(Ladder),
    Names(Vec<(String, Range<usize>)>),
    Path(KeyPath),
    Paths(Vec<KeyPath>),
    Enabled(Vec<EnabledKey>),
    Header(SecretText),
    Moment(Moment),
}

/// What a reader of values gets.
struct Asked<'a> {
    /// The dotted key, for messages.
    key: &'a str,
    /// Its last name.
    name: &'a str,
    kind: Kind,
    /// The whole text.
    text: &'a str,
}

/// Reads what stands at `key` as `kind`.
pub(super) fn read(key: &str, name: &str, kind: Kind, item: &Item, text: &str) -> Result<Value, Mistake> {
    let asked = Asked { key, name, kind, text };
    match (kind, item) {
        (Kind::Enabled, item) => asked.enabled(item).map(Value::Enabled),
        (Kind::Header, item) => asked.header(item).map(Value::Header),
        (_, Item::Value(value)) => asked.value(value),
        (_, item) => Err(asked.wrong_type(item.type_name(), span(item))),
    }
}

/// Returns where an item stands.
pub(super) fn span(item: &Item) -> Range<usize> {
    item.span().unwrap_or(0..0)
}

fn value_span(value: &Toml) -> Range<usize> {
    value.span().unwrap_or(0..0)
}

impl Asked<'_> {
    fn value(&self, value: &Toml) -> Result<Value, Mistake> {
        let wrong = |why: &str| self.wrong(value, why);
        match self.kind {
            Kind::Version => match value.as_integer() {
                Some(1) => Ok(Value::Count(1)),
                _ => Err(wrong("is not a version that this flagctl reads").help("write `version = 1`")),
            },
            Kind::Count => match value.as_integer().map(u64::try_from) {
                Some(Ok(count)) if count > 0 => Ok(Value::Count(count)),
                Some(_) => Err(wrong("is not a whole number from 1")),
                None => Err(self.wrong_type(value.type_name(), value_span(value))),
            },
            Kind::Steps => self.steps(value),
            Kind::Names => self
                .list(value)?
                .iter()
                .map(|name| Ok((self.text(name)?, value_span(name))))
                .collect::<Result<_, _>>()
                .map(Value::Names),
            Kind::KeyPath => self.key_path(value).map(Value::Path),
            Kind::KeyPaths => self.key_paths(value).map(Value::Paths),
            Kind::Duration | Kind::Pause | Kind::Rate => self.measure(value),
            Kind::Moment if value.is_datetime() => self.word(value, self.written(value).trim()),
            _ => {
                let text = self.text(value)?;
                self.word(value, &text)
            }
        }
    }

    /// Reads what is written as text.
    fn word(&self, value: &Toml, text: &str) -> Result<Value, Mistake> {
        let at = || value_span(value);
        match self.kind {
            Kind::Word(words, later) => {
                if words.contains(&text) {
                    return Ok(Value::Text(text.to_owned()));
                }
                let choices = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
                if later.contains(&text) {
                    let message = format!("`{}`: `{text}` is not in this version of flagctl", self.key);
                    return Err(Mistake::new(at(), message).help(format!("it may be {choices}")));
                }
                let near = nearest(text, words.iter().copied());
                Err(self.wrong(value, &format!("is not one of {choices}")).meant(near))
            }
            Kind::Url => match url::check(text) {
                Ok(()) => Ok(Value::Text(text.to_owned())),
                Err(why) => {
                    let mut mistake = Mistake::new(at(), format!("`{}` {}", self.key, why.message));
                    mistake.help.extend(why.help.map(str::to_owned));
                    Err(mistake)
                }
            },
            Kind::Moment => Moment::parse(text).map(Value::Moment).ok_or_else(|| {
                self.wrong(value, "is not a time")
                    .help("write a weekday and a time (`Fri 16:00`), or a date and a time (`2026-12-20 00:00`)")
            }),
            Kind::Variable if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
                Err(Mistake::new(at(), format!("`{}` is not the name of an environment variable", self.key))
                    .help("the secret itself is kept in that variable, not here")
                    .secret())
            }
            Kind::Question => match placeholder::placeholders(text) {
                Ok(_) => Ok(Value::Text(text.to_owned())),
                Err(PlaceholderError::Unknown(name)) => {
                    let near = nearest(&name, Placeholder::ALL.map(Placeholder::name));
                    let near = near.map(|name| format!("{{{{{name}}}}}"));
                    let message = format!("`{}`: `{{{{{}}}}}` is not a placeholder", self.key, Shown(&name));
                    Err(Mistake::new(at(), message)
                        .meant(near.as_deref())
                        .help("the placeholders are `{{flag}}`, `{{environment}}`, `{{window}}`, `{{exposure}}`"))
                }
                Err(error) => Err(Mistake::new(at(), format!("`{}`: {error}", self.key))),
            },
            _ => Ok(Value::Text(text.to_owned())),
        }
    }

    /// Reads a number with its unit.
    fn measure(&self, value: &Toml) -> Result<Value, Mistake> {
        let rate = self.kind == Kind::Rate;
        if let Toml::Integer(_) | Toml::Float(_) = value {
            let written = self.written(value);
            let units = if rate {
                format!("`\"{written}%\"`")
            } else {
                format!("`\"{written}s\"`, `\"{written}m\"` or `\"{written}h\"`")
            };
            return Err(self.wrong(value, "has no unit").help(format!("write {units}")));
        }
        let text = self.text(value)?;
        if rate {
            return self.rate(value, &text);
        }
        match duration::parse(&text) {
            Ok(nothing) if nothing.is_zero() && self.kind == Kind::Duration => {
                Err(self.wrong(value, "must be longer than nothing"))
            }
            Ok(duration) => Ok(Value::Duration(duration)),
            Err(why) => Err(self.wrong(value, &why.to_string())),
        }
    }

    fn rate(&self, value: &Toml, text: &str) -> Result<Value, Mistake> {
        let Some(number) = text.trim().strip_suffix('%') else {
            let plain = text.trim();
            let mistake = self.wrong(value, "is not a rate with its %");
            return Err(match super::rate(&format!("{plain}%")) {
                Ok(_) => mistake.help(format!("write `\"{plain}%\"`")),
                Err(_) => mistake.help("write it as `\"1%\"` or `\"0.5%\"`"),
            });
        };
        super::rate(&format!("{number}%")).map(Value::Rate).map_err(|why| self.wrong(value, why))
    }

    fn steps(&self, value: &Toml) -> Result<Value, Mistake> {
        let mut steps = Vec::new();
        for step in self.list(value)? {
            let written = self.written(step);
            let (Toml::Integer(_) | Toml::Float(_)) = step else {
                return Err(self
                    .wrong(step, "is not a number")
                    .help(format!("write `{} = [0, 5, 25, 50, 100]`", self.name)));
            };
            let percent = Percent::parse_decimal(&written, 0).map_err(|why| self.wrong(step, &why.to_string()))?;
            steps.push(percent);
        }
        Ladder::new(steps)
            .map(Value::Ladder)
            .map_err(|why| Mistake::new(value_span(value), format!("`{}` {why}", self.key)))
    }

    fn key_path(&self, value: &Toml) -> Result<KeyPath, Mistake> {
        self.list(value)?.iter().map(|name| self.text(name)).collect()
    }

    fn key_paths(&self, value: &Toml) -> Result<Vec<KeyPath>, Mistake> {
        let list = self.list(value)?;
        if !list.is_empty() && list.iter().all(|entry| entry.is_array()) {
            list.iter().map(|path| self.key_path(path)).collect()
        } else {
            Ok(vec![self.key_path(value)?])
        }
    }

    fn enabled(&self, item: &Item) -> Result<Vec<EnabledKey>, Mistake> {
        match item {
            Item::Value(Toml::Array(list)) if list.iter().any(|entry| !entry.is_str()) => {
                list.iter().map(|entry| self.enabled_key(&Item::Value(entry.clone()))).collect()
            }
            Item::ArrayOfTables(list) => list.iter().map(|table| self.enabled_table(table, span(item))).collect(),
            item => Ok(vec![self.enabled_key(item)?]),
        }
    }

    fn enabled_key(&self, item: &Item) -> Result<EnabledKey, Mistake> {
        match item {
            Item::Value(value @ Toml::Array(_)) => Ok(EnabledKey { path: self.key_path(value)?, words: None }),
            item => match item.as_table_like() {
                Some(table) => self.enabled_table(table, span(item)),
                None => Err(self.wrong_type(item.type_name(), span(item))),
            },
        }
    }

    fn enabled_table(&self, table: &dyn TableLike, at: Range<usize>) -> Result<EnabledKey, Mistake> {
        self.only(table, &["path", "on", "off"])?;
        let list = |name: &str| match table.get(name) {
            None => Ok(None),
            Some(Item::Value(Toml::Array(list))) if !list.is_empty() => {
                list.iter().map(|value| self.text(value)).collect::<Result<Vec<_>, _>>().map(Some)
            }
            Some(Item::Value(value)) => self.text(value).map(|word| Some(vec![word])),
            Some(item) => Err(self.wrong_type(item.type_name(), span(item))),
        };
        let path = match table.get("path") {
            Some(Item::Value(value)) => self.key_path(value)?,
            _ => {
                return Err(
                    Mistake::new(at, format!("`{}` needs a `path`", self.key)).help("write `path = [\"status\"]`")
                );
            }
        };
        let words = match (list("on")?, list("off")?) {
            (None, None) => None,
            (Some(on), Some(off)) if !on.iter().any(|word| off.contains(word)) => Some(OnOff { on, off }),
            (Some(on), Some(off)) if on == off => {
                return Err(Mistake::new(at, format!("`{}`: `on` and `off` are the same", self.key)));
            }
            (Some(_), Some(_)) => {
                return Err(Mistake::new(at, format!("`{}`: `on` and `off` share a word", self.key)));
            }
            _ => return Err(Mistake::new(at, format!("`{}` needs both `on` and `off`, or neither", self.key))),
        };
        Ok(EnabledKey { path, words })
    }

    fn header(&self, item: &Item) -> Result<SecretText, Mistake> {
        if let Some(text) = item.as_str() {
            if names_secret(self.name) || self.name.to_lowercase().ends_with("-key") {
                return Err(Mistake::new(span(item), format!("`{}` would keep a secret in this file", self.key)).help(
                    format!(
                        "write `{} = {{ env = \"NAME\" }}` or `{{ file = \"PATH\" }}`",
                        super::keys::bare(self.name)
                    ),
                ));
            }
            if text.chars().any(char::is_control) {
                return Err(Mistake::new(span(item), format!("`{}` holds a control character", self.key)));
            }
            return Ok(SecretText::Plain(text.to_owned()));
        }
        let Some(table) = item.as_table_like() else {
            return Err(self.wrong_type(item.type_name(), span(item)));
        };
        self.only(table, &["env", "file"])?;
        match (table.get("env").and_then(Item::as_str), table.get("file").and_then(Item::as_str)) {
            (Some(name), None) if !name.is_empty() => Ok(SecretText::Kept(Secret::Env(name.to_owned()))),
            (None, Some(path)) if !path.is_empty() => Ok(SecretText::Kept(Secret::File(PathBuf::from(path)))),
            _ => Err(Mistake::new(span(item), format!("`{}` needs either `env` or `file`", self.key))
                .help("write `{ env = \"NAME\" }` or `{ file = \"PATH\" }`")),
        }
    }

    /// Refuses keys that are not among `known`.
    fn only(&self, table: &dyn TableLike, known: &[&str]) -> Result<(), Mistake> {
        for (name, item) in table.iter() {
            if !known.contains(&name) {
                let at = table.key(name).and_then(toml_edit::Key::span).unwrap_or_else(|| span(item));
                let message = format!("unknown key `{}` in `{}`", Shown(name), self.key);
                return Err(Mistake::new(at, message).meant(nearest(name, known.iter().copied())));
            }
        }
        Ok(())
    }

    fn list<'v>(&self, value: &'v Toml) -> Result<Vec<&'v Toml>, Mistake> {
        match value {
            Toml::Array(list) => Ok(list.iter().collect()),
            Toml::String(text) => {
                let one = Toml::from(text.value().as_str());
                Err(self
                    .wrong_type(value.type_name(), value_span(value))
                    .help(format!("write `{} = [{one}]`", self.name)))
            }
            value => Err(self.wrong_type(value.type_name(), value_span(value))),
        }
    }

    fn text(&self, value: &Toml) -> Result<String, Mistake> {
        match value.as_str() {
            Some("") => Err(Mistake::new(value_span(value), format!("`{}` is empty", self.key))),
            Some(text) => Ok(text.to_owned()),
            None => {
                let one = match self.kind {
                    Kind::Names | Kind::KeyPath | Kind::KeyPaths | Kind::Enabled => "a text here",
                    kind => kind.noun(),
                };
                Err(self.not_a(one, value.type_name(), value_span(value)))
            }
        }
    }

    /// Returns a value as it stands in the text.
    fn written(&self, value: &Toml) -> String {
        self.text.get(value_span(value)).unwrap_or_default().to_owned()
    }

    fn wrong(&self, value: &Toml, why: &str) -> Mistake {
        let written = match value.as_str() {
            Some(text) => text.to_owned(),
            None => self.written(value),
        };
        Mistake::new(value_span(value), format!("`{}`: `{}` {why}", self.key, Shown(&written)))
    }

    fn wrong_type(&self, found: &str, at: Range<usize>) -> Mistake {
        self.not_a(self.kind.noun(), found, at)
    }

    fn not_a(&self, noun: &str, found: &str, at: Range<usize>) -> Mistake {
        let found = match found {
            "integer" => "an integer",
            "array" => "a list",
            "string" => "a text",
            "inline table" | "table" => "a table",
            "array of tables" => "a list of tables",
            "boolean" => "a boolean",
            "float" => "a number",
            "datetime" => "a date",
            other => other,
        };
        Mistake::new(at, format!("`{}` must be {noun}, not {found}", self.key))
    }
}
