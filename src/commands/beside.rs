//! What else a file says of a flag, beside the place where it is looked for: brought down where it is a flag beyond
//! doubt, told where it isn't.

use super::place::{Home, Place};
use super::sighting::Sighting;
use crate::backend::file::{self, Detection, Dialect, USUAL_SHARES, USUAL_SWITCHES};
use crate::change::Applied;
use crate::config::Environment;
use crate::document::{self, Edited, Mention, Refusal};
use crate::error::{Error, Result, Spot};
use crate::ledger::Ledger;
use crate::model::{Action, EnabledKey, Field, Flag, FlagName, Mapping, Percent, Shown, Values};
use std::collections::{HashMap, HashSet};
use std::path::Path;

impl Sighting {
    /// Says of each flag that was at 0 already, and is above it by the ledger, that nothing latches it.
    pub(super) fn unlatched(&self, applied: &Applied, ledger: &Ledger) -> Vec<String> {
        if applied.unchanged.is_empty() {
            return Vec::new();
        }
        let place = ledger.place(self.place.name.as_deref(), &self.place.flags);
        let down = applied.unchanged.iter().filter(|(_, exposure)| exposure.known().is_some_and(Percent::is_zero));
        let unlatched = |(flag, _): &(FlagName, _)| {
            let history = ledger.newest(&place, flag).ok()?.history;
            let newest = history.entries.iter().rev().find(|entry| entry.action != Action::Drill)?;
            (!newest.to.is_zero()).then(|| {
                let at = newest.to;
                format!("`{flag}` is not latched: by the ledger here it is at {at}%, and who brought it down is not told (does `git pull` bring that?)")
            })
        };
        down.filter_map(unlatched).collect()
    }

    /// Brings down what else a flag says of its percentage, below other keys at its top; pinned keys are the only ones.
    pub(super) fn lead_others_back(
        &self,
        text: &str,
        name: &FlagName,
        to: Percent,
        edited: Option<Edited>,
    ) -> std::result::Result<Option<Edited>, Refusal> {
        let keys =
            if self.place.mapping.is_none() { file::percentages(text, self.mapping(text), name) } else { vec![] };
        let [_, _, ..] = keys.as_slice() else { return Ok(edited) };
        let (own, mut all, mut others) = (edited.is_some(), edited, Vec::new());
        for key in keys {
            let mapping = Mapping { rollout: vec![vec![key]], enabled: Vec::new(), ..self.mapping(text).clone() };
            let now = all.as_ref().map_or(text, |edited| edited.text.as_str()).to_owned();
            let found = document::find(&now, &mapping, name);
            if found.flag().is_none_or(|flag| flag.rollout.value().is_some_and(|value| *value <= to)) {
                continue;
            }
            let next = found.lead_back(Values { rollout: to, enabled: None })?;
            others.extend(next.before.iter().map(|before| format!("`{}`", Shown(before))));
            all = Some(joined(all, next));
        }
        // Where they are all that goes down, the change itself tells them.
        if let Some(all) = all.as_mut().filter(|_| own && !others.is_empty()) {
            all.notes.push(format!("{} of `{name}` went down too, which no undo brings back", others.join(" and ")));
        }
        Ok(all)
    }

    /// Overrides what a flag inherits by a merge key in a spelling that the others don't have; pinned keys are the only ones.
    pub(super) fn lead_inherited_back(
        &self,
        text: &str,
        name: &FlagName,
        to: Percent,
        edited: Option<Edited>,
    ) -> std::result::Result<Option<Edited>, Refusal> {
        if self.place.mapping.is_some() || !text.contains("<<") {
            return Ok(edited);
        }
        let (known, mut all) = (self.mapping(text), edited);
        let enabled = if to.is_zero() { Some(false) } else { None };
        for (share, switch) in
            USUAL_SHARES.iter().flat_map(|share| USUAL_SWITCHES.iter().map(move |switch| (share, switch)))
        {
            let share = vec![(*share).to_owned()];
            let switch = EnabledKey { path: vec![(*switch).to_owned()], words: None };
            let mapping = Mapping { rollout: vec![share], enabled: vec![switch], ..known.clone() };
            let now = all.as_ref().map_or(text, |edited| edited.text.as_str()).to_owned();
            let found = document::find(&now, &mapping, name);
            let Some(flag) = found.flag().filter(|flag| flag.value_lines.is_empty()) else { continue };
            let (rollout, on) = (flag.rollout.value(), flag.enabled.value());
            if on != Some(&false) && rollout.is_some_and(|rollout| *rollout > to) {
                let enabled = enabled.filter(|_| on.is_some());
                all = Some(joined(all, found.lead_back(Values { rollout: to, enabled })?));
            }
        }
        Ok(all)
    }

