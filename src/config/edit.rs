//! Setting one key in the text of a `flagctl.toml`: a splice, with the rest of the text proven unchanged.

use super::ground::Ground;
use super::keys::{Kind, Place, bare, dotted, place};
use super::load;
use super::mistake::Mistake;
use super::sheet::syntax;
use super::show::{compact, path_of, pattern_of};
use crate::error::{Error, Result};
use crate::model::Shown;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use toml_edit::{Document, Item, Table, TableLike, Value};

/// The text after an edit.
#[derive(Clone, Debug)]
pub struct Edited {
    /// The whole text.
    pub text: String,
    /// What is wrong in it now, other than the value that was set: a gate may still lack its `total`.
    pub wrong: Vec<Error>,
}

/// A replacement of a part of the text.
struct Splice {
    at: Range<usize>,
    text: String,
}

/// Sets `key` (dotted, quoted where TOML needs it) to `value` in the `text` of the configuration `file`.
///
/// The value is written as its key has it: `30m` becomes `"30m"`, `0,5,100` becomes `[0, 5, 100]`; lists and tables may
/// also be given as TOML. Comments, order and every other byte stay. A key that is not there is added to its table, and
/// the table at the end of the file.
///
/// # Errors
/// Exit 2 if there is no such key or the value is not one for it; exit 3 if the text is no TOML, or the key stands in
/// it in a form that can't be replaced in place.
pub fn set(file: &Path, text: &str, key: &str, value: &str) -> Result<Edited> {
    let path = path_of(key)?;
    let pattern = pattern_of(&path)?;
    let kind = match place(&pattern) {
        Some(Place::Key(key)) => Some(key.kind),
        Some(Place::List) => None,
        _ => {
            let children = super::keys::children(&pattern);
            let names: Vec<&str> = children.iter().map(|name| if *name == "*" { "NAME" } else { name }).collect();
            let error = Error::usage(format!("`{}` is a table, not a value", Shown(&dotted(&path))));
            return Err(error.help(format!("set one of its keys: {}", super::choice::list(&names))));
        }
    };
    if let Err(why) = toml(kind, value, "").parse::<Value>() {
        return Err(no_value(&path, &pattern, value, &why));
    }
    let document = Document::parse(text).map_err(|error| syntax(&error, text).error(file, text))?;
    let written = |old: &str| toml(kind, value, old);
    let splice = Target::find(document.as_table(), &path).and_then(|target| target.splice(text, &path, written));
    let splice = splice.map_err(|why| by_hand(&path, &why, &written("")))?;
    let new = [&text[..splice.at.start], &splice.text, &text[splice.at.end..]].concat();
    prove(document.as_table(), &new, &path).map_err(|why| by_hand(&path, why, &written("")))?;
    judge(file, new, splice.at.start..splice.at.start + splice.text.len())
}

/// Refuses an edit whose own text is wrong, and tells what else is.
fn judge(file: &Path, text: String, ours: Range<usize>) -> Result<Edited> {
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let wrong = match load::examine(&Ground::new(Path::new("/")), folder, &text) {
        Ok(read) => read.wrong,
        Err(mistake) => vec![mistake],
    };
    let bad =
        |mistake: &&Mistake| !mistake.incomplete && mistake.span.start < ours.end && ours.start < mistake.span.end;
    match wrong.iter().find(bad) {
        Some(mistake) => Err(mistake.help.iter().fold(Error::usage(mistake.message.clone()), Error::help)),
        None => Ok(Edited { wrong: wrong.into_iter().map(|mistake| mistake.error(file, &text)).collect(), text }),
    }
}

/// Says that a text can't be made a value.
fn no_value(path: &[String], pattern: &[&str], value: &str, why: &toml_edit::TomlError) -> Error {
    let (noun, example) = match place(pattern) {
        Some(Place::Key(key)) => (key.kind.noun(), key.example),
        _ => ("a list of tables", "[{ from = \"Fri 16:00\", to = \"Mon 08:00\", time-zone = \"Europe/Berlin\" }]"),
    };
    let why = why.message().lines().next().unwrap_or_default().to_owned();
    Error::usage(format!("`{}`: `{}` is not {noun}: {why}", Shown(&dotted(path)), Shown(value)))
        .help(format!("write it as `{example}`"))
}

