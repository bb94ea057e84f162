//! `flagctl init`: looks at the repository, and writes a commented flagctl.toml.

use super::mapping::Named;
use super::{Context, json_answer, mapping};
use crate::backend::file::{Checkout, FlagsFile};
use crate::config::{CONFIG_FILE, CONVENTIONAL, Outset, Starter, relative};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Field, Mapping, Shown, TypedPath};
use crate::{change, document};
use clap::Args;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// How deep below the folder flags files are searched, and how many files are looked at.
const DEPTH: usize = 5;
const MOST: usize = 2_000;
/// A file larger than this is no flags file that nobody named.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Folders that hold other people's files.
const PASSED_OVER: [&str; 6] = ["node_modules", "target", "vendor", "dist", "build", "venv"];
/// What a file is called for the environment that it is of.
const ENVIRONMENTS: [(&str, &str); 12] = [
    ("production", "production"),
    ("prod", "production"),
    ("staging", "staging"),
    ("stage", "staging"),
    ("development", "development"),
    ("dev", "development"),
    ("testing", "testing"),
    ("test", "testing"),
    ("qa", "qa"),
    ("preview", "preview"),
    ("canary", "canary"),
    ("local", "local"),
];
/// What flags files are called, without their ends, and the folders in which they stand.
const USUAL: [&str; 9] = [
    "feature_flags",
    "feature-flags",
    "featureflags",
    "features",
    "flags",
    "feature_toggles",
    "feature-toggles",
    "toggles",
    "flipper",
];
const FOLDERS: [&str; 10] =
    ["", "config", "conf", "configs", "src/config", "app/config", "etc", "deploy", "deployment", "src/main/resources"];
const ATTRIBUTES: &str = ".flagctl/ledger.jsonl text eol=lf merge=union";

/// Find the flags file and how it spells a flag; write a commented flagctl.toml
///
/// Writes .gitattributes for the ledger too, and overwrites nothing: where a flagctl.toml is that has no gate, it prints
/// the lines that explain one. When it can't tell, it shows what it saw and what to write.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Show what would be written; write nothing
    #[arg(short = 'n', long)]
    dry_run: bool,
}

/// A flags file that was found.
struct Candidate {
    path: PathBuf,
    environment: String,
    /// It is one block of several in the file.
    block: bool,
    mapping: Mapping,
    flags: usize,
    /// No flag has a percentage yet.
    unlimited: bool,
}

