//! Makes the program start sooner: a rollback is typed in an incident, and what a start takes is paid before it begins.
//!
//! It is linked to a fixed place, since moving 15,000 addresses takes a tenth of what the program takes itself;
//! `unsafe_code` is forbidden, so that little would be hidden by moving. It brings the unwinder along, which is
//! otherwise a library of its own to be found, mapped and bound. And the functions that a rollback runs through stand
//! side by side, so that the system has 14 stretches of the program to map instead of 50.

#![allow(clippy::disallowed_methods, reason = "Cargo tells a build script its target by the environment alone")]

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The functions of a rollback in the order in which they are first run; `scripts/order-functions.sh` writes it.
const ORDER: &str = "scripts/functions.order";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={ORDER}");
    println!("cargo::rerun-if-env-changed=CC");
    let is = |name: &str, wanted: &str| env::var_os(name).is_some_and(|value| value == wanted);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
        if let Some(folder) = unwinder().as_ref().and_then(|file| file.parent()) {
            println!("cargo::rustc-link-search=native={}", folder.display());
            println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        }
        let order = env::var_os("CARGO_MANIFEST_DIR").map(|root| Path::new(&root).join(ORDER));
        if let Some(order) = order.filter(|_| is("PROFILE", "release")) {
            let ordered = format!("-Wl,--no-warn-symbol-ordering,--symbol-ordering-file={}", order.display());
            if links(&ordered) {
                println!("cargo::rustc-link-arg-bins={ordered}");
            }
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

/// True if the linker that will be used takes an argument: not every linker can order functions.
fn links(argument: &str) -> bool {
    let tried = || -> Option<bool> {
        let mut rustc = Command::new(env::var_os("RUSTC")?);
        rustc.args(["--crate-name", "trial", "--target"]).arg(env::var_os("TARGET")?);
        let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
        rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
        if let Some(linker) = env::var_os("RUSTC_LINKER") {
            let mut chosen = std::ffi::OsString::from("-Clinker=");
            chosen.push(linker);
            rustc.arg(chosen);
        }
        rustc.arg(format!("-Clink-arg={argument}")).arg("--out-dir").arg(env::var_os("OUT_DIR")?).arg("-");
        let mut trial = rustc.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        trial.stdin.take()?.write_all(b"fn main() {}").ok()?;
        Some(trial.wait().ok()?.success())
    };
    tried().unwrap_or(false)
}
