//! Links the program to a fixed place: a rollback is typed in an incident, and moving 15,000 addresses at every start
//! takes a tenth of what the program takes itself. `unsafe_code` is forbidden, so that little would be hidden by moving.

#![allow(clippy::disallowed_methods, reason = "Cargo tells a build script its target by the environment alone")]

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, wanted: &str| std::env::var_os(name).is_some_and(|value| value == wanted);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
