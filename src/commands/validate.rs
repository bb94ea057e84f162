//! `flagctl validate`: every finding, with line and column; CI's verb.

use super::{Context, judged, mapping, mirror, queries};
use crate::backend::file::{Detection, FlagsFile, detect};
use crate::check::{self, Finding, Severity};
use crate::config::{self, Environment, Settings};
use crate::document::{self, Language};
use crate::error::{Error, Result, Spot};
use crate::exit::Exit;
use crate::model::{FlagName, Ladder, Mapping, Shown, Typed};
use crate::render;
use clap::Args;
use serde_json::json;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Find every mistake in flags files and in flagctl.toml, with line and column
///
/// Ends with 3 if there are errors; warnings alone end with 0.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// Flags files to look at [default: every environment's]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<PathBuf>,
}

/// A finding with its file, and the error that shows it to a person.
struct Found {
    code: &'static str,
    severity: Severity,
    error: Error,
}

impl ValidateArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let mut found = Vec::new();
        let settings = match config::load_all(&context.arguments, &context.around()?) {
            Ok(settings) => Some(settings),
            // A command line that leads nowhere is no finding.
            Err(errors) if errors.iter().any(|error| error.exit != Exit::Invalid) => {
                return Err(errors
                    .into_iter()
                    .find(|error| error.exit != Exit::Invalid)
                    .unwrap_or_else(|| Error::usage("no settings")));
            }
            Err(errors) => {
                found.extend(errors.into_iter().map(|error| Found {
                    code: "config",
                    severity: Severity::Error,
                    error,
                }));
                None
            }
        };
        if let Some(settings) = &settings {
            let warning = |error: &Error| Found { code: "config", severity: Severity::Warning, error: error.clone() };
            found.extend(settings.warnings.iter().map(warning));
            let queries = queries::unreadable(settings).into_iter();
            found.extend(queries.map(|(severity, error)| Found { code: "config", severity, error }));
        }
        let places = self.places(context, settings.as_ref())?;
        for place in &places {
            match look(place, settings.as_ref()) {
                Ok(more) => found.extend(more),
                // Users get what the backend has, and no change waits for its mirror.
                Err(_) if self.files.is_empty() && settings.as_ref().is_some_and(|all| is_mirror(all, place)) => {
                    let path = place.flags.display().to_string();
                    let told = "the next change makes it, with every flag";
                    context.term.status(&format!("the mirror `{}` is not there: {told}", Shown(&path)));
                }
                Err(error) => {
                    let error = named_there(error, place, settings.as_ref());
                    // One file of several that is missing doesn't hide what is wrong in the others.
                    if places.len() < 2 {
                        return Err(error);
                    }
                    found.push(Found { code: "missing-file", severity: Severity::Error, error });
                }
            }
        }
        if let Some(settings) = settings.as_ref().filter(|_| self.files.is_empty()) {
            found.extend(ghosts(context, settings));
            lives_elsewhere(context, settings);
        }
        let config = config::locate(&context.arguments, &context.around()?);
        let files = config.into_iter().chain(places.into_iter().map(|place| place.flags));
        // Several environments may have blocks of one file: what is wrong beside them is found with each.
        let (mut files, mut told): (Vec<String>, _) =
            (files.map(|file| file.display().to_string()).collect(), HashSet::new());
        files.retain(|file| told.insert(file.clone()));
        let mut told = HashSet::new();
        found.retain(|one| told.insert(one.json().to_string()));
        answer(context, &found, &files)
    }

    /// Returns the files to look at, each with what is known of its spelling.
    fn places(&self, context: &Context, settings: Option<&Settings>) -> Result<Vec<Environment>> {
        let Some(settings) = settings else {
            if self.files.is_empty() {
                // As far as the configuration can be read, its flags files are looked at too.
                return Ok(config::lenient(&context.arguments, &context.around()?)
                    .map_or_else(|_| Vec::new(), |read| read.places.into_iter().filter_map(in_a_file).collect()));
            }
            return Ok(self.files.iter().map(|file| unknown(file)).collect());
        };
        if !self.files.is_empty() {
            let known = |file: &PathBuf| {
                let place = settings.environments.iter().find(|place| same(&place.flags, file));
                place.cloned().unwrap_or_else(|| unknown(file))
            };
            return Ok(self.files.iter().map(known).collect());
        }
        let named = context.arguments.file.is_some() || context.arguments.env.is_some();
        let chosen = if settings.environments.is_empty() || named {
            vec![settings.environment()?.clone()]
        } else {
            settings.environments.clone()
        };
        Ok(chosen.into_iter().filter_map(in_a_file).collect())
    }
}

