//! `flagctl codegen`: a typed module for services in TypeScript, vectors for services in any language.

use super::interrupt::{Interrupt, LOCK_TIMEOUT};
use super::local::Local;
use super::place::Place;
use super::{Context, json_answer, judged, versioned};
use crate::change::{self, Patience};
use crate::codegen::{MARK, Salted, typescript, vectors};
use crate::document;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Scale, Shown};
use clap::{Args, Subcommand};
use serde_json::json;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Write what a service needs to tell who has a feature
#[derive(Debug, Args)]
pub struct CodegenArgs {
    #[command(subcommand)]
    target: Target,
}

#[derive(Debug, Subcommand)]
enum Target {
    Typescript(TypescriptArgs),
    JsonVectors(JsonVectorsArgs),
}

/// Write a typed module for services on Node 18 or newer; it has no dependencies
///
/// It follows the flags file: an advance or a rollback is in force without a restart, and without a new module.
#[derive(Debug, Args)]
struct TypescriptArgs {
    /// Write it to FILE, which is written over only if it was generated [default: stdout]
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Write nothing; exit 3 if FILE is not as it would be written
    #[arg(long, requires = "out")]
    check: bool,
}

/// Print users with their hashes and buckets, to test a service in any language against
#[derive(Debug, Args)]
struct JsonVectorsArgs {}

impl CodegenArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let place = Place::open(context)?;
        place.whole()?;
        let local = place.local()?;
        let salts = document::salts(&local.file.text, &local.mapping)
            .map_err(|refusal| refusal.into_error(place.path(), &local.file.text))?;
        let flags = salted(local, &salts);
        match &self.target {
            Target::Typescript(args) => args.run(context, &place, &flags),
            Target::JsonVectors(JsonVectorsArgs {}) => {
                let answer = vectors(&flags);
                if context.term.json {
                    json_answer(context, answer)?;
                } else {
                    context.term.answer_json_lines(&versioned(answer))?;
                }
                Ok(Exit::Ok)
            }
        }
    }
}

fn salted<'a>(local: &'a Local, salts: &'a HashMap<String, String>) -> Vec<Salted<'a>> {
    let salted = |flag| Salted { flag, own_salt: salts.get(flag.name.as_str()).map(String::as_str) };
    local.listing.flags.iter().map(salted).collect()
}

impl TypescriptArgs {
    fn run(&self, context: &Context, place: &Place, flags: &[Salted<'_>]) -> Result<Exit> {
        let local = place.local()?;
        readable(local)?;
        let module = typescript(&local.mapping, flags);
        let names: Vec<&str> = flags.iter().map(|salted| salted.flag.name.as_str()).collect();
        let out = self.out.as_ref().map(|out| context.arguments.chdir.clone().unwrap_or_default().join(out));
        let answer = |changed: bool| {
            let out = out.as_ref().map(|out| out.display().to_string());
            json!({ "file": place.shown_file(), "out": out, "changed": changed, "flags": names, "text": module })
        };
        let Some(out) = out.as_deref() else {
            if context.term.json {
                json_answer(context, answer(false))?;
            } else {
                context.term.answer(&module)?;
            }
            return Ok(Exit::Ok);
        };
        let old = present(out)?;
        let same = old.as_deref() == Some(module.as_str());
        if self.check {
            let differs = (!same).then(|| differs(self.out.as_deref().unwrap_or(out), old.is_some(), &place.again));
            if context.term.json {
                return judged(context, answer(false), differs);
            }
            return differs.map_or_else(
                || context.term.answer(&format!("{} is as it would be written", name(out))).map(|()| Exit::Ok),
                Err,
            );
        }
        if !same {
            write(context, out, old.as_deref(), &module)?;
        }
        if context.term.json {
            json_answer(context, answer(!same))?;
        } else if same {
            context.term.answer(&format!("{} has it already: nothing to do", name(out)))?;
        } else {
            context.term.answer(&format!("{} is written, with {} flags", name(out), flags.len()))?;
        }
        Ok(Exit::Ok)
    }
}

/// Returns the error for a module that is out of date, `out` being as it was typed.
fn differs(out: &Path, exists: bool, again: &str) -> Error {
    let what = if exists { "is not as it would be written now" } else { "is not there" };
    let out_name = out.display().to_string();
    let quoted = crate::model::Typed(&out_name);
    Error::invalid(format!("`{}` {what}", name(out)))
        .help(format!("write it anew: flagctl {again}codegen typescript --out {quoted}"))
}

/// Fails if the module could not read the file as flagctl does.
fn readable(local: &Local) -> Result<()> {
    if local.mapping.scale == Scale::Doubtful {
        return Err(Error::invalid(format!(
            "what 1 means in `{}` can't be told",
            Shown(&local.file.path.display().to_string())
        ))
        .help("say it, below `[flags-file]` in flagctl.toml: `scale = \"percent\"` or `scale = \"fraction\"`"));
    }
    document::plain(&local.file.text).map_err(|refusal| {
        refusal
            .into_error(&local.file.path, &local.file.text)
            .help("the generated module reads mappings, lists and scalars: write out what is meant here")
    })
}

/// Returns the module that is there, if one is.
fn present(out: &Path) -> Result<Option<String>> {
    if out.symlink_metadata().is_err() {
        return Ok(None);
    }
    if !out.is_file() {
        return Err(Error::usage(format!("`{}` is no file that a module can be written to", name(out)))
            .help("name a file with `--out FILE`"));
    }
    let old = change::read_text(out)?;
    if !old.starts_with(MARK) {
        return Err(Error::usage(format!("`{}` was not generated by flagctl, and is not written over", name(out)))
            .help("name another file, or remove it"));
    }
    Ok(Some(old))
}

fn write(context: &Context, out: &Path, old: Option<&str>, module: &str) -> Result<()> {
    let Some(old) = old else { return change::create(out, module) };
    let interrupt = Interrupt::listen(context);
    let patience = Patience {
        timeout: LOCK_TIMEOUT,
        stopped: &|| interrupt.exit(),
        waiting: &|holder| context.term.status(holder),
    };
    change::rewrite(out, old, module, &patience).map(drop)
}

fn name(out: &Path) -> String {
    Shown(&out.display().to_string()).to_string()
}
