//! `bucket` and `plan --users` at work: ids from stdin and from files, and what is said beside the answer.

use crate::console::{BINARY, Console, FLAGS, Outcome, TEXT, alone};
use crate::process;
use std::fs;

/// Runs the binary with bytes on stdin.
fn fed(console: &Console, bytes: &[u8], line: &str) -> Outcome {
    fs::write(console.path("fed"), bytes).unwrap();
    shell(console, &format!("\"$0\" {line} < fed"))
}

fn shell(console: &Console, script: &str) -> Outcome {
    Outcome::of(&process::output(alone("sh", &console.path(".")).args(["-c", script, BINARY])))
}

#[test]
fn ids_are_what_stands_between_line_ends() {
    let console = Console::new();
    let answer = fed(&console, b"\xef\xbb\xbfu1\r\nu2\n\xef\xbb\xbfu3", "bucket checkout_v2 - --csv");
    let users: Vec<&str> = answer.stdout.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!((answer.code, users), (Some(0), vec!["u1", "u2", "\u{feff}u3"]));
    assert_eq!(answer.stderr, "");
    assert_eq!(fed(&console, b"", "bucket checkout_v2 - --csv").stdout, "");
}

/// What went before has been answered, and an object stays one.
#[test]
fn a_line_that_is_no_id_ends_it() {
    let console = Console::new();
    let long = [b"u1\n".as_slice(), &[b'x'; 70_000]].concat();
    for (bytes, why) in [
        (b"u1\nu\xff\nu3\n".as_slice(), "line 2 of stdin is not UTF-8"),
        (&long, "line 2 of stdin is longer than 64 KiB"),
    ] {
        let answer = fed(&console, bytes, "bucket checkout_v2 - --csv");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(2), "u1,17813,in\n"));
        assert!(answer.stderr.starts_with(&format!("error: {why}\n")), "{}", answer.stderr);
        let answer = fed(&console, bytes, "-o json bucket checkout_v2 -");
        let json = answer.json();
        assert_eq!((answer.code, &json["error"]["message"], &json["changed"]), (Some(2), &why.into(), &false.into()));
        assert_eq!(json["users"].as_array().unwrap().len(), 1);
        assert_eq!(answer.stderr, "");
    }
    assert_eq!(fed(&console, b"u\xff", "plan checkout_v2 --users -").code, Some(2));
}

/// To a person; a program that reads CSV gets the id as it is.
#[test]
fn an_id_does_not_act_on_the_terminal() {
    let console = Console::new();
    let id = "\u{1b}[31mred\u{202e}";
    for line in ["bucket checkout_v2 -", "-o json bucket checkout_v2 -", "plan checkout_v2 --to 100 --users -"] {
        let answer = fed(&console, format!(" {id}\n").as_bytes(), line);
        let told = answer.stdout + &answer.stderr;
        assert!(told.contains("[31mred") && !told.contains(['\u{1b}', '\u{202e}']), "{told:?}");
    }
    let table = Outcome::of(&process::output(&mut console.command(&["bucket", "checkout_v2", id])));
    assert!(table.stdout.contains("\\u{1b}[31mred\\u{202e}"), "{}", table.stdout);
    assert!(fed(&console, id.as_bytes(), "bucket checkout_v2 - --csv").stdout.starts_with(id));
}

/// A reader that has enough is no failure, and neither is waited for nor written to any more.
#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let console = Console::new();
    for line in ["bucket checkout_v2 - --csv", "bucket checkout_v2 -", "-o json bucket checkout_v2 -"] {
        let answer = shell(&console, &format!("yes u1 | \"$0\" -q {line} | head -c 20 > /dev/null"));
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{line}");
    }
    let answer = shell(&console, "echo u1 | \"$0\" bucket checkout_v2 - --csv > /dev/full");
    assert_eq!(answer.code, Some(1), "{}", answer.stderr);
}

/// Who writes an id and waits gets its answer: the second is asked for only after the first has come.
#[test]
fn an_answer_comes_before_the_next_id_is_there() {
    let console = Console::new();
    let script = "mkfifo ids sides && { \"$0\" bucket checkout_v2 - --csv < ids > sides & } && exec 3> ids 4< sides \
        && echo u1 >&3 && read -r one <&4 && echo u2 >&3 && read -r two <&4 && exec 3>&- && wait && echo \"$one $two\"";
    assert_eq!(shell(&console, script).stdout, "u1,17813,in u2,94934,out\n");
}

