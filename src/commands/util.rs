//! `flagctl util`: what packagers and the documentation test need of the command line itself.

use super::Context;
use crate::cli::Cli;
use crate::error::{Error, Result};
use crate::exit::Exit;
use clap::{Args, CommandFactory as _, Subcommand};

/// Print what packagers need
#[derive(Debug, Args)]
pub struct UtilArgs {
    #[command(subcommand)]
    page: Page,
}

#[derive(Debug, Subcommand)]
enum Page {
    /// The manual page, in roff
    Man,
    /// The command line reference, in Markdown
    Markdown,
    /// The JSON Schema of flagctl.toml
    Schema,
}

impl Page {
    const fn name(&self) -> &'static str {
        match self {
            Self::Man => "man",
            Self::Markdown => "markdown",
            Self::Schema => "schema",
        }
    }
}

impl UtilArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let text = match self.page {
            Page::Man => man()?,
            Page::Markdown => markdown(),
            Page::Schema => format!("{:#}", crate::config::schema()),
        };
        if context.term.json {
            super::json_answer(context, serde_json::json!({ "page": self.page.name(), "text": text }))?;
        } else {
            context.term.answer(&text)?;
        }
        Ok(Exit::Ok)
    }
}

fn man() -> Result<String> {
    let mut page = Vec::new();
    let failed = |error: std::io::Error| Error::failed(format!("can't render the manual page: {error}"));
    clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(failed)?;
    let mut command = Cli::command();
    command.build();
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help") {
        clap_mangen::Man::new(verb.clone()).render(&mut page).map_err(failed)?;
    }
    String::from_utf8(page).map_err(|error| Error::failed(format!("can't render the manual page: {error}")))
}

/// Returns `docs/cli.md`; a test holds the committed file to it.
#[must_use]
pub fn markdown() -> String {
    let mut command = Cli::command().term_width(96);
    command.build();
    let mut text = String::from(
        "# The command line\n\nThis page is what `flagctl util markdown` prints. The global options go with every verb.\n",
    );
    section(&mut text, &mut command, "flagctl");
    let names: Vec<String> = verbs(&command);
    for name in names {
        let Some(verb) = command.find_subcommand_mut(&name) else { continue };
        section(&mut text, verb, &format!("flagctl {name}"));
        for inner in verbs(verb) {
            let Some(verb) = verb.find_subcommand_mut(&inner) else { continue };
            section(&mut text, verb, &format!("flagctl {name} {inner}"));
        }
    }
    text
}

fn verbs(command: &clap::Command) -> Vec<String> {
    let shown = command.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help");
    shown.map(|verb| verb.get_name().to_owned()).collect()
}

fn section(text: &mut String, command: &mut clap::Command, title: &str) {
    let help = command.render_long_help().to_string();
    let mut shown = Vec::new();
    let mut left_out = false;
    for line in help.lines().map(str::trim_end) {
        let heading = !line.is_empty() && !line.starts_with(' ');
        // Said once, for flagctl itself.
        left_out = if heading { title != "flagctl" && line == "Global options:" } else { left_out };
        if !left_out {
            shown.push(line);
        }
    }
    text.push_str(&format!("\n## `{title}`\n\n```text\n{}\n```\n", shown.join("\n").trim_end()));
}
