//! Completions: what the binary answers, and what real shells make of it when someone presses Tab.

mod answers;
mod shells;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The binary under test.
const BINARY: &str = env!("CARGO_BIN_EXE_flagctl");

/// Names that shells have trouble with; what stands beside them is no name that can be typed.
const FLAGS: &str = r#"holograph_reality_enabled:
  enabled: true
  rollout: 25
  description: "Enables: holographs"
"my flag: 50% of $HOME's":
  enabled: false
  rollout: 0
"ns:one:alpha":
  enabled: false
  rollout: 0
"star*?[x]":
  enabled: false
  rollout: 0
"quo\"te`x`":
  enabled: false
  rollout: 0
"bell\u0007":
  enabled: false
  rollout: 0
"Zoë":
  enabled: false
  rollout: 0
  description: "a description\nof two lines"
"#;

const SETTINGS: &str = r#"version = 1
default-environment = "production"

[environments.production]
flags = "config/feature_flags.yaml"
source = "prod"
[environments.staging]
flags = "config/staging.yaml"

[sources.prod]
kind = "prometheus"
url = "http://127.0.0.1:9"

[gates.error-rate]
kind = "threshold"
errors = 'errors_total{flag="{{flag}}"}'
total = 'requests_total{flag="{{flag}}"}'
window = "10m"
max = "1%"
min-requests = 500
"#;

/// A repository with flags, and a `flagctl` on the path that tells with which arguments it was run.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in [
            ("config/feature_flags.yaml", FLAGS),
            ("config/staging.yaml", "staged_flag: {enabled: true, rollout: 5}\n"),
            ("flagctl.toml", SETTINGS),
            (
                "bin/flagctl",
                &format!(
                    "#!/bin/sh\n[ -z \"$FLAGCTL_COMPLETE\" ] || exec '{BINARY}' \"$@\"\nprintf @@; printf '<%s>' \"$@\"; echo @@\n"
                ),
            ),
        ] {
            world.write(path, text);
        }
        fs::set_permissions(world.path("bin/flagctl"), fs::Permissions::from_mode(0o755)).unwrap();
        world
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

/// Returns a file of this repository.
fn stub(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(name)
}