impl InitArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let outset = Outset::of(&context.arguments, &context.around()?)?;
        if let Some(config) = outset.config.as_ref().filter(|config| config.symlink_metadata().is_ok()) {
            return present(context, config, &outset);
        }
        let folder = looked_in(&outset);
        let home = match (&outset.config, &outset.file) {
            (Some(named), _) => named.parent().unwrap_or(Path::new("")).to_owned(),
            (None, Some(file)) => outset.home(file),
            (None, None) => folder.clone(),
        };
        let home = if home.as_os_str().is_empty() { PathBuf::from(".") } else { home };
        let candidates = match &outset.file {
            Some(file) => by_environment(candidates(file, &home)?),
            None => search(&folder, &home, outset.root().as_deref())?,
        };
        let ledger = candidates.first().and_then(|first| outset.ledger(&first.path, &home));
        let starter = Starter {
            environments: candidates.iter().map(|one| (one.environment.clone(), relative(&home, &one.path))).collect(),
            mapping: candidates.first().filter(|one| !one.block).map(|one| one.mapping.clone()),
            blocks: candidates.iter().filter(|one| one.block).map(|one| one.mapping.clone()).collect(),
            unlimited: candidates.first().is_some_and(|one| one.unlimited),
            ledger: ledger.as_ref().map(|path| relative(&home, path)),
        };
        let config = outset.config.clone().unwrap_or_else(|| below(&home, CONFIG_FILE));
        let text = starter.text();
        // Git reads them from the folder that holds `.flagctl`.
        let recorded = ledger.as_deref().and_then(Path::parent).and_then(Path::parent).unwrap_or(&home);
        let attributes = below(recorded, ".gitattributes");
        let old = fs::read_to_string(&attributes).unwrap_or_default();
        let attributed = old.lines().any(|line| line.trim_start().starts_with(".flagctl/"));
        if !self.dry_run {
            change::create(&config, &text)?;
            if !attributed {
                let noted = format!("{} is written, but Git was not told about the ledger", config.display());
                attribute(context, &attributes, &old).map_err(|error| {
                    let message = format!("{noted}: {}", error.message);
                    Error { message, ..error }.changed(Some(true)).help(format!("add to .gitattributes: {ATTRIBUTES}"))
                })?;
            }
        }
        let attributes = (!attributed).then_some(attributes.as_path());
        self.tell(context, &config, &candidates, &text, attributes)
    }

    fn tell(
        &self,
        context: &Context,
        config: &Path,
        candidates: &[Candidate],
        text: &str,
        attributes: Option<&Path>,
    ) -> Result<Exit> {
        let file = config.display().to_string();
        if context.term.json {
            let environments: Vec<_> = candidates
                .iter()
                .map(|one| json!({ "name": one.environment, "file": one.path.display().to_string(), "mapping": one.mapping }))
                .collect();
            let attributes = attributes.map(|path| path.display().to_string());
            let written: Vec<&String> = attributes.iter().chain([&file]).filter(|_| !self.dry_run).collect();
            let answer = json!({
                "changed": !self.dry_run, "config": file, "written": written, "environments": environments, "text": text,
            });
            json_answer(context, answer)?;
            return Ok(Exit::Ok);
        }
        for one in candidates {
            let flags = one.path.display().to_string();
            context.term.status(&format!("found {}, for {}", Shown(&flags), Shown(&one.environment)));
            if one.flags == 0 {
                context.term.status("there is no flag in it yet");
            } else if let (true, Some(path)) = (one.unlimited, one.mapping.rollout.first()) {
                let key = path.join(".");
                context
                    .term
                    .status(&format!("none of its flags has a percentage yet: an advance writes `{}`", Shown(&key)));
            }
        }
        if self.dry_run {
            context.term.answer(text)?;
            context.term.status("this was a dry run: nothing was written");
            return Ok(Exit::Ok);
        }
        let written: Vec<&Path> = [config].into_iter().chain(attributes).collect();
        let attributes = attributes.map_or_else(String::new, |path| {
            format!(", and in {} that Git keeps both sides of the ledger", path.display())
        });
        context.term.answer(&format!("wrote {}{attributes}", Shown(&file)))?;
        context
            .term
            .status("next: `flagctl status` shows the flags; the comments in the file tell how to set a gate up");
        let commands = Checkout::of(config).map(|it| it.commands(Path::new("."), &written, "set up flagctl"));
        if let Some(commands) = commands.filter(|commands| !commands.is_empty()) {
            context.term.status(&format!("to share it: {}", commands.join(" && ")));
        }
        Ok(Exit::Ok)
    }
}

/// Returns the folder to look in: where the other verbs find a flags file above, that one's, unless this one has one that
/// is called so.
fn looked_in(outset: &Outset) -> PathBuf {
    let Some((above, elsewhere)) = outset.above() else { return outset.folder.clone() };
    let mut files = Vec::new();
    if elsewhere.is_some() {
        walk(&outset.folder, DEPTH, &mut files);
    }
    let named = |path: &&PathBuf| is_usual(inside(&outset.folder, path));
    let own = files.iter().filter(named).any(|path| candidates(path, &outset.folder).is_ok());
    if own { outset.folder.clone() } else { above }
}

