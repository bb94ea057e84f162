//! The table of flags.

use super::style::{BAD, CARE, DIM, GOOD, NAME, STRONG, Styled};
use super::time;
use crate::model::{Action, Exposure, Flag, History, Ladder, Percent, Shown};
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What the other columns need at least.
const REST: usize = 30;

/// When a flag came to its present step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// Then: by the ledger, the line's last commit or the file's time.
    At(Timestamp),
    /// Nothing tells, or nobody is exposed and the ledger doesn't know.
    Unknown,
    /// Git did not tell in time.
    TooLate,
}

/// One flag in the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The flag as it is stored.
    pub flag: Flag,
    /// Its ladder.
    pub ladder: Ladder,
    /// What the ledger knows of it.
    pub history: History,
    /// When its present step began.
    pub since: Since,
    /// What can't be read or is written twice, in words.
    pub problems: Vec<String>,
}

impl Row {
    fn next(&self) -> Option<Percent> {
        self.flag.exposure().known().and_then(|exposure| self.ladder.above(exposure))
    }

    const fn since(&self) -> Option<Timestamp> {
        match self.since {
            Since::At(at) => Some(at),
            Since::Unknown | Since::TooLate => None,
        }
    }
}

/// Draws the share of users as ten cells.
#[must_use]
pub fn bar(exposure: &Exposure) -> String {
    let Some(percent) = exposure.known() else { return Styled(CARE, "??????????").to_string() };
    // Whoever is exposed shows: a cell is filled as soon as its tenth begins.
    let filled = usize::try_from(percent.milli().div_ceil(10_000)).unwrap_or(10);
    let style = if percent.is_zero() { DIM } else { GOOD };
    format!("{}{}", Styled(style, "█".repeat(filled)), Styled(DIM, "░".repeat(10 - filled)))
}

/// Returns the table; `width` is the terminal's, `None` for a pipe, where nothing is cut or wrapped.
#[must_use]
pub fn human(rows: &[Row], now: Timestamp, width: Option<u16>) -> String {
    let mut table = table(width);
    let heads = ["FLAG", "EXPOSURE", "", "NEXT", "SINCE", "LATCH", "LAST CHANGE"];
    table.set_header(heads.map(|head| Styled(DIM, head).to_string()));
    for row in rows {
        table.add_row(cells(row, now));
    }
    keep_names_whole(&mut table, rows.iter().map(|row| row.flag.name.as_str()), width);
    let mut text = super::flush(&table);
    for row in rows {
        for problem in &row.problems {
            text.push_str(&format!("{} `{}`: {problem}\n", Styled(BAD, "problem:"), row.flag.name));
        }
    }
    text
}

fn table(width: Option<u16>) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table
}

/// Keeps names from being broken where they leave room for the rest: a name is looked for, and pasted.
fn keep_names_whole<'n>(table: &mut Table, names: impl Iterator<Item = &'n str>, width: Option<u16>) {
    let longest = names.map(|name| name.chars().count()).max().unwrap_or_default();
    let fits = width.is_some_and(|width| longest + REST <= usize::from(width));
    if let (true, Some(column)) = (fits, table.column_mut(0)) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
}

fn since(since: Since, now: Timestamp) -> String {
    match since {
        Since::At(at) => time::since(at, now),
        Since::Unknown => "–".to_owned(),
        Since::TooLate => Styled(CARE, "?").to_string(),
    }
}

fn cells(row: &Row, now: Timestamp) -> Vec<String> {
    let exposure = row.flag.exposure();
    let style = if exposure.known().is_some_and(|percent| !percent.is_zero()) { STRONG } else { DIM };
    let last = row.history.newest().map_or_else(String::new, |entry| {
        let step = match (entry.from, entry.action) {
            (_, Action::New) => format!("at {}%", entry.to),
            (Some(from), _) => format!("{from}% → {}%", entry.to),
            (None, _) => format!("unknown → {}%", entry.to),
        };
        format!("{} {step} by {}, {}", verb(entry.action), Shown(&entry.actor), time::since(entry.at, now))
    });
    vec![
        Styled(NAME, &row.flag.name).to_string(),
        bar(&exposure),
        Styled(style, format!("{exposure:>5}")).to_string(),
        row.next().map_or_else(|| "–".to_owned(), |next| format!("{next}%")),
        since(row.since, now),
        row.history.latch().map_or_else(String::new, |_| Styled(CARE, "latched").to_string()),
        last,
    ]
}

