//! What can be known about the names that a word may be: read from the files that the command line leads to.

use super::super::mapping;
use crate::backend::file::FlagsFile;
use crate::config::{self, Arguments, Environment, Lenient, Surroundings};
use crate::document;
use crate::ledger::Ledger;
use crate::model::{Field, Flag, FlagName, Percent, Remote};
use crate::plan::OVERRIDE_WORDS;
use clap::{Arg, Command};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

/// What the words of a command line say about where the files are.
pub(super) struct Knowledge {
    words: Vec<String>,
    arguments: Arguments,
    directory: PathBuf,
}

impl Knowledge {
    /// Takes in the words of a command line, the last of which is being typed.
    pub(super) fn of(words: &[String]) -> Self {
        let words = words.split_last().map_or(&[][..], |(_, before)| before);
        let value = |short: &str, long: &str| value(words, short, long);
        let path = |short, long| value(short, long).map(PathBuf::from);
        Self {
            arguments: Arguments {
                chdir: path("-C", "--chdir"),
                config: path("--config", "--config"),
                file: path("-f", "--file"),
                env: value("-e", "--env"),
            },
            directory: std::env::current_dir().unwrap_or_default(),
            words: words.to_owned(),
        }
    }

    /// Lets every argument that takes a name offer the names there are.
    pub(super) fn give(self, command: Command) -> Command {
        give(&Arc::new(self), command)
    }

    fn around(&self) -> Surroundings<'_> {
        Surroundings { directory: self.directory.clone(), variable: &config::environment_variable }
    }

    /// Every flag of the places that may be meant, but for those that are on the line already.
    fn flags(&self) -> Vec<CompletionCandidate> {
        let Ok(lenient) = config::lenient(&self.arguments, &self.around()) else { return Vec::new() };
        self.listed(&lenient).iter().filter(|flag| !self.names(flag)).map(candidate).collect()
    }

    fn listed(&self, lenient: &Lenient) -> Vec<Flag> {
        let mut flags: Vec<Flag> = Vec::new();
        for place in &lenient.places {
            flags.extend(match &place.remote {
                None => in_file(place),
                Some(remote) => known_afar(place, remote, &Ledger::at(&lenient.ledger(place))),
            });
        }
        let mut known = HashSet::new();
        flags.retain(|flag| known.insert(flag.name.clone()));
        flags
    }

    /// True if a flag is on the line already.
    fn names(&self, flag: &Flag) -> bool {
        self.words.iter().any(|word| word == flag.name.as_str())
    }

    fn environments(&self) -> Vec<CompletionCandidate> {
        match config::load(&self.everywhere(), &self.around()) {
            Ok(settings) => names(settings.environments.iter().filter_map(|environment| environment.name.as_deref())),
            Err(_) => match config::lenient(&self.everywhere(), &self.around()) {
                Ok(lenient) => names(lenient.places.iter().filter_map(|place| place.name.as_deref())),
                Err(_) => Vec::new(),
            },
        }
    }

    fn overrides(&self) -> Vec<CompletionCandidate> {
        let mut candidates = names(OVERRIDE_WORDS);
        if let Ok(settings) = config::load(&self.everywhere(), &self.around()) {
            candidates.extend(names(settings.gate_names()));
        }
        candidates
    }

    /// The keys of `flagctl.toml`, also those of the tables that it names; without it, those that are always there.
    fn keys(&self) -> Vec<CompletionCandidate> {
        let candidate = |path: &str, key: &config::Key| CompletionCandidate::new(path).help(Some(key.about.into()));
        match config::load(&self.everywhere(), &self.around()) {
            Ok(settings) => settings.keys().iter().map(|(path, key)| candidate(path, key)).collect(),
            Err(_) => {
                let plain = config::KEYS.iter().filter(|key| !key.path.contains(['*', '[']));
                plain.map(|key| candidate(key.path, key)).collect()
            }
        }
    }

    /// The steps that the flags on the line can go to: up for `advance` and `plan`, down for `rollback`; without a flag,
    /// those that hold where a flag has none of its own.
    fn steps(&self) -> Vec<CompletionCandidate> {
        let Ok(lenient) = config::lenient(&self.arguments, &self.around()) else { return Vec::new() };
        let down = self.words.iter().any(|word| word == "rollback");
        let Some(place) = lenient.places.first() else { return Vec::new() };
        let mut steps: Vec<Percent> = Vec::new();
        let mut named = self.listed(&lenient);
        named.retain(|flag| self.names(flag));
        for flag in &named {
            let exposure = flag.exposure();
            let fits = |step: &Percent| exposure.known().is_none_or(|now| if down { *step < now } else { *step > now });
            steps.extend(lenient.ladder(place, &flag.name).steps().iter().copied().filter(fits));
        }
        if named.is_empty() {
            steps.extend(lenient.common_ladder(place).steps());
        }
        steps.sort_unstable();
        steps.dedup();
        steps.iter().map(|step| CompletionCandidate::new(step.to_string())).collect()
    }

    /// The arguments without an environment: what is typed so far may be none.
    fn everywhere(&self) -> Arguments {
        Arguments { env: None, ..self.arguments.clone() }
    }
}