fn present(context: &Context, config: &Path, outset: &Outset) -> Result<Exit> {
    let file = config.display().to_string();
    // Whoever is told that no gate is set up is sent here. What can't be read may well have one.
    let gateless = context.settings().ok().filter(|settings| settings.gate_names().is_empty());
    let lines = gateless.as_ref().map(|_| Starter::gates().trim());
    if context.term.json {
        let none: [&str; 0] = [];
        let answer = json!({ "changed": false, "config": file, "written": none, "environments": none, "text": lines });
        json_answer(context, answer)?;
        return Ok(Exit::Ok);
    }
    context.term.answer(&format!("{} is there already: left as it is", Shown(&file)))?;
    if outset.is_found && config != below(&outset.folder, CONFIG_FILE) {
        let own = format!("flagctl {}--config {CONFIG_FILE} init", context.elsewhere());
        context.term.status(&format!("it rules here too; for one of this folder's own: {own}"));
    }
    let there = gateless.as_ref().map(|settings| settings.commented_gate()).unwrap_or_default();
    if !there.is_empty() {
        let places: Vec<String> =
            there.iter().map(|(line, name)| format!("`{}` in line {line}", Shown(name))).collect();
        context.term.status(&format!(
            "it has no gate, so nothing goes up. It holds one as a comment: take the `#` off {} and off the keys below, \
             and put in your own address and metric",
            places.join(" and ")
        ));
    } else if let Some(lines) = lines {
        context.term.status("it has no gate, so nothing goes up. To set one up, paste these lines at its end:");
        context.term.answer(&format!("\n{lines}"))?;
    }
    Ok(Exit::Ok)
}

/// Tells Git to keep both sides of a ledger that two branches wrote.
fn attribute(context: &Context, path: &Path, old: &str) -> Result<()> {
    let line = format!("# Two branches may both have recorded changes: keep them all.\n{ATTRIBUTES}\n");
    if path.symlink_metadata().is_err() {
        return change::create(path, &line);
    }
    let gap = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
    let patience = super::interrupt::Interrupt::listen(context);
    let patience = change::Patience {
        timeout: super::interrupt::LOCK_TIMEOUT,
        stopped: &|| patience.exit(),
        waiting: &|holder| context.term.status(holder),
    };
    change::rewrite(path, old, &format!("{old}{gap}{line}"), &patience).map(|_| ())
}

/// Looks at a file: one candidate, or one for each environment that has a block in it.
fn candidates(path: &Path, home: &Path) -> Result<Vec<Candidate>> {
    let file = FlagsFile::read(path)?;
    if let Some(blocks) = mapping::blocks(&file.text) {
        let block = |(environment, mapping)| candidate(path, &file.text, environment, mapping, true);
        return blocks.into_iter().map(block).collect();
    }
    let named = Named { flags: relative(home, path), environment: None };
    let mapping = mapping::recognised(path, &file.text, &named)?;
    Ok(vec![candidate(path, &file.text, environment(path), mapping, false)?])
}

fn candidate(path: &Path, text: &str, environment: String, mapping: Mapping, block: bool) -> Result<Candidate> {
    let listing = document::listing(text, &mapping);
    if let Some(broken) = listing.broken {
        return Err(broken.into_error(path, text));
    }
    let unlimited = !listing.flags.is_empty() && listing.flags.iter().all(|flag| flag.rollout == Field::Absent);
    Ok(Candidate { path: path.to_owned(), environment, block, mapping, flags: listing.flags.len(), unlimited })
}

/// Puts first what rules where nothing is said.
fn by_environment(mut found: Vec<Candidate>) -> Vec<Candidate> {
    let rank = |one: &Candidate| mapping::PRODUCTION.iter().position(|name| one.environment == *name);
    found.sort_by_key(|one| rank(one).unwrap_or(usize::MAX));
    found
}

