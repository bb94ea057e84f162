//! Completions: does the shell of this user know of them?

use super::Report;
use crate::config::{Settings, environment_variable};
use std::path::{Path, PathBuf};

/// Looks where the user's shell would find them.
pub(super) fn look(settings: &Settings, report: &mut Report) {
    let Some(shell) = environment_variable("SHELL") else { return };
    let shell = Path::new(&shell).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let home = environment_variable("HOME").map(PathBuf::from).unwrap_or_default();
    let (files, rc): (Vec<PathBuf>, PathBuf) = match shell.as_str() {
        "bash" => (
            vec![
                home.join(".local/share/bash-completion/completions/flagctl"),
                PathBuf::from("/usr/share/bash-completion/completions/flagctl"),
            ],
            home.join(".bashrc"),
        ),
        "zsh" => (
            vec![
                PathBuf::from("/usr/share/zsh/site-functions/_flagctl"),
                PathBuf::from("/usr/share/zsh/vendor-completions/_flagctl"),
            ],
            home.join(".zshrc"),
        ),
        "fish" => (
            vec![
                home.join(".config/fish/completions/flagctl.fish"),
                PathBuf::from("/usr/share/fish/vendor_completions.d/flagctl.fish"),
            ],
            home.join(".config/fish/config.fish"),
        ),
        _ => return,
    };
    let sourced = std::fs::read_to_string(rc).is_ok_and(|text| text.contains("flagctl completions"));
    // A Tab asks no network.
    let afar = settings
        .environments
        .iter()
        .any(|environment| environment.remote.as_ref().is_some_and(|remote| remote.mirror.is_none()));
    let which = if afar { "; of a backend without a mirror, those of flags that are in the ledger" } else { "" };
    if sourced || files.iter().any(|file| file.exists()) {
        report.well(None, "completions", format!("{shell} has them{which}"));
    } else {
        let fix = format!("names of flags complete at Tab{which}: `flagctl completions {shell} --help` says how");
        report.doubtful(None, "completions", format!("{shell} does not have them"), fix);
    }
}
