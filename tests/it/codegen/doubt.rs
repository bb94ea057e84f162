//! What a module makes of a text that lacks what its flags had, and of salts of every style, at the first read.

use super::node::{Ask, Job, ask, module};
use flagctl::bucket::bucket;
use flagctl::document;
use flagctl::model::{FlagName, Mapping};

fn job(generated: &str, text: &str, asks: Vec<Ask>) -> Job {
    Job { module: module(generated, &Mapping::native()), text: text.to_owned(), asks }
}

/// A flag that lacks a key that it had may be half written: it is given to nobody.
#[test]
fn a_flag_that_lacks_a_key_is_off() {
    const WHOLE: &str = "f: {enabled: true, rollout: 5, salt: s}\n";
    const SWITCH: &str = "f: {enabled: true}\n";
    const SHARE: &str = "f: {rollout: 5}\n";
    let cases = [
        (WHOLE, WHOLE, 5.0, None),
        (WHOLE, "f:\n  enabled: true\n", 0.0, Some("percentage")),
        (WHOLE, "f:\n  enabled: false\n", 0.0, None),
        (WHOLE, "f: {rollout: 50, salt: s}\n", 0.0, Some("switch")),
        (WHOLE, "f: {rollout: 0, salt: s}\n", 0.0, None),
        (WHOLE, "f: {enabled: true, rollout: 5}\n", 0.0, Some("salt")),
        (WHOLE, "f: {enabled: true, rollout: 5, salt: ''}\n", 0.0, Some("salt")),
        (WHOLE, "f: {enabled: true, rollout: 100}\n", 100.0, None),
        (SWITCH, SWITCH, 100.0, None),
        (SWITCH, "f: {enabled: true, rollout: 25, salt: t}\n", 25.0, None),
        (SHARE, SHARE, 5.0, None),
        (SHARE, SWITCH, 0.0, Some("percentage")),
    ];
    let jobs: Vec<Job> = cases.iter().map(|(generated, text, ..)| job(generated, text, Vec::new())).collect();
    for ((generated, text, exposure, lost), said) in cases.iter().zip(ask(&jobs)) {
        assert_eq!(said.exposures["f"], *exposure, "{generated}{text}");
        let told = lost.map(|lost| {
            format!("\"f\" is given to nobody new: it has no {lost}, and had one when this module was written")
        });
        assert_eq!(said.problems, told.into_iter().collect::<Vec<_>>(), "{generated}{text}");
    }
}

/// A flag that is itself a switch today and a percentage tomorrow has no key to lose.
#[test]
fn a_flag_without_keys_lacks_none() {
    let mapping = Mapping { rollout: vec![Vec::new()], ..Mapping::native() };
    let mapping = Mapping {
        enabled: mapping
            .enabled
            .into_iter()
            .map(|key| flagctl::model::EnabledKey { path: Vec::new(), ..key })
            .collect(),
        ..mapping
    };
    let text = |module: &str, text: &str| Job {
        module: self::module(module, &mapping),
        text: text.to_owned(),
        asks: Vec::new(),
    };
    for said in ask(&[text("f: true\n", "f: 50\n"), text("f: 50\n", "f: 50\n")]) {
        assert_eq!((said.exposures["f"], said.problems), (50.0, Vec::new()));
    }
}

#[test]
fn salts_of_every_style_are_the_same_text() {
    let salts = [
        "pinned",
        "007",
        "'it''s'",
        "\"a\\u00e9\\n\"",
        "~",
        "'null'",
        "''",
        "|\n    kept\n",
        "|-\n    kept\n",
        "|+\n    kept\n\n\n",
        ">\n    one\n    line\n\n    and another\n\n\n    more\n",
        ">-\n    a\n      deeper\n    b\n\n      deeper\n\n    c\n",
        "|\n\n    late\n      deep\n\n    end\n\n",
        ">+\n\n    late\n    b\n\n",
        "|\n",
        "|+\n\n",
        "two\n    lines",
        "\"two\n    lines\"",
    ];
    let entry = |(index, salt): (usize, &&str)| format!("f{index}:\n  enabled: true\n  rollout: 50\n  salt: {salt}\n");
    // Each stands once in the middle, and once at the end.
    let whole: String = salts.iter().enumerate().map(entry).collect();
    let texts: Vec<String> = salts.iter().map(|salt| entry((0, salt))).chain([whole]).collect();
    let asks = |text: &str| {
        let flags = document::listing(text, &Mapping::native()).flags;
        flags.iter().map(|flag| Ask { flag: flag.name.as_str().to_owned(), user: "user-1".to_owned() }).collect()
    };
    let jobs: Vec<Job> = texts.iter().map(|text| job(text, text, asks(text))).collect();
    for (job, said) in jobs.iter().zip(ask(&jobs)) {
        assert_eq!(said.problems, Vec::<String>::new(), "{}", job.text);
        let listing = document::listing(&job.text, &Mapping::native());
        for (asked, answer) in job.asks.iter().zip(said.answers) {
            let flag = listing.get(&FlagName::new(asked.flag.as_str()).unwrap()).unwrap();
            assert_eq!(answer.bucket, bucket(flag.hashed(), "user-1"), "{:?} in\n{}", flag.hashed(), job.text);
        }
    }
}
