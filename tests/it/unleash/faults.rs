//! Servers that are broken, or are no Unleash, or one that wants approvals.

use super::{ADMIN, Desk, name, told, wait};
use crate::metrics::server::{Server, respond};
use flagctl::backend::remote::Write;
use flagctl::http::Method;
use flagctl::model::Percent;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

fn off() -> Write {
    Write {
        what: "switch it off".to_owned(),
        method: Method::Post,
        path: "/api/admin/projects/default/features/f/environments/development/off".to_owned(),
        body: Value::Null,
        tidying: false,
        completes: true,
    }
}

fn desk(server: &Server) -> Desk {
    let mut desk = Desk::new(&server.url(), Some(ADMIN));
    desk.remote.timeout = Duration::from_millis(500);
    desk
}

fn answering(status: &'static str, kind: &'static str, body: &str) -> Server {
    let body = body.to_owned();
    Server::start(move |_, stream| respond(stream, status, kind, &body))
}

/// Each: what comes for a question, and for a write.
#[test]
fn an_answer_that_is_none_is_an_error() {
    let html = "<!doctype html><title>Log in</title>";
    let failed = r#"{"name":"UnknownError","message":"Test operation failed\nname: TEST_OPERATION_FAILED"}"#;
    for (status, kind, body, read, write) in [
        (
            "200 OK",
            "text/html",
            html,
            "1 unchanged: Unleash answered 200 with what is not its own",
            "1 not known: the answer 200",
        ),
        (
            "200 OK",
            "application/json",
            "{\"na",
            "1 unchanged: Unleash answered 200 with what is",
            "1 not known: the answer",
        ),
        (
            "200 OK",
            "application/json",
            "{}",
            "1 unchanged: Unleash answered with a feature that can't be read",
            "1 not known: the answer 200",
        ),
        ("200 OK", "application/json", "", "1 unchanged: Unleash answered 200 with what is not", ""),
        (
            "502 Bad Gateway",
            "text/html",
            html,
            "1 unchanged: Unleash answered 502",
            "1 not known: Unleash answered 502",
        ),
        (
            "500 Broken",
            "application/json",
            "{\"message\":\"db\"}",
            "1 unchanged: Unleash answered 500: db",
            "1 not known:",
        ),
        ("500 Broken", "application/json", failed, "7 unchanged:", "7 unchanged: somebody else has changed the flag"),
        (
            "404 Not Found",
            "text/html",
            html,
            "1 unchanged: there is no Unleash at",
            "2 unchanged: Unleash answered 404",
        ),
        (
            "415 Unsupported",
            "application/json",
            "{\"message\":\"kind\"}",
            "1 unchanged: Unleash answered 415: kind",
            "1 unchanged: ",
        ),
        ("429 Slow down", "text/plain", "", "1 unchanged: Unleash answered 429", "1 unchanged: Unleash answered 429"),
        ("409 Conflict", "application/json", "{}", "7 unchanged: ", "7 unchanged: Unleash answered 409"),
        (
            "302 Found",
            "text/html",
            html,
            "1 unchanged: Unleash answered with a redirect",
            "1 not known: Unleash answered with a",
        ),
    ] {
        let server = answering(status, kind, body);
        let desk = desk(&server);
        let said = told(&desk.unread("f"));
        assert!(said.starts_with(read), "{status} {body}: {said}");
        match desk.send(&off()) {
            Ok(()) => assert_eq!(write, "", "{status} {body}"),
            Err(error) => assert!(told(&error).starts_with(write) && !write.is_empty(), "{status} {body}: {error}"),
        }
        assert!(desk.backend().list(&wait()).is_err(), "{status} {body}");
    }
}

#[test]
fn no_answer_at_all_leaves_open_what_was_done() {
    let silent = Server::start(|_, stream| drop(stream.read_to_end(&mut Vec::new())));
    let dropped = Server::start(|_, _| {});
    let garbled = Server::start(|_, stream| drop(stream.write_all(&[0xff; 400])));
    let endless = Server::start(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n\"");
        while stream.write_all(&[b'x'; 65_536]).is_ok() {}
    });
    for (server, said) in [(&silent, "did not answer within"), (&dropped, "broke off"), (&garbled, "garbled")] {
        let desk = desk(server);
        let error = desk.unread("f");
        assert_eq!((error.exit.code(), error.changed), (1, Some(false)));
        assert!(error.to_string().contains(said), "{error}");
        assert_eq!(desk.send(&off()).unwrap_err().changed, None);
    }
    let mut huge = desk(&endless);
    huge.remote.timeout = Duration::from_secs(60);
    assert_eq!(huge.unread("f").to_string(), "Unleash answered with more than 8 MB");
    let gone = { desk(&answering("200 OK", "text/plain", "")) };
    let error = gone.send(&off()).unwrap_err();
    assert_eq!((error.exit.code(), error.changed), (1, Some(false)), "{error}");
}

