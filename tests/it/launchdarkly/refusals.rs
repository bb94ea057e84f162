//! What LaunchDarkly refuses, as its reader sees it.

use super::desk::{Desk, FLAG, name, wait};
use super::fake::contract::{PROJECT, TOKEN};
use super::fake::{Fake, Fault, flags};
use flagctl::backend::remote::Goal;
use flagctl::error::Error;
use flagctl::model::{Mode, Percent};
use serde_json::json;
use snapbox::{assert_data_eq, str};

fn shown(desk: &Desk, error: &Error) -> String {
    let text = format!("{} changed {:?}: {error}\n{}", error.exit.code(), error.changed, error.help.join("\n"));
    desk.plain(&text)
}

#[test]
fn each_refusal_says_what_to_do() {
    let mut all = String::new();
    for (status, code) in [
        (400, "invalid_request"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (405, "method_not_allowed"),
        (409, "optimistic_locking_error"),
        (500, "internal"),
    ] {
        let desk = Desk::new();
        desk.fake.configure(FLAG, "on", json!(true));
        let goal = Goal { rollout: Percent::ZERO, enabled: Some(false), mode: Mode::Urgent };
        let off = desk.backend.next(&desk.read(), &goal).unwrap().unwrap();
        desk.fake.state().faults.push_back(Fault::Refuse(status, code, Vec::new()));
        let error = desk.backend.send(&off, &wait()).unwrap_err();
        all.push_str(&format!("{}\n\n", shown(&desk, &error)));
        assert_eq!(desk.read().stored[0], "enabled: true");
    }
    assert_data_eq!(
        all,
        str![[r#"
1 changed Some(false): LaunchDarkly was asked to switch the flag off, and answered 400: as the test wants it
if a scheduled change or a pending approval stands against it: flagctl does not override those (`ignoreConflicts`); they are on the flag's page in LaunchDarkly, under pending changes

3 changed Some(false): LaunchDarkly was asked to switch the flag off, and answered 401: as the test wants it
the token is that of the file `DIR/token`: is it the token of this account, and still valid?

1 changed Some(false): LaunchDarkly was asked to switch the flag off, and answered 403: as the test wants it
the token's role needs `updateOn` on `proj/shop:env/production:flag/*`

2 changed Some(false): LaunchDarkly was asked to switch the flag off, and answered 404: as the test wants it
is the flag's key right, the project `shop`, and its environment `production`? What a token may not read looks the same

6 changed Some(false): LaunchDarkly was asked to switch the flag off, and answered 405: as the test wants it
changes in `production` need an approval: request one in LaunchDarkly
in an emergency: a token whose role has `bypassRequiredApproval` for this environment gets past it

7 changed Some(false): LaunchDarkly was asked to switch the flag off, and answered 409: as the test wants it
somebody else is changing it: read it again, and try again

1 changed None: LaunchDarkly was asked to switch the flag off, and answered 500: as the test wants it



"#]]
    );
}

#[test]
fn an_absent_flag_is_no_absent_project() {
    let told = |project: &str, environment: &str, token: &str, flag: &str| {
        let desk = Desk::at(Fake::with([flags::boolean(FLAG)]), project, environment, token);
        let error = desk.backend.read(&name(flag), &wait()).unwrap_err();
        shown(&desk, &error).replace(desk.fake.url().trim_start_matches("http://"), "HOST")
    };
    let all = [
        told(PROJECT, "production", TOKEN, "chekout"),
        told(PROJECT, "production", TOKEN, ".."),
        told("shoop", "production", TOKEN, FLAG),
        told(PROJECT, "prod", TOKEN, FLAG),
        told(PROJECT, "production", "other", FLAG),
    ];
    assert_data_eq!(
        all.join("\n\n"),
        str![[r#"
2 changed Some(false): no flag is named `chekout` in launchdarkly://HOST/shop/production


2 changed Some(false): no flag is named `..` in launchdarkly://HOST/shop/production


2 changed Some(false): LaunchDarkly answered 404: Invalid resource identifier
is the flag's key right, the project `shoop`, and its environment `production`? What a token may not read looks the same

2 changed Some(false): LaunchDarkly answered 404: Unknown environment key
is the flag's key right, the project `shop`, and its environment `prod`? What a token may not read looks the same

3 changed Some(false): LaunchDarkly answered 401: Invalid access token
the token is that of the file `DIR/token`: is it the token of this account, and still valid?
"#]]
    );
}

#[test]
fn rights_are_asked_for_without_a_change() {
    let told = |prepare: &dyn Fn(&Desk)| {
        let desk = Desk::new();
        desk.fake.configure(FLAG, "on", json!(true));
        prepare(&desk);
        let rights = desk.backend.rights(Some(&name(FLAG)), &wait()).unwrap();
        assert_eq!(desk.read().stored[..2], ["enabled: true", "rollout: 100"]);
        let lines = rights.iter().map(|right| format!("{:?} {}: {}", right.granted, right.what, right.note));
        lines.collect::<Vec<_>>().join("\n")
    };
    let all = [
        told(&|_| {}),
        told(&|desk| desk.fake.state().denied = vec!["updateOn"]),
        told(&|desk| desk.fake.state().approvals = true),
        told(&|desk| desk.fake.state().scheduled = true),
    ];
    assert_data_eq!(
        all.join("\n\n"),
        str![[r#"
Some(true) read the flag: it did
Some(true) switch a flag off: LaunchDarkly would have taken it
Some(true) change a flag's percentage: LaunchDarkly would have taken it

Some(true) read the flag: it did
Some(false) switch a flag off: LaunchDarkly was asked to switch a flag off, and answered 403: Access to the requested resource was denied; the token's role needs `updateOn` on `proj/shop:env/production:flag/*`
Some(true) change a flag's percentage: LaunchDarkly would have taken it

Some(true) read the flag: it did
Some(false) switch a flag off: LaunchDarkly was asked to switch a flag off, and answered 405: Approval is required to make this request; changes in `production` need an approval: request one in LaunchDarkly; in an emergency: a token whose role has `bypassRequiredApproval` for this environment gets past it
Some(false) change a flag's percentage: LaunchDarkly was asked to change a flag's percentage, and answered 405: Approval is required to make this request; changes in `production` need an approval: request one in LaunchDarkly; in an emergency: a token whose role has `bypassRequiredApproval` for this environment gets past it

Some(true) read the flag: it did
Some(false) switch a flag off: LaunchDarkly was asked to switch a flag off, and answered 400: A scheduled change would fail; if a scheduled change or a pending approval stands against it: flagctl does not override those (`ignoreConflicts`); they are on the flag's page in LaunchDarkly, under pending changes
Some(false) change a flag's percentage: LaunchDarkly was asked to change a flag's percentage, and answered 400: A scheduled change would fail; if a scheduled change or a pending approval stands against it: flagctl does not override those (`ignoreConflicts`); they are on the flag's page in LaunchDarkly, under pending changes
"#]]
    );
    // Asked for is what the rollback would send.
    let turned = told(&|desk| {
        desk.fake.configure(FLAG, "offVariation", json!(0));
        desk.fake.state().denied = vec!["updateOffVariation"];
    });
    assert!(turned.contains("Some(false) switch a flag off") && turned.contains("`updateOffVariation` and `updateOn`"));
    let desk = Desk::new();
    let rights = desk.backend.rights(None, &wait()).unwrap();
    assert_eq!(rights.iter().map(|right| right.granted).collect::<Vec<_>>(), [Some(true), None]);
}
