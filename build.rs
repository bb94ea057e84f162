//! Makes the program start sooner: a rollback is typed in an incident, and what a start takes is paid before it begins.
//!
//! It is linked to a fixed place, since moving 15,000 addresses takes a tenth of what the program takes itself;
//! `unsafe_code` is forbidden, so that little would be hidden by moving. And it brings the unwinder along, which is
//! otherwise a library of its own to be found, mapped and bound.

#![allow(clippy::disallowed_methods, reason = "Cargo tells a build script its target by the environment alone")]

use std::env;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CC");
    let is = |name: &str, wanted: &str| env::var_os(name).is_some_and(|value| value == wanted);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
        if let Some(folder) = unwinder().as_ref().and_then(|file| file.parent()) {
            println!("cargo::rustc-link-search=native={}", folder.display());
            println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        }
    }
}

/// Returns GCC's unwinder as an archive, where this machine's compiler has it and builds for this machine.
fn unwinder() -> Option<PathBuf> {
    if env::var_os("HOST")? != env::var_os("TARGET")? {
        return None;
    }
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let told = Command::new(compiler).arg("-print-file-name=libgcc_eh.a").output().ok()?;
    // A compiler that has none answers with the bare name.
    let path = PathBuf::from(String::from_utf8(told.stdout).ok()?.trim());
    path.is_absolute().then_some(path).filter(|path| path.is_file())
}
