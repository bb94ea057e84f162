//! The settings as a list: key, value, and where each came from. Secrets are not among them, only where they are kept.

use super::arguments::Origin;
use super::keys::{Key, bare, children, dotted, nearest, pattern, place};
use super::settings::Settings;
use super::sheet::Found;
use super::table::KEYS;
use crate::error::{Error, Result, Spot};
use crate::model::Shown;
use serde::de::IntoDeserializer as _;
use serde::{Deserialize as _, Serialize};
use toml_edit::{Item, Value};

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its dotted key; `config`, `environment` and `file` stand for what the call is about.
    pub key: String,
    /// Its value as TOML text.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

impl Serialize for Setting {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let (origin, place, line) = match &self.origin {
            Origin::Argument(name) => ("argument", Some((*name).to_owned()), None),
            Origin::Env(name) => ("variable", Some((*name).to_owned()), None),
            Origin::File { path, line } => ("file", Some(path.to_string_lossy().into_owned()), Some(line)),
            Origin::Default => ("default", None, None),
        };
        let mut fields = serializer.serialize_struct("Setting", 5)?;
        fields.serialize_field("key", &self.key)?;
        fields.serialize_field("value", &plain(&self.value))?;
        fields.serialize_field("origin", origin)?;
        fields.serialize_field("from", &place)?;
        fields.serialize_field("line", &line)?;
        fields.end()
    }
}

impl Settings {
    /// Returns the settings, or those at or below `key`: what the call is about, then table by table in the order of
    /// the file, each with its defaults. An empty list says that the key is known, but nothing is set.
    ///
    /// # Errors
    /// Exit 2 if there is no such key.
    pub fn show(&self, key: Option<&str>) -> Result<Vec<Setting>> {
        let mut all = self.call();
        for table in self.tables() {
            all.extend(
                self.sheet.found.iter().filter(|found| home(&found.path) == table).map(|found| self.written(found)),
            );
            all.extend(self.defaults(&table));
        }
        let Some(key) = key else { return Ok(all) };
        let wanted = path_of(key)?;
        let name = dotted(&wanted);
        let at_or_below =
            |other: &str| other.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
        all.retain(|setting| at_or_below(&setting.key));
        if all.is_empty() && !["config", "environment", "file"].contains(&name.as_str()) {
            pattern_of(&wanted)?;
        }
        Ok(all)
    }

    /// Returns what the call is about.
    fn call(&self) -> Vec<Setting> {
        let mut call = Vec::new();
        let mut push = |key: &str, value: &str, origin: Origin| {
            call.push(Setting { key: key.to_owned(), value: Value::from(value).to_string(), origin });
        };
        let said = |said: Option<&Origin>| said.cloned().unwrap_or(Origin::Default);
        if let Some(file) = &self.file {
            push("config", &file.to_string_lossy(), said(self.said.config.as_ref().map(|(_, origin)| origin)));
        }
        if let Ok(environment) = self.environment() {
            let by_file = || self.origin(&["default-environment"]);
            if let Some(name) = &environment.name {
                let origin = self.said.env.as_ref().map(|(_, origin)| origin.clone()).or_else(by_file);
                push("environment", name, said(origin.as_ref()));
            }
            let by_environment = || self.origin(&["environments", environment.name.as_deref()?, "flags"]);
            let origin = self.said.file.as_ref().map(|(_, origin)| origin.clone()).or_else(by_environment);
            push("file", &environment.flags.to_string_lossy(), said(origin.as_ref()));
        }
        call
    }

    /// Returns the tables in the order of the file, then those that only defaults are in.
    fn tables(&self) -> Vec<Vec<String>> {
        let mut tables: Vec<Vec<String>> = vec![Vec::new()];
        let mut add = |table: &[String]| {
            if !tables.iter().any(|known| known == table) {
                tables.push(table.to_vec());
            }
        };
        self.sheet.found.iter().for_each(|found| add(home(&found.path)));
        self.sheet.named.iter().for_each(|named| add(&named.path));
        for key in KEYS.iter().filter(|key| key.default.is_some() && !key.path.contains('*')) {
            let path: Vec<String> = key.path.split('.').map(str::to_owned).collect();
            add(home(&path));
        }
        tables
    }

    fn defaults(&self, table: &[String]) -> Vec<Setting> {
        let Some(pattern) = pattern(table) else { return Vec::new() };
        let ours = |key: &&Key| {
            key.path
                .rsplit_once('.')
                .map_or("", |(home, _)| home)
                .split('.')
                .filter(|n| !n.is_empty())
                .eq(pattern.iter().copied())
        };
        KEYS.iter()
            .filter(ours)
            .filter_map(|key| {
                let name = key.path.rsplit('.').next()?;
                let path: Vec<&str> = table.iter().map(String::as_str).chain([name]).collect();
                let value = key.default?.to_owned();
                let path_text: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
                (!self.sheet.has(&path)).then(|| Setting { key: dotted(&path_text), value, origin: Origin::Default })
            })
            .collect()
    }

