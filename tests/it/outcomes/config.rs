//! Mistakes of flagctl.toml that only the flags and the sources show: `validate` finds them where they stand.

use crate::console::Console;
use serde_json::Value;

const SOURCES: &str = "\
version = 1
[environments.production]
flags = 'flags.yaml'
[sources.server]
kind = 'prometheus'
url = 'http://127.0.0.1:9'
[sources.page]
kind = 'exposition'
url = 'http://127.0.0.1:9/metrics'
";

/// Returns what `validate` finds: severity, line, message.
fn found(config: &str) -> Vec<String> {
    let console = Console::empty()
        .with("flags.yaml", "alpha:\n  enabled: true\n  rollout: 5\n")
        .with("flagctl.toml", &format!("{SOURCES}{config}"));
    let (_, answer) = console.json("validate");
    let line = |finding: &Value| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        format!("{} {} {}", text("severity"), finding["line"], text("message"))
    };
    answer["findings"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn questions_are_read_as_their_source_reads_them() {
    let of = |source: &str, errors: &str| {
        let total = if source == "page" { "t" } else { "sum(increase(t[{{window}}]))" };
        let rest = "max = '1%'\nwindow = '10m'\n";
        found(&format!("[gates.one]\nsource = '{source}'\n{rest}total = '{total}'\nerrors = \"\"\"{errors}\"\"\"\n"))
    };
    for (source, errors, severity, wanted) in [
        ("server", "sum(increase(e{flag='{{flag}}'}[{{window}}])", "error", "can't be read: a `)` is missing"),
        ("server", "e[{{window}}])", "error", "can't be read: `)` closes nothing"),
        ("server", "e{f='{{flag}}[{{window}}]", "error", "can't be read: a text that `'` begins has no end"),
        ("server", "e{f={{flag}}}[{{window}}]", "error", "can't be asked: `{{flag}}` must stand inside quotes"),
        ("server", "sum(e[{{window}}])", "warning", "is no PromQL: expected type vector"),
        ("page", "sum(e)", "error", "is an expression; a page is read with a plain selector"),
    ] {
        let found = of(source, errors);
        let wanted = format!("{severity} 15 gate `one`: `errors` {wanted}");
        assert!(found.len() == 1 && found[0].starts_with(&wanted), "{errors}: {found:?}");
    }
    for (source, errors) in [
        ("server", "sum(increase(e{flag='{{flag}}',path!='/a(b|[c{)'}[{{window}}])) or vector(0) # :-("),
        ("page", "e{flag='{{flag}}'}"),
    ] {
        assert_eq!(of(source, errors), [""; 0], "{errors}");
    }
}

#[test]
fn a_table_of_a_flag_that_is_nowhere_is_found() {
    assert_eq!(found("[flags.alpha]\nsoak = '1h'\n"), [""; 0]);
    let wanted = "warning 10 `[flags]` has `alhpa`, and no environment has such a flag";
    assert_eq!(found("[flags.alhpa]\nsoak = '1h'\n"), [wanted]);
}

#[test]
fn a_flags_file_that_is_missing_is_told_where_it_is_named() {
    let console = Console::empty().with("flagctl.toml", SOURCES);
    let (code, answer) = console.json("validate");
    assert_eq!((code, &answer["error"]["file"], &answer["error"]["line"]), (1, &"flagctl.toml".into(), &3.into()));
}
