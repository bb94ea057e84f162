//! A metrics page: the Prometheus text format and OpenMetrics.

use super::selector::Selector;
use crate::metrics::look::excerpt;
use std::collections::{BTreeMap, BTreeSet};

/// When the process began, as Prometheus' client libraries say.
pub(super) const PROCESS_START: &str = "process_start_time_seconds";

/// How a page is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// Times in milliseconds, no end mark.
    Prometheus,
    /// Times in seconds, ends with `# EOF`.
    OpenMetrics,
}

/// One sample, its labels sorted by name.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) labels: Vec<(String, String)>,
    pub(super) value: f64,
    /// In seconds since 1970, where the page says it.
    pub(super) time: Option<f64>,
}

/// The samples of a page that are wanted, and which metrics it knows.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) samples: Vec<Sample>,
    /// What `# TYPE` says of a family.
    kinds: BTreeMap<String, String>,
    /// Every name that the page mentions.
    names: BTreeSet<String>,
}

impl Sample {
    /// Returns a label's value; empty if there is none.
    pub(super) fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Returns name and labels as text, the same for the same series.
    pub(super) fn series(&self) -> String {
        let labels: Vec<String> = self.labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        format!("{}{{{}}}", self.name, labels.join(","))
    }
}

impl Page {
    /// Reads a page and keeps the samples that are wanted.
    ///
    /// # Errors
    /// Names the first line that can't be read; a page that was cut off is none.
    pub(super) fn parse(text: &str, syntax: Syntax, wanted: &dyn Fn(&Sample) -> bool) -> Result<Self, String> {
        let mut page = Self::default();
        let mut ended = false;
        if !text.is_empty() && !text.ends_with('\n') && syntax == Syntax::Prometheus {
            return Err("its last line has no end, so that it may be cut off".to_owned());
        }
        for (number, line) in text.lines().enumerate() {
            let at = |why: &str| format!("line {}: {why}: `{}`", number + 1, excerpt(line));
            if ended && !line.trim().is_empty() {
                return Err(at("it follows `# EOF`"));
            }
            match line.trim_start().strip_prefix('#') {
                Some(comment) => ended |= page.comment(comment),
                None if line.trim().is_empty() => {}
                None => {
                    let sample = sample(line, syntax).map_err(|why| at(&why))?;
                    page.names.insert(sample.name.clone());
                    if sample.name == PROCESS_START || wanted(&sample) {
                        page.samples.push(sample);
                    }
                }
            }
        }
        if syntax == Syntax::OpenMetrics && !ended {
            return Err("it does not end with `# EOF`, so that it is cut off".to_owned());
        }
        let mut series: Vec<String> = page.samples.iter().map(Sample::series).collect();
        series.sort_unstable();
        match series.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("the series `{}` stands in it twice", excerpt(&pair[0]))),
            None => Ok(page),
        }
    }

    /// Takes what a comment says; true at `# EOF`.
    fn comment(&mut self, comment: &str) -> bool {
        let mut words = comment.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("EOF"), None, None) => return true,
            (Some("TYPE"), Some(family), Some(kind)) => {
                self.kinds.insert(family.to_owned(), kind.to_owned());
                self.names.insert(family.to_owned());
            }
            (Some("HELP" | "UNIT"), Some(family), _) => {
                self.names.insert(family.to_owned());
            }
            _ => {}
        }
        false
    }

    /// True if the page mentions the metric, also without a series.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.names.contains(name) || name.strip_suffix("_total").is_some_and(|family| self.names.contains(family))
    }

    /// Returns the samples that a selector means.
    pub(super) fn matching<'a>(&'a self, selector: &'a Selector) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(|sample| selector.matches(sample))
    }

    /// Says why a sample is none that counts up; `None` if it may be one.
    pub(super) fn no_counter(&self, sample: &Sample, selector: &Selector) -> Option<String> {
        let name = sample.name.as_str();
        let (family, part) = ["_total", "_count", "_sum", "_bucket", "_created"]
            .into_iter()
            .find_map(|part| Some((name.strip_suffix(part).filter(|family| self.kinds.contains_key(*family))?, part)))
            .unwrap_or((name, ""));
        let kind = self.kinds.get(name).or_else(|| self.kinds.get(family)).map_or("untyped", String::as_str);
        match (kind, part) {
            ("counter", "" | "_total" | "_count") | ("untyped" | "unknown", _) => None,
            ("histogram" | "summary", "_count") => None,
            ("histogram", "_bucket") if selector.fixes("le") => None,
            ("histogram", "_bucket") => {
                Some(format!("`{name}` without a fixed `le`, which counts a request many times"))
            }
            (kind, _) => Some(format!("`{name}`, which is a {}, no counter", excerpt(kind))),
        }
    }
}

