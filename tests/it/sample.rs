//! The first command of the README: the sample's story, told to its end by the real binary.

use crate::console::BINARY;
use crate::process;
use snapbox::{assert_data_eq, str};
use std::path::Path;
use std::process::Command;

/// Returns what is typed, how it ends, and what the service's users see, their numbers left out.
fn story(told: &str) -> String {
    let mut story = String::new();
    for line in told.lines() {
        if let Some((_, counts)) = line.split_once("[service] ") {
            let all_is_well = counts.ends_with(", 0 failed");
            story += if all_is_well { "[all is well]\n" } else { "[requests fail]\n" };
        } else if line.starts_with(['$', '=', '(']) {
            story += &line.split("http://").next().unwrap_or(line).replace("== ", "\n== ");
            story.push('\n');
        }
    }
    story
}

#[test]
fn the_sample_goes_as_told() {
    let binary = Path::new(BINARY);
    let example = binary.with_file_name("examples").join("holograph");
    assert!(example.is_file(), "no {}: cargo build --example holograph", example.display());
    let mut command = Command::new(example);
    command.arg("--flagctl").arg(binary);
    let output = process::output(&mut command);
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_data_eq!(
        story(&told),
        str![[r#"

== A service with two features behind flags ==
$ flagctl config set sources.service.url 
$ flagctl status

== `holograph_reality_enabled` goes up, step by step ==
$ flagctl advance holograph_reality_enabled --yes
$ flagctl plan holograph_reality_enabled
$ flagctl advance holograph_reality_enabled --yes
[all is well]
$ flagctl -q advance holograph_reality_enabled --yes
[all is well]
$ flagctl -q advance holograph_reality_enabled --yes
[all is well]

== `hyperspace_ui_enabled` goes up, and goes wrong ==
$ flagctl -q advance hyperspace_ui_enabled --yes
$ flagctl -q advance hyperspace_ui_enabled --yes
[requests fail]
$ flagctl advance hyperspace_ui_enabled --yes
(exit code 4)
$ flagctl rollback hyperspace_ui_enabled
[all is well]

== What is left ==
$ flagctl status
$ flagctl log
$ flagctl -q advance hyperspace_ui_enabled --yes
(exit code 6)

== That was all ==

"#]]
    );
}
