//! `flagctl completions`: a stub for each shell; and the answers when a shell, at Tab, asks back.

mod answer;
mod knowledge;
mod words;

pub use answer::answer;

use super::Context;
use crate::error::Result;
use crate::exit::Exit;
use clap::{Args, ValueEnum};
use serde_json::json;

/// Print what makes a shell complete flagctl
///
/// The stub is short: it asks flagctl for the rest, so it never has to be renewed. For bash, in ~/.bashrc:
///
///     source <(flagctl completions bash)
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct CompletionsArgs {
    /// For which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl CompletionsArgs {
    pub(super) fn run(&self, context: &Context) -> Result<Exit> {
        let stub = self.shell.stub();
        if context.term.json {
            super::json_answer(context, json!({ "shell": self.shell.name(), "stub": stub }))?;
        } else {
            context.term.answer(stub)?;
        }
        Ok(Exit::Ok)
    }
}

/// A shell that can complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// Also as a login shell on macOS
    Bash,
    /// The Z shell
    Zsh,
    /// The friendly interactive shell
    Fish,
    /// Elvish
    Elvish,
    /// PowerShell, on any system
    #[value(alias = "pwsh")]
    Powershell,
}

impl Shell {
    /// Returns its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
            Self::Elvish => "elvish",
            Self::Powershell => "powershell",
        }
    }

    /// Returns what the user puts where the shell finds it: it asks the binary for the rest, so it never grows old.
    #[must_use]
    pub const fn stub(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../../completions/flagctl.bash"),
            Self::Zsh => include_str!("../../../completions/_flagctl"),
            Self::Fish => include_str!("../../../completions/flagctl.fish"),
            Self::Elvish => include_str!("../../../completions/flagctl.elv"),
            Self::Powershell => include_str!("../../../completions/flagctl.ps1"),
        }
    }
}
