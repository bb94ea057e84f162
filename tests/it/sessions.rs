//! Console sessions: what is typed, what is printed, what the files are afterwards. Blessed with `TRYCMD=overwrite`.

use std::path::Path;

#[test]
fn sessions() {
    // A file of the repository: one that a test writes is busy while another test starts a program.
    let alone = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd/alone.sh");
    trycmd::TestCases::new()
        .env("BINARY_UNDER_TEST", env!("CARGO_BIN_EXE_flagctl"))
        .register_bin("flagctl", alone)
        .register_bin("cat", Path::new("/bin/cat"))
        .register_bin("git", Path::new("/usr/bin/git"))
        .register_bin("touch", Path::new("/usr/bin/touch"))
        .case("tests/cmd/*.md")
        .case("tests/cmd/*.toml");
}
