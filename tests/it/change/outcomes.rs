//! What comes of a change, told whole.

use super::toy::{Place, TEXT, Wish, down, down_at_once, go, said, up};
use flagctl::exit::Exit;
use flagctl::model::Mode;
use snapbox::{assert_data_eq, str};
use std::fs;

#[test]
fn a_step_up_changes_its_line_and_nothing_else() {
    let place = Place::new();
    assert_data_eq!(
        said(&go(&place, &up("alpha", 25))),
        str![[r#"
changed alpha 5 -> 25
recorded

"#]]
    );
    assert_eq!(place.text(), TEXT.replace("true, rollout: 5", "true, rollout: 25"));
    place.assert_clean();
}

#[test]
fn the_ledger_has_what_was_done() {
    let place = Place::new();
    go(&place, &up("alpha", 25));
    go(&place, &down(&["alpha", "beta"]));
    let entries = place.ledger.entries().unwrap().history.entries;
    let told: Vec<String> = entries
        .iter()
        .map(|entry| {
            let from = entry.from.unwrap();
            format!("{:?} {} {} {} {from}->{}", entry.action, entry.actor, entry.file, entry.flag, entry.to)
        })
        .collect();
    assert_data_eq!(
        told.join("\n"),
        str![[r#"
Advance ada flags.yaml alpha 5->25
Rollback ada flags.yaml alpha 25->0
Rollback ada flags.yaml beta 25->0
"#]]
    );
    assert_eq!(entries[0].before, ["alpha: {enabled: true, rollout: 5} # first"]);
    assert!(entries[0].prev.is_empty());
    assert_eq!(entries[1].prev, [entries[0].id.clone()]);
    assert_eq!(entries[2].prev, [entries[1].id.clone()]);
}

#[test]
fn a_plan_that_no_longer_fits_is_a_conflict() {
    let place = Place::new();
    let meanwhile = || fs::write(&place.file, TEXT.replace("true, rollout: 5", "false, rollout: 0")).unwrap();
    let wish = Wish { meanwhile: &meanwhile, ..up("alpha", 25) };
    assert_data_eq!(
        said(&go(&place, &wish)),
        str![[r#"
failed alpha: conflict (nothing changed): `alpha` changed since it was planned: from 5% to 0%
  help: look at it anew: `flagctl plan alpha`
nothing to record

"#]]
    );
    assert_eq!(place.rollout("alpha"), 0);
    place.assert_clean();
}

#[test]
fn a_change_of_another_flag_is_no_conflict() {
    let place = Place::new();
    let meanwhile = || fs::write(&place.file, TEXT.replace("rollout: 25", "rollout: 50")).unwrap();
    let wish = Wish { meanwhile: &meanwhile, ..up("alpha", 25) };
    assert_data_eq!(
        said(&go(&place, &wish)),
        str![[r#"
changed alpha 5 -> 25
recorded

"#]]
    );
    assert_eq!(
        place.text(),
        TEXT.replace("rollout: 25", "rollout: 50").replace("true, rollout: 5}", "true, rollout: 25}")
    );
}

#[test]
fn of_several_flags_each_is_done_that_can_be() {
    let place = Place::new();
    assert_data_eq!(
        said(&go(&place, &down(&["alpha", "nope", "gamma", "beta"]))),
        str![[r#"
changed alpha 5 -> 0
changed beta 25 -> 0
unchanged gamma
failed nope: usage (nothing changed): no flag `nope`
recorded

"#]]
    );
    assert_eq!((place.rollout("alpha"), place.rollout("beta")), (0, 0));
    assert_eq!(place.ledger.entries().unwrap().history.entries.len(), 2);
    place.assert_clean();
}

#[test]
fn nothing_to_do_writes_nothing() {
    let place = Place::new();
    assert_data_eq!(
        said(&go(&place, &down(&["gamma"]))),
        str![[r#"
unchanged gamma
nothing to record

"#]]
    );
    assert_eq!(place.names(), ["flags.yaml"]);
}

#[test]
fn a_stop_before_the_write_changes_nothing() {
    let place = Place::new();
    let wish = Wish { stopped: Some(Exit::Terminated), ..up("alpha", 25) };
    assert_data_eq!(
        said(&go(&place, &wish)),
        str![[r#"
failed alpha: terminated (nothing changed): stopped before anything was written
nothing to record

"#]]
    );
    assert_eq!(place.text(), TEXT);
}

#[test]
fn a_busy_lock_stops_a_careful_change_and_no_rollback() {
    let place = Place::new();
    let folder = fs::File::open(&place.folder).unwrap();
    folder.lock().unwrap();
    let hide = |text: String| {
        let (own, command) = (std::process::id().to_string(), std::env::args().next().unwrap());
        let text = place.hide(text).replace(&own, "[PID]");
        let start = text.find("(`").or(text.find("[PID]")).unwrap();
        let end = text[start..].find('\n').unwrap() + start;
        assert!(text[start..end].contains(&command[..20]), "{text}");
        format!("{}…{}", &text[..start], &text[end..])
    };
    let wish = Wish { lock: std::time::Duration::ZERO, ..up("alpha", 25) };
    assert_data_eq!(
        hide(said(&go(&place, &wish))),
        str![[r#"
failed alpha: conflict (nothing changed): the lock of `[DIR]/flags.yaml` is busy: held by process [PID] …
  help: try again, or wait longer with `--lock-timeout 60s`
nothing to record

"#]]
    );
    assert_eq!(place.text(), TEXT);
    assert_data_eq!(
        hide(said(&go(&place, &down_at_once(&["beta"])))),
        str![[r#"
changed beta 25 -> 0
note: the lock of `[DIR]/flags.yaml` is busy (held by process [PID] …
recorded

"#]]
    );
    assert_eq!(place.rollout("beta"), 0);
    place.assert_clean();
}

#[test]
fn a_file_that_can_t_be_used_is_told() {
    let place = Place::new();
    let cases: [(&str, &dyn Fn()); 4] = [
        ("not there", &|| fs::remove_file(&place.file).unwrap()),
        ("a directory", &|| fs::create_dir(&place.file).unwrap()),
        ("latin-1", &|| {
            fs::remove_dir(&place.file).unwrap();
            fs::write(&place.file, b"# ok\n# caf\xe9\n").unwrap();
        }),
        ("utf-16", &|| fs::write(&place.file, b"\xff\xfea\0").unwrap()),
    ];
    let mut told = String::new();
    for (case, make) in cases {
        make();
        let applied = go(&place, &Wish { mode: Mode::Urgent, ..up("alpha", 0) });
        told += &format!("{case}\n{}", place.hide(said(&applied)));
    }
    assert_data_eq!(
        told,
        str![[r#"
not there
failed alpha: failed (nothing changed): there is no flags file `[DIR]/flags.yaml`
  help: name it with `-f FILE`, or run `flagctl init` where it is
nothing to record
a directory
failed alpha: invalid (nothing changed): `[DIR]/flags.yaml` is a directory, not a flags file
  help: name the file in it with `-f FILE`
nothing to record
latin-1
failed alpha: usage (nothing changed): no flag `alpha`
note: `[DIR]/flags.yaml` is not UTF-8: byte 0xe9 at line 2, column 6: such bytes were left as they are, and readers may not load the file
nothing to record
utf-16
failed alpha: invalid (nothing changed): `[DIR]/flags.yaml` is UTF-16, and a flags file has to be UTF-8
  help: convert it: iconv -f UTF-16 -t UTF-8 [DIR]/flags.yaml > [DIR]/flags.yaml.utf8 && mv [DIR]/flags.yaml.utf8 [DIR]/flags.yaml
nothing to record

"#]]
    );
}

#[test]
fn a_pipe_is_not_waited_for() {
    let place = Place::new();
    fs::remove_file(&place.file).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&place.file).status().unwrap();
    assert!(made.success());
    let told = place.hide(said(&go(&place, &down(&["alpha"]))));
    assert_data_eq!(
        told,
        str![[r#"
failed alpha: invalid (nothing changed): `[DIR]/flags.yaml` is not a regular file
  help: name a flags file with `-f FILE`
nothing to record

"#]]
    );
}

#[test]
fn a_ledger_that_can_t_be_written_is_told_and_undoes_nothing() {
    let place = Place::new();
    fs::create_dir_all(&place.ledger.path).unwrap();
    let told = place.hide(said(&go(&place, &down(&["alpha"]))));
    assert_data_eq!(
        told,
        str![[r#"
changed alpha 5 -> 0
not recorded: the ledger `[DIR]/.flagctl/ledger.jsonl` can't be written: it is a directory

"#]]
    );
    assert_eq!(place.rollout("alpha"), 0);
    fs::remove_dir_all(place.folder.join(".flagctl")).unwrap();
    fs::write(place.folder.join(".flagctl"), "a file").unwrap();
    let told = place.hide(said(&go(&place, &up("beta", 50))));
    assert_data_eq!(
        told,
        str![[r#"
changed beta 25 -> 50
not recorded: the ledger `[DIR]/.flagctl/ledger.jsonl` can't be written: its folder is a file

"#]]
    );
    assert_eq!(place.rollout("beta"), 50);
}
