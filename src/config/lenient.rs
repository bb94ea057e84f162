//! The little that a rollback reads: where the flags are and where the ledger is. Knows nothing of gates and
//! sources, and goes on where the configuration is broken.

use super::arguments::{Arguments, Said, Surroundings};
use super::choice::{Choice, Field};
use super::environments::{FlagsFile, environments, flags_file};
use super::ground::{CONFIG_FILE, Ground, LEDGER};
use super::keys::bare;
use super::mentions::Mentions;
use super::mistake::Mistake;
use super::salvage::{Salvage, salvage};
use super::settings::Environment;
use super::sheet::Sheet;
use super::standing;
use crate::error::{Error, Result, Spot};
use crate::model::{FlagName, Ladder, Shown, TypedPath};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What a rollback has to know.
#[derive(Clone, Debug)]
pub struct Lenient {
    /// The configuration file, if there is one, however broken.
    pub config: Option<PathBuf>,
    /// The places that may be meant: one; or several, of which the one is meant in which the flag is in rollout.
    pub places: Vec<Environment>,
    /// Every environment that could be read.
    pub environments: Vec<Environment>,
    /// What could not be read, as sentence fragments to be told.
    pub notes: Vec<String>,
    ledger: Option<PathBuf>,
    ground: Ground,
    pub(super) sheet: Sheet,
}

impl Lenient {
    /// Returns the ledger of a place.
    #[must_use]
    pub fn ledger(&self, place: &Environment) -> PathBuf {
        self.ledger.clone().unwrap_or_else(|| self.ground.ledger_without_config(&place.flags))
    }

    /// True if the instances are looked at after every rollback.
    #[must_use]
    pub fn verifies(&self) -> bool {
        super::fleet::verifies(&self.sheet)
    }

    /// Returns the ladder of a flag at a place, for one step down.
    #[must_use]
    pub fn ladder(&self, place: &Environment, flag: &FlagName) -> Ladder {
        super::settings::ladder(&self.sheet, place, flag)
    }

    /// Returns the ladder of the flags of a place that have none of their own.
    #[must_use]
    pub fn common_ladder(&self, place: &Environment) -> Ladder {
        super::settings::common_ladder(&self.sheet, place)
    }
}

/// Reads what a rollback needs, from whatever can be read, for one who only looks.
///
/// # Errors
/// As [`lenient_for`].
pub fn lenient(arguments: &Arguments, around: &Surroundings<'_>) -> Result<Lenient> {
    lenient_for(arguments, around, "")
}

/// Reads what a rollback needs, from whatever can be read. `what` are the arguments that say what is rolled back, as a
/// shell takes them: the help repeats them.
///
/// # Errors
/// Exit 2 if an argument names an environment or a configuration that doesn't exist, or there is no flags file at
/// all; exit 3 if the configuration is too broken to tell which flags file is meant: the help names each one found.
pub fn lenient_for(arguments: &Arguments, around: &Surroundings<'_>, what: &str) -> Result<Lenient> {
    let ground = Ground::new(&around.directory).moved(arguments.chdir.as_deref())?;
    let said = Said::of(arguments, around);
    if let (Some((path, _)), None) = (&said.config, &said.file)
        && !ground.absolute(&ground.argument(path)).exists()
    {
        let name = path.to_string_lossy();
        let help = format!("flagctl rollback -f PATH {what}");
        return Err(Error::usage(format!("there is no configuration file `{}`", Shown(&name))).help(help.trim_end()));
    }
    let Some(config) = said.config_file(&ground) else {
        return Reading::new(&ground, &said, None).lenient(what);
    };
    let mut reading = Reading::new(&ground, &said, Some(&config));
    match standing::read(&ground.absolute(&config)) {
        Ok(bytes) => reading.text(&bytes),
        Err(error) => reading.unreadable(&error),
    }
    reading.lenient(what)
}

