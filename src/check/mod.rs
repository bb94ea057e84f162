//! Pure rules for `validate`: one file a rule, one line to register.

mod aliases;
mod booleans;
mod colons;
mod conflicts;
mod contradictions;
mod controls;
mod finding;
mod json;
mod ladder;
mod letters;
mod misspelt;
mod octals;
mod ranges;
mod repetitions;
mod salts;
mod similar;
mod strays;
mod syntax;
mod templates;
mod unlimited;
mod unseen;
mod values;

pub use finding::{Finding, Severity};

use crate::document::{Language, Places, Sight, survey};
use crate::model::{FlagName, Ladder, Mapping};
use finding::Found;
use std::cell::OnceCell;

/// Returns the ladder of a flag.
pub type LadderOf<'l> = &'l dyn Fn(&FlagName) -> Ladder;

/// What a rule looks at.
struct Subject<'s> {
    text: &'s str,
    language: Language,
    mapping: &'s Mapping,
    ladder: LadderOf<'s>,
    /// Where the lines of the text end; looked for once, when it is asked for.
    line_ends: OnceCell<Vec<usize>>,
}

impl Subject<'_> {
    /// Returns the line of a byte, from 1.
    fn line(&self, at: usize) -> usize {
        let ends = || self.text.match_indices('\n').map(|(end, _)| end).collect();
        self.line_ends.get_or_init(ends).partition_point(|end| *end < at) + 1
    }
}

/// A rule about something that stands out: adds what it finds.
type Rule = fn(&Subject<'_>, &Sight, &mut Vec<Found>);

/// A rule about the text as such.
type TextRule = fn(&Subject<'_>, &mut Vec<Found>);

/// Every rule about the text as such.
const TEXT_RULES: [TextRule; 3] = [conflicts::check, controls::check, unseen::check];

/// Every other rule.
const RULES: [Rule; 17] = [
    syntax::check,
    templates::check,
    repetitions::check,
    values::check,
    ranges::check,
    octals::check,
    booleans::check,
    contradictions::check,
    ladder::check,
    aliases::check,
    misspelt::check,
    unlimited::check,
    strays::check,
    similar::check,
    letters::check,
    colons::check,
    salts::check,
];

/// Checks a flags file: every finding, in the order of the file; of a text that is broken, those above too.
#[must_use]
pub fn run(text: &str, language: Language, mapping: &Mapping, ladder: LadderOf<'_>) -> Vec<Finding> {
    let subject = Subject { text, language, mapping, ladder, line_ends: OnceCell::new() };
    let mut found = Vec::new();
    TEXT_RULES.into_iter().for_each(|rule| rule(&subject, &mut found));
    survey(text, mapping, |sight| RULES.into_iter().for_each(|rule| rule(&subject, sight, &mut found)));
    json::check(&subject, &mut found);
    found.sort_by(|one, two| (one.at.start, one.severity, one.code).cmp(&(two.at.start, two.severity, two.code)));
    let mut places = Places::new(text);
    found.into_iter().map(|found| found.placed(text, &mut places)).collect()
}
