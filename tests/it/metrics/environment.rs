//! What the environment says of proxies, seen from outside: it is the process's own, so each case is a process.

use super::server::{Server, healthy};
use crate::process;
use std::fs;
use std::process::Command;

/// Runs `flagctl check` against `url`; returns its exit code and what it said.
fn check(url: &str, environment: &[(&str, &str)]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flags.yaml"), "checkout:\n  enabled: false\n  rollout: 0\n").unwrap();
    let config = format!(
        r#"version = 1
default-environment = "production"
[environments.production]
flags = "flags.yaml"
[sources.prod]
kind = "prometheus"
url = "{url}"
timeout = "2s"
[gates.error-rate]
kind = "threshold"
source = "prod"
errors = 'sum(increase(http_requests_total{{code=~"5.."}}[1m]))'
total = 'sum(increase(http_requests_total[1m]))'
window = "1m"
max = "1%"
min-requests = 500
applies = "always"
"#
    );
    fs::write(folder.path().join("flagctl.toml"), config).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_flagctl"));
    command.args(["check", "checkout"]).current_dir(folder.path()).env_clear().envs(environment.iter().copied());
    let output = process::output(&mut command);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

#[test]
fn proxies_of_the_environment_are_for_other_hosts() {
    let elsewhere = "http://metrics.invalid:9090";
    let proxy = Server::saying(|asked| healthy(asked, "5", "1000"));
    let (code, said) = check(elsewhere, &[("http_proxy", &proxy.url())]);
    assert_eq!(code, Some(0), "{said}");
    assert!(proxy.asked().iter().all(|asked| asked.target.starts_with(elsewhere)));

    // Set aside for this host: the proxy is not asked, and nobody else answers.
    let proxy = Server::saying(|asked| healthy(asked, "5", "1000"));
    let (code, said) = check(elsewhere, &[("http_proxy", &proxy.url()), ("NO_PROXY", "metrics.invalid")]);
    assert_eq!((code, proxy.asked().len()), (Some(5), 0), "{said}");

    // This machine is reached directly, whatever the environment says.
    let here = Server::saying(|asked| healthy(asked, "5", "1000"));
    for variable in ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"] {
        let (code, said) = check(&here.url(), &[(variable, "http://127.0.0.1:1")]);
        assert_eq!(code, Some(0), "{said}");
    }
}