fn by_hand(path: &[String], why: &str, value: &str) -> Error {
    let line = format!("{} = {value}", dotted(path));
    Error::invalid(format!("can't set `{}`: {why}", Shown(&dotted(path))))
        .help(format!("write it by hand: `{}`", Shown(&line)))
}

/// Where a key stands, or would stand.
enum Target<'a> {
    /// The value that is there.
    Value(&'a Value),
    /// The inline table that lacks the rest of the path.
    Inline(Range<usize>, &'a [String]),
    /// The section that lacks the rest of the path: a table with a header, or the top.
    Section(&'a Table, &'a [String]),
    /// A table that has no section of its own.
    Nowhere,
}

impl<'a> Target<'a> {
    fn find(top: &'a Table, path: &'a [String]) -> Result<Self, String> {
        let mut table: &dyn TableLike = top;
        let mut target = Self::Section(top, path);
        for (at, name) in path.iter().enumerate() {
            let rest = path.get(at + 1..).unwrap_or_default();
            match table.get(name) {
                None | Some(Item::None) => break,
                Some(Item::Value(value)) if rest.is_empty() => return Ok(Self::Value(value)),
                Some(Item::Value(Value::InlineTable(inline))) => {
                    table = inline;
                    target = Self::Inline(inline.span().ok_or("its place is not known")?, rest);
                }
                Some(Item::Table(inner)) if !rest.is_empty() => {
                    table = inner;
                    target = match target {
                        _ if !inner.is_implicit() && !inner.is_dotted() => Self::Section(inner, rest),
                        // Keys with dots stand in the section around them.
                        section if inner.is_dotted() => section,
                        _ => Self::Nowhere,
                    };
                }
                Some(item) => return Err(format!("`{}` is written as {}", dotted(&path[..=at]), kind_of(item))),
            }
        }
        Ok(target)
    }

    /// Returns what to write.
    fn splice(&self, text: &str, path: &[String], value: impl Fn(&str) -> String) -> Result<Splice, String> {
        match self {
            Self::Value(old) => {
                let at = old.span().ok_or("its place is not known")?;
                let old = text.get(at.clone()).unwrap_or_default();
                Ok(Splice { text: value(old), at })
            }
            Self::Inline(span, rest) => {
                let inside = text.get(span.start + 1..span.end - 1).unwrap_or_default();
                let kept = inside.trim_end();
                let at = span.start + 1 + kept.len();
                let comma = match kept.trim() {
                    "" => "",
                    kept if kept.ends_with(',') => "",
                    _ => ",",
                };
                let end = if inside.len() == kept.len() { " " } else { "" };
                Ok(Splice { at: at..at, text: format!("{comma} {} = {}{end}", dotted(rest), value("")) })
            }
            Self::Section(section, [name]) => Ok(below(section, text, &format!("{} = {}", bare(name), value("")))),
            Self::Section(section, rest) => match sibling(section, rest) {
                Some(end) => Ok(after_line(text, end, &format!("{} = {}", dotted(rest), value("")))),
                None => Ok(at_end(text, path, &value(""))),
            },
            Self::Nowhere => Ok(at_end(text, path, &value(""))),
        }
    }
}

/// Returns the end of the last value beside a dotted key, where there is one.
fn sibling(section: &Table, rest: &[String]) -> Option<usize> {
    let first = section.get(rest.first()?)?.as_table().filter(|table| table.is_dotted())?;
    last_value(first)
}

/// Returns the end of the last value that stands in a table's own section.
fn last_value(table: &Table) -> Option<usize> {
    table
        .iter()
        .filter_map(|(_, item)| match item {
            Item::Value(value) => value.span().map(|span| span.end),
            Item::Table(inner) if inner.is_dotted() => last_value(inner),
            _ => None,
        })
        .max()
}

/// Returns a line at the end of a section's own values.
fn below(section: &Table, text: &str, line: &str) -> Splice {
    match (last_value(section), section.span().filter(|span| !span.is_empty())) {
        (Some(end), _) => after_line(text, end, line),
        (None, Some(header)) => after_line(text, header.end, line),
        // The top without a value: below the comment that the file begins with.
        (None, None) => {
            let head =
                text.split_inclusive('\n').take_while(|line| line.trim_start_matches('\u{feff}').starts_with('#'));
            let at = head.map(str::len).sum::<usize>();
            let at = if at == 0 && text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { at };
            let eol = eol(text);
            let before = if at > 0 && !text[..at].ends_with(['\n', '\u{feff}']) { eol } else { "" };
            Splice { at: at..at, text: format!("{before}{line}{eol}") }
        }
    }
}

/// Returns a line below the one that `end` is in, with the same indentation.
fn after_line(text: &str, end: usize, line: &str) -> Splice {
    let begin = text[..end].rfind('\n').map_or(0, |at| at + 1);
    let indent: String = text[begin..].chars().take_while(|letter| [' ', '\t'].contains(letter)).collect();
    match text[end..].find('\n') {
        Some(at) => Splice { at: end + at + 1..end + at + 1, text: format!("{indent}{line}{}", eol(text)) },
        None => Splice { at: text.len()..text.len(), text: format!("{}{indent}{line}", eol(text)) },
    }
}

/// Returns a new section at the end of the text.
fn at_end(text: &str, path: &[String], value: &str) -> Splice {
    let (name, table) = path.split_last().map_or(("", path), |(name, table)| (name.as_str(), table));
    let eol = eol(text);
    let close = if text.is_empty() || text.ends_with('\n') { "" } else { eol };
    let gap = if text.trim().is_empty() { "" } else { eol };
    let text_end = text.len()..text.len();
    Splice { at: text_end, text: format!("{close}{gap}[{}]{eol}{} = {value}{eol}", dotted(table), bare(name)) }
}

fn eol(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

const fn kind_of(item: &Item) -> &'static str {
    match item {
        Item::ArrayOfTables(_) => "a list of tables",
        Item::Table(_) => "a table",
        Item::Value(_) | Item::None => "a value",
    }
}

/// Writes a value as its key has it, in the quotes of the `old` one.
fn toml(kind: Option<Kind>, value: &str, old: &str) -> String {
    let structured = value.trim_start().starts_with(['[', '{']);
    let texts = |texts: Vec<String>| {
        let texts: Vec<String> = texts.into_iter().map(|text| Value::from(text).to_string()).collect();
        format!("[{}]", texts.join(", "))
    };
    match kind {
        None => value.to_owned(),
        Some(Kind::Version | Kind::Count) => value.trim().to_owned(),
        Some(Kind::Truth) if matches!(value.trim(), "true" | "false") => value.trim().to_owned(),
        Some(Kind::Steps | Kind::Names | Kind::KeyPath | Kind::KeyPaths | Kind::Enabled | Kind::Header)
            if structured =>
        {
            value.to_owned()
        }
        Some(Kind::Steps) => {
            let steps: Vec<&str> = value.split(',').map(|step| step.trim().trim_end_matches('%')).collect();
            format!("[{}]", steps.join(", "))
        }
        Some(Kind::Names) => {
            texts(value.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect())
        }
        Some(Kind::KeyPath | Kind::KeyPaths | Kind::Enabled) => {
            texts(path_of(value).unwrap_or_else(|_| vec![value.to_owned()]))
        }
        Some(_) if old.starts_with('\'') && !value.contains(['\'', '\n']) && !value.contains(char::is_control) => {
            format!("'{value}'")
        }
        Some(_) => Value::from(value).to_string(),
    }
}

/// Proves that two texts say the same but for one key, which the new one has.
fn prove(old: &Table, new: &str, path: &[String]) -> Result<(), &'static str> {
    let new = Document::parse(new).map_err(|_| "the text would not be TOML any more")?;
    let mut leaves = [BTreeMap::new(), BTreeMap::new()];
    flatten(old, &mut Vec::new(), path, &mut leaves[0]);
    flatten(new.as_table(), &mut Vec::new(), path, &mut leaves[1]);
    let there = leaves[1].remove(path).is_some();
    leaves[0].remove(path);
    if there && leaves[0] == leaves[1] { Ok(()) } else { Err("other keys would change") }
}

/// Lists values by their paths; what stands at `whole` is listed as one.
fn flatten(table: &dyn TableLike, path: &mut Vec<String>, whole: &[String], into: &mut BTreeMap<Vec<String>, String>) {
    for (name, item) in table.iter() {
        path.push(name.to_owned());
        match item.as_table_like() {
            Some(inner) if path != whole => flatten(inner, path, whole, into),
            _ => {
                into.insert(path.clone(), compact(item));
            }
        }
        path.pop();
    }
}
