//! Reads and resolves everything, and says everything that is wrong.

use super::arguments::{Arguments, Said, Surroundings};
use super::choice::{Choice, Field};
use super::environments::{FlagsFile, environments, flags_file};
use super::gates::{self, Draft};
use super::ground::{Ground, LEDGER, git_root};
use super::keys::nearest;
use super::mistake::Mistake;
use super::settings::{Environment, Settings};
use super::sheet::Sheet;
use super::sources::sources;
use super::value::Value;
use crate::error::{Error, Result, Spot};
use crate::model::{Shown, Source};
use crate::plan::FreezeWindow;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Returns the settings of a call.
///
/// # Errors
/// The first thing that is wrong, and how many follow: exit 3 for the configuration's text, exit 2 for an argument
/// that names what doesn't exist, exit 1 where the file can't be read.
pub fn load(arguments: &Arguments, around: &Surroundings<'_>) -> Result<Settings> {
    load_all(arguments, around).map_err(|mut errors| {
        let more = errors.len().saturating_sub(1);
        let first = if errors.is_empty() { Error::invalid("no settings") } else { errors.swap_remove(0) };
        match more {
            0 => first,
            1 => first.help("there is 1 more: `flagctl validate` shows both"),
            more => first.help(format!("there are {more} more: `flagctl validate` shows all")),
        }
    })
}

/// Returns the settings of a call, or everything that is wrong, in the order of the text.
///
/// # Errors
/// As [`load`], never an empty list.
pub fn load_all(arguments: &Arguments, around: &Surroundings<'_>) -> Result<Settings, Vec<Error>> {
    let ground = Ground::new(&around.directory, arguments.chdir.as_deref());
    let said = Said::of(arguments, around);
    let path = match &said.config {
        Some((path, _)) => Some(ground.argument(path)),
        None => ground.config().map(|path| ground.shown(&path)),
    };
    let text = match &path {
        Some(path) => read(&ground, path, said.config.is_some()).map_err(|error| vec![error])?,
        None => String::new(),
    };
    resolve(&ground, said, path, text)
}

/// Reads a configuration's bytes.
pub(super) fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    if path.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { std::fs::read(path) }
}

/// Reads the configuration's text.
fn read(ground: &Ground, path: &Path, named: bool) -> Result<String> {
    let name = path.to_string_lossy().into_owned();
    let name = Shown(&name);
    let bytes = read_bytes(&ground.absolute(path)).map_err(|error| match error.kind() {
        ErrorKind::NotFound if named => Error::usage(format!("there is no configuration file `{name}`"))
            .help("name another with `--config`, or leave it out to have it searched"),
        ErrorKind::IsADirectory => Error::invalid(format!("`{name}` is a directory, not a configuration file")),
        _ => Error::failed(format!("can't read `{name}`: {error}")),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        Error::invalid(format!("`{name}` is not UTF-8"))
            .at(Spot { source: None, ..Spot::of(path, &text, valid..valid) })
    })
}

/// A text, read and checked, apart from who asks.
pub(super) struct Examined {
    sheet: Sheet,
    environments: Vec<Environment>,
    flags_file: FlagsFile,
    sources: Vec<Source>,
    drafts: Vec<Draft>,
    freeze: Vec<FreezeWindow>,
    /// Everything that is wrong, in the order of the text.
    pub(super) wrong: Vec<Mistake>,
}

/// Reads a text whose paths begin at `root`.
///
/// # Errors
/// Says where it is no TOML.
pub(super) fn examine(ground: &Ground, root: &Path, text: &str) -> Result<Examined, Mistake> {
    let mut sheet = Sheet::parse(text)?;
    let mut wrong = std::mem::take(&mut sheet.mistakes);
    let environments = environments(&sheet, ground, root, &mut wrong);
    let flags_file = flags_file(&sheet, &["flags-file"], &mut Vec::new());
    let sources = sources(&sheet, ground, root, &mut wrong);
    let drafts = gates::drafts(&sheet, &mut wrong);
    let freeze = freeze(&sheet, &mut wrong);
    references(&sheet, &mut wrong);
    if wrong.is_empty() {
        unfit(&environments, &drafts, &sources, &mut wrong);
    }
    wrong.sort_by_key(|mistake| mistake.span.start);
    Ok(Examined { sheet, environments, flags_file, sources, drafts, freeze, wrong })
}

fn resolve(ground: &Ground, said: Said, file: Option<PathBuf>, text: String) -> Result<Settings, Vec<Error>> {
    let name = file.clone().unwrap_or_else(|| PathBuf::from(super::CONFIG_FILE));
    let root = match &file {
        Some(file) => ground.absolute(file).parent().unwrap_or(&ground.base).to_owned(),
        None => ground.base.clone(),
    };
    let read = examine(ground, &root, &text).map_err(|mistake| vec![mistake.error(&name, &text)])?;
    if !read.wrong.is_empty() {
        return Err(read.wrong.into_iter().map(|mistake| mistake.error(&name, &text)).collect());
    }
    let choice = Field {
        ground,
        said: &said,
        environments: &read.environments,
        default: read.sheet.text(&["default-environment"]),
        flags_file: &read.flags_file,
        root: file.as_ref().map(|_| root.as_path()),
    }
    .choose()
    .map_err(|error| vec![error])?;
    let ledger = match (read.sheet.text(&["ledger", "path"]), &file, &choice) {
        (Some(path), ..) => ground.shown(&root.join(path)),
        (None, Some(_), _) => ground.shown(&root.join(LEDGER)),
        (None, None, Choice::One(environment)) => ground.ledger_without_config(&environment.flags),
        (None, None, _) => ground.shown(&git_root(&ground.base).unwrap_or_else(|| ground.base.clone()).join(LEDGER)),
    };
    let mut settings = Settings {
        file,
        root: ground.shown(&root),
        environments: read.environments,
        ledger,
        sources: read.sources,
        warnings: Vec::new(),
        choice,
        said,
        text,
        sheet: read.sheet,
        drafts: read.drafts,
        freeze: read.freeze,
    };
    settings.warnings = warnings(&settings);
    Ok(settings)
}