/// Approvals are a part of Unleash that costs money: this is what its source answers.
#[test]
fn approvals_are_told_and_how_to_get_past_them() {
    let server = Server::start(|asked, stream| {
        if asked.method == "POST" {
            let body = json!({ "name": "PermissionError", "message": "You need the \"SKIP_CHANGE_REQUEST\" permission.", "permissions": ["SKIP_CHANGE_REQUEST"] });
            return respond(stream, "403 Forbidden", "application/json", &body.to_string());
        }
        let body = match asked.target.as_str() {
            "/api/admin/user" => json!({ "permissions": [
                { "permission": "UPDATE_FEATURE_ENVIRONMENT", "project": "default", "environment": "development" },
                { "permission": "UPDATE_FEATURE_STRATEGY", "project": "default", "environment": "production" },
                { "permission": "CREATE_FEATURE_STRATEGY" },
            ]}),
            _ => json!([{ "environment": "development", "type": "development", "changeRequestEnabled": true }]),
        };
        respond(stream, "200 OK", "application/json", &body.to_string());
    });
    let desk = desk(&server);
    assert_eq!(
        told(&desk.send(&off()).unwrap_err()),
        "1 unchanged: Unleash wants an approval for changes in `development`: Unleash answered 403: You need the \
         \"SKIP_CHANGE_REQUEST\" permission. | change it in Unleash's own pages, as a change request, or give the token \
         `SKIP_CHANGE_REQUEST`"
    );
    let rights = desk.backend().rights(None, &wait()).unwrap();
    let granted: Vec<Option<bool>> = rights.iter().map(|right| right.granted).collect();
    assert_eq!(granted, [Some(true), Some(false), Some(true), Some(false)], "{rights:#?}");
    assert_eq!(rights[3].what, "change `development` without an approval");
}

/// Whoever can't read the record of changes, or the list with the release plans, still reads the flag.
#[test]
fn what_is_asked_beside_the_flag_is_no_condition() {
    let server = Server::start(|asked, stream| {
        if !asked.target.ends_with("/features/f") {
            return respond(stream, "403 Forbidden", "application/json", "{}");
        }
        let strategy = json!({ "id": "1", "name": "flexibleRollout", "parameters": { "rollout": "25" } });
        let environments = json!([{ "name": "development", "enabled": true, "strategies": [strategy] }]);
        let body = json!({ "name": "f", "environments": environments });
        respond(stream, "200 OK", "application/json", &body.to_string());
    });
    let desk = desk(&server);
    let seen = desk.read("f");
    assert_eq!(seen.flag.exposure().to_string(), "25%");
    assert!(seen.held_back.unwrap().starts_with("may be led by a release plan"));
    assert_eq!(desk.next("f", &super::down(0)).unwrap().unwrap().path, off().path);
    // Nobody is accused where the record could not be read.
    let record = Server::saying(|_| json!({ "events": [{ "id": 1, "type": "feature-created" }] }).to_string());
    for other in [&server, &record] {
        assert!(self::desk(other).backend().writers(&name("f"), &seen.mark, &wait()).is_err());
    }
    let other = Server::saying(|_| json!({ "name": "g", "environments": [] }).to_string());
    assert_eq!(super::faults::desk(&other).unread("f").exit.code(), 2);
}

/// A write that arrives while its answer is lost: what stands there then says so.
#[test]
fn a_lost_answer_is_no_lost_write() {
    super::world::make("lost", &[super::world::flexible("25")]);
    let real = super::world::url().trim_start_matches("http://");
    let lossy = Server::raw(move |stream| {
        let mut asked = vec![0; 65_536];
        let length = stream.read(&mut asked).unwrap();
        let mut there = TcpStream::connect(real).unwrap();
        there.write_all(&asked[..length]).unwrap();
        let _ = there.read(&mut asked);
    });
    let honest = Desk::real();
    let seen = honest.read("lost");
    let write = honest.backend().next(&seen, &super::down(5)).unwrap().unwrap();
    let error = Desk::new(&lossy.url(), Some(ADMIN)).send(&write).unwrap_err();
    assert_eq!((error.exit.code(), error.changed), (1, None), "{error}");
    assert_eq!(honest.read("lost").flag.exposure().to_string(), "5%");
    assert_eq!(honest.next("lost", &super::down(5)).unwrap(), None);
    // The same write once more is noticed as what it is: made for something else than stands there.
    assert_eq!(honest.send(&write).unwrap_err().exit.code(), 7);
}

/// As a server does that has just lost its database.
#[test]
fn what_the_list_has_is_not_taken_for_missing() {
    let server = Server::start(|asked, stream| {
        let (status, body) = match asked.target.rsplit('/').next().unwrap() {
            "features" => ("200 OK", json!({ "features": [{ "name": "f" }, { "name": "g" }] })),
            "g" => {
                let strategy = json!({ "id": "1", "name": "flexibleRollout", "parameters": { "rollout": "25" } });
                let there = json!([{ "name": "development", "enabled": true, "strategies": [strategy] }]);
                ("200 OK", json!({ "name": "g", "environments": there }))
            }
            "overview" => ("200 OK", json!({})),
            "f" => ("404 Not Found", json!({ "name": "NotFoundError", "message": "There's no feature named \"f\"" })),
            _ => ("200 OK", json!({ "features": [], "total": 0 })),
        };
        respond(stream, status, "application/json", &body.to_string());
    });
    let desk = desk(&server);
    let all = desk.backend().list(&wait()).unwrap();
    let exposures: Vec<_> = all.iter().map(|seen| (seen.flag.name.as_str(), seen.flag.exposure().known())).collect();
    assert_eq!(exposures, [("f", None), ("g", Percent::from_whole(25))]);
    let error = desk.unread("f");
    assert!(error.passing && told(&error).starts_with("1 unchanged: Unleash lists `f`, and answered 404"), "{error}");
}
