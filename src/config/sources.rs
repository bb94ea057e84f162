//! `[sources]`.

use super::ground::Ground;
use super::mistake::Mistake;
use super::sheet::Sheet;
use super::value::Value;
use crate::model::{Auth, Secret, SecretText, Shown, Source, SourceKind};
use std::path::Path;
use std::time::Duration;

/// How long one request to a source may take where nothing is said.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// Reads the sources, in the order of the text; paths begin at `root`.
pub(super) fn sources(sheet: &Sheet, ground: &Ground, root: &Path, wrong: &mut Vec<Mistake>) -> Vec<Source> {
    let mut sources = Vec::new();
    for (name, span) in sheet.names(&["sources"]) {
        let key = |key: &'static str| ["sources", name, key];
        let file = |key: [&str; 3]| sheet.text(&key).map(|path| ground.shown(&root.join(path)));
        for (needed, example) in [("kind", "kind = \"prometheus\""), ("url", "url = \"http://127.0.0.1:9090\"")] {
            if !sheet.has(&key(needed)) && !sheet.flawed(&["sources", name]) {
                let message = format!("source `{}` has no `{needed}`", Shown(name));
                wrong.push(Mistake::new(span.clone(), message).help(format!("write `{example}`")).incomplete());
            }
        }
        let auth = auth(sheet, ground, root, name, wrong);
        let (Some(kind), Some(url)) = (sheet.text(&key("kind")).and_then(kind), sheet.text(&key("url"))) else {
            continue;
        };
        if kind != SourceKind::Json && url.contains("{{") {
            let at = sheet.span(&key("url")).unwrap_or_else(|| span.clone());
            let message =
                format!("source `{}`: only the address of a `json` source may hold placeholders", Shown(name));
            wrong.push(Mistake::new(at, message));
        }
        sources.push(Source {
            name: name.to_owned(),
            kind,
            url: url.to_owned(),
            timeout: sheet.duration(&key("timeout")).unwrap_or(TIMEOUT),
            auth,
            ca_file: file(key("ca-file")),
            headers: headers(sheet, ground, root, name),
            proxy: sheet.text(&key("proxy")).map(str::to_owned),
        });
    }
    sources
}

fn kind(word: &str) -> Option<SourceKind> {
    match word {
        "prometheus" => Some(SourceKind::Prometheus),
        "exposition" => Some(SourceKind::Exposition),
        "json" => Some(SourceKind::Json),
        _ => None,
    }
}

fn auth(sheet: &Sheet, ground: &Ground, root: &Path, name: &str, wrong: &mut Vec<Mistake>) -> Option<Auth> {
    let key = |key: &'static str| ["sources", name, key];
    let secret = |stem: [&'static str; 2], wrong: &mut Vec<Mistake>| {
        let [env, file] = stem.map(key);
        if let (Some(_), Some(second)) = (sheet.text(&env), sheet.span(&file)) {
            let message = format!("source `{}` has both `{}` and `{}`", Shown(name), stem[0], stem[1]);
            wrong.push(Mistake::new(second, message).help("keep one of them"));
        }
        let env = sheet.text(&env).map(|name| Secret::Env(name.to_owned()));
        env.or_else(|| sheet.text(&file).map(|path| Secret::File(ground.shown(&root.join(path)))))
    };
    let bearer = secret(["bearer-token-env", "bearer-token-file"], wrong);
    let password = secret(["basic-auth-password-env", "basic-auth-password-file"], wrong);
    let user = sheet.text(&key("basic-auth-user"));
    let user_span = sheet.span(&key("basic-auth-user"));
    match (bearer, user, password) {
        (Some(_), Some(_), _) => {
            let message = format!("source `{}` has both a bearer token and `basic-auth-user`", Shown(name));
            wrong.push(Mistake::new(user_span.unwrap_or_default(), message).help("keep one way"));
            None
        }
        (Some(token), None, _) => Some(Auth::Bearer(token)),
        (None, Some(user), Some(password)) => Some(Auth::Basic { user: user.to_owned(), password }),
        (None, Some(_), None) => {
            if !sheet.flawed(&["sources", name]) {
                let message = format!("source `{}` has a `basic-auth-user` without a password", Shown(name));
                wrong.push(
                    Mistake::new(user_span.unwrap_or_default(), message)
                        .help("write `basic-auth-password-env = \"NAME\"` or `basic-auth-password-file = \"PATH\"`")
                        .incomplete(),
                );
            }
            None
        }
        (None, None, Some(_)) => {
            let span = ["basic-auth-password-env", "basic-auth-password-file"]
                .iter()
                .find_map(|k| sheet.span(&["sources", name, k]));
            let message = format!("source `{}` has a password without a `basic-auth-user`", Shown(name));
            wrong.push(
                Mistake::new(span.unwrap_or_default(), message).help("write `basic-auth-user = \"NAME\"`").incomplete(),
            );
            None
        }
        (None, None, None) => None,
    }
}

fn headers(sheet: &Sheet, ground: &Ground, root: &Path, name: &str) -> Vec<(String, SecretText)> {
    let below = ["sources", name, "headers"];
    let ours = |path: &[String]| path.len() == 4 && path.iter().zip(below).all(|(one, other)| one == other);
    sheet
        .found
        .iter()
        .filter(|found| ours(&found.path))
        .filter_map(|found| match (&found.value, found.path.last()) {
            (Value::Header(SecretText::Kept(Secret::File(path))), Some(header)) => {
                Some((header.clone(), SecretText::Kept(Secret::File(ground.shown(&root.join(path))))))
            }
            (Value::Header(text), Some(header)) => Some((header.clone(), text.clone())),
            _ => None,
        })
        .collect()
}
