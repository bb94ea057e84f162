//! Makes the program start sooner: a rollback is typed in an incident, and what a start takes is paid before it begins.
//!
//! It is linked statically, to a fixed place: finding, mapping and binding the C library takes a third of what a small
//! program takes at all, and moving 15,000 addresses a tenth of that; `unsafe_code` is forbidden, so that little would be
//! hidden by moving. And the functions that a rollback runs through stand side by side, so that the system has fewer
//! stretches of the program to map. What this machine's linker can't do is left out: the program does the same without
//! it, only later.

#![allow(clippy::disallowed_methods, reason = "Cargo tells a build script its target by the environment alone")]

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The functions of a rollback; `scripts/order-functions.sh` writes it.
const ORDER: &str = "scripts/functions.order";

/// What rustc links a program with, beside the archives that hold it. GCC's parts and the C library need each other,
/// and not every linker looks back for that.
const ARCHIVES: [(&str, &[&str]); 7] = [
    ("gcc_s", &["gcc_eh"]),
    ("c", &["c", "gcc", "gcc_eh"]),
    ("dl", &["dl"]),
    ("m", &["m"]),
    ("pthread", &["pthread"]),
    ("rt", &["rt"]),
    ("util", &["util"]),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={ORDER}");
    println!("cargo::rerun-if-env-changed=CC");
    // How the names of servers are resolved depends on it.
    println!("cargo::rustc-check-cfg=cfg(static_libc)");
    if !is("CARGO_CFG_TARGET_OS", "linux") || !is("CARGO_CFG_TARGET_ENV", "gnu") {
        return;
    }
    let chosen = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    if chosen.split(',').any(|feature| feature == "crt-static") {
        println!("cargo::rustc-cfg=static_libc");
    } else if let Some(statically) = statically() {
        println!("cargo::rustc-cfg=static_libc");
        statically.iter().for_each(|argument| println!("cargo::rustc-link-arg-bins={argument}"));
    } else {
        println!("cargo::rustc-link-arg-bins=-no-pie");
        if let Some(folder) = archive("gcc_eh").as_ref().and_then(|file| file.parent()) {
            println!("cargo::rustc-link-search=native={}", folder.display());
            println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
        }
    }
    // What is mapped while it is written lies in the page cache in small pieces, and is mapped so by who runs it next. LLD
    // 22 takes this option for its opposite; where it no longer does, it says what is done anyway.
    let written = "-Wl,--mmap-output-file".to_owned();
    if links(std::slice::from_ref(&written)) {
        println!("cargo::rustc-link-arg-bins={written}");
    }
    let order = env::var_os("CARGO_MANIFEST_DIR").map(|root| Path::new(&root).join(ORDER));
    if let Some(order) = order.filter(|_| is("PROFILE", "release")) {
        let ordered = format!("-Wl,--no-warn-symbol-ordering,--symbol-ordering-file={}", order.display());
        if links(std::slice::from_ref(&ordered)) {
            println!("cargo::rustc-link-arg-bins={ordered}");
        }
    }
}

fn is(name: &str, wanted: &str) -> bool {
    env::var_os(name).is_some_and(|value| value == wanted)
}

/// Returns what makes the linker link a program statically, where this machine has all of the C library as archives.
///
/// rustc could be told by `target-feature=+crt-static`, but only by the one who calls it, who may not have the archives. It
/// asks for the shared libraries by name, so that a folder in front of the system's answers to those names.
fn statically() -> Option<[String; 3]> {
    let folder = PathBuf::from(env::var_os("OUT_DIR")?).join("archives");
    fs::create_dir_all(&folder).ok()?;
    for (asked, holding) in ARCHIVES {
        let quoted = |name: &&str| archive(name).map(|path| format!("\"{}\" ", path.display()));
        let archives: String = holding.iter().map(quoted).collect::<Option<_>>()?;
        fs::write(folder.join(format!("lib{asked}.a")), format!("GROUP({archives})\n")).ok()?;
    }
    let arguments = [format!("-L{}", folder.display()), "-static".to_owned(), "-no-pie".to_owned()];
    links(&arguments).then_some(arguments)
}

/// Returns an archive of this machine's compiler, where that builds for this machine.
fn archive(name: &str) -> Option<PathBuf> {
    if env::var_os("HOST")? != env::var_os("TARGET")? {
        return None;
    }
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let told = Command::new(compiler).arg(format!("-print-file-name=lib{name}.a")).output().ok()?;
    // A compiler that has none answers with the bare name.
    let path = PathBuf::from(String::from_utf8(told.stdout).ok()?.trim());
    path.is_absolute().then_some(path).filter(|path| path.is_file())
}

/// True if the linker that will be used takes some arguments and makes of them what runs.
fn links(arguments: &[String]) -> bool {
    let tried = || -> Option<bool> {
        let program = PathBuf::from(env::var_os("OUT_DIR")?).join("trial");
        let mut rustc = Command::new(env::var_os("RUSTC")?);
        rustc.args(["--crate-name", "trial", "--target"]).arg(env::var_os("TARGET")?);
        let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
        rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
        if let Some(linker) = env::var_os("RUSTC_LINKER") {
            let mut chosen = std::ffi::OsString::from("-Clinker=");
            chosen.push(linker);
            rustc.arg(chosen);
        }
        rustc.args(arguments.iter().map(|argument| format!("-Clink-arg={argument}"))).arg("-o").arg(&program).arg("-");
        let mut trial = rustc.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        // It uses of the C library what needs most of it.
        let text =
            b"fn main() { std::thread::spawn(|| drop(std::net::TcpStream::connect(\"localhost:0\"))).join().unwrap() }";
        trial.stdin.take()?.write_all(text).ok()?;
        let linked = trial.wait().ok()?.success();
        Some(linked && (env::var_os("HOST")? != env::var_os("TARGET")? || runs(&program).ok()?))
    };
    tried().unwrap_or(false)
}

fn runs(program: &Path) -> io::Result<bool> {
    Ok(Command::new(program).stdout(Stdio::null()).stderr(Stdio::null()).status()?.success())
}
