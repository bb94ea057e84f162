//! A rollback that is followed to what Unleash hands out to its clients.

use super::ADMIN;
use super::world::{self, flexible, make};
use crate::console::{Console, Outcome};
use crate::process;
use std::time::Instant;

/// Runs a command line as somebody who holds this client token.
fn run(words: &[&str], client_token: &str) -> Outcome {
    let text = format!(
        "[environments.development]\nbackend = \"unleash\"\nurl = \"{}\"\nproject = \"default\"\n\
         environment = \"development\"\ntoken-env = \"ADMIN\"\nclient-token-env = \"CLIENT\"\ntimeout = \"30s\"\n\
         [fleet]\nwithin = \"{}\"\n",
        world::url(),
        if client_token.is_empty() { "1s" } else { "60s" }
    );
    let console = Console::empty().with("flagctl.toml", &text);
    let mut command = console.command(words);
    Outcome::of(&process::output(command.env("ADMIN", ADMIN).env("CLIENT", client_token)))
}

/// Rolls a flag back with `--verify`.
fn rollback(flag: &str, client_token: &str) -> Outcome {
    run(&["rollback", flag, "--verify"], client_token)
}

#[test]
fn a_doctor_tries_the_client_token() {
    make("told_to_clients", &[flexible("25")]);
    for (token, wanted) in [
        ("", "the environment variable `CLIENT` is empty"),
        ("default:development.wrong", "401"),
        ("default:development.sdk-secret", "Unleash tells clients of `told_to_clients`, by the variable `CLIENT`"),
    ] {
        let late = Instant::now() + process::PATIENCE;
        loop {
            let outcome = run(&["doctor", "told_to_clients"], token);
            let named = token.ends_with("sdk-secret") || outcome.stdout.contains("into the variable `CLIENT`");
            if outcome.stdout.contains(wanted) && named {
                break;
            }
            // The server takes a moment to tell SDKs.
            assert!(wanted.contains("tells") && Instant::now() < late, "{wanted}: {outcome:?}");
        }
    }
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
