//! `flagctl doc`: keeps the document of a rollout.

use super::interrupt::{Interrupt, LOCK_TIMEOUT};
use super::place::Place;
use super::{Context, judged};
use crate::change::{self, Patience};
use crate::config::{Environment, Settings};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::{Flag, FlagName, Shown, Typed};
use crate::render;
use crate::render::rollout::{Rollout, Stand, put};
use clap::Args;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Keep the document of a flag's rollout: state, every step with its evidence, the last drill, the way back
///
/// Writes a block between two markers into the document that `flags.FLAG.doc` names, and leaves the rest of it alone.
/// Without a flag it writes those of all flags that name one.
#[derive(Debug, Args)]
pub struct DocArgs {
    /// Only this flag
    flag: Option<String>,
    /// Change nothing; end with 3 if a document and the world differ, for CI
    #[arg(long)]
    check: bool,
}

/// One document, as it is and as it should be.
struct Paper {
    path: PathBuf,
    old: Option<String>,
    new: String,
}

impl DocArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let settings = context.settings()?;
        let flags = self.flags(context, &settings)?;
        let mut papers: Vec<Paper> = Vec::new();
        for (flag, path) in &flags {
            let rollout = rollout(context, &settings, flag)?;
            let at = match papers.iter().position(|paper| paper.path == *path) {
                Some(at) => at,
                None => {
                    papers.push(Paper::read(path)?);
                    papers.len() - 1
                }
            };
            papers[at].new = put(&papers[at].new, &rollout).map_err(|why| {
                let file = path.display().to_string();
                Error::invalid(format!("`{}` can't be kept: {why}, for `{flag}`", Shown(&file)))
                    .help("take what is left of the block out by hand, markers included; `flagctl doc` writes it anew")
            })?;
        }
        let stale: Vec<&Paper> = papers.iter().filter(|paper| paper.old.as_ref() != Some(&paper.new)).collect();
        if !self.check {
            stale.iter().try_for_each(|paper| paper.write(context))?;
        }
        self.tell(context, &papers, &stale)
    }

    fn tell(&self, context: &Context, papers: &[Paper], stale: &[&Paper]) -> Result<Exit> {
        let names = |papers: &[&Paper]| papers.iter().map(|paper| paper.name()).collect::<Vec<_>>();
        let all: Vec<&Paper> = papers.iter().collect();
        let changed = !self.check && !stale.is_empty();
        let bad = (self.check && !stale.is_empty()).then(|| {
            let shown: Vec<String> = names(stale).iter().map(|name| format!("`{}`", Shown(name))).collect();
            Error::invalid(format!("{} no longer tells how things are", shown.join(", ")))
                .help(format!("flagctl {}doc", context.elsewhere()))
        });
        if context.term.json {
            let answer = json!({ "documents": names(&all), "stale": names(stale), "changed": changed });
            return judged(context, answer, bad);
        }
        if let Some(bad) = bad {
            for paper in stale {
                context.term.answer(&render::diff::unified(
                    &paper.path,
                    paper.old.as_deref().unwrap_or(""),
                    &paper.new,
                ))?;
            }
            return Err(bad);
        }
        for paper in papers {
            let what =
                if stale.iter().any(|other| other.path == paper.path) { "written" } else { "is as it should be" };
            context.term.answer(&format!("{} {what}", Shown(&paper.name())))?;
        }
        if papers.is_empty() {
            context.term.answer("no flag names a document: nothing to do")?;
        }
        Ok(Exit::Ok)
    }

    /// Returns the flags that are meant, each with its document.
    fn flags(&self, context: &Context, settings: &Settings) -> Result<Vec<(FlagName, PathBuf)>> {
        let documents = settings.documents();
        let Some(name) = &self.flag else { return Ok(documents) };
        let empty = || Error::usage("a flag's name is empty").help("name the flag; `flagctl status` lists them");
        let flag = FlagName::new(name).ok_or_else(empty)?;
        let found = documents.into_iter().find(|(other, _)| *other == flag);
        found.map(|found| vec![found]).ok_or_else(|| {
            let key = format!("flags.{}.doc", crate::config::key_part(flag.as_str()));
            Error::usage(format!("no document is set for `{flag}`")).help(render::command(
                &context.elsewhere(),
                "config set",
                &[&key, &format!("docs/{flag}.md")],
                "",
            ))
        })
    }
}

/// Gathers what is told of a flag, in every environment.
fn rollout(context: &Context, settings: &Settings, flag: &FlagName) -> Result<Rollout> {
    let environments = match settings.environments.as_slice() {
        [] => vec![settings.environment()?.clone()],
        several => several.to_vec(),
    };
    let mut description = None;
    let mut stands = Vec::new();
    let mut unknown = Vec::new();
    for environment in environments {
        let (stand, found) = stand(context, settings, environment, flag);
        description = description.or_else(|| found.as_ref().and_then(|flag| flag.description.clone()));
        if let (None, Err(why)) = (&found, &stand.exposure) {
            unknown.push(why.clone());
        }
        stands.push(stand);
    }
    if unknown.len() == stands.len() {
        let why = unknown.first().cloned().unwrap_or_default();
        return Err(Error::usage(format!("`{flag}` can be read in no environment: {why}")).help("flagctl status"));
    }
    let entries = Ledger::at(&settings.ledger).entries()?.history.entries;
    let entries = entries.into_iter().filter(|entry| entry.flag == flag.as_str()).collect();
    Ok(Rollout { flag: flag.clone(), description, stands, entries })
}

fn stand(context: &Context, settings: &Settings, environment: Environment, flag: &FlagName) -> (Stand, Option<Flag>) {
    let policy = settings.policy(&environment, flag);
    let name = environment.name.clone();
    let again = match &name {
        Some(name) => format!("-e {} ", Typed(name)),
        None => context.again(),
    };
    let place = Place::of(context, settings.clone(), environment);
    let found = place.and_then(|place| {
        let flag = place.flag(flag.as_str())?;
        let latched = place.history(&flag.name)?.latch().is_some();
        Ok((flag, latched))
    });
    let (exposure, latched, flag) = match found {
        Ok((flag, latched)) => (Ok(flag.exposure()), latched, Some(flag)),
        Err(error) => (Err(error.message), false, None),
    };
    let environment = name.unwrap_or_default();
    (Stand { environment, again, exposure, latched, ladder: policy.ladder, soak: policy.soak }, flag)
}

impl Paper {
    fn read(path: &Path) -> Result<Self> {
        let old = if path.symlink_metadata().is_ok() { Some(change::read_text(path)?) } else { None };
        Ok(Self { path: path.to_owned(), new: old.clone().unwrap_or_default(), old })
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn write(&self, context: &Context) -> Result<()> {
        let Some(old) = &self.old else {
            if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder).map_err(|error| {
                    let folder = folder.display().to_string();
                    Error::failed(format!("the folder `{}` can't be made: {error}", Shown(&folder)))
                })?;
            }
            return change::create(&self.path, &self.new);
        };
        let interrupt = Interrupt::listen(context);
        let patience = Patience {
            timeout: LOCK_TIMEOUT,
            stopped: &|| interrupt.exit(),
            waiting: &|holder| context.term.status(holder),
        };
        change::rewrite(&self.path, old, &self.new, &patience).map(|_| ())
    }
}
