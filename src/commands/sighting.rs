//! What a rollback sees: one flags file, as far as it can be read, with nothing that could refuse.

use super::afar::Afar;
use super::{Context, mapping, place};
use crate::backend::file::{self, FlagsFile};
use crate::config::{self, Environment, Lenient};
use crate::document::{self, Found, Listing};
use crate::error::{Error, Result};
use crate::ledger::Ledger;
use crate::model::{Flag, FlagName, History, Ladder, Mapping, OnOff, Percent, Shown, Typed};
use crate::plan::{self, Down};
use crate::render;
use jiff::SignedDuration;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

/// How long a flag that came to 100 still counts as in rollout.
const RELEASED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// One flags file, as a rollback reads it.
pub(super) struct Sighting {
    pub(super) place: Environment,
    /// The backend over the wire, if its flags live in one.
    afar: Option<Afar>,
    /// How it spells a flag; looked for when a flag is.
    mapping: OnceCell<Mapping>,
    /// The native spelling, which is tried first.
    native: Mapping,
    /// How its numbers are spelled, where they are not all percentages: who names one means that one.
    among: OnceCell<Option<Mapping>>,
    /// Every flag, read when it is asked for: who names a flag waits for that one only.
    listing: OnceCell<Listing>,
    /// What the ledger says of the last days, by the names of the flags.
    recent: OnceCell<HashMap<String, History>>,
    /// Whether the pinned spelling was set aside; looked at once for all flags.
    aside: OnceCell<bool>,
    /// Whether it is a file of GO Feature Flag; looked at once for all flags.
    pub(super) foreign: OnceCell<bool>,
    /// The arguments that lead here again, with a blank at their end.
    pub(super) again: String,
}

