//! Users and their buckets: a table, lines, CSV, JSON.

use super::style::{DIM, GOOD, NAME, STRONG, Styled};
use crate::model::{Percent, Shown};
use comfy_table::{ContentArrangement, Table};
use serde_json::{Value, json};
use std::fmt::{Display, Write as _};

/// Why a user is in or out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The flag is switched off.
    Disabled,
    /// Nobody is in at 0.
    Nobody,
    /// Everybody is in at 100.
    Everybody,
    /// The user has no id.
    NoIdentity,
    /// The bucket is within the exposure.
    Within,
    /// It is beyond.
    Beyond,
}

impl Why {
    const fn word(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Nobody => "nobody",
            Self::Everybody => "everybody",
            Self::NoIdentity => "no-identity",
            Self::Within => "within",
            Self::Beyond => "beyond",
        }
    }
}

/// One user.
#[derive(Clone, Debug)]
pub struct Row<'r> {
    /// The id.
    pub user: &'r str,
    /// The number that is compared.
    pub bucket: Value,
    /// Whether the user gets the flag now.
    pub is_in: bool,
    /// The least exposure at which the user gets it.
    pub from: Percent,
    /// The first step of the ladder at which the user gets it.
    pub from_step: Option<Percent>,
    /// Why.
    pub why: Why,
}

impl Row<'_> {
    /// Returns the user as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "user": self.user, "bucket": self.bucket, "in": self.is_in, "from": self.from,
            "from_step": self.from_step, "why": self.why.word(),
        })
    }

    fn name(&self) -> String {
        if self.user.is_empty() { "\"\"".to_owned() } else { Shown(self.user).to_string() }
    }

    fn reason(&self, exposure: Percent) -> String {
        match self.why {
            Why::Disabled => format!("`enabled: false`; else from {}% on", self.from),
            Why::Nobody => format!("nobody is in at 0%; from {}% on", self.from),
            Why::Everybody => "everybody is in at 100%".to_owned(),
            Why::NoIdentity => "no identity: in at 100% only".to_owned(),
            Why::Within | Why::Beyond => format!("in from {}% on, and it is at {exposure}%", self.from),
        }
    }

    /// Returns the user as a line, for lists of which the end is not known.
    #[must_use]
    pub fn line(&self, exposure: Percent) -> String {
        let side = if self.is_in { "in " } else { "out" };
        format!("{side}  {:<6}  {}  {}\n", self.bucket.to_string(), self.name(), self.reason(exposure))
    }
}

/// Returns the table: who is in now, and at which steps; `width` is the terminal's.
#[must_use]
pub fn human(rows: &[Row<'_>], steps: &[Percent], exposure: Percent, width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    // At 0 nobody is in.
    let steps: Vec<Percent> = steps.iter().copied().filter(|step| !step.is_zero()).collect();
    let at = steps.iter().map(|step| format!("{step}%"));
    let heads = ["USER", "BUCKET", "NOW"].map(str::to_owned).into_iter().chain(at).chain(["WHY".to_owned()]);
    table.set_header(heads.map(|head| Styled(DIM, head).to_string()));
    for row in rows {
        let side = |is_in: bool| if is_in { Styled(GOOD, "in") } else { Styled(DIM, "out") }.to_string();
        let now = if row.is_in { Styled(GOOD, "in") } else { Styled(STRONG, "out") };
        let first = [Styled(NAME, row.name()).to_string(), row.bucket.to_string(), now.to_string()];
        let at = steps.iter().map(|step| side(row.from_step.is_some_and(|first| first <= *step)));
        table.add_row(first.into_iter().chain(at).chain([row.reason(exposure)]));
    }
    super::flush(&table)
}

/// Writes a user as CSV by RFC 4180, with the line end of Unix, into `line`.
pub fn csv(line: &mut String, user: &str, bucket: impl Display, is_in: bool) {
    line.clear();
    let needs_quotes = |byte| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    if user.bytes().any(needs_quotes) {
        line.push('"');
        for character in user.chars() {
            if character == '"' {
                line.push('"');
            }
            line.push(character);
        }
        line.push('"');
    } else {
        line.push_str(user);
    }
    let _ = writeln!(line, ",{bucket},{}", if is_in { "in" } else { "out" });
}

/// Who of some users a step exposes.
#[derive(Clone, Debug, Default)]
pub struct Newly {
    /// Where the users come from, as it is shown.
    pub source: String,
    /// How many there are; an id that stands several times is one.
    pub count: u64,
    /// How many ids stood before in the list.
    pub repeated: u64,
    /// How many are newly exposed.
    pub newly: u64,
    /// Their names: all, or the first.
    pub names: Vec<String>,
    /// How many have it already.
    pub have: u64,
    /// How many have it at one exposure on the way and not at a higher one.
    pub lose: u64,
}

/// How many names a person is shown.
pub const SHOWN: usize = 10;

impl Newly {
    /// Returns it as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let share = (self.count > 0).then(|| self.newly as f64 / self.count as f64);
        json!({
            "source": self.source, "count": self.count, "repeated": self.repeated, "newly": self.newly, "share": share, "names": self.names,
            "have": self.have, "lose": self.lose,
        })
    }

    /// Returns two lines below a plan.
    #[must_use]
    pub fn human(&self) -> String {
        let mut names: Vec<String> = self.names.iter().take(SHOWN).map(|name| Shown(name).to_string()).collect();
        let more = self.newly.saturating_sub(names.len() as u64);
        if more > 0 {
            names.push(format!("and {more} more"));
        }
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        let share = if self.count == 0 { 0.0 } else { self.newly as f64 * 100.0 / self.count as f64 };
        let share = format!("{share:.2}");
        let share = share.trim_end_matches('0').trim_end_matches('.');
        let (newly, count, source) = (self.newly, self.count, Shown(&self.source));
        let proof = match (self.have, self.lose) {
            (0, 0) => "nobody has it yet, and nobody loses it on the way".to_owned(),
            (have, 0) => format!("of the {have} who have it nobody loses it on the way"),
            (have, lose) => format!("of the {have} who have it {lose} lose it on the way"),
        };
        format!(
            "\n  {}\n    {newly} of {count} in {source} are newly exposed ({share}%){names}\n    {proof}\n",
            Styled(STRONG, "users")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_quotes_what_would_break_it() {
        let mut line = String::new();
        for (user, expected) in [
            ("u1", "u1,7,in\n"),
            ("", ",7,in\n"),
            (" a ", " a ,7,in\n"),
            ("a,b", "\"a,b\",7,in\n"),
            ("say \"a\"", "\"say \"\"a\"\"\",7,in\n"),
            ("Zoë\r", "\"Zoë\r\",7,in\n"),
        ] {
            csv(&mut line, user, 7, true);
            assert_eq!(line, expected);
        }
    }
}
