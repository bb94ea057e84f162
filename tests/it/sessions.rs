//! Console sessions: what is typed, what is printed, what the files are afterwards. Blessed with `TRYCMD=overwrite`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

#[test]
fn sessions() {
    // Nothing of the machine's environment may show: what is run is the binary, alone with a path and an actor.
    let wrapper = Path::new(env!("CARGO_TARGET_TMPDIR")).join("flagctl-alone");
    let binary = env!("CARGO_BIN_EXE_flagctl");
    let clean = r#"env -i PATH="$PATH" HOME= LC_ALL=C.UTF-8 FLAGCTL_ACTOR=ada"#;
    fs::write(&wrapper, format!("#!/bin/sh\nexec {clean} '{binary}' \"$@\"\n")).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();
    trycmd::TestCases::new()
        .register_bin("flagctl", wrapper)
        .register_bin("cat", Path::new("/bin/cat"))
        .register_bin("touch", Path::new("/usr/bin/touch"))
        .register_bin("git", Path::new("/usr/bin/git"))
        .case("tests/cmd/*.md")
        .case("tests/cmd/*.toml");
}