impl Sighting {
    /// Reads the flags file that is meant: the only one, or the one in which the flags are in rollout.
    ///
    /// `options` are those of the command line, with a blank before each: the help repeats them.
    pub(super) fn of(lenient: &Lenient, names: &[FlagName], options: &str, context: &Context) -> Result<Self> {
        let places = distinct(&lenient.places);
        if let [place] = places.as_slice() {
            if lenient.places.len() > 1 {
                context.term.say(&render::error::caution(&one_place(&lenient.places)));
            }
            return if names.is_empty() { Self::open(place, names, context) } else { Self::unopened(place, context) };
        }
        let (mut seen, mut missing, mut failed) = (Vec::new(), Vec::new(), None);
        for place in places {
            match Self::whole(place, names, context) {
                Ok(one) => seen.push(one),
                Err(error) if is_missing(place) => missing.push((place, error)),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        let in_rollout: Vec<usize> = (0..seen.len()).filter(|at| seen[*at].has_in_rollout(names)).collect();
        // Where it is in rollout nowhere else, it may have been meant where there is no file.
        if in_rollout.is_empty() && failed.is_none() && !missing.is_empty() {
            failed = Some(missing.swap_remove(0).1);
        }
        match (in_rollout.as_slice(), failed) {
            ([one], None) => {
                for (place, error) in &missing {
                    let name = place.name.as_deref().unwrap_or_default();
                    let note = format!("{}: environment `{}` is left out", error.message, Shown(name));
                    context.term.say(&render::error::caution(&note));
                }
                Ok(seen.swap_remove(*one))
            }
            (_, Some(error)) => Err(each_place(error, lenient, names, options, context)),
            ([], None) if names.is_empty() => seen.pop().ok_or_else(|| Error::usage("there is no environment")),
            ([], None) => match Self::down_everywhere(&seen, names) {
                Some(at) => Ok(seen.swap_remove(at)),
                None => Err(match meant(names, &seen) {
                    Some(meant) => each_place(nowhere(names, &seen), lenient, &meant, options, context),
                    None => nowhere(names, &seen),
                }),
            },
            ([first, more @ ..], None) if more.iter().all(|other| seen[*first].is_one_with(&seen[*other])) => {
                let several: Vec<_> = in_rollout.iter().map(|at| seen[*at].place.clone()).collect();
                context.term.say(&render::error::caution(&one_place(&several)));
                Ok(seen.swap_remove(*first))
            }
            (several, None) => {
                let places = several.iter().filter_map(|at| seen[*at].place.name.as_deref());
                Err(each_place(ambiguous(names, &places.collect::<Vec<_>>()), lenient, names, options, context))
            }
        }
    }

    /// True if another environment's flags are the same ones: the same file, spelled the same way.
    fn is_one_with(&self, other: &Self) -> bool {
        let text = self.text().unwrap_or_default();
        same_file(&self.place.flags, &other.place.flags) && self.mapping(&text) == other.mapping(&text)
    }

    fn unopened(place: &Environment, context: &Context) -> Result<Self> {
        let again = context.again();
        Ok(Self {
            place: place.clone(),
            afar: place.remote.as_ref().map(|remote| Afar::open(context, remote)).transpose()?,
            mapping: OnceCell::new(),
            native: Mapping::native(),
            among: OnceCell::new(),
            listing: OnceCell::new(),
            recent: OnceCell::new(),
            aside: OnceCell::new(),
            foreign: OnceCell::new(),
            again,
        })
    }

    /// Returns the backend over the wire, if the flags live in one.
    pub(super) fn afar(&self) -> Option<&Afar> {
        self.afar.as_ref()
    }

    fn open(place: &Environment, names: &[FlagName], context: &Context) -> Result<Self> {
        let sighting = Self::unopened(place, context)?;
        if let Some(afar) = &sighting.afar {
            let flags = afar.urgently(names, &|line| context.term.status(line))?;
            let _ = sighting.listing.set(Listing { flags, ..Listing::default() });
            return Ok(sighting);
        }
        let text = sighting.text()?;
        sighting.mapping(&text);
        if sighting.flags().is_empty() {
            let scattered = mapping::scattered(&place.flags, &text, place, None);
            if let Some(error) = scattered.or_else(|| mapping::unseen(&place.flags, &text, place)) {
                return Err(error);
            }
        }
        Ok(sighting)
    }

    /// Opens one of several: where a file can't be read to its end, it can't be told whether it is the one.
    fn whole(place: &Environment, names: &[FlagName], context: &Context) -> Result<Self> {
        let sighting = Self::open(place, names, context)?;
        sighting.broken().map_or(Ok(sighting), Err)
    }

    /// Returns how a text of this file spells a flag.
    pub(super) fn mapping(&self, text: &str) -> &Mapping {
        self.mapping.get_or_init(|| mapping::leniently(&self.place.flags, text, &self.place))
    }

    /// Returns where the flags of a text stand that can be read alone, and how they are spelled there; `None` where it isn't
    /// known yet how the file spells a flag, or there is more to say of it.
    pub(super) fn parts<'t>(&self, text: &'t str) -> Option<(Mapping, HashMap<&'t str, Range<usize>>)> {
        let mapping = self.mapping.get().filter(|_| self.set_aside(text).is_none())?;
        Some((Mapping { root: Vec::new(), ..mapping.clone() }, document::parts(text, mapping)?))
    }

    /// Returns why the pinned spelling was set aside, if it was.
    pub(super) fn set_aside(&self, text: &str) -> Option<String> {
        let aside = self.aside.get_or_init(|| mapping::distrusted(text, &self.place));
        aside.then(|| "`[flags-file]` names keys that no flag of the file has: what the file spells was set".to_owned())
    }

    /// Returns every flag that can be read.
    pub(super) fn flags(&self) -> &[Flag] {
        let read = || self.text().map(|text| document::listing(&text, self.mapping(&text))).unwrap_or_default();
        &self.listing.get_or_init(read).flags
    }

    /// Reads the file.
    pub(super) fn text(&self) -> Result<String> {
        Ok(FlagsFile::read_urgently(&self.place.flags)?.text)
    }

    /// Returns the file as it is shown.
    pub(super) fn file(&self) -> String {
        self.place.flags.display().to_string()
    }

    /// Reads one flag of a text of this file.
    pub(super) fn read(&self, text: &str, name: &FlagName) -> Result<Flag> {
        self.find(text, name).map(|(flag, _)| flag)
    }

    /// Finds one flag of a text of this file, to read it and to edit it.
    pub(super) fn find<'a>(&'a self, text: &'a str, name: &'a FlagName) -> Result<(Flag, Found<'a>)> {
        if let Some(native) = self.natively(text, name) {
            return Ok(native);
        }
        let found = document::find(text, self.mapping(text), name);
        if found.flag().is_none_or(|flag| flag.rollout.value().is_none())
            && let Some(native) = self.beyond_doubt(text, name)
        {
            return Ok(native);
        }
        match (found.flag(), found.broken()) {
            (Some(flag), _) => Ok((flag, found)),
            (None, Some(broken)) => {
                let error = mended(broken.into_error(&self.place.flags, text));
                Err(error.help(format!("or bring `{name}` down by hand: {}", self.by_hand(text))))
            }
            (None, None) => {
                let among = self
                    .among
                    .get_or_init(|| self.place.mapping.is_none().then(|| file::among_settings(text)).flatten());
                if let Some(found) = among.as_ref().map(|among| document::find(text, among, name))
                    && let Some(flag) = found.flag()
                {
                    return Ok((flag, found));
                }
                let scattered = mapping::scattered(&self.place.flags, text, &self.place, Some(name));
                if let Some(error) = scattered.or_else(|| self.out_of_reach(text, name)) {
                    return Err(error);
                }
                let known = self.flags().iter().map(|flag| &flag.name);
                Err(place::unknown(name.as_str(), &self.place.flags, known, &self.again))
            }
        }
    }