/// Finds names that lead nowhere.
fn references(sheet: &Sheet, wrong: &mut Vec<Mistake>) {
    let mut check = |what: &str, name: &str, span: Range<usize>, table: &str| {
        let names: Vec<&str> = sheet.names(&[table]).into_iter().map(|(name, _)| name).collect();
        if !names.contains(&name) {
            let near = nearest(name, names.iter().copied());
            let mistake = Mistake::new(span, format!("there is no {what} `{}`", Shown(name)));
            wrong.push(match (near, names.is_empty()) {
                (Some(near), _) => mistake.meant(Some(near)),
                (None, true) => mistake.help(format!("set it up below `[{table}.{}]`", super::keys::bare(name))),
                (None, false) => mistake.help(format!("there is {}", super::choice::list(&names))),
            });
        }
    };
    for found in &sheet.found {
        let path: Vec<&str> = found.path.iter().map(String::as_str).collect();
        match (path.as_slice(), &found.value) {
            (["default-environment"], Value::Text(name)) => {
                check("environment", name, found.span.clone(), "environments");
            }
            (["environments" | "gates", _, "source"], Value::Text(name)) => {
                check("source", name, found.span.clone(), "sources");
            }
            (["flags", _, "gates"], Value::Names(names)) => {
                for (name, span) in names {
                    check("gate", name, span.clone(), "gates");
                }
            }
            _ => {}
        }
    }
}

/// Finds gates that have no source in some environment, or one that can't answer them.
fn unfit(environments: &[Environment], drafts: &[Draft], sources: &[Source], wrong: &mut Vec<Mistake>) {
    let nameless = [Environment { name: None, flags: PathBuf::new(), mapping: None, scale: None, source: None }];
    let environments = if environments.is_empty() { &nameless } else { environments };
    for draft in drafts {
        let first = environments
            .iter()
            .find_map(|environment| draft.source(environment, sources).and_then(|source| draft.fits(source)).err());
        wrong.extend(first);
    }
}

fn freeze(sheet: &Sheet, wrong: &mut Vec<Mistake>) -> Vec<FreezeWindow> {
    let mut windows = Vec::new();
    for (at, span) in sheet.names(&["freeze", "windows"]) {
        let path = |key: &'static str| ["freeze", "windows", at, key];
        for (needed, example) in [
            ("from", "from = \"Fri 16:00\""),
            ("to", "to = \"Mon 08:00\""),
            ("time-zone", "time-zone = \"Europe/Berlin\""),
        ] {
            if !sheet.has(&path(needed)) && !sheet.flawed(&["freeze", "windows", at]) {
                let message = format!("a freeze window has no `{needed}`");
                wrong.push(Mistake::new(span.clone(), message).help(format!("write `{example}`")).incomplete());
            }
        }
        let value = |key: &'static str| sheet.get(&path(key)).map(|found| &found.value);
        let (Some(Value::Moment(from)), Some(Value::Moment(to)), Some(Value::Zone(zone))) =
            (value("from"), value("to"), value("time-zone"))
        else {
            continue;
        };
        match from.span(*to) {
            Ok(span) => windows.push(FreezeWindow {
                span,
                zone: zone.clone(),
                reason: sheet.text(&path("reason")).map(str::to_owned),
            }),
            Err(why) => {
                let at = sheet.span(&path("to")).unwrap_or(span);
                wrong.push(Mistake::new(at, format!("a freeze window {why}")));
            }
        }
    }
    windows
}

/// Finds gates whose window is longer than the soak.
fn warnings(settings: &Settings) -> Vec<Error> {
    let nameless = Environment { name: None, flags: PathBuf::new(), mapping: None, scale: None, source: None };
    let window = |draft: &Draft| {
        let environment = settings.environments.first().unwrap_or(&nameless);
        let default =
            || draft.source(environment, &settings.sources).ok().map(|source| gates::default_window(source.kind));
        draft.window.or_else(default).unwrap_or_default()
    };
    let common = settings.drafts.iter().filter_map(|draft| draft.outlasts(window(draft), settings.soak(None), ""));
    let flags = settings.sheet.names(&["flags"]);
    let own = flags.iter().filter(|(flag, _)| settings.sheet.has(&["flags", flag, "soak"])).flat_map(|(flag, span)| {
        let soak = settings.soak(Some(flag));
        let of = format!(" of flag `{}`", Shown(flag));
        settings.drafts_of(flag).into_iter().filter_map(move |draft| {
            let mistake = draft.outlasts(window(draft), soak, &of)?;
            Some(Mistake { span: span.clone(), ..mistake })
        })
    });
    let mut found: Vec<Mistake> = common.chain(own).collect();
    found.sort_by_key(|mistake| mistake.span.start);
    found.into_iter().map(|mistake| mistake.error(settings.config_name(), &settings.text)).collect()
}
