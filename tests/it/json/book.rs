//! Holds answers to the paper, and remembers which of its keys and types came.

use super::paper::{Kind, Paper, Row};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

pub(super) struct Book {
    paper: Paper,
    /// Home and key of a row, and which of its types.
    seen: BTreeSet<(String, String, usize)>,
    pub(super) wrong: Vec<String>,
}

impl Book {
    pub(super) fn new() -> Self {
        Self { paper: Paper::read(), seen: BTreeSet::new(), wrong: Vec::new() }
    }

    /// Holds the answer of a verb, as `config show`, to its section.
    pub(super) fn hold(&mut self, verb: &str, answer: &Value) {
        let mut object = answer.as_object().cloned().unwrap_or_default();
        if object.keys().next().map(String::as_str) != Some("version")
            || object.shift_remove("version") != Some(1.into())
        {
            self.wrong.push(format!("{verb}: does not begin with version 1"));
        }
        let mut rows = self.paper.section(&format!("flagctl-{}", verb.replace(' ', "-"))).to_vec();
        let failed = object.contains_key("error");
        if failed {
            let failure = self.paper.section("a-failure").to_vec();
            let known: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
            // What a failure may leave out.
            rows.iter_mut().for_each(|row| row.only = !failure.iter().any(|always| always.key == row.key));
            rows.extend(failure.into_iter().filter(|row| !known.contains(&row.key)));
            if let Some(changed) = object.get("changed") {
                self.fits("a failure.changed", &self.paper.section("a-failure")[1].clone(), changed);
            }
        }
        self.object(verb, &rows, &object);
    }

    fn object(&mut self, at: &str, rows: &[Row], object: &Map<String, Value>) {
        for (key, value) in object {
            match rows.iter().find(|row| row.key == *key) {
                Some(row) => self.fits(&format!("{at}.{key}"), row, value),
                None => self.wrong.push(format!("{at}.{key} is not in docs/json.md")),
            }
        }
        let left_out = rows.iter().filter(|row| !row.only && !object.contains_key(&row.key));
        self.wrong.extend(left_out.map(|row| format!("{at}.{} was left out", row.key)));
    }

    fn fits(&mut self, at: &str, row: &Row, value: &Value) {
        match row.kinds.iter().position(|kind| is(kind, value)) {
            Some(index) => {
                self.seen.insert((row.home.clone(), row.key.clone(), index));
                self.within(at, &row.kinds[index], value);
            }
            None => self.wrong.push(format!("{at} is {value}, not {:?}", row.kinds)),
        }
    }

    pub(super) fn within(&mut self, at: &str, kind: &Kind, value: &Value) {
        match (kind, value) {
            (Kind::List(element), Value::Array(list)) => {
                for value in list {
                    if is(element, value) {
                        self.within(&format!("{at}[]"), element, value);
                    } else {
                        self.wrong.push(format!("{at}[] is {value}, not {element:?}"));
                    }
                }
            }
            (Kind::Section(name), Value::Object(object)) => {
                let rows = self.paper.section(name).to_vec();
                self.object(at, &rows, object);
            }
            _ => {}
        }
    }

    /// Returns what the paper tells of and no answer had.
    pub(super) fn unseen(&self) -> Vec<String> {
        let mut unseen = Vec::new();
        for row in self.paper.rows() {
            for (index, kind) in row.kinds.iter().enumerate() {
                if !self.seen.contains(&(row.home.clone(), row.key.clone(), index)) {
                    unseen.push(format!("{}.{}: {}", row.home, row.key, name(kind)));
                }
            }
        }
        unseen
    }
}

fn name(kind: &Kind) -> String {
    match kind {
        Kind::Literal(word) => word.clone(),
        kind => format!("{kind:?}"),
    }
}

fn is(kind: &Kind, value: &Value) -> bool {
    let text = value.as_str();
    match kind {
        Kind::Null => value.is_null(),
        Kind::Text => text.is_some(),
        Kind::Number => value.is_number(),
        Kind::Whole => value.is_u64(),
        Kind::Boolean => value.is_boolean(),
        Kind::Time => text.is_some_and(|text| text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok()),
        Kind::Word => {
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            text.is_some_and(|text| !text.is_empty() && text.chars().all(kebab))
        }
        Kind::Anything => true,
        Kind::Literal(word) => text == Some(word),
        Kind::List(_) => value.is_array(),
        Kind::Section(_) => value.is_object(),
    }
}
