//! Percentages are numbers, switches are booleans or the file's own words.

use super::Subject;
use super::finding::Found;
use crate::document::{Oddity, Sight, Stored};
use crate::model::{Field, OnOff, Scale, Shown, Unreadable};

pub(super) fn check(subject: &Subject<'_>, sight: &Sight, found: &mut Vec<Found>) {
    let Sight::Flag(sight) = sight else { return };
    found.extend(wrong(sight.rollout.as_ref(), &sight.flag.rollout, |text, _| number(subject, text)));
    found.extend(wrong(sight.enabled.as_ref(), &sight.flag.enabled, |_, key| switch(subject, key)));
}

fn wrong<T>(stored: Option<&Stored>, field: &Field<T>, help: impl Fn(&str, &str) -> String) -> Option<Found> {
    let stored = stored.filter(|stored| stored.oddity == Some(Oddity::Type))?;
    let Field::Unreadable(Unreadable { text, reason, .. }) = field else { return None };
    let message = format!("`{}: {}` {reason}", Shown(&stored.key), Shown(text));
    Some(Found::error("wrong-type", stored.at.clone(), message).help(help(text, &stored.key)))
}

fn number(subject: &Subject<'_>, text: &str) -> String {
    let number = text.trim_matches(['"', '\'']).parse::<f64>();
    if subject.mapping.scale == Scale::Doubtful && number.is_ok_and(|number| (0.0..=100.0).contains(&number)) {
        return "set `scale = \"percent\"` or `scale = \"fraction\"` in `[flags-file]` of flagctl.toml".to_owned();
    }
    let most = if subject.mapping.scale == Scale::Fraction { 1 } else { 100 };
    format!("write a number from 0 to {most}")
}

/// Says what a switch may hold: the file's own words, where it has some.
fn switch(subject: &Subject<'_>, key: &str) -> String {
    let mut keys = subject.mapping.enabled.iter();
    let words = keys.find(|enabled| enabled.path.join(".") == key).and_then(|enabled| enabled.words.as_ref());
    let Some(OnOff { on, off }) = words else { return "write `true` or `false`".to_owned() };
    let words: Vec<String> = on.iter().chain(off).map(|word| format!("`{}`", Shown(word))).collect();
    match words.split_last() {
        Some((last, others)) => format!(
            "write {} or {last}; a word that means one of them is told in flagctl.toml: `[flags-file]`, `enabled`, `on` and `off`",
            others.join(", ")
        ),
        None => String::new(),
    }
}
