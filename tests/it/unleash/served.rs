//! A rollback that is followed to what Unleash hands out to its clients.

use super::ADMIN;
use super::world::{self, flexible, make};
use crate::console::{Console, Outcome};
use crate::process;

/// Rolls a flag back with `--verify`, as somebody who holds this client token.
fn rollback(flag: &str, client_token: &str) -> Outcome {
    let text = format!(
        "[environments.development]\nbackend = \"unleash\"\nurl = \"{}\"\nproject = \"default\"\n\
         environment = \"development\"\ntoken-env = \"ADMIN\"\nclient-token-env = \"CLIENT\"\ntimeout = \"30s\"\n\
         [fleet]\nwithin = \"{}\"\n",
        world::url(),
        if client_token.is_empty() { "1s" } else { "60s" }
    );
    let console = Console::empty().with("flagctl.toml", &text);
    let mut command = console.command(&["rollback", flag, "--verify"]);
    Outcome::of(&process::output(command.env("ADMIN", ADMIN).env("CLIENT", client_token)))
}

#[test]
fn a_rollback_is_followed_to_what_clients_get() {
    make("handed_out", &[flexible("25")]);
    let outcome = rollback("handed_out", "default:development.sdk-secret");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    let last = outcome.stdout.lines().last().unwrap_or_default();
    assert!(last.starts_with("handed_out  Unleash serves 0% to its clients after "), "{outcome:?}");
    let outcome = rollback("handed_out", "");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("the environment variable `CLIENT` is empty"), "{outcome:?}");
}