    /// Brings down a flag of the same name that stands at the file's top, beside the place where the flags are: its switch
    /// and its percentage both read as a flag's. Where the place is pinned, it is the only one.
    pub(super) fn lead_twin_back(
        &self,
        text: &str,
        name: &FlagName,
        to: Percent,
        edited: Option<Edited>,
    ) -> std::result::Result<Option<Edited>, Refusal> {
        let mapping = self.mapping(text);
        if self.place.mapping.is_some() || mapping.root.is_empty() || text.matches(name.as_str()).nth(1).is_none() {
            return Ok(edited);
        }
        for top in [Mapping { root: Vec::new(), ..mapping.clone() }, Mapping::native()] {
            let now = edited.as_ref().map_or(text, |edited| edited.text.as_str()).to_owned();
            let found = document::find(&now, &top, name);
            let Some(flag) = found.flag() else { continue };
            let (Some(rollout), Some(_)) = (flag.rollout.value(), flag.enabled.value()) else { continue };
            if *rollout <= to || flag.exposure().known().is_some_and(|exposure| exposure <= to) {
                return Ok(edited);
            }
            let enabled = if to.is_zero() { Some(false) } else { None };
            // What can't be edited there is told afterwards, as any other place.
            let Ok(mut next) = found.lead_back(Values { rollout: to, enabled }) else { return Ok(edited) };
            let root = mapping.root.join(".");
            next.notes.push(format!(
                "`{name}` stands also at the top, outside `{}` (line {}): it was set there too",
                Shown(&root),
                flag.line
            ));
            return Ok(Some(joined(edited, next)));
        }
        Ok(edited)
    }

    /// Says where else the flags that are down now stand, up as it seems: there they were left as they are.
    pub(super) fn left_as_they_are(&self, text: &str, applied: &Applied, all: &[Environment]) -> Vec<String> {
        let unchanged = applied.unchanged.iter().map(|(flag, _)| flag);
        let names: Vec<&FlagName> = applied.changes.iter().map(|change| &change.flag).chain(unchanged).collect();
        let again = |name: &&FlagName| text.matches(name.as_str()).nth(1).is_some();
        // One look at all of the text serves many; for one it is worth it only where its name stands twice.
        if names.len() < 8 && !text.contains('*') && !names.iter().any(again) {
            return Vec::new();
        }
        let wanted: HashSet<&str> = names.iter().map(|name| name.as_str()).collect();
        let sentence = |mention: &Mention| {
            let what = if mention.alias { "stands also as an alias" } else { "stands also" };
            format!(
                "`{}` {what} in line {}{}, where no flag was recognised: it was left as it is there",
                Shown(&mention.name),
                mention.line,
                below(mention)
            )
        };
        let mut found = self.mentions(text, &|name| wanted.contains(name));
        found.retain(|mention| !is_known(mention, &self.place, all));
        found.iter().map(sentence).collect()
    }

    /// Returns the error for a flag that stands only where none can be recognised.
    pub(super) fn out_of_reach(&self, text: &str, name: &FlagName) -> Option<Error> {
        let named = |known: &str| known == name.as_str();
        let mut found = outside(text, self.mapping(text), self.flags(), &named);
        found.retain(|mention| mention.may_be_up() || mention.has_keys());
        found.sort_by_key(|mention| !mention.may_be_up());
        let mention = found.into_iter().next()?;
        let (message, help) = if mention.alias {
            let message = format!("`{name}` stands here as an alias, which is no name that can be looked for");
            (message, format!("write `{name}` itself there, or bring it down by hand"))
        } else {
            let message = format!("`{name}` stands here{}, where no flags were recognised", below(&mention));
            (
                message,
                "bring it down by hand, or say in flagctl.toml where the flags stand: `[flags-file]`, `root`"
                    .to_owned(),
            )
        };
        let written = if mention.alias { "*" } else { name.as_str() };
        Some(at(Error::invalid(message), &self.place.flags, text, mention.line, written).help(help))
    }