/// Adds where the configuration names a file that can't be read.
fn named_there(mut error: Error, place: &Environment, settings: Option<&Settings>) -> Error {
    if let (None, Some(settings), Some(name)) = (&error.spot, settings, place.name.as_deref()) {
        error.spot = settings.amiss(&["environments", name, "flags"], "").spot;
    }
    error
}

/// Finds tables of flags that no environment has. Where a file can't be read, or a backend would have to be asked, a flag
/// may well be there.
fn ghosts(context: &Context, settings: &Settings) -> Vec<Found> {
    let tables = settings.flag_tables();
    let narrowed = context.arguments.file.is_some() || context.arguments.env.is_some();
    if tables.is_empty() || narrowed {
        return Vec::new();
    }
    let names = |place: &Environment| -> Option<Vec<FlagName>> {
        let file = FlagsFile::read(&place.flags).ok().filter(|_| place.remote.is_none())?;
        let mapping = mapping::of(&file.path, &file.text, place).ok()?;
        let listing = document::listing(&file.text, &mapping);
        listing.broken.is_none().then(|| listing.flags.into_iter().map(|flag| flag.name).collect())
    };
    let only = settings.environments.is_empty().then(|| settings.environment().ok()).flatten();
    let places: Vec<&Environment> = settings.environments.iter().chain(only).collect();
    let known: Option<Vec<_>> = places.iter().map(|place| names(place)).collect();
    let Some(known) = known.filter(|known| !known.is_empty()) else { return Vec::new() };
    let known: Vec<&str> = known.iter().flatten().map(FlagName::as_str).collect();
    let ghost = |table: &str| {
        let message = format!("`[flags]` has `{}`, and no environment has such a flag", Shown(table));
        let error = settings.amiss(&["flags", table], message);
        let error = match config::nearest(table, known.iter().copied()) {
            Some(near) => error.help(format!("did you mean `{}`?", Shown(near))),
            None => error.help("take its table out of flagctl.toml, or mend its name"),
        };
        Found { code: "config", severity: Severity::Warning, error }
    };
    tables.into_iter().filter(|table| !known.contains(table)).map(ghost).collect()
}

/// Says which environments hold no file that is looked at here.
fn lives_elsewhere(context: &Context, settings: &Settings) {
    let named = context.arguments.env.as_deref();
    for environment in &settings.environments {
        let (Some(remote), Some(name)) = (&environment.remote, environment.name.as_deref()) else { continue };
        if named.is_none_or(|named| named == name) {
            let title = remote.kind.title();
            let only = if remote.mirror.is_some() { ", and its file is a mirror" } else { "" };
            let doctor = format!("flagctl {}-e {} doctor", context.elsewhere(), Typed(name));
            let told = format!("environment `{}` lives in {title}{only}: to look there: {doctor}", Shown(name));
            context.term.status(&told);
        }
    }
}

/// Returns an environment as a place in a file: of one that lives in a backend, its mirror.
fn in_a_file(environment: Environment) -> Option<Environment> {
    match &environment.remote {
        None => Some(environment),
        Some(remote) => remote.mirror.as_deref().map(unknown),
    }
}

/// True for a place that is the mirror of an environment, and isn't there.
fn is_mirror(settings: &Settings, place: &Environment) -> bool {
    let mirrors = settings.environments.iter().filter_map(|other| other.remote.as_ref()?.mirror.as_deref());
    place.remote.is_none() && mirror::is_missing(&place.flags) && mirrors.into_iter().any(|path| path == place.flags)
}