fn in_file(place: &Environment) -> Vec<Flag> {
    let Ok(file) = FlagsFile::read(&place.flags) else { return Vec::new() };
    let mapping = mapping::leniently(&file.path, &file.text, place);
    document::listing(&file.text, &mapping).flags
}

/// Returns the flags of a backend over the wire as far as files know them: a Tab must not wait for a network. The mirror
/// knows them all, the ledger those that were changed by flagctl.
fn known_afar(place: &Environment, remote: &Remote, ledger: &Ledger) -> Vec<Flag> {
    let mut flags = remote.mirror.as_ref().map_or_else(Vec::new, |path| in_file(&Environment::nameless(path.clone())));
    let last = ledger.last_of_each(&ledger.place(place.name.as_deref(), &place.flags));
    let recorded = last.into_iter().filter_map(|entry| {
        let name = FlagName::new(entry.flag)?;
        Some(Flag { rollout: Field::Is(entry.to), ..Flag::bare(name) })
    });
    flags.extend(recorded);
    flags
}

fn give(knowledge: &Arc<Knowledge>, command: Command) -> Command {
    command.mut_args(|arg| informed(knowledge, arg)).mut_subcommands(|verb| give(knowledge, verb))
}

fn informed(knowledge: &Arc<Knowledge>, arg: Arg) -> Arg {
    let value = arg.get_value_names().and_then(|names| names.first()).map(|name| name.as_str());
    let names = match (arg.get_long(), value) {
        (Some("override"), _) => Knowledge::overrides,
        (Some("env"), _) => Knowledge::environments,
        (Some("to"), Some("PERCENT")) => Knowledge::steps,
        (None, Some("FLAG")) => Knowledge::flags,
        (None, Some("KEY")) => Knowledge::keys,
        _ => return arg,
    };
    let knowledge = Arc::clone(knowledge);
    arg.add(ArgValueCandidates::new(move || names(&knowledge)))
}

fn candidate(flag: &Flag) -> CompletionCandidate {
    let about = flag.description.as_deref().and_then(|text| text.lines().next()).unwrap_or_default();
    let help = format!("{:>4} {about}", flag.exposure());
    CompletionCandidate::new(flag.name.as_str()).help(Some(help.trim_end().to_owned().into()))
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<CompletionCandidate> {
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// Returns the value that an option has on the line, in any of its spellings.
fn value(words: &[String], short: &str, long: &str) -> Option<String> {
    words.iter().enumerate().rev().find_map(|(at, word)| {
        if word == short || word == long {
            return words.get(at + 1).cloned();
        }
        let rest = word.strip_prefix(long).and_then(|rest| rest.strip_prefix('='));
        let joined = || word.strip_prefix(short).filter(|rest| !short.starts_with("--") && !rest.is_empty());
        rest.or_else(joined).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_value_of_an_option() {
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for (line, expected) in [
            ("flagctl -e staging advance", Some("staging")),
            ("flagctl advance --env staging", Some("staging")),
            ("flagctl --env=staging", Some("staging")),
            ("flagctl -estaging", Some("staging")),
            ("flagctl -e one --env=two", Some("two")),
            ("flagctl advance -e", None),
            ("flagctl advance", None),
        ] {
            assert_eq!(value(&words(line), "-e", "--env").as_deref(), expected, "{line}");
        }
    }
}
