//! A gate from the command line alone.

use super::told;
use flagctl::config::{AdHoc, adhoc_gate};
use snapbox::{assert_data_eq, str};

fn given() -> AdHoc {
    AdHoc { url: "http://127.0.0.1:7878/metrics".to_owned(), max: "1%".to_owned(), ..AdHoc::default() }
}

#[test]
fn it_has_selectors_and_a_window_of_its_own() {
    let gate = adhoc_gate(&given()).unwrap();
    assert_data_eq!(
        format!("{:?}\n{:?}\n{:?} {:?}\n", gate.rule, gate.numbers, gate.source.kind, gate.window),
        str![[r#"
Threshold { name: "ad-hoc", max: 0.01, min_requests: 100.0, max_age: 120s, absent_errors: Hold, applies: Exposed }
Counts { errors: "http_requests_total{flag=/"{{flag}}/",variant=/"on/",code=~/"5../"}", total: "http_requests_total{flag=/"{{flag}}/",variant=/"on/"}" }
Exposition 30s

"#]]
    );
    let own = AdHoc { errors: Some("e".into()), total: Some("t".into()), window: Some("2s".into()), ..given() };
    let gate = adhoc_gate(&own).unwrap();
    assert_data_eq!(
        format!("{:?} {:?}\n", gate.numbers, gate.window),
        str![[r#"
Counts { errors: "e", total: "t" } 2s

"#]]
    );
}

#[test]
fn what_can_not_be_read_is_told() {
    let mut all = String::new();
    for wrong in [
        AdHoc { url: "localhost:9090".into(), ..given() },
        AdHoc { url: "http://ops:hunter2@x".into(), ..given() },
        AdHoc { max: "0.01".into(), ..given() },
        AdHoc { max: "101%".into(), ..given() },
        AdHoc { window: Some("30".into()), ..given() },
        AdHoc { window: Some("0s".into()), ..given() },
        AdHoc { errors: Some("e{flag=\"{{flg}}\"}".into()), ..given() },
    ] {
        all.push_str(&told(&adhoc_gate(&wrong).unwrap_err()));
    }
    assert!(!all.contains("hunter2"));
    assert_data_eq!(
        all,
        str![[r#"
usage: `--metrics-url` is not an address
  help: write it with its scheme, as `http://127.0.0.1:9090`
usage: `--metrics-url` must hold no user name or password: they would stand there for all to see
  help: use `basic-auth-user` with `basic-auth-password-env` or `basic-auth-password-file`
usage: `--max-error-rate`: `0.01` is not a rate with its %
  help: write it as `1%` or `0.5%`
usage: `--max-error-rate`: `101%` is above 100%
  help: write it as `1%` or `0.5%`
usage: `--window`: `30` has no unit: write `30s`, `30m`, `30h` or `30d`
  help: write it as `30s`
usage: `--window`: `0s` must be longer than nothing
  help: write it as `30s`
usage: `--errors`: there is no placeholder `{{flg}}`; there are `{{flag}}`, `{{environment}}`, `{{window}}` and `{{exposure}}`
  help: it is usually `http_requests_total{flag="{{flag}}",variant="on",code=~"5.."}`

"#]]
    );
}