    /// Returns the error for a flag that says who gets it, and says it neither by a percentage nor by a switch: to give it
    /// one of those, and to call it down `to` there, would be a guess.
    pub(super) fn in_other_words(&self, text: &str, flag: &Flag, to: Percent) -> Option<Error> {
        let absent = matches!((&flag.rollout, &flag.enabled), (Field::Absent, Field::Absent));
        let mapping = self.mapping(text);
        // None of our keys means anything there, also where one of that name is.
        let look = || matches!(file::detect(text), Detection::OtherDialect(Dialect::GoFeatureFlag));
        let other = || *self.foreign.get_or_init(look);
        if self.place.mapping.is_none() && matches!(flag.enabled, Field::Absent) && other() {
            let name = &flag.name;
            let error = Error::invalid(format!("`{name}` is a flag of go-feature-flag, which this version can't edit"));
            let error = at(error, &self.place.flags, text, flag.line, name.as_str());
            return Some(error.help("bring it down by hand: `disable: true` in the flag"));
        }
        if !absent && !to.is_zero() {
            return otherwise(&self.place.flags, text, mapping, flag);
        }
        let told = absent.then(|| file::telling(text, mapping, &flag.name)).flatten()?;
        let first =
            |mut keys: Vec<String>| if keys.is_empty() { None } else { Some(format!("`{}`", keys.swap_remove(0))) };
        let share = first(mapping.rollout.iter().map(|path| path.join(".")).collect());
        let switch = first(mapping.enabled.iter().map(|key| key.path.join(".")).collect());
        let keys: Vec<String> = share.into_iter().chain(switch).collect();
        let (name, told) = (&flag.name, Shown(&told));
        let lacks = format!("`{name}` has no {}, but `{told}`", keys.join(" and no "));
        let error = Error::invalid(format!("{lacks}: what brings it down is not known"));
        let error = at(error, &self.place.flags, text, flag.line, name.as_str());
        let error = error.help(format!("bring it down by hand: change `{told}` there"));
        Some(error.help("or say in flagctl.toml which keys count: `[flags-file]`, `rollout`, `enabled`"))
    }

    /// Returns the places outside the recognised flags where these names stand, and seem to be up.
    fn mentions(&self, text: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<Mention> {
        let mut found = outside(text, self.mapping(text), self.flags(), wanted);
        found.retain(Mention::may_be_up);
        found
    }
}

impl Place {
    /// Refuses to give a flag its first percentage where it says that it is given to users in another way than the flags
    /// that have one: what reads the file may give it to everybody.
    pub(super) fn may_have_percentage(&self, flag: &Flag) -> Result<()> {
        let Home::File(local) = &self.home else { return Ok(()) };
        otherwise(self.path(), &local.file.text, &local.mapping, flag).map_or(Ok(()), Err)
    }