/// A configuration as far as it could be read.
struct Reading<'a> {
    ground: &'a Ground,
    said: &'a Said,
    config: Option<&'a Path>,
    root: PathBuf,
    sheet: Sheet,
    environments: Vec<Environment>,
    common: FlagsFile,
    notes: Vec<String>,
    /// Why what was read may not be all.
    doubt: Option<Error>,
    /// An environment whose flags file can't be read.
    lost: Option<(String, Range<usize>)>,
    /// The sections of which a line can't be read.
    torn: Vec<String>,
    /// The paths that the text names as flags files, from its folder.
    named: Vec<PathBuf>,
    /// What stands of a path in which the text ends.
    cut: Option<String>,
    /// True if the text may speak of something else than a file.
    backend: bool,
}

impl<'a> Reading<'a> {
    fn new(ground: &'a Ground, said: &'a Said, config: Option<&'a Path>) -> Self {
        let root = match config.map(|path| ground.absolute(path)) {
            Some(path) => path.parent().map_or_else(|| ground.base.clone(), Path::to_owned),
            None => ground.base.clone(),
        };
        Self {
            ground,
            said,
            config,
            root,
            sheet: Sheet::default(),
            environments: Vec::new(),
            common: FlagsFile::default(),
            notes: Vec::new(),
            doubt: None,
            lost: None,
            torn: Vec::new(),
            named: Vec::new(),
            cut: None,
            backend: false,
        }
    }

    fn config_name(&self) -> String {
        let name = self.config.unwrap_or_else(|| Path::new(CONFIG_FILE)).to_string_lossy().into_owned();
        Shown(&name).to_string()
    }

    /// Takes in that there is no text to be had.
    fn unreadable(&mut self, error: &std::io::Error) {
        let message = format!("`{}` can't be read: {error}", self.config_name());
        self.notes.push(message.clone());
        // A folder of that name says nothing about flags; a file that can't be read may say anything.
        if !self.root.join(CONFIG_FILE).is_dir() || self.said.config.is_some() {
            self.doubt = Some(Error::invalid(message));
            self.backend = true;
        }
    }