/// One environment beside others.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub environment: String,
    /// Its flags file.
    pub file: String,
    /// Its flags.
    pub rows: Vec<Row>,
    /// Why it could not be read.
    pub message: Option<String>,
}

impl Column {
    /// Returns the row of a flag.
    #[must_use]
    pub fn row(&self, flag: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.flag.name.as_str() == flag)
    }
}

/// Returns a table of flags, an environment a column.
#[must_use]
pub fn everywhere(columns: &[Column], now: Timestamp, width: Option<u16>) -> String {
    let mut table = table(width);
    let head = |text: &str| Styled(DIM, Shown(text).to_string().to_uppercase()).to_string();
    let heads = columns.iter().flat_map(|column| [head(&column.environment), String::new()]);
    table.set_header([head("flag")].into_iter().chain(heads));
    let mut names: Vec<&str> = Vec::new();
    for name in columns.iter().flat_map(|column| &column.rows).map(|row| row.flag.name.as_str()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in names {
        let cells = columns.iter().flat_map(|column| match column.row(name) {
            None => ["–".to_owned(), String::new()],
            Some(row) => {
                let exposure = row.flag.exposure();
                let latched = row.history.latch().map_or_else(String::new, |_| Styled(CARE, " latched").to_string());
                [format!("{} {exposure:>5}{latched}", bar(&exposure)), Styled(DIM, since(row.since, now)).to_string()]
            }
        });
        table.add_row([Styled(NAME, Shown(name)).to_string()].into_iter().chain(cells));
    }
    let names = columns.iter().flat_map(|column| &column.rows).map(|row| row.flag.name.as_str());
    keep_names_whole(&mut table, names, width);
    let mut text: String = super::flush(&table).lines().map(|line| format!("{}\n", line.trim_end())).collect();
    for column in columns {
        if let Some(message) = &column.message {
            text.push_str(&format!("{} {}: {message}\n", Styled(BAD, "problem:"), Shown(&column.environment)));
        }
        for (row, problem) in column.rows.iter().flat_map(|row| row.problems.iter().map(move |problem| (row, problem)))
        {
            let place = Shown(&column.environment);
            text.push_str(&format!("{} {place}: `{}`: {problem}\n", Styled(BAD, "problem:"), row.flag.name));
        }
    }
    text
}

/// Returns the environments as JSON fields, without `version`.
#[must_use]
pub fn everywhere_json(columns: &[Column]) -> Value {
    let column = |column: &Column| {
        json!({
            "environment": column.environment, "file": column.file, "flags": json(&column.rows),
            "problem": column.message,
        })
    };
    let nothing: [Value; 0] = [];
    json!({ "environment": null, "file": null, "flags": nothing, "environments": columns.iter().map(column).collect::<Vec<_>>() })
}

/// Returns the word for an action in the past.
#[must_use]
pub const fn verb(action: Action) -> &'static str {
    match action {
        Action::New => "declared",
        Action::Advance => "advanced",
        Action::Rollback => "rolled back",
        Action::Drill => "drilled",
    }
}

/// Returns the rows as JSON.
#[must_use]
pub fn json(rows: &[Row]) -> Value {
    rows.iter()
        .map(|row| {
            let mut flag = json!({
                "name": row.flag.name,
                "line": (row.flag.line > 0).then_some(row.flag.line),
                "enabled": row.flag.enabled.value(),
                "rollout": row.flag.rollout.value(),
                "exposure": row.flag.exposure(),
                "next": row.next(),
                "since": row.since(),
                "latched": row.history.latch().is_some(),
                "last": row.history.newest().map(|entry| json!({
                    "action": entry.action, "from": entry.from, "to": entry.to, "at": entry.at,
                    "actor": entry.actor, "reason": entry.reason,
                })),
                "description": row.flag.description,
                "steps": row.ladder,
                "problems": row.problems,
            });
            if let Some(least) = row.flag.exposure().at_least() {
                flag["exposure_at_least"] = json!(least);
            }
            flag
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_shows_also_the_first_thousandth() {
        let plain = |milli| {
            let exposure = Exposure::Exactly(Percent::from_milli(milli).unwrap());
            anstream::adapter::strip_str(&bar(&exposure)).to_string()
        };
        assert_eq!(plain(0), "░░░░░░░░░░");
        assert_eq!(plain(1), "█░░░░░░░░░");
        assert_eq!(plain(25_000), "███░░░░░░░");
        assert_eq!(plain(99_999), "██████████");
    }
}
