//! `[environments.*]` whose flags live in no file.

use super::ground::Ground;
use super::mistake::Mistake;
use super::sheet::Sheet;
use super::sources::TIMEOUT;
use crate::model::{Auth, Remote, RemoteKind, Secret, Shown};
use std::ops::Range;
use std::path::Path;

/// Where LaunchDarkly's own service is.
const LAUNCHDARKLY: &str = "https://app.launchdarkly.com";
/// The keys that only an environment in a remote backend has.
const OWN: [&str; 10] = [
    "url",
    "project",
    "environment",
    "token-env",
    "token-file",
    "client-token-env",
    "ca-file",
    "proxy",
    "timeout",
    "mirror",
];

/// What the section of an environment says of a remote backend.
pub(super) enum Reading {
    /// Nothing: its flags live in a file.
    File,
    /// It lives there.
    Remote(Box<Remote>),
    /// It may speak of one, but not enough can be read. It must not be taken for a file's.
    Lost,
}

/// Reads what the section of an environment says of a remote backend; its paths begin at `root`.
pub(super) fn remote(
    sheet: &Sheet,
    ground: &Ground,
    root: &Path,
    (name, span): (&str, Range<usize>),
    wrong: &mut Vec<Mistake>,
) -> Reading {
    let key = |key: &'static str| ["environments", name, key];
    let has = |wanted: &'static str| sheet.has(&key(wanted));
    let kind = match sheet.text(&key("backend")) {
        Some("unleash") => RemoteKind::Unleash,
        Some("launchdarkly") => RemoteKind::LaunchDarkly,
        // A word that can't be read is a mistake already.
        None if has("backend") => return Reading::Lost,
        None | Some(_) => {
            let Some(own) = OWN.into_iter().find(|own| has(own)) else { return Reading::File };
            let message = format!("environment `{}` has `{own}`, but no `backend` that it belongs to", Shown(name));
            let at = sheet.span(&key(own)).unwrap_or(span);
            wrong.push(Mistake::new(at, message).help("write `backend = \"unleash\"` or `backend = \"launchdarkly\"`"));
            return Reading::Lost;
        }
    };
    let missing = |needed: &str, example: &str| {
        let message = format!("environment `{}` lives in {}, and has no `{needed}`", Shown(name), kind.title());
        Mistake::new(span.clone(), message).help(format!("write `{example}`")).incomplete()
    };
    let needed = [
        ("url", "url = \"https://unleash.example.com\"", kind == RemoteKind::Unleash),
        ("project", "project = \"default\"", true),
        ("environment", "environment = \"production\"", true),
    ];
    for (needed, example, always) in needed {
        if always && !has(needed) && !sheet.flawed(&["environments", name]) {
            wrong.push(missing(needed, example));
        }
    }
    if let (RemoteKind::LaunchDarkly, Some(at)) = (kind, sheet.span(&key("client-token-env"))) {
        let message =
            format!("environment `{}` has `client-token-env`, and LaunchDarkly has no such token", Shown(name));
        wrong.push(
            Mistake::new(at, message)
                .help("leave it out; `rollback --verify` asks a gauge: `exposure = …` below `[fleet]`"),
        );
    }
    let auth = token(sheet, ground, root, name, wrong);
    if auth.is_none() && !has("token-env") && !has("token-file") && !sheet.flawed(&["environments", name]) {
        wrong.push(missing("token-env", "token-env = \"FLAGCTL_TOKEN\""));
    }
    let url = match (kind, sheet.text(&key("url"))) {
        (_, Some(url)) => Some(url.to_owned()),
        (RemoteKind::LaunchDarkly, None) if !has("url") => Some(LAUNCHDARKLY.to_owned()),
        _ => None,
    };
    let text = |wanted: &'static str| sheet.text(&key(wanted)).map(str::to_owned);
    let (Some(url), Some(project), Some(environment)) = (url, text("project"), text("environment")) else {
        return Reading::Lost;
    };
    Reading::Remote(Box::new(Remote {
        kind,
        url,
        project,
        environment,
        auth,
        client_token: text("client-token-env").filter(|_| kind == RemoteKind::Unleash).map(Secret::Env),
        ca_file: sheet.text(&key("ca-file")).map(|path| ground.shown(&root.join(path))),
        proxy: text("proxy"),
        timeout: sheet.duration(&key("timeout")).unwrap_or(TIMEOUT),
        mirror: mirror(sheet, ground, root, name, wrong),
    }))
}

fn token(sheet: &Sheet, ground: &Ground, root: &Path, name: &str, wrong: &mut Vec<Mistake>) -> Option<Auth> {
    let [env, file] = ["token-env", "token-file"].map(|key| ["environments", name, key]);
    if let (Some(_), Some(second)) = (sheet.text(&env), sheet.span(&file)) {
        let message = format!("environment `{}` has both `token-env` and `token-file`", Shown(name));
        wrong.push(Mistake::new(second, message).help("keep one of them"));
    }
    let from_env = sheet.text(&env).map(|name| Secret::Env(name.to_owned()));
    let kept = from_env.or_else(|| sheet.text(&file).map(|path| Secret::File(ground.shown(&root.join(path)))));
    kept.map(Auth::Token)
}

/// Reads which file is kept in step, and refuses a `flags` that would be read for nothing.
fn mirror(
    sheet: &Sheet,
    ground: &Ground,
    root: &Path,
    name: &str,
    wrong: &mut Vec<Mistake>,
) -> Option<std::path::PathBuf> {
    let [flags, mirror] = ["flags", "mirror"].map(|key| ["environments", name, key]);
    let path = sheet.text(&flags).map(|path| ground.shown(&root.join(path)));
    match (sheet.span(&flags), sheet.span(&mirror)) {
        (Some(at), None) => {
            let message =
                format!("environment `{}` has a `backend` and `flags`: its flags live in one place", Shown(name));
            wrong.push(
                Mistake::new(at, message).help("leave `flags` out, or have the file kept in step: `mirror = \"file\"`"),
            );
            None
        }
        (None, Some(at)) => {
            let message = format!("environment `{}` has a `mirror`, but no `flags` that says which file", Shown(name));
            wrong.push(Mistake::new(at, message).help("write `flags = \"config/feature_flags.yaml\"`").incomplete());
            None
        }
        (Some(_), Some(_)) => path,
        (None, None) => None,
    }
}