    fn text(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let path = self.config.unwrap_or_else(|| Path::new(CONFIG_FILE));
        let mentions = Mentions::of(&text);
        self.named = mentions.flags.iter().map(|flags| self.root.join(flags)).collect();
        self.backend = mentions.backend || mentions.unclear;
        self.cut = mentions.torn;
        match Sheet::parse(&text) {
            Ok(sheet) => self.sheet = sheet,
            Err(mistake) => {
                let error = mistake.error(path, &text);
                let Salvage { sheet, torn, lines } = salvage(&text);
                self.sheet = sheet;
                self.notes.push(broken(&self.config_name(), &error, &lines));
                for table in torn.iter().filter(|table| table.ends_with("flags-file")) {
                    self.forget_flags_file(table);
                }
                self.torn = torn;
                self.doubt = Some(error);
            }
        }
        self.forget_wrong_flags_files();
        let mut wrong = Vec::new();
        self.environments = environments(&self.sheet, self.ground, &self.root, &mut wrong);
        // A torn section may have said that its flags live elsewhere: its file is then a mirror, and no place to roll back.
        let (torn, backend) = (&self.torn, self.backend);
        let section = |environment: &Environment| {
            format!("environments.{}", bare(environment.name.as_deref().unwrap_or_default()))
        };
        self.environments
            .retain(|environment| environment.remote.is_some() || !backend || !torn.contains(&section(environment)));
        // A torn section may have held a `flags-file` of its own.
        for environment in &mut self.environments {
            let section = format!("environments.{}", bare(environment.name.as_deref().unwrap_or_default()));
            if self.torn.contains(&section) {
                environment.mapping = None;
            }
        }
        self.common = flags_file(&self.sheet, &["flags-file"], &mut wrong);
        self.lost = self.lost_environment();
        if let (None, Some((name, span))) = (&self.doubt, &self.lost) {
            let message = format!("the flags file of environment `{}` can't be read", Shown(name));
            self.doubt = Some(Mistake::new(span.clone(), message).error(path, &text));
        }
        if mentions.ledger && self.sheet.text(&["ledger", "path"]).is_none() {
            self.notes.push(format!("the path of the ledger can't be read: `{LEDGER}` is taken"));
        }
        let default = self.sheet.text(&["default-environment"]);
        if self.doubt.is_none()
            && self.sheet.has(&["default-environment"])
            && !default.is_some_and(|name| self.knows(name))
        {
            self.doubt = Some(Error::invalid("`default-environment` names no environment that can be read"));
        }
        let mistakes = self.sheet.mistakes.len() + wrong.len();
        if mistakes > 0 && self.notes.is_empty() {
            self.notes.push(format!("`{}` has errors: `flagctl validate` shows them", self.config_name()));
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.environments.iter().any(|environment| environment.name.as_deref() == Some(name))
    }

    /// Returns the first environment whose flags file can't be read.
    fn lost_environment(&self) -> Option<(String, Range<usize>)> {
        let names = self.sheet.names(&["environments"]);
        names.into_iter().find(|(name, _)| !self.knows(name)).map(|(name, span)| (name.to_owned(), span))
    }

    /// Drops a `[flags-file]` of which a part could not be read: the file itself is looked at then.
    fn forget_flags_file(&mut self, table: &str) {
        let below = |path: &[String]| super::keys::dotted(path).starts_with(&format!("{table}."));
        self.sheet.forget(below);
        self.notes.push(format!("`[{}]` can't be read whole: the flags file is looked at instead", Shown(table)));
    }

    fn forget_wrong_flags_files(&mut self) {
        let mut tables: Vec<String> = Vec::new();
        for path in self.sheet.wrong() {
            if let Some(at) = path.iter().position(|name| name == "flags-file") {
                let table = super::keys::dotted(&path[..=at]);
                if (at == 0 || (at == 2 && path[0] == "environments")) && !tables.contains(&table) {
                    tables.push(table);
                }
            }
        }
        for table in tables {
            self.forget_flags_file(&table);
        }
    }

    fn lenient(mut self, what: &str) -> Result<Lenient> {
        let places = self.places(what)?;
        if let (Some(doubt), [], [place]) = (&self.doubt, self.notes.as_slice(), places.as_slice()) {
            let flags = place.flags.to_string_lossy();
            self.notes.push(format!("{}; `{}` is taken", doubt.message, Shown(&flags)));
        }
        let ledger = match (self.sheet.text(&["ledger", "path"]), self.config) {
            (Some(path), _) => Some(self.ground.shown(&self.root.join(path))),
            (None, Some(_)) => Some(self.ground.shown(&self.root.join(LEDGER))),
            (None, None) => None,
        };
        Ok(Lenient {
            config: self.config.map(Path::to_owned),
            places,
            environments: self.environments,
            notes: self.notes,
            ledger,
            ground: self.ground.clone(),
            sheet: self.sheet,
        })
    }

    /// Returns the places that may be meant.
    fn places(&self, what: &str) -> Result<Vec<Environment>> {
        let default = self.sheet.text(&["default-environment"]);
        let field = Field {
            ground: self.ground,
            said: self.said,
            environments: &self.environments,
            default,
            flags_file: &self.common,
            root: self.config.map(|_| self.root.as_path()),
        };
        let Some(doubt) = &self.doubt else {
            return self.sure(&field);
        };
        let wanted = self.said.env.as_ref().map(|(name, _)| name.as_str());
        if let Some((path, _)) = &self.said.file {
            // The file is named: what is not known of its environment doesn't matter.
            return match wanted {
                Some(name) if !self.knows(name) => {
                    let nameless = Environment::nameless(self.ground.argument(path));
                    Ok(vec![Environment { name: Some(name.to_owned()), ..nameless }])
                }
                _ => self.sure(&field),
            };
        }
        let known = wanted.or(default).is_some_and(|name| self.knows(name));
        if known {
            return self.sure(&field);
        }
        let missed = wanted.or(default).is_some() || self.lost.is_some();
        if wanted.is_some() || self.backend || (missed && !self.environments.is_empty()) || !self.accounted() {
            return Err(self.open(doubt, what));
        }
        // Nothing else is named than what would be taken without a configuration.
        self.sure(&Field { default: None, ..field }).map_err(|_| self.open(doubt, what))
    }

    fn sure(&self, field: &Field<'_>) -> Result<Vec<Environment>> {
        match field.choose()? {
            Choice::One(environment) => Ok(vec![environment]),
            Choice::Several(_) => Ok(self.environments.clone()),
            open @ (Choice::Nowhere(_) | Choice::Files(_)) => {
                open.environment().map(|environment| vec![environment.clone()])
            }
        }
    }

    /// True if every flags file that the text names is one that would be taken.
    fn accounted(&self) -> bool {
        let conventional = self.ground.conventional(Some(&self.root));
        let taken: Vec<&Path> = if self.environments.is_empty() {
            conventional.iter().map(PathBuf::as_path).collect()
        } else {
            self.environments.iter().filter_map(Environment::file).collect()
        };
        let begins = |path: &&Path, cut: &str| {
            let below = path.strip_prefix(&self.root).unwrap_or(path);
            below.to_string_lossy().starts_with(cut.trim_start_matches("./"))
        };
        let cut = |cut: &String| self.environments.is_empty() && taken.iter().any(|taken| begins(taken, cut));
        self.cut.as_ref().is_none_or(cut)
            && self.named.iter().all(|named| taken.iter().any(|taken| self.ground.same_file(taken, named)))
    }

    /// Says that it can't be told which file is meant, and names each one found.
    fn open(&self, doubt: &Error, what: &str) -> Error {
        let message = format!("can't tell from `{}` which flags file is meant: {}", self.config_name(), doubt.message);
        let mut error = Error::invalid(message);
        error.spot = doubt.spot.clone();
        let mut found: Vec<PathBuf> = Vec::new();
        let environments = self.environments.iter().filter(|environment| environment.remote.is_none());
        let environments = environments.map(|environment| self.ground.absolute(&environment.flags));
        let named = self.named.iter().cloned().chain(self.cut.as_ref().map(|cut| self.root.join(cut)));
        let conventional = self.ground.conventional(Some(&self.root)).into_iter();
        for path in conventional.chain(environments).chain(named).filter(|path| path.is_file()) {
            if !found.iter().any(|other| self.ground.same_file(other, &path)) {
                found.push(path);
            }
        }
        if found.is_empty() {
            found.push(PathBuf::from("PATH"));
        }
        found.iter().fold(error, |error, path| {
            let path = self.ground.shown(path);
            let is_like_option = path.as_os_str().as_encoded_bytes().starts_with(b"-");
            let path = if is_like_option { Path::new(".").join(&path) } else { path.to_path_buf() };
            error.help(format!("flagctl rollback -f {} {what}", TypedPath(&path)).trim_end())
        })
    }
}

/// Says what of a broken text was not read.
fn broken(name: &str, error: &Error, lines: &[usize]) -> String {
    let place = |spot: &Spot| format!("{name}:{}:{}", spot.line, spot.column);
    let place = error.spot.as_deref().map_or_else(|| name.to_owned(), place);
    let list: Vec<String> = lines.iter().map(usize::to_string).collect();
    let rest = match lines.len() {
        0 => "going on without it".to_owned(),
        1 => format!("going on without line {}", list.concat()),
        _ => format!("going on without lines {}", list.join(", ")),
    };
    format!("`{place}`: {}; {rest}", error.message)
}