    /// Returns what is written by hand for a flag that is down.
    fn by_hand(&self, text: &str) -> String {
        let mapping = self.mapping(text);
        let rollout = mapping.rollout.first().filter(|path| !path.is_empty());
        let enabled = mapping.enabled.first().filter(|key| !key.path.is_empty());
        let off = |words: Option<&OnOff>| words.and_then(|words| words.off.first().cloned());
        let switch = enabled.map(|key| {
            format!("`{}: {}`", key.path.join("."), off(key.words.as_ref()).unwrap_or_else(|| "false".to_owned()))
        });
        let share = rollout.map(|path| format!("`{}: 0`", path.join(".")));
        switch.into_iter().chain(share).collect::<Vec<_>>().join(" and ")
    }

    /// Finds a flag that is spelled natively beyond doubt, where nothing was looked for yet: it is the only one that is
    /// meant, so that its spelling can stand for the file's.
    fn natively<'a>(&'a self, text: &'a str, name: &'a FlagName) -> Option<(Flag, Found<'a>)> {
        let native = if self.mapping.get().is_none() { self.beyond_doubt(text, name)? } else { return None };
        self.mapping.set(Mapping::native()).is_ok().then_some(native)
    }

    /// Finds a flag that is spelled natively beyond doubt, whatever the others are: its name stands in the text once, both
    /// keys can be read, and the percentage is no share of one.
    fn beyond_doubt<'a>(&'a self, text: &'a str, name: &'a FlagName) -> Option<(Flag, Found<'a>)> {
        let pinned = self.place.mapping.is_some() || self.place.scale.is_some();
        if pinned || text.matches(name.as_str()).nth(1).is_some() {
            return None;
        }
        let found = document::find(text, &self.native, name);
        let flag = found.flag()?;
        let plain = |rollout: &Percent| rollout.is_whole() && *rollout != Percent::from_whole(1).unwrap_or_default();
        let beyond_doubt = flag.enabled.value().is_some() && flag.rollout.value().is_some_and(plain);
        beyond_doubt.then_some((flag, found))
    }

    /// Returns why the file could not be read to its end, if it could not: flags below may be in rollout.
    pub(super) fn broken(&self) -> Option<Error> {
        self.flags();
        let broken = self.listing.get()?.broken.clone()?;
        let text = self.text().unwrap_or_default();
        let error = mended(broken.into_error(&self.place.flags, &text));
        let message = format!("what stands below was not read, so flags there may be in rollout: {}", error.message);
        let by_name =
            format!("or bring one down by its name, where it can be read alone: flagctl {}rollback FLAG", self.again);
        let by_hand = format!("or by hand: {}", self.by_hand(&text));
        Some(Error { message, ..error }.help(by_name).help(by_hand))
    }

    /// True if a flag is at 100, and was not brought there in the last days.
    pub(super) fn is_released(&self, flag: &Flag, ledger: &Ledger) -> bool {
        if flag.exposure().known() != Some(Percent::FULL) {
            return false;
        }
        let histories = self.recent.get_or_init(|| {
            let place = ledger.place(self.place.name.as_deref(), &self.place.flags);
            let mut histories: HashMap<String, History> = HashMap::new();
            // Once for all flags: of thousands each would read the same.
            for entry in ledger.recent(&place, super::now() - RELEASED_AFTER).entries {
                histories.entry(entry.flag.clone()).or_default().entries.push(entry);
            }
            histories
        });
        let reached = histories.get(flag.name.as_str()).and_then(|history| history.reached(Percent::FULL));
        // Whoever brought it there past flagctl may have done so just now.
        let reached = reached.or_else(|| Some(self.afar.as_ref()?.soaking(&flag.name)?.since));
        reached.is_none_or(|at| at.duration_until(super::now()) >= RELEASED_AFTER)
    }

    /// Returns a sighting that has all of these flags, if each of them reads as down wherever it stands: then there is
    /// nothing to do in any environment.
    fn down_everywhere(seen: &[Self], names: &[FlagName]) -> Option<usize> {
        let of = |one: &'_ Self, name: &FlagName| one.flags().iter().find(|flag| flag.name == *name).cloned();
        let down =
            |flag: Flag| plan::rollback(&flag, Down::Zero, &Ladder::default()).is_ok_and(|plan| plan.values.is_none());
        let all_down = seen.iter().all(|one| names.iter().filter_map(|name| of(one, name)).all(down));
        let has_all = |one: &Self| names.iter().all(|name| of(one, name).is_some());
        seen.iter().position(has_all).filter(|_| all_down)
    }

    fn has_in_rollout(&self, names: &[FlagName]) -> bool {
        let exposed = |flag: &Flag| flag.exposure().known().is_none_or(|exposure| !exposure.is_zero());
        let wanted = |flag: &&Flag| if names.is_empty() { !flag.is_silent() } else { names.contains(&flag.name) };
        self.flags().iter().filter(wanted).any(exposed)
    }
}

