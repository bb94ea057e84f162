//! What the real Unleash refuses, and what is told of it.

use super::world::{flexible, make, token, url};
use super::{ADMIN, Desk, name, told, up, wait};
use flagctl::error::Error;

#[test]
fn what_is_not_there_is_named() {
    make("nearby-flag", &[flexible("5")]);
    let desk = Desk::real();
    let place = "in the project `default` of Unleash";
    let unknown = format!("2 unchanged: no flag is named `nearby-flug` {place} | did you mean `nearby-flag`?");
    assert_eq!(told(&desk.unread("nearby-flug")), unknown);
    assert_eq!(told(&desk.unread("..")), format!("2 unchanged: no flag is named `..` {place} | "));
    for hostile in ["../nearby-flag", "a/b?c#d", "%2e%2e", "x y\u{1b}"] {
        assert_eq!(desk.unread(hostile).exit.code(), 2, "{hostile}");
    }

    let mut elsewhere = Desk::real();
    elsewhere.remote.project = "nosuch".to_owned();
    assert_eq!(
        told(&elsewhere.unread("nearby-flag")),
        "2 unchanged: no flag is named `nearby-flag` in the project `nosuch` of Unleash | there's a feature with that \
         name in project \"default\""
    );
    let none = "2 unchanged: Unleash has no project `nosuch` | ";
    assert!(told(&elsewhere.unread("zebra-xyz")).starts_with(none));
    assert!(told(&elsewhere.backend().list(&wait()).unwrap_err()).starts_with(none));
    let declared = elsewhere.backend().declare(&name("nowhere"), "");
    assert!(elsewhere.send(&declared[0]).is_err_and(|error| error.changed == Some(false)));

    let mut staging = Desk::real();
    staging.remote.environment = "staging".to_owned();
    let said = "2 unchanged: the project `default` of Unleash has no environment `staging` | it has: `development`, `production`";
    assert_eq!(told(&staging.unread("nearby-flag")), said);
    assert_eq!(told(&staging.backend().list(&wait()).unwrap_err()), said);

    let below = Desk::new(&format!("{}/elsewhere", url()), Some(ADMIN));
    let said = told(&below.unread("nearby-flag"));
    // Unleash answers its own pages there.
    assert!(said.starts_with("1 unchanged: Unleash answered 200 with what is not its own JSON (text/html"), "{said}");
}

#[test]
fn a_flag_is_declared_once() {
    let desk = Desk::real();
    desk.declare("declared");
    let again = desk.backend().declare(&name("declared"), "");
    assert_eq!(
        told(&desk.send(&again[0]).unwrap_err()),
        "2 unchanged: Unleash answered 409: A flag with that name already exists | to raise it: flagctl advance NAME; to \
         see it: flagctl status NAME"
    );
    let bad = desk.backend().declare(&name("bad name!"), "");
    let said = told(&desk.send(&bad[0]).unwrap_err());
    assert!(said.starts_with("1 unchanged: Unleash answered 400: \"name\" must be URL friendly."), "{said}");
}

#[test]
fn a_token_that_is_not_taken_is_told_from_one_that_may_not() {
    make("guarded", &[flexible("5")]);
    let write = Desk::real().next("guarded", &up(25)).unwrap().unwrap();
    for (token, code, said) in [
        (Some("*:*.nosuch"), 3, "our token is not known: Unleash answered 401: You must log in to use Unleash."),
        (None, 3, "Unleash wants a token, and the configuration names none"),
        (Some("default:development.sdk-secret"), 3, "expected a different token type for this endpoint"),
    ] {
        let desk = Desk::new(url(), token);
        let check = |error: &Error| {
            assert_eq!((error.exit.code(), error.changed), (code, Some(false)));
            assert!(error.to_string().contains(said), "{error}");
            assert!(!told(error).contains(token.unwrap_or("default:development.sdk-secret")));
        };
        check(&desk.unread("guarded"));
        check(&desk.backend().list(&wait()).unwrap_err());
        check(&desk.send(&write).unwrap_err());
        check(&desk.backend().rights(None, &wait()).unwrap_err());
    }
}

#[test]
fn what_a_token_may_do_is_told_beforehand() {
    make("permitted", &[flexible("5")]);
    let may = |token: &str| -> Vec<Option<bool>> {
        let desk = Desk::new(url(), Some(token));
        let rights = desk.backend().rights(Some(&name("permitted")), &wait()).unwrap();
        rights.iter().map(|right| right.granted).collect()
    };
    let yes = Some(true);
    let (viewer, editor) = (token("viewer", 3), token("editor", 2));
    assert_eq!(may(ADMIN), [yes; 4]);
    assert_eq!(may(&editor), [yes; 4]);
    assert_eq!(may(&viewer), [yes, Some(false), Some(false), Some(false)]);

    let desk = Desk::new(url(), Some(&viewer));
    let said = told(&desk.send(&desk.next("permitted", &up(25)).unwrap().unwrap()).unwrap_err());
    assert!(said.starts_with("1 unchanged: Unleash answered 403: You don't have the required permissions"), "{said}");
    let help = "the token needs `UPDATE_FEATURE_STRATEGY` in the project `default`, environment `development`";
    assert!(said.ends_with(help), "{said}");
    let desk = Desk::new(url(), Some(&editor));
    assert_eq!(desk.drive("permitted", &up(25)), ["set `rollout` to 25"]);
    let before = desk.read("permitted").mark;
    Desk::real().drive("permitted", &super::down(0));
    let writers = desk.backend().writers(&name("permitted"), &before, &wait()).unwrap();
    assert_eq!(writers.iter().map(|writer| writer.name.as_str()).collect::<Vec<_>>(), ["admin", "admin"]);
}