fn unknown(file: &Path) -> Environment {
    Environment::nameless(file.to_owned())
}

fn same(one: &Path, two: &Path) -> bool {
    one == two || one.canonicalize().is_ok_and(|one| two.canonicalize().is_ok_and(|two| one == two))
}

/// Looks at one flags file. One that can't be read is an error of the world; one that can't be understood a finding.
fn look(place: &Environment, settings: Option<&Settings>) -> Result<Vec<Found>> {
    let file = match FlagsFile::read(&place.flags) {
        Ok(file) => file,
        Err(error) if error.exit == Exit::Invalid => {
            return Ok(vec![Found { code: "unreadable", severity: Severity::Error, error }]);
        }
        Err(error) => return Err(error),
    };
    let lines: Vec<&str> = file.text.lines().collect();
    let language = Language::of(&file.path);
    let mapping = match mapping::of(&file.path, &file.text, place) {
        Ok(mapping) => mapping,
        Err(error) => {
            // What is no key of a flag to us is one to that tool.
            if matches!(detect(&file.text), Detection::OtherDialect(_)) {
                return Ok(vec![Found { code: "unrecognised", severity: Severity::Error, error }]);
            }
            let native = check::run(&file.text, language, &Mapping::native(), &|_| Ladder::default());
            if native.iter().any(|finding| finding.severity == Severity::Error) {
                return Ok(native.into_iter().map(|finding| shown(&file, &lines, finding)).collect());
            }
            return Ok(vec![Found { code: "unrecognised", severity: Severity::Error, error }]);
        }
    };
    let ladder = |flag: &FlagName| settings.map_or_else(Ladder::default, |settings| settings.ladder(place, flag));
    Ok(check::run(&file.text, language, &mapping, &ladder)
        .into_iter()
        .map(|finding| shown(&file, &lines, finding))
        .collect())
}

fn shown(file: &FlagsFile, lines: &[&str], finding: Finding) -> Found {
    let source = lines.get(finding.line.saturating_sub(1)).map(|line| (*line).to_owned());
    let spot =
        Spot { file: file.path.clone(), line: finding.line, column: finding.column, width: finding.width, source };
    let error = Error::invalid(finding.message).at(spot);
    let error = finding.help.into_iter().fold(error, Error::help);
    Found { code: finding.code, severity: finding.severity, error }
}

fn answer(context: &Context, found: &[Found], files: &[String]) -> Result<Exit> {
    let count = |severity: Severity| found.iter().filter(|one| one.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let exit = if errors == 0 { Exit::Ok } else { Exit::Invalid };
    let summary = format!("{}, {}", counted(errors, "error"), counted(warnings, "warning"));
    if context.term.json {
        let findings: Vec<_> = found.iter().map(Found::json).collect();
        let answer = json!({ "files": files, "findings": findings, "errors": errors, "warnings": warnings });
        return judged(context, answer, (exit != Exit::Ok).then(|| Error::new(exit, summary)));
    }
    let mut text = String::new();
    for one in found {
        text.push_str(&render::error::finding(one.code, one.severity == Severity::Error, &one.error));
        text.push_str("\n\n");
    }
    context.term.answer(&text)?;
    let files = files.iter().map(|file| Shown(file).to_string()).collect::<Vec<_>>().join(", ");
    let files = if files.is_empty() { String::new() } else { format!(" in {files}") };
    context.term.status(&format!("{summary}{files}"));
    Ok(exit)
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

impl Found {
    fn json(&self) -> serde_json::Value {
        let spot = self.error.spot.as_deref();
        json!({
            "code": self.code,
            "severity": self.severity,
            "file": spot.map(|spot| spot.file.display().to_string()),
            "line": spot.map(|spot| spot.line),
            "column": spot.map(|spot| spot.column),
            "message": self.error.message,
            "help": (!self.error.help.is_empty()).then(|| self.error.help.join("\n")),
        })
    }
}
