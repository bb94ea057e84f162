//! A rollback that is followed to what users get: over a page, over a backend, and where that can't be told.

use crate::console::{CONFIG, Console, FLAGS, Outcome, TEXT};
use crate::metrics::server::{Asked, Server, respond};
use crate::process;
use flagctl::backend;
use flagctl::http::{Cancel, Wait};
use flagctl::model::{Auth, Exposure, FlagName, Percent, Remote, RemoteKind, Secret};
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const PAGE: &str = "text/plain; version=0.0.4";

fn config(url: &str, more: &str) -> String {
    format!(
        "{CONFIG}[sources.page]\nkind = \"exposition\"\nurl = \"{url}/metrics\"\ntimeout = \"1s\"\n[fleet]\n\
         exposure = 'flag_exposure_percent{{flag=\"{{{{flag}}}}\"}}'\n{more}"
    )
}

fn console(url: &str, more: &str) -> Console {
    Console::new().with("flagctl.toml", &config(url, more))
}

/// A service whose page shows 25 this many times, and 0 from then on.
fn service(looks: usize) -> Server {
    let left = Arc::new(AtomicUsize::new(looks));
    Server::start(move |_, stream| {
        let lags = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        show(stream, if lags { "25" } else { "0" });
    })
}

fn show(stream: &mut TcpStream, exposure: &str) {
    respond(stream, "200 OK", PAGE, &format!("flag_exposure_percent{{flag=\"checkout_v2\"}} {exposure}\n"));
}

/// Replaces what differs from run to run.
fn plain(text: &str, server: &Server) -> String {
    let text = text.replace(server.url().trim_start_matches("http://"), "HOST");
    let word = |word: &str| if word.parse::<f64>().is_ok() && word.contains('.') { "TIME" } else { word }.to_owned();
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_page_is_one_instance() {
    let server = service(1);
    let outcome = console(&server.url(), "").run("rollback checkout_v2 --verify");
    assert_eq!(
        (outcome.code, plain(&outcome.stdout, &server).as_str()),
        (
            Some(0),
            "checkout_v2  25% → 0%  production  config/feature_flags.yaml\n\
             checkout_v2  0% on its one instance after TIME s\n"
        ),
        "{outcome:?}"
    );
    assert!(server.asked().len() == 2, "{:?}", server.asked());
}

#[test]
fn what_is_not_seen_in_time_is_a_failure_only_where_it_was_asked_for() {
    let server = service(usize::MAX);
    let console = console(&server.url(), "verify = true\nwithin = \"1s\"\n");
    let outcome = console.run("rollback checkout_v2");
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(
        plain(&outcome.stderr, &server).ends_with(
            "warning: not seen everywhere: `checkout_v2`: 0 of 1 instances serve 0%; not: HOST at 25%\n\
             help: the rollback stands; to look again: flagctl rollback checkout_v2 --verify\n"
        ),
        "{outcome:?}"
    );
    let outcome = console.run("rollback checkout_v2 --verify");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("error: not seen everywhere"), "{outcome:?}");
    assert!(outcome.stderr.ends_with("note: nothing was changed\n"), "{outcome:?}");
    console.write(FLAGS, TEXT);
    let (code, answer) = console.json("rollback checkout_v2 --verify");
    assert_eq!((code, &answer["verified"], &answer["changed"]), (1, &false.into(), &true.into()), "{answer}");
    assert!(console.read(FLAGS).contains("rollout: 0"));
}

#[test]
fn nonsense_and_silence_are_no_success() {
    for (page, verified) in [
        ("flag_exposure_percent{flag=\"checkout_v2\"} NaN\n", false),
        ("flag_exposure_percent{flag=\"checkout_v2\"} -1\n", false),
        ("flag_exposure_percent{flag=\"checkout_v2\"} 0 1000\n", false),
        ("flag_exposure_percent{flag=\"other\"} 0\n", true),
        ("flag_exposure_percent{flag=\"checkout_v2\"} 0", true),
        ("", true),
    ] {
        let server = Server::start(move |_, stream| respond(stream, "200 OK", PAGE, page));
        let (code, answer) = console(&server.url(), "within = \"1s\"\n").json("rollback checkout_v2 --verify");
        assert_eq!((code, answer["verified"].is_null()), (1, verified), "{page}: {answer}");
        assert_eq!(answer["changes"][0]["to"], 0);
    }
}

#[test]
fn what_can_not_be_asked_never_holds_a_rollback_up() {
    for (config, why) in [
        (CONFIG.to_owned(), "no gauge of the instances is set up"),
        (format!("{CONFIG}[gates.x]\nmax = 5\n"), "`gates.x.max`: `5` has no unit"),
        (format!("{CONFIG}[gates\n"), "this is not TOML"),
        (config("http://127.0.0.1:9", "within = \"1s\"\n"), "the source `page` could not be reached"),
        (
            config("http://127.0.0.1:9", "").replace("flag_exposure_percent{", "max(e{").replace("\"}'", "\"})'"),
            "is an expression",
        ),
        (config("http://127.0.0.1:9", "").replace("exposition", "json"), "there is no gauge in one"),
    ] {
        let console = Console::new().with("flagctl.toml", &config);
        let (code, answer) = console.json("rollback checkout_v2 --verify");
        assert_eq!(
            (code, &answer["verified"], &answer["changed"]),
            (1, &serde_json::Value::Null, &true.into()),
            "{answer}"
        );
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("it can't be told whether every instance serves it: "), "{message}");
        assert!(message.contains(why), "{message}");
        assert_eq!(answer["not_verified_because"], message);
        assert!(console.read(FLAGS).contains("rollout: 0"));
    }
}