/// Adds the first thing to do about a text that is broken, where it isn't said.
fn mended(error: Error) -> Error {
    if error.help.is_empty() { error.help("mend it there, then run this again") } else { error }
}

/// Returns the places without those that are one with an earlier one: the same file, and the same said of it.
fn distinct(places: &[Environment]) -> Vec<&Environment> {
    let mut distinct: Vec<&Environment> = Vec::new();
    for place in places {
        let same = |other: &&Environment| {
            same_file(&other.flags, &place.flags) && other.mapping == place.mapping && other.scale == place.scale
        };
        if !distinct.iter().any(same) {
            distinct.push(place);
        }
    }
    distinct
}

fn same_file(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// Says that several environments are one place, and under which of them it is recorded.
fn one_place(places: &[Environment]) -> String {
    let names: Vec<String> =
        places.iter().filter_map(|place| place.name.as_deref()).map(|name| format!("`{}`", Shown(name))).collect();
    let first = names.first().cloned().unwrap_or_default();
    format!("{} have the same flags, in one file: recorded under {first}", names.join(" and "))
}

/// True if no file stands at a place: then no flag is in rollout there.
fn is_missing(place: &Environment) -> bool {
    match place.flags.metadata() {
        _ if place.remote.is_some() => false,
        Ok(found) => !found.is_file(),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

fn what(names: &[FlagName]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "what is in rollout".to_owned() } else { names.join(", ") }
}

fn ambiguous(names: &[FlagName], places: &[&str]) -> Error {
    let places: Vec<String> = places.iter().map(|name| format!("`{}`", Shown(name))).collect();
    let places = places.join(", ");
    Error::usage(format!("{} may be meant in each of {places}, and no default-environment is set", what(names)))
}

/// Returns the error for flags that are in rollout nowhere, and not known to be down wherever they are.
fn nowhere(names: &[FlagName], seen: &[Sighting]) -> Error {
    let known = || seen.iter().flat_map(Sighting::flags).map(|flag| &flag.name);
    let missing = names.iter().find(|name| known().all(|known| known != *name));
    match (missing, seen.first()) {
        (Some(name), Some(one)) => {
            let mut error = place::unknown(name.as_str(), &one.place.flags, known(), &one.again);
            error.message = format!("no flag is named `{name}` in any environment");
            error
        }
        _ => Error::usage(format!("{} is in rollout nowhere, but not all of it is down", what(names)))
            .help("say in which environment it is to be brought down:"),
    }
}

/// Returns the names that are likely meant, for the commands that are suggested: the nearest for one that is nowhere;
/// `None` where nothing is near.
fn meant(names: &[FlagName], seen: &[Sighting]) -> Option<Vec<FlagName>> {
    let known = || seen.iter().flat_map(Sighting::flags).map(|flag| &flag.name);
    let meant = |name: &FlagName| {
        if known().any(|known| known == name) {
            return Some(name.clone());
        }
        config::nearest(name.as_str(), known().map(FlagName::as_str)).and_then(FlagName::new)
    };
    names.iter().map(meant).collect()
}

/// Adds the command for each environment.
fn each_place(error: Error, lenient: &Lenient, names: &[FlagName], options: &str, context: &Context) -> Error {
    let names: Vec<&str> = names.iter().map(FlagName::as_str).collect();
    let options = format!("{}{options}", if names.is_empty() { " --all" } else { "" });
    let again = context.again();
    lenient.places.iter().filter_map(|place| place.name.as_ref()).fold(error, |error, name| {
        error.help(render::command(&format!("{again}-e {} ", Typed(name)), "rollback", &names, &options))
    })
}
