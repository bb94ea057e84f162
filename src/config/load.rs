//! Reads and resolves everything, and says everything that is wrong.

use super::arguments::{Arguments, Said, Surroundings};
use super::choice::{Choice, Field};
use super::environments::{FlagsFile, environments, flags_file};
use super::fleet;
use super::freeze::freeze;
use super::gates::{self, Draft};
use super::ground::{Ground, LEDGER};
use super::mistake::Mistake;
use super::review::{ledger_taken, references, shared, unfit, warnings};
use super::settings::{Environment, Settings};
use super::sheet::Sheet;
use super::sources::sources;
use super::standing;
use crate::error::{Error, Result, Spot};
use crate::model::{Shown, Source};
use crate::plan::FreezeWindow;
use std::io::ErrorKind;
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

/// Returns the configuration file that a call leads to, whether or not it can be used.
#[must_use]
pub fn locate(arguments: &Arguments, around: &Surroundings<'_>) -> Option<PathBuf> {
    let ground = Ground::new(&around.directory).moved(arguments.chdir.as_deref()).ok()?;
    Said::of(arguments, around).config_file(&ground)
}

/// Returns the settings of a call, or everything that is wrong, in the order of the text.
///
/// # Errors
/// As [`load`], never an empty list.
pub fn load_all(arguments: &Arguments, around: &Surroundings<'_>) -> Result<Settings, Vec<Error>> {
    let ground = Ground::new(&around.directory).moved(arguments.chdir.as_deref()).map_err(|error| vec![error])?;
    let said = Said::of(arguments, around);
    let path = said.config_file(&ground);
    let text = match &path {
        Some(path) => read(&ground, path, said.config.is_some()).map_err(|error| vec![error])?,
        None => String::new(),
    };
    resolve(&ground, said, path, text)
}

/// Reads the configuration's text.
fn read(ground: &Ground, path: &Path, named: bool) -> Result<String> {
    let name = path.to_string_lossy().into_owned();
    let name = Shown(&name);
    let bytes = standing::read(&ground.absolute(path)).map_err(|error| match error.kind() {
        ErrorKind::NotFound if named => Error::usage(format!("there is no configuration file `{name}`"))
            .help("name another with `--config`, or leave it out to have it searched"),
        ErrorKind::IsADirectory => Error::invalid(format!("`{name}` is a directory, not a configuration file"))
            .help("name the file in it with `--config FILE`"),
        ErrorKind::InvalidInput | ErrorKind::FileTooLarge => {
            Error::invalid(format!("`{name}` can't be the configuration: {error}"))
                .help("name another with `--config FILE`")
        }
        ErrorKind::PermissionDenied => Error::failed(format!("can't read `{name}`: permission denied"))
            .help("run it as a user who may read the file, or name another with `--config FILE`"),
        _ => Error::failed(format!("can't read `{name}`: {error}")).help("name another with `--config FILE`"),
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
        fleet::unfit(&sheet, &environments, &sources, &mut wrong);
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
        (None, None, _) => {
            ground.shown(&ground.git_root(&ground.base).unwrap_or_else(|| ground.base.clone()).join(LEDGER))
        }
    };
    let chosen = if let Choice::One(environment) = &choice { Some(environment) } else { None };
    let used = read.environments.iter().chain(chosen).filter_map(Environment::file);
    if let Some(taken) = used.chain(file.as_deref()).find(|used| ground.one_inode(&ledger, used)) {
        let mistake = ledger_taken(&read.sheet, taken, file.as_deref() == Some(taken));
        return Err(vec![mistake.error(&name, &text)]);
    }
    if let Some(mistake) = shared(&read.sheet, &read.environments, &|one, two| ground.one_inode(one, two)) {
        return Err(vec![mistake.error(&name, &text)]);
    }
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