#[test]
fn nothing_is_asked_unless_it_is_wanted_and_all_went_well() {
    let server = service(0);
    let console = console(&server.url(), "");
    for line in ["rollback checkout_v2 --verify -n", "rollback checkout_v2 nothing --verify", "rollback --verify"] {
        let (_, answer) = console.json(line);
        assert_eq!(answer["verified"], serde_json::Value::Null, "{line}: {answer}");
    }
    console.write(FLAGS, TEXT);
    assert_eq!(console.json("rollback checkout_v2").0, 0);
    assert!(server.asked().is_empty());
}

#[test]
fn ctrl_c_ends_the_looking_and_the_rollback_stands() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::start(move |_: &Asked, stream| {
        count.fetch_add(1, Ordering::SeqCst);
        show(stream, "25");
    });
    let console = console(&server.url(), "within = \"10m\"\n");
    for (signal, code) in [("-INT", 130), ("-TERM", 143)] {
        console.write(FLAGS, TEXT);
        asked.store(0, Ordering::SeqCst);
        let mut command = console.command(&["-o", "json", "rollback", "checkout_v2", "--verify"]);
        let child = process::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()));
        while asked.load(Ordering::SeqCst) == 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
        let kill = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let outcome = Outcome::of(&process::ended(child));
        let answer = outcome.json();
        assert_eq!(
            (outcome.code, &answer["changed"], &answer["verified"]),
            (Some(code), &true.into(), &serde_json::Value::Null)
        );
        assert!(console.read(FLAGS).contains("rollout: 0"));
    }
}

#[test]
fn unleash_is_asked_as_a_client_asks_it() {
    let served = |environment: &'static str, body: &'static str| {
        let server = Server::start(move |asked, stream| {
            let known = asked.headers.get("authorization").is_some_and(|token| token == "default:development.secret");
            let right = asked.target == "/api/client/features?namePrefix=checkout_v2";
            let status = if known && right { "200 OK" } else { "401 Unauthorized" };
            let body = format!(r#"{{"version":2,"features":[{body}],"query":{{"environment":"{environment}"}}}}"#);
            respond(stream, status, "application/json", &body);
        });
        let folder = tempfile::tempdir().unwrap();
        let token = folder.path().join("token");
        std::fs::write(&token, "default:development.secret\n").unwrap();
        let remote = Remote {
            kind: RemoteKind::Unleash,
            url: server.url(),
            project: "default".into(),
            environment: "development".into(),
            auth: Some(Auth::Token(Secret::File(token.clone()))),
            client_token: Some(Secret::File(token)),
            ca_file: None,
            proxy: None,
            timeout: Duration::from_secs(5),
            mirror: None,
        };
        let backend = backend::open(&remote, |_| {}).unwrap();
        let wait = Wait::of(Duration::from_secs(5), &Cancel::default());
        backend.served(&FlagName::new("checkout_v2").unwrap(), &wait).unwrap().map_err(|error| error.message)
    };
    let other = r#"{"name":"checkout_v22","enabled":true}"#;
    let ours = r#"{"name":"checkout_v22","enabled":true},{"name":"checkout_v2","enabled":false,"strategies":[]}"#;
    assert_eq!(served("development", ours), Ok(Exposure::Exactly(Percent::ZERO)));
    assert_eq!(
        served("development", other),
        Err("Unleash hands out no `checkout_v2` to `client-token-env`".to_owned())
    );
    assert_eq!(
        served("production", ours),
        Err("Unleash takes `client-token-env` for a token of the environment `production`, not of `development`"
            .to_owned())
    );
    assert!(served("development", "5").unwrap_err().contains("is not its own JSON"));
}

#[test]
fn who_vanished_before_a_second_look_is_no_success() {
    let page = "flag_exposure_percent{flag=\"checkout_v2\",instance=\"a\"} 0\n";
    let server = Server::start(move |_, stream| respond(stream, "200 OK", PAGE, page));
    for (more, code) in [("within = \"1s\"\n", 1), ("within = \"1s\"\nexpect = 1\n", 0)] {
        let console = console(&server.url(), more);
        assert_eq!(console.run("rollback checkout_v2").code, Some(0));
        let (found, answer) = console.json("rollback checkout_v2 --verify");
        assert_eq!((found, answer["verified"].is_null()), (code, code == 1), "{answer}");
        assert_eq!(answer["changed"], false, "{answer}");
    }
}

#[test]
fn a_second_look_asks_who_was_there_at_the_rollback() {
    let server = Server::start(|asked, stream| {
        let series = |instance: &str, value: &str| {
            format!(r#"{{"metric":{{"flag":"checkout_v2","instance":"{instance}"}},"value":[1e12,"{value}"]}}"#)
        };
        let all = match asked.parameters.iter().any(|(name, _)| name == "time") {
            true => [series("a", "25"), series("b", "25")].join(","),
            false => series("a", "0"),
        };
        let body = format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{all}]}}}}"#);
        respond(stream, "200 OK", "application/json", &body);
    });
    let config = config(&server.url(), "within = \"1s\"\n").replace("exposition", "prometheus").replace("/metrics", "");
    let console = Console::new().with("flagctl.toml", &config);
    assert_eq!(console.run("rollback checkout_v2").code, Some(0));
    let (code, answer) = console.json("rollback checkout_v2 --verify");
    assert_eq!((code, &answer["verified"], &answer["changed"]), (1, &false.into(), &false.into()), "{answer}");
    assert!(answer["not_verified_because"].to_string().contains("b"), "{answer}");
}
