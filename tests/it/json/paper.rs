//! `docs/json.md` as data: which keys an answer has, and what they hold.

use std::collections::BTreeMap;

/// What a key holds, as its table says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Text,
    Number,
    Whole,
    Boolean,
    Time,
    Word,
    Anything,
    /// This very word.
    Literal(String),
    List(Box<Self>),
    /// An object with the keys of another section.
    Section(String),
}

/// One key of a section.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The section it is described in.
    pub(super) home: String,
    pub(super) key: String,
    /// What it holds: one of these.
    pub(super) kinds: Vec<Kind>,
    /// May be left out.
    pub(super) only: bool,
}

/// The tables by the fragment of their heading: `a-verdict`, `flagctl-status`.
#[derive(Debug)]
pub(super) struct Paper(BTreeMap<String, Vec<Row>>);

impl Paper {
    pub(super) fn read() -> Self {
        let text = include_str!("../../../docs/json.md");
        let mut raw: BTreeMap<String, Vec<[&str; 3]>> = BTreeMap::new();
        let mut home = String::new();
        for line in text.lines() {
            if line.starts_with('#') {
                home = crate::papers::fragment(line);
            } else if let Some(row) = line.strip_prefix("| ").filter(|row| !row.starts_with("key |")) {
                let cells: Vec<&str> = row.split(" |").map(str::trim).collect();
                raw.entry(home.clone()).or_default().push([cells[0], cells[1], cells[2]]);
            }
        }
        Self(raw.keys().map(|home| (home.clone(), rows(&raw, home))).collect())
    }

    pub(super) fn section(&self, name: &str) -> &[Row] {
        self.0.get(name).unwrap_or_else(|| panic!("docs/json.md has no table `{name}`"))
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.0.iter().flat_map(|(name, rows)| rows.iter().filter(move |row| row.home == *name))
    }
}

/// Returns the rows of a section, with those that it takes over; a key that it has twice has to hold the same.
fn rows(raw: &BTreeMap<String, Vec<[&str; 3]>>, home: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for [key, kinds, meaning] in &raw[home] {
        let more = match kinds_of(kinds).as_slice() {
            [Kind::Section(other)] if *key == "all of" => self::rows(raw, other),
            kinds => vec![Row {
                home: home.to_owned(),
                key: key.trim_matches('`').to_owned(),
                kinds: kinds.to_vec(),
                only: meaning.starts_with("Only "),
            }],
        };
        for row in more {
            let snake = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(row.key.chars().all(snake), "`{}` is no snake_case", row.key);
            match rows.iter().find(|known| known.key == row.key) {
                Some(known) => assert_eq!(known.kinds, row.kinds, "`{}` of `{home}` holds two things", row.key),
                None => rows.push(row),
            }
        }
    }
    rows
}

fn kinds_of(cell: &str) -> Vec<Kind> {
    cell.split(" or ").map(kind).collect()
}

fn kind(text: &str) -> Kind {
    if let Some(element) = text.strip_prefix("list of ") {
        return Kind::List(Box::new(kind(element)));
    }
    if let Some((_, link)) = text.split_once("](#") {
        return Kind::Section(link.trim_end_matches(')').to_owned());
    }
    match text {
        "null" => Kind::Null,
        "text" => Kind::Text,
        "number" => Kind::Number,
        "whole number" => Kind::Whole,
        "boolean" => Kind::Boolean,
        "time" => Kind::Time,
        "word" => Kind::Word,
        "anything" => Kind::Anything,
        quoted => {
            let word = quoted.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
            Kind::Literal(word.unwrap_or_else(|| panic!("`{text}` is no type")).to_owned())
        }
    }
}
