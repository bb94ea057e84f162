//! `flagctl config`: the settings and where each came from; edits flagctl.toml in place.

use super::interrupt::{Interrupt, LOCK_TIMEOUT};
use super::{Context, json_answer};
use crate::change::{self, Patience};
use crate::config;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::model::{Shown, Typed};
use crate::render;
use clap::{Args, Subcommand};
use serde_json::json;

/// Show the settings with their origin, or change one in flagctl.toml
#[derive(Debug, Args)]
pub struct ConfigArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show every setting, or one, with where it came from
    Show {
        /// As rollout.soak
        key: Option<String>,
    },
    /// Change a setting in flagctl.toml in place; comments stay
    Set {
        /// As rollout.soak
        key: String,
        /// As 30m
        value: String,
        /// Show what would happen; change nothing
        #[arg(short = 'n', long)]
        dry_run: bool,
    },
}

impl ConfigArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        match &self.action {
            Action::Show { key } => show(context, key.as_deref()),
            Action::Set { key, value, dry_run } => set(context, key, value, *dry_run),
        }
    }
}

fn show(context: &Context, key: Option<&str>) -> Result<Exit> {
    let settings = context.settings()?.show(key)?;
    if context.term.json {
        json_answer(context, json!({ "settings": settings }))?;
    } else if settings.is_empty() {
        context.term.status("nothing is set there");
    } else {
        context.term.answer(&render::settings::human(
            settings.iter().map(|setting| (setting.key.as_str(), setting.value.as_str(), setting.origin.to_string())),
            context.term.width(),
        ))?;
    }
    Ok(Exit::Ok)
}

fn set(context: &Context, key: &str, value: &str, dry_run: bool) -> Result<Exit> {
    let interrupt = Interrupt::listen(context);
    let path = config::locate(&context.arguments, &context.around()?).ok_or_else(|| {
        Error::usage("there is no flagctl.toml to change").help(format!("flagctl {}init", context.again()))
    })?;
    let old = change::read_text(&path)?;
    let edited = config::set(&path, &old, key, value).map_err(|error| {
        let what = format!("to see what it is now: flagctl {}config show {}", context.again(), Typed(key));
        if error.help.is_empty() { error.help(what) } else { error }
    })?;
    for wrong in &edited.wrong {
        context.term.say(&render::error::warning(wrong));
    }
    let changed = edited.text != old;
    let diff = render::diff::unified(&path, &old, &edited.text);
    if changed && !dry_run {
        let patience = Patience {
            timeout: LOCK_TIMEOUT,
            stopped: &|| interrupt.exit(),
            waiting: &|holder| context.term.status(holder),
        };
        change::rewrite(&path, &old, &edited.text, &patience)?;
    }
    let file = path.display().to_string();
    if context.term.json {
        let diff = anstream::adapter::strip_str(&diff).to_string();
        json_answer(context, json!({ "config": file, "key": key, "changed": changed && !dry_run, "diff": diff }))?;
        return Ok(Exit::Ok);
    }
    match (changed, dry_run) {
        (false, _) => context.term.answer(&format!("{} has it already: nothing to do", Shown(&file)))?,
        (true, true) => {
            context.term.answer(&diff)?;
            context.term.status("this was a dry run: nothing was changed");
        }
        (true, false) => context.term.answer(&diff)?,
    }
    Ok(Exit::Ok)
}