/// Finds the flags files of a repository: at the conventional places, else by their names, else by what they hold.
fn search(folder: &Path, home: &Path, root: Option<&Path>) -> Result<Vec<Candidate>> {
    let mut files = Vec::new();
    walk(folder, DEPTH, &mut files);
    files.sort();
    let chosen = |test: &dyn Fn(&Path) -> bool| files.iter().filter(|path| test(path)).collect::<Vec<_>>();
    // The files of several environments are one family, whichever of them has the usual name.
    let family = |some: Vec<&PathBuf>| {
        let stems: Vec<_> = some.iter().map(|path| stem(path)).collect();
        chosen(&|path| stems.contains(&stem(path)))
    };
    let conventional = chosen(&|path| CONVENTIONAL.iter().any(|name| inside(folder, path) == Path::new(name)));
    let usual = chosen(&|path| is_usual(inside(folder, path)));
    let named = chosen(&|path| {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
        ["flag", "feature", "toggle", "rollout", "flipper"].iter().any(|word| name.contains(word))
    });
    let mut first_problem = None;
    // What has the name of a flags file may be empty still, and is a problem if it can't be read.
    for (round, by_name, may_be_empty) in [
        (family(conventional), true, true),
        (family(usual), true, true),
        (named, true, false),
        (files.iter().collect(), false, false),
    ] {
        let mut found = Vec::new();
        for path in round {
            match candidates(path, home) {
                Ok(candidates) => found.extend(candidates),
                Err(error) if by_name => drop(first_problem.get_or_insert(error)),
                Err(_) => {}
            }
        }
        if !may_be_empty || found.iter().any(|one| one.flags > 0) {
            found.retain(|one| one.flags > 0);
        }
        let Some(words) = found.first().map(|first| stem(&first.path)) else { continue };
        let related = found.iter().all(|one| stem(&one.path) == words);
        let distinct =
            found.iter().all(|one| found.iter().filter(|other| other.environment == one.environment).count() == 1);
        let alike = found.iter().all(|one| one.block == found[0].block);
        if found.len() > 1 && !(related && distinct && alike) {
            return Err(several(&found));
        }
        return Ok(by_environment(found));
    }
    Err(first_problem.unwrap_or_else(|| {
        let name = folder.display().to_string();
        let wider = root.map(|root| format!("look in all of the repository: flagctl -C {} init", TypedPath(root)));
        let error = Error::invalid(format!("no flags file was found below `{}`", Shown(&name)));
        wider
            .into_iter()
            .fold(error, Error::help)
            .help("name yours: flagctl init -f PATH")
            .help("or make one: flagctl new FLAG --description \"…\"")
    }))
}

/// Returns a file of a folder, as it is shown.
fn below(folder: &Path, name: &str) -> PathBuf {
    if folder == Path::new(".") { PathBuf::from(name) } else { folder.join(name) }
}

/// Returns a path as it is from a folder above it.
fn inside<'p>(folder: &Path, path: &'p Path) -> &'p Path {
    path.strip_prefix(folder).or_else(|_| path.strip_prefix(".")).unwrap_or(path)
}

/// True for a file that is called as flags files are, where they usually stand.
fn is_usual(path: &Path) -> bool {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new(""));
    USUAL.contains(&stem.as_str()) && FOLDERS.iter().any(|usual| Path::new(usual) == folder)
}

fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let Ok(kind) = entry.file_type() else { continue };
        if name.starts_with('.') || found.len() >= MOST {
            continue;
        }
        let path = path.strip_prefix("./").map(Path::to_owned).unwrap_or(path);
        if kind.is_dir() && depth > 0 && !PASSED_OVER.contains(&name.as_str()) {
            walk(&path, depth - 1, found);
        } else if kind.is_file()
            && path.extension().is_some_and(|end| ["yaml", "yml", "json"].iter().any(|known| end == *known))
        {
            let small = entry.metadata().is_ok_and(|metadata| metadata.len() <= LARGEST);
            if small && !["package.json", "package-lock.json", "tsconfig.json"].contains(&name.as_str()) {
                found.push(path);
            }
        }
    }
}

/// Returns the words of a path's last two parts, of which one may be the environment's.
fn words(path: &Path) -> Vec<String> {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().to_lowercase());
    let split = |text: String| text.split(['.', '-', '_']).map(str::to_owned).collect::<Vec<_>>();
    split(name).into_iter().chain(folder.into_iter().flat_map(split)).collect()
}

fn environment(path: &Path) -> String {
    let words = words(path);
    let known = words.iter().find_map(|word| ENVIRONMENTS.iter().find(|(spelled, _)| spelled == word));
    known.map_or("production", |(_, name)| name).to_owned()
}

/// Returns what the files of several environments have in common.
fn stem(path: &Path) -> Vec<String> {
    let environment = |word: &String| ENVIRONMENTS.iter().any(|(spelled, _)| spelled == word);
    words(path).into_iter().filter(|word| !environment(word)).collect()
}

fn several(found: &[Candidate]) -> Error {
    let error = Error::usage(format!("{} files hold flags, and nothing tells which is meant", found.len()));
    found.iter().take(8).fold(error, |error, one| error.help(format!("flagctl init -f {}", TypedPath(&one.path))))
}
