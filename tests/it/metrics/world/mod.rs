//! The world: real Prometheus and VictoriaMetrics, started by the project's own scripts on the loopback.

mod fleet;
mod prometheus;
mod relay;
mod tls;
mod victoria;

use super::ask::verdict;
use crate::process;
use flagctl::model::{Judgement, Question};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How long something that will happen may take to happen. Nothing waits that long unless it fails.
const SOON: Duration = Duration::from_secs(60);

/// A server that lives as long as the value.
pub(crate) struct Component {
    pub(crate) url: String,
    pid: i32,
    dir: PathBuf,
}

impl Component {
    /// Starts `scripts/NAME` on a free port, with further arguments and environment.
    pub(crate) fn start(name: &str, arguments: &[String], environment: &[(&str, &str)]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(script);
        command.arg(port.to_string()).args(arguments).envs(environment.iter().copied());
        let output = process::output(&mut command);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let field = |key: &str| said.split_whitespace().find_map(|word| word.strip_prefix(key)).unwrap().to_owned();
        Self { url: field("url="), pid: field("pid=").parse().unwrap(), dir: field("dir=").into() }
    }
}

impl Drop for Component {
    fn drop(&mut self) {
        use rustix::process::{Pid, Signal, kill_process};
        if let Some(pid) = Pid::from_raw(self.pid) {
            let _ = kill_process(pid, Signal::KILL);
        }
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Looks until the judgement is as wanted.
fn until(question: &Question, wanted: impl Fn(&Judgement) -> bool) -> Judgement {
    let start = Instant::now();
    loop {
        let judgement = verdict(question);
        if wanted(&judgement) {
            return judgement;
        }
        assert!(start.elapsed() < SOON, "{judgement:#?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
