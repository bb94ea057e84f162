//! `flagctl doc`: keeps the document of a rollout.

use super::paper::Paper;
use super::place::{Home, Place};
use super::{Context, judged};
use crate::config::{Environment, Settings};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::ledger::Ledger;
use crate::model::{Entry, Flag, FlagName, Shown, Typed};
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

impl DocArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let settings = context.settings()?;
        let flags = self.flags(context, &settings)?;
        let entries =
            if flags.is_empty() { Vec::new() } else { Ledger::at(&settings.ledger).entries()?.history.entries };
        let (mut papers, mut failed): (Vec<Paper>, Vec<Error>) = (Vec::new(), Vec::new());
        for (flag, path) in &flags {
            let told = rollout(context, &settings, flag, &entries);
            // One flag that can't be told of doesn't keep the others from being told.
            if let Err(error) = told.and_then(|rollout| take_in(&settings, &mut papers, &rollout, path)) {
                failed.push(error);
            }
        }
        let mut written = false;
        for paper in papers.iter().filter(|paper| !self.check && paper.is_stale()) {
            match paper.write(context) {
                Ok(()) => written = true,
                Err(error) => failed.push(error),
            }
        }
        self.tell(context, &papers, failed, written)
    }

    fn tell(&self, context: &Context, papers: &[Paper], mut failed: Vec<Error>, written: bool) -> Result<Exit> {
        let names = |papers: &mut dyn Iterator<Item = &Paper>| papers.map(Paper::name).collect::<Vec<_>>();
        let stale = names(&mut papers.iter().filter(|paper| paper.is_stale()));
        if self.check && !stale.is_empty() {
            let shown: Vec<String> = stale.iter().map(|name| format!("`{}`", Shown(name))).collect();
            let message = format!("{} no longer tells how things are", shown.join(", "));
            failed.push(Error::invalid(message).help(format!("flagctl {}doc", context.elsewhere())));
        }
        let mut failed = failed.into_iter();
        let bad = failed.next().map(|error| error.changed(Some(written)));
        if context.term.json {
            let all = names(&mut papers.iter());
            // The first failure is the answer's own; the others are told beside it.
            let bad = bad.map(|bad| failed.fold(bad, |bad, other| bad.help(format!("also: {}", other.message))));
            return judged(context, json!({ "documents": all, "stale": stale, "changed": written }), bad);
        }
        for paper in papers {
            let (name, old) = (paper.name(), paper.old.as_deref().unwrap_or(""));
            match (paper.is_stale(), self.check) {
                (true, true) => context.term.answer(&render::diff::unified(&paper.path, old, &paper.new))?,
                (true, false) if bad.is_none() => context.term.answer(&format!("{} written", Shown(&name)))?,
                (true, false) => context.term.status(&format!("{} written, unless it is told below", Shown(&name))),
                (false, _) if bad.is_none() => context.term.answer(&format!("{} is as it should be", Shown(&name)))?,
                (false, _) => {}
            }
        }
        if papers.is_empty() && bad.is_none() {
            context.term.answer("no flag names a document: nothing to do")?;
        }
        failed.for_each(|other| context.term.say(&render::error::human(&context.addressed_error(other))));
        bad.map_or(Ok(Exit::Ok), Err)
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

/// Puts what is told of a flag into its document.
fn take_in(settings: &Settings, papers: &mut Vec<Paper>, rollout: &Rollout, path: &Path) -> Result<()> {
    let at = match papers.iter().position(|paper| paper.path == *path) {
        Some(at) => at,
        None => {
            papers.push(Paper::read(settings, path)?);
            papers.len() - 1
        }
    };
    papers[at].new = put(&papers[at].new, rollout).map_err(|why| {
        let file = path.display().to_string();
        Error::invalid(format!("`{}` can't be kept: {why}, for `{}`", Shown(&file), rollout.flag))
            .help("take what is left of the block out by hand, markers included; `flagctl doc` writes it anew")
    })?;
    Ok(())
}

/// Gathers what is told of a flag, in every environment.
fn rollout(context: &Context, settings: &Settings, flag: &FlagName, entries: &[Entry]) -> Result<Rollout> {
    let environments = match settings.environments.as_slice() {
        [] => vec![settings.environment()?.clone()],
        several => several.to_vec(),
    };
    let mut description = None;
    let mut stands = Vec::new();
    let mut unknown = Vec::new();
    for environment in environments {
        let (stand, found) = stand(context, settings, environment, flag)?;
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
    let entries = entries.iter().filter(|entry| entry.flag == flag.as_str()).cloned().collect();
    Ok(Rollout { flag: flag.clone(), description, stands, entries })
}

/// Tells how a flag stands in one environment; that it isn't there is told too.
///
/// # Errors
/// It can't be told: a document that says so instead of what it said before would be worse than an old one.
fn stand(
    context: &Context,
    settings: &Settings,
    environment: Environment,
    flag: &FlagName,
) -> Result<(Stand, Option<Flag>)> {
    let policy = settings.policy(&environment, flag);
    let name = environment.name.clone();
    let again = match &name {
        Some(name) => format!("-e {} ", Typed(name)),
        None => context.again(),
    };
    let service = environment.remote.as_ref().map(|remote| remote.kind.title());
    let place = Place::of(context, settings.clone(), environment)?;
    let (exposure, latched, left, flag) = match place.flag(flag.as_str()) {
        Ok(flag) => {
            let history = place.history(&flag.name)?;
            let left = place.left_by_drill(&flag, &history).map(|left| left.what);
            (Ok(flag.exposure()), history.latch().is_some(), left, Some(flag))
        }
        Err(error) if error.exit == Exit::Usage => {
            // A backend says the same of a project that isn't there: then its flags can't be listed either.
            if let Home::Remote(_) = place.home {
                place.flags()?;
            }
            (Err(error.message), false, None, None)
        }
        Err(error) => return Err(error),
    };
    let environment = name.unwrap_or_default();
    let (ladder, soak) = (policy.ladder, policy.soak);
    Ok((Stand { environment, again, service, exposure, latched, left, ladder, soak }, flag))
}