    /// Refuses a flag that stands at the file's top too, a flag beyond doubt; where it seems to stand otherwise, that is
    /// told. Where the place is pinned, it is the only one.
    pub(super) fn alone(&self, name: &FlagName) -> Result<Vec<String>> {
        let Home::File(local) = &self.home else { return Ok(Vec::new()) };
        let (text, mapping) = (&local.file.text, &local.mapping);
        if text.matches(name.as_str()).nth(1).is_none() && !text.contains('*') {
            return Ok(Vec::new());
        }
        if self.environment.mapping.is_none() && !mapping.root.is_empty() {
            for top in [Mapping { root: Vec::new(), ..mapping.clone() }, Mapping::native()] {
                let found = document::look_up(text, &top, name).flags.into_iter().next();
                let Some(flag) = found.filter(|flag| flag.rollout.value().is_some() && flag.enabled.value().is_some())
                else {
                    continue;
                };
                let root = mapping.root.join(".");
                let message = format!("`{name}` stands at the top too, outside `{}`: which counts?", Shown(&root));
                return Err(at(Error::invalid(message), self.path(), text, flag.line, name.as_str()).help(
                    "leave one of the two, or say in flagctl.toml where the flags stand: `[flags-file]`, `root`",
                ));
            }
        }
        let sentence = |mention: &Mention| {
            let (name, line) = (Shown(&mention.name), mention.line);
            format!("`{name}` stands also in line {line}{}, where no flag was recognised", below(mention))
        };
        let mut found = outside(text, mapping, &local.listing.flags, &|known| known == name.as_str());
        let all = &self.settings.environments;
        found.retain(|mention| mention.may_be_up() && !is_known(mention, &self.environment, all));
        Ok(found.iter().map(sentence).collect())
    }
}

/// Returns the error for a flag without a percentage that is given to users in another way than those that have one.
fn otherwise(path: &Path, text: &str, mapping: &Mapping, flag: &Flag) -> Option<Error> {
    let absent = matches!(flag.rollout, Field::Absent);
    let (own, others) = absent.then(|| file::other_way(text, mapping, &flag.name)).flatten()?;
    let (name, own, others) = (&flag.name, Shown(&own), Shown(&others));
    let message =
        format!("`{name}` has no percentage and says `{own}`, where all flags with a percentage say `{others}`");
    let share = mapping.rollout.first().map(|path| path.join(".")).unwrap_or_default();
    let error = at(Error::invalid(message), path, text, flag.line, flag.name.as_str());
    let error =
        error.help(format!("if what reads the file heeds one there too, write `{share}: 0` into the flag by hand"));
    Some(error.help("else a percentage would change nothing, and those who have the feature keep it"))
}

/// Returns the places outside the recognised flags where these names stand.
fn outside(text: &str, mapping: &Mapping, flags: &[Flag], wanted: &dyn Fn(&str) -> bool) -> Vec<Mention> {
    let root = &mapping.root;
    // What says nothing of who gets it may be a group of flags.
    let silent = |flag: &&Flag| matches!((&flag.rollout, &flag.enabled), (Field::Absent, Field::Absent));
    let known = flags.iter().filter(|flag| !silent(flag)).map(|flag| (flag.name.as_str(), flag.line));
    let known: HashMap<&str, usize> = known.collect();
    let within = |path: &[String]| {
        path.len() >= root.len() && root.iter().zip(path).all(|(key, name)| key == "*" || key == name)
    };
    let recognised = |mention: &Mention| {
        let path = mention.path.as_slice();
        let inside = path.get(root.len()).is_some_and(|entry| entry == "[]" || known.contains_key(entry.as_str()));
        let own = path.len() == root.len() && !mention.alias && known.contains_key(mention.name.as_str());
        // A whole flag inside another one is none of its keys.
        within(path) && (own || (inside && !mention.is_whole()))
    };
    let mut found = document::mentions(text, wanted);
    found.retain(|mention| !recognised(mention));
    found
}

/// True if a flag of another environment stands there, in a block of the same file.
fn is_known(mention: &Mention, place: &Environment, all: &[Environment]) -> bool {
    let path: Vec<&String> = mention.path.iter().filter(|key| *key != "[]").collect();
    all.iter().filter(|other| other.flags == place.flags).filter_map(|other| other.mapping.as_ref()).any(|mapping| {
        let root = &mapping.root;
        root.len() == path.len() && root.iter().zip(&path).all(|(key, name)| key == "*" || key == *name)
    })
}

/// Adds the place of a word in a line; the line's beginning where it is written otherwise there.
fn at(error: Error, file: &Path, text: &str, line: usize, word: &str) -> Error {
    let Some(source) = text.split('\n').nth(line.saturating_sub(1)) else { return error };
    let source = source.trim_end_matches('\r').to_owned();
    let column = source.find(word).map_or(1, |at| source[..at].chars().count() + 1);
    error.at(Spot { file: file.to_owned(), line, column, width: word.chars().count(), source: Some(source) })
}

fn below(mention: &Mention) -> String {
    let above: Vec<&str> = mention.path.iter().map(String::as_str).filter(|key| *key != "[]").collect();
    if above.is_empty() { String::new() } else { format!(", below `{}`", Shown(&above.join("."))) }
}

fn joined(before: Option<Edited>, next: Edited) -> Edited {
    let Some(before) = before else { return next };
    Edited {
        text: next.text,
        before: [before.before, next.before].concat(),
        after: [before.after, next.after].concat(),
        notes: [before.notes, next.notes].concat(),
    }
}