    fn written(&self, found: &Found) -> Setting {
        let line = Spot::of("", &self.text, found.span.clone()).line;
        let origin = Origin::File { path: self.config_name().to_owned(), line };
        Setting { key: dotted(&found.path), value: found.written.clone(), origin }
    }

    /// Returns where the file says what stands at a path.
    fn origin(&self, path: &[&str]) -> Option<Origin> {
        self.sheet.get(path).map(|found| self.written(found).origin)
    }
}

/// Returns TOML text as a JSON value.
fn plain(text: &str) -> serde_json::Value {
    let value = text.parse::<Value>().ok();
    let json = value.and_then(|value| serde_json::Value::deserialize(value.into_deserializer()).ok());
    json.unwrap_or_else(|| text.into())
}

fn home(path: &[String]) -> &[String] {
    path.split_last().map_or(&[], |(_, home)| home)
}

/// Reads a dotted key, quoted where TOML needs it.
pub(super) fn path_of(key: &str) -> Result<Vec<String>> {
    let names = toml_edit::Key::parse(key).map_err(|_| {
        Error::usage(format!("`{}` is not a key", Shown(key)))
            .help("write it as `rollout.soak` or `gates.\"error rate\".max`")
    })?;
    Ok(names.into_iter().map(|name| name.get().to_owned()).collect())
}

/// Returns the pattern of a key that exists.
pub(super) fn pattern_of(path: &[String]) -> Result<Vec<&'static str>> {
    if let Some(pattern) = pattern(path).filter(|pattern| place(pattern).is_some()) {
        return Ok(pattern);
    }
    if let Some(near) = near(path) {
        let error = Error::usage(format!("there is no key `{}`", Shown(&dotted(path))));
        return Err(error.help(format!("did you mean `{near}`?")));
    }
    let mut known: Vec<&'static str> = Vec::new();
    for (at, name) in path.iter().enumerate() {
        let children = children(&known);
        let Some(step) = children.iter().find(|child| **child == name || **child == "*") else {
            let error = Error::usage(format!("there is no key `{}`", Shown(&dotted(path))));
            let below = dotted(path.get(..at).unwrap_or_default());
            let full = |name: &str| if below.is_empty() { name.to_owned() } else { format!("{below}.{name}") };
            return Err(match nearest(name, children.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{}`?", Shown(&full(near)))),
                None if children.is_empty() => error.help(format!("`{}` holds a value, no keys", Shown(&below))),
                None => error.help(format!("there is {}", super::choice::list(&children))),
            });
        };
        known.push(step);
    }
    Err(Error::usage(format!("there is no key `{}`", Shown(&dotted(path)))))
}

/// Returns the whole key that is meant by a last name alone, or where one name on the way is misspelt.
fn near(path: &[String]) -> Option<String> {
    if let [name] = path {
        let mut whole = KEYS.iter().filter(|key| !key.path.contains('*') && key.path.ends_with(&format!(".{name}")));
        return whole.next().filter(|_| whole.next().is_none()).map(|key| key.path.to_owned());
    }
    let mended = path.iter().try_fold(Vec::<String>::new(), |mut mended, name| {
        let known = pattern(&mended).map(|pattern| children(&pattern))?;
        let step = match known.as_slice() {
            ["*" | "[]"] => name.as_str(),
            names => nearest(name, names.iter().copied())?,
        };
        mended.push(step.to_owned());
        Some(mended)
    })?;
    Some(Shown(&dotted(&mended)).to_string())
}

/// Writes an item on one line, without comments.
pub(super) fn compact(item: &Item) -> String {
    match item {
        Item::None => String::new(),
        Item::Value(value) => compact_value(value),
        Item::Table(table) => compact_table(table.iter()),
        Item::ArrayOfTables(list) => {
            let tables: Vec<String> = list.iter().map(|table| compact_table(table.iter())).collect();
            format!("[{}]", tables.join(", "))
        }
    }
}

fn compact_value(value: &Value) -> String {
    match value {
        Value::Array(list) => {
            let values: Vec<String> = list.iter().map(compact_value).collect();
            format!("[{}]", values.join(", "))
        }
        Value::InlineTable(table) => {
            let pairs: Vec<String> =
                table.iter().map(|(name, value)| format!("{} = {}", bare(name), compact_value(value))).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        scalar => {
            let mut plain = scalar.clone();
            plain.decor_mut().clear();
            plain.to_string()
        }
    }
}

fn compact_table<'a>(pairs: impl Iterator<Item = (&'a str, &'a Item)>) -> String {
    let pairs: Vec<String> = pairs.map(|(name, item)| format!("{} = {}", bare(name), compact(item))).collect();
    format!("{{ {} }}", pairs.join(", "))
}
