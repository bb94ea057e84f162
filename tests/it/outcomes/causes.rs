//! Several causes at once: the answer lists all, and the code is the first that applies of 2, 3, 7, 1, 4, 5, 6.

use super::told;
use crate::console::{CONFIG, Console, FLAGS, gate};
use crate::metrics::server::{Server, healthy};
use snapbox::{IntoData as _, assert_data_eq, str};

const FREEZE: &str =
    "[freeze]\nwindows = [{ from = \"2020-01-01 00:00\", to = \"2100-01-01 00:00\", time-zone = \"UTC\" }]\n";

/// A frozen production with one gate that breaches and one whose source is gone.
fn console(first: &str, second: &str) -> Console {
    let second = gate(second).replace("prod]", "gone]").replace("error-rate]", "other]\nsource = \"gone\"");
    let first = gate(first).replace("error-rate]", "error-rate]\nsource = \"prod\"");
    Console::new().with("flagctl.toml", &format!("{CONFIG}{first}{second}{FREEZE}"))
}

#[test]
fn the_first_that_applies() {
    let bad = Server::saying(|asked| healthy(asked, "50", "1000"));
    let nowhere = "http://127.0.0.1:9";
    let both = console(&bad.url(), nowhere);
    let none = console(nowhere, nowhere);
    let mut text = String::new();
    for line in [
        "advance checkout_v2 --yes --to 37",
        "advance checkout_v2 --yes --override breach --reason test",
        "advance checkout_v2 --yes --override breach,gates --reason test",
        "advance checkout_v2 --yes --override breach,gates,nothing --reason test",
        "check checkout_v2",
        // Of several flags each that can be done is done; the code is the first failure's.
        "rollback chekout_v2 checkout_v2",
    ] {
        text += &told(&both, line);
    }
    text += &told(&none, "advance checkout_v2 --yes --to 37");
    // A file that can't be used comes before what its gates would say; a wrong command line before that.
    both.write(FLAGS, "checkout_v2: {enabled: true, rollout: 25}\nb: [\n");
    text += &told(&both, "advance checkout_v2 --yes");
    text += &told(&both, "advance checkout_v2 --yes --to 101");
    let text = text.replace(" refuses: a freeze is on; until 2100-01-01 00:00 UTC", " refuses: …");
    assert_data_eq!(text, str![[r#"
$ advance checkout_v2 --yes --to 37
4 breach, changed false
  failed checkout_v2: breach
  `checkout_v2` stays at 25%: ladder refuses: 37% is not one of the steps 0, 5, 25, 50, 100; freeze refuses: a freeze is on; until DATE TIME UTC; gate `error-rate` breaches: 50 of 1000 requests failed in 10m: 5%, at most 1% may; gate `other` holds: the source `gone` could not be reached: 127.0.0.1:9: Connection refused (os error 111)
$ advance checkout_v2 --yes --override breach --reason test
5 hold, changed false
  failed checkout_v2: hold
  `checkout_v2` stays at 25%: freeze refuses: a freeze is on; until DATE TIME UTC; gate `other` holds: the source `gone` could not be reached: 127.0.0.1:9: Connection refused (os error 111)
$ advance checkout_v2 --yes --override breach,gates --reason test
6 refused, changed false
  failed checkout_v2: refused
  `checkout_v2` stays at 25%: freeze refuses: a freeze is on; until DATE TIME UTC
$ advance checkout_v2 --yes --override breach,gates,nothing --reason test
2 usage, changed false
  `nothing` is nothing that can be overridden
$ check checkout_v2
4 breach, changed false
  gate `error-rate` breaches: 50 of 1000 requests failed in 10m: 5%, at most 1% may; gate `other` holds: the source `gone` could not be reached: 127.0.0.1:9: Connection refused (os error 111)
$ rollback chekout_v2 checkout_v2
2 usage, changed true
  change checkout_v2 25 -> 0
  failed chekout_v2: usage
  no flag is named `chekout_v2` in config/feature_flags.yaml
$ advance checkout_v2 --yes --to 37
5 hold, changed false
  failed checkout_v2: hold
  `checkout_v2` stays at 25%: ladder refuses: 37% is not one of the steps 0, 5, 25, 50, 100; freeze refuses: a freeze is on; until DATE TIME UTC; gate `error-rate` holds: the source `prod` could not be reached: 127.0.0.1:9: Connection refused (os error 111); gate `other` holds: the source `gone` could not be reached: 127.0.0.1:9: Connection refused (os error 111)
$ advance checkout_v2 --yes
3 invalid, changed false
  the file is not valid YAML: unclosed bracket '['
$ advance checkout_v2 --yes --to 101
2 usage, changed false
  invalid value '101' for '--to <PERCENT>': `101` is not between 0 and 100

"#]].raw());
}

#[test]
fn the_answer_lists_all() {
    let bad = Server::saying(|asked| healthy(asked, "50", "1000"));
    let console = console(&bad.url(), "http://127.0.0.1:9");
    let (code, answer) = console.json("advance checkout_v2 --yes --to 37");
    assert_eq!(code, 4);
    let words = |key: &str, of: &str| {
        answer[of].as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(words("refusal", "refusals"), ["ladder", "freeze"]);
    assert_eq!(words("gate", "verdicts"), ["error-rate", "other"]);
    let message = answer["error"]["message"].as_str().unwrap();
    for cause in ["ladder refuses", "freeze refuses", "gate `error-rate` breaches", "gate `other` holds"] {
        assert!(message.contains(cause), "{cause}: {message}");
    }
    let command = answer["command"].as_str().unwrap();
    assert!(command.contains("--override ladder,freeze,breach,gates "), "{command}");
}