#[test]
fn a_salt_that_is_another_than_in_the_last_commit_is_said() {
    let console = Console::new();
    fs::write(console.path("ids"), "u1\nu2\n").unwrap();
    let git = "git -c user.name=a -c user.email=a@b -c commit.gpgsign=false -c core.hooksPath=/dev/null";
    let script = format!("git init -q && {git} add config && {git} commit -qm first");
    assert_eq!(shell(&console, &script).code, Some(0));
    let warning = "warning: `checkout_v2` is hashed with `new`, and with its name in the last commit: that is other users; put the `salt` back unless that is meant\n";
    assert!(!console.run("bucket checkout_v2 u1").stderr.contains("warning"));
    console.write(FLAGS, &TEXT.replace("rollout: 25", "salt: new\n  rollout: 25"));
    assert!(console.run("bucket checkout_v2 u1").stderr.contains(warning));
    assert!(console.run("plan checkout_v2 --users ids").stderr.contains(warning));
    let note = warning.trim_start_matches("warning: ").trim_end();
    for line in ["plan checkout_v2", "advance checkout_v2 --override gates --reason x --yes -n"] {
        assert_eq!(console.run(line).stderr.matches(warning).count(), 1, "{line}");
        let answer = console.json(line).1;
        assert_eq!(answer["notes"], serde_json::json!([note]), "{line}");
    }
    // Where nobody has it, nobody is dealt anew.
    console.write(FLAGS, &TEXT.replace("rollout: 0", "rollout: 0\n  salt: new"));
    assert!(!console.run("plan dark_mode").stderr.contains("last commit"));
    // Another name is another hash too.
    let renamed = "warning: `checkout_v3` is not in the last commit, and `checkout_v2` is there and gone now: if that is its old name, write `salt: checkout_v2`, or it is other users\n";
    console.write(FLAGS, &TEXT.replace("checkout_v2", "checkout_v3"));
    assert!(console.run("plan checkout_v3").stderr.contains(renamed));
    console.write(FLAGS, &TEXT.replace("checkout_v2:", "checkout_v3:\n  salt: checkout_v2"));
    assert!(!console.run("plan checkout_v3").stderr.contains("last commit"));
    console.write(FLAGS, &TEXT.replace("rollout: 25", "salt: new\n  rollout: 25"));
    // Of another salt, and of another flag, that says nothing.
    for line in ["bucket checkout_v2 u1 --salt x", "bucket checkout_v2 u1 --scheme unleash", "bucket dark_mode u1"] {
        assert!(!console.run(line).stderr.contains("last commit"), "{line}");
    }
}

/// With an exposure of its own the answer needs no file: one that can't be read is told, and passed over.
#[test]
fn no_file_is_needed_where_the_exposure_is_given() {
    let console = Console::empty().with("broken.yaml", "co: [\n").with("other.yaml", "x: {rollout: 5}\n");
    console.write("salted.yaml", "co:\n  rollout: 5\n  salt: [1]\n");
    for (file, why) in
        [("none.yaml", "there is no flags file"), ("broken.yaml", "not valid YAML"), ("other.yaml", "no flag is named")]
    {
        let outcome = console.run(&format!("-f {file} bucket co u1 --at 5 --csv"));
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "u1,255,in\n"), "{outcome:?}");
        assert!(outcome.stderr.starts_with("warning: ") && outcome.stderr.contains(why), "{outcome:?}");
    }
    // A salt that is there and can't be read is other users.
    let outcome = console.run("-f salted.yaml bucket co u1 --at 5");
    assert_eq!(outcome.code, Some(3));
    let why = "who is in the rollout of `co` can't be told: `salt: [1]` is no text\n --> salted.yaml:3:9\n";
    assert!(outcome.stderr.contains(why), "{}", outcome.stderr);
    assert_eq!(console.run("-f salted.yaml codegen typescript").code, Some(3));
    assert_eq!(console.run("-f salted.yaml bucket co u1 --salt s").code, Some(0));
}

#[test]
fn an_id_that_stands_twice_is_one_user() {
    let console = Console::new();
    fs::write(console.path("ids"), "a\nb\na\na\n").unwrap();
    let outcome = console.run("plan checkout_v2 --to 100 --users ids");
    assert!(outcome.stdout.contains(" of 2 in ids are newly exposed"), "{outcome:?}");
    assert!(outcome.stderr.contains("2 ids stand in ids again: each counts once\n"), "{outcome:?}");
    let users = console.json("plan checkout_v2 --to 100 --users ids").1["users"].clone();
    assert_eq!((&users["count"], &users["repeated"]), (&2.into(), &2.into()));
}

#[test]
fn a_step_exposes_those_whom_bucket_puts_between() {
    let console = Console::new();
    let ids: String = (0..500).map(|user| format!("user-{user}\n")).collect();
    fs::write(console.path("ids"), &ids).unwrap();
    let members = |at: u32| {
        let answer = fed(&console, ids.as_bytes(), &format!("bucket checkout_v2 - --csv --at {at}"));
        let within = answer.stdout.lines().filter_map(|line| line.strip_suffix(",in"));
        within.map(|line| line.split(',').next().unwrap().to_owned()).collect::<Vec<String>>()
    };
    let (now, then) = (members(25), members(100));
    let new: Vec<&String> = then.iter().filter(|user| !now.contains(user)).collect();
    let (code, answer) = console.json("plan checkout_v2 --to 100 --users ids");
    let users = &answer["users"];
    assert_eq!(code, 0);
    assert_eq!((&users["count"], &users["have"], &users["lose"]), (&500.into(), &now.len().into(), &0.into()));
    assert_eq!((&users["newly"], &users["names"]), (&new.len().into(), &serde_json::json!(new)));
}