/// Reads one line: `name{label="value"} 1.5 1700000000000`, and what OpenMetrics puts behind it.
fn sample(line: &str, syntax: Syntax) -> Result<Sample, String> {
    let line = line.trim();
    let name_end = line.find(|c: char| c == '{' || c.is_whitespace()).ok_or("there is no value")?;
    let mut name = line[..name_end].to_owned();
    let mut rest = line[name_end..].trim_start();
    let mut labels = Vec::new();
    if let Some(inner) = rest.strip_prefix('{') {
        (labels, rest) = label_set(inner, &mut name)?;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':' || c == '.';
    if name.is_empty() || (name_end > 0 && !name.chars().all(plain)) {
        return Err("this is no metric".to_owned());
    }
    // An exemplar begins with ` # `.
    let numbers = rest.split_once(" # ").map_or(rest, |(numbers, _)| numbers);
    let mut words = numbers.split_whitespace();
    let value = number(words.next().ok_or("there is no value")?).ok_or("its value is no number")?;
    let time = words.next().map(|word| word.parse::<f64>().map_err(|_| "its time is no number")).transpose()?;
    if words.next().is_some() {
        return Err("there is more than a value and a time".to_owned());
    }
    let scale = if syntax == Syntax::Prometheus { 1000.0 } else { 1.0 };
    labels.sort_unstable();
    Ok(Sample { name, labels, value, time: time.map(|time| time / scale) })
}

/// Reads a number as Go does, which writes infinity as `+Inf`.
fn number(word: &str) -> Option<f64> {
    let digits = word.trim_start_matches(['+', '-']);
    let plain = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    (plain || ["inf", "infinity", "nan"].contains(&digits.to_lowercase().as_str())).then(|| word.parse().ok()).flatten()
}

type Labels = Vec<(String, String)>;

/// Reads labels up to the closing brace; a quoted text without a value is the metric's name.
fn label_set<'a>(mut rest: &'a str, name: &mut String) -> Result<(Labels, &'a str), String> {
    let mut labels = Labels::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return Ok((labels, after));
        }
        let key = if rest.starts_with('"') {
            let (key, after) = quoted(rest)?;
            rest = after.trim_start();
            key
        } else {
            let end = rest.find(['=', '}', ',']).ok_or("its labels have no end")?;
            let key = rest[..end].trim_end().to_owned();
            rest = &rest[end..];
            key
        };
        match rest.strip_prefix('=') {
            Some(after) => {
                let (value, after) = quoted(after.trim_start())?;
                if key.is_empty() || labels.iter().any(|(known, _)| *known == key) {
                    return Err("a label has no name, or stands twice".to_owned());
                }
                // An empty label is the same as none.
                if !value.is_empty() {
                    labels.push((key, value));
                }
                rest = after.trim_start();
            }
            None if name.is_empty() => *name = key,
            None => return Err("a label has no value".to_owned()),
        }
        match rest.chars().next() {
            Some(',') => rest = &rest[1..],
            Some('}') => {}
            _ => return Err("its labels can't be read".to_owned()),
        }
    }
}

/// Reads a text in double quotes.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let inner = text.strip_prefix('"').ok_or("a label's value is not quoted")?;
    let mut value = String::new();
    let mut characters = inner.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((value, &inner[at + 1..])),
            '\\' => match characters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, escaped)) => value.push(escaped),
                None => break,
            },
            plain => value.push(plain),
        }
    }
    Err("a quoted text has no end".to_owned())
}
