//! The real `flagctl`, run in the sample's folder and shown as a terminal would.

use anyhow::{Context, bail};
use flagctl::exit::Exit;
use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The binary, and the folder it works in.
pub(crate) struct Flagctl {
    pub(crate) binary: PathBuf,
    pub(crate) folder: PathBuf,
}

/// Builds the binary beside this example, if it isn't there or isn't of today.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    let example = env::current_exe().context("can't tell where this example is")?;
    let profile = example.parent().and_then(Path::parent).context("can't tell where this example is")?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut build = Command::new(cargo);
    build.args(["build", "--quiet", "--locked", "--bin", "flagctl"]);
    build.args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    if profile.ends_with("release") {
        build.arg("--release");
    }
    // What `cargo run` tells this example about itself would make build scripts run anew.
    for (name, _) in env::vars_os().filter(|(name, _)| is_one_of(name, &["CARGO_PKG_", "CARGO_MANIFEST_"])) {
        build.env_remove(name);
    }
    let status = build.status().context("can't run cargo to build flagctl")?;
    let binary = profile.join("flagctl").with_extension(env::consts::EXE_EXTENSION);
    if !status.success() || !binary.is_file() {
        bail!("can't build {}", binary.display());
    }
    Ok(binary)
}

impl Flagctl {
    /// Types a command, shows what it says, and makes sure that it ends as told.
    pub(crate) fn run(&self, arguments: &[&str], expected: Exit) -> anyhow::Result<()> {
        println!("\n$ flagctl {}", arguments.join(" "));
        let mut command = Command::new(&self.binary);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        // What rules outside must not rule in the sample.
        for (name, _) in env::vars_os().filter(|(name, _)| is_one_of(name, &["FLAGCTL_"])) {
            command.env_remove(name);
        }
        let status = command.status().with_context(|| format!("can't run {}", self.binary.display()))?;
        let code = status.code();
        if code != Some(0) {
            println!("(exit code {})", code.map_or_else(|| "none".to_owned(), |code| code.to_string()));
        }
        if code != Some(i32::from(expected.code())) {
            bail!("`flagctl {}` was to end with exit code {}", arguments.join(" "), expected.code());
        }
        Ok(())
    }
}

fn is_one_of(name: &OsStr, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| name.to_string_lossy().starts_with(prefix))
}
