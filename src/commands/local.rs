//! A flags file, read: finding, reading and editing a flag of it.

use super::place::unknown;
use crate::backend::file::{self, FlagsFile};
use crate::check::{self, Severity};
use crate::config::Environment;
use crate::document::{self, Edited, Language, Listing, Refusal};
use crate::error::{Error, Result, Spot};
use crate::model::{Field, Flag, FlagName, KeyPath, Ladder, Mapping, Mode, Shown, Values};
use crate::plan::Plan;

/// A flags file, read.
pub(super) struct Local {
    pub(super) file: FlagsFile,
    pub(super) mapping: Mapping,
    pub(super) listing: Listing,
}

impl Local {
    /// Finds a flag by its name alone, also one that holds nothing yet.
    pub(super) fn look_up(&self, name: &FlagName) -> Option<Flag> {
        document::look_up(&self.file.text, &self.mapping, name).flags.into_iter().next()
    }

    /// Returns what a text of this file would be after a plan.
    pub(super) fn edited(&self, text: &str, plan: &Plan, environment: &Environment) -> Result<Edited> {
        // It may have been written anew since it was read first.
        let refused = |refusal: Refusal| refusal.into_error(&self.file.path, text);
        Language::of(&self.file.path).holds(text).map_err(refused)?;
        let keys = file::percentages(text, &self.mapping, &plan.flag.name);
        if let ([one, other, ..], None) = (keys.as_slice(), &environment.mapping) {
            let (one, other) = (Shown(one), Shown(other));
            return Err(Error::invalid(format!("`{}` has two percentages: `{one}` and `{other}`", plan.flag.name))
                .help(
                    "leave the one that counts, or pin it below `[flags-file]` in flagctl.toml: `rollout = [\"…\"]`",
                ));
        }
        self.consistent(text, &plan.flag, &keys, environment)?;
        let values = plan.values.unwrap_or(Values { rollout: plan.to, enabled: None });
        document::edit(text, &self.mapping, &plan.flag.name, values, Mode::Careful).map_err(refused)
    }

    /// Refuses a percentage that stands below another key, where neither the configuration nor other flags have it so.
    fn consistent(&self, text: &str, flag: &Flag, own: &[String], environment: &Environment) -> Result<()> {
        if environment.mapping.is_some() || !own.is_empty() {
            return Ok(());
        }
        let counted = |path: &KeyPath| {
            let mapping = Mapping { rollout: vec![path.clone()], ..self.mapping.clone() };
            let listing = document::listing(text, &mapping);
            let has = |flag: &&Flag| flag.rollout != Field::Absent;
            (listing.flags.iter().filter(has).count(), listing.flags.into_iter().find(|one| one.name == flag.name))
        };
        let (mut here, mut elsewhere) = (None, 0);
        for path in &self.mapping.rollout {
            let (count, found) = counted(path);
            match found.filter(|found| here.is_none() && found.rollout != Field::Absent) {
                Some(_) => here = Some((path, count)),
                None => elsewhere += count,
            }
        }
        let Some((path, 1)) = here.filter(|(path, _)| path.len() > 1) else { return Ok(()) };
        if elsewhere == 0 && !file::is_choice(&path[0]) {
            return Ok(());
        }
        let (name, last) = (&flag.name, path.last().map_or("", String::as_str));
        let line = flag.value_lines.iter().copied().max().unwrap_or(flag.line);
        let source = text.lines().nth(line - 1).unwrap_or_default();
        let column = source.rfind(last).map_or(1, |at| source[..at].chars().count() + 1);
        let spot = Spot {
            file: self.file.path.clone(),
            line,
            column,
            width: last.chars().count(),
            source: Some(source.to_owned()),
        };
        let keys: Vec<String> = path.iter().map(|key| format!("{key:?}")).collect();
        let below = path[..path.len() - 1].join(".");
        Err(Error::invalid(format!(
            "`{name}` has a percentage below `{}` alone: nothing tells that it is the share of its users",
            Shown(&below)
        ))
        .at(spot)
        .help(format!("write `{}` beside the flag's other keys", Shown(last)))
        .help(format!("or pin it below `[flags-file]` in flagctl.toml: `rollout = [[{}]]`", keys.join(", "))))
    }

    /// Says that other flags of the file are broken, if `validate` rejects it.
    pub(super) fn errors(&self, ladder: &dyn Fn(&FlagName) -> Ladder) -> Option<String> {
        let findings = check::run(&self.file.text, Language::of(&self.file.path), &self.mapping, ladder);
        let lines: Vec<String> = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| finding.line.to_string())
            .collect();
        let line = lines.first()?;
        let file = self.file.path.display().to_string();
        Some(match lines.len() {
            1 => format!("`{}` has an error in line {line}: `flagctl validate` shows it", Shown(&file)),
            many => {
                format!("`{}` has {many} errors, the first in line {line}: `flagctl validate` shows them", Shown(&file))
            }
        })
    }

    /// Reads one flag of a text of this file.
    pub(super) fn read(&self, text: &str, name: &FlagName, again: &str) -> Result<Flag> {
        let listing = document::look_up(text, &self.mapping, name);
        match listing.flags.into_iter().next() {
            Some(flag) => Ok(flag),
            None => Err(match listing.broken {
                Some(broken) => broken.into_error(&self.file.path, text),
                None => unknown(name.as_str(), &self.file.path, std::iter::empty(), again),
            }),
        }
    }
}
