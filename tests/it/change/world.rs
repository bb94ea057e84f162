//! What a file system can be: links, mounts, owners, no room. Needs root on Linux, as the tests' set-up says.

use super::toy::{Place, TEXT, down, go, said, up};
use super::writer::{command, start, told};
use snapbox::{assert_data_eq, str};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::process::Command;

/// Runs a step up or a rollback in a mount namespace of its own, after `setup`, and returns what it said. The folder
/// is `$AT`, and gone is every mount when the process is.
fn mounted(place: &Place, setup: &str, task: &str) -> String {
    let writer = command(&place.folder, task);
    let mut shell = Command::new("unshare");
    shell.args(["--mount", "sh", "-euc", &format!("{setup}\nexec \"$@\""), "-"]);
    shell.arg(writer.get_program()).args(writer.get_args());
    shell.envs(writer.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("AT", &place.folder);
    place.hide(told(start(shell)))
}

#[test]
fn owner_mode_and_attributes_are_kept() {
    let place = Place::new();
    chown(&place.file, Some(1234), Some(4321)).unwrap();
    fs::set_permissions(&place.file, Permissions::from_mode(0o640)).unwrap();
    // Since the temporary folder may be one that has none.
    let marked = rustix::fs::setxattr(&place.file, "user.mark", b"kept", rustix::fs::XattrFlags::empty()).is_ok();
    go(&place, &up("alpha", 25));
    let new = fs::metadata(&place.file).unwrap();
    assert_eq!((new.uid(), new.gid(), new.mode() & 0o7777), (1234, 4321, 0o640));
    let mut value = [0_u8; 16];
    let mark =
        rustix::fs::getxattr(&place.file, "user.mark", &mut value).is_ok_and(|length| &value[..length] == b"kept");
    assert_eq!(mark, marked);
    place.assert_clean();
}

#[test]
fn a_symlink_stays_one() {
    let place = Place::new();
    let real = place.folder.join("real");
    fs::create_dir(&real).unwrap();
    fs::rename(&place.file, real.join("kept.yaml")).unwrap();
    symlink("real/kept.yaml", &place.file).unwrap();
    assert_eq!(said(&go(&place, &up("alpha", 25))), "changed alpha 5 -> 25\nrecorded\n");
    assert!(fs::symlink_metadata(&place.file).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(real.join("kept.yaml")).unwrap(), place.text());
    assert_eq!(fs::read_dir(&real).unwrap().count(), 1);
    assert_eq!(place.ledger.entries().unwrap().history.entries[0].file, "flags.yaml");
}

#[test]
fn a_hard_link_stops_a_step_up_and_is_broken_by_a_rollback() {
    let place = Place::new();
    let other = place.folder.join("other.yaml");
    fs::hard_link(&place.file, &other).unwrap();
    assert_data_eq!(
        place.hide(said(&go(&place, &up("alpha", 25)))),
        str![[r#"
failed alpha: invalid (nothing changed): `[DIR]/flags.yaml` has 2 names (hard links): replacing it would leave the others with the old text
  help: make it a file of its own first: copy it, and move the copy over it
nothing to record

"#]]
    );
    assert_eq!(place.text(), TEXT);
    assert_data_eq!(
        place.hide(said(&go(&place, &down(&["alpha"])))),
        str![[r#"
changed alpha 5 -> 0
note: `[DIR]/flags.yaml` had 2 names (hard links): only this one has the new text
recorded

"#]]
    );
    assert_eq!((place.rollout("alpha"), fs::read_to_string(&other).unwrap().as_str()), (0, TEXT));
}

#[test]
fn a_bind_mounted_file_is_overwritten_by_a_rollback_only() {
    let mount = "mount --bind $AT/flags.yaml $AT/flags.yaml";
    let place = Place::new();
    assert_data_eq!(
        mounted(&place, mount, "up alpha 25 1 0"),
        str![[r#"
failed alpha: failed (nothing changed): `[DIR]/flags.yaml` can't be replaced: it is a mount point
nothing to record

"#]]
    );
    assert_eq!(place.text(), TEXT);
    assert_data_eq!(
        mounted(&place, mount, "down alpha 0 1 0"),
        str![[r#"
changed alpha 5 -> 0
note: `[DIR]/flags.yaml` was overwritten in place, since it can't be replaced: it is a mount point
recorded

"#]]
    );
    assert_eq!(place.text(), TEXT.replace("true, rollout: 5}", "false, rollout: 0}"));
    place.assert_clean();
}

#[test]
fn a_read_only_file_system_is_told() {
    let mount =
        "mount -t tmpfs none /mnt && cp $AT/flags.yaml /mnt && mount --bind /mnt $AT && mount -o remount,ro,bind $AT";
    let place = Place::new();
    let told = ["up alpha 25 1 0", "down alpha 0 1 0"].map(|task| mounted(&place, mount, task));
    assert_data_eq!(
        told.join("---\n"),
        str![[r#"
failed alpha: failed (nothing changed): `[DIR]/flags.yaml` can't be replaced: its file system is read-only
nothing to record
---
failed alpha: failed (nothing changed): `[DIR]/flags.yaml` can't be replaced: its file system is read-only
nothing to record

"#]]
    );
    assert_eq!(place.text(), TEXT);
}

/// The folder is read-only for its user, the file is not.
#[test]
fn a_user_who_may_only_write_the_file_can_roll_back() {
    let place = Place::new();
    fs::set_permissions(&place.folder, Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&place.file, Permissions::from_mode(0o666)).unwrap();
    fs::create_dir(place.folder.join(".flagctl")).unwrap();
    chown(place.folder.join(".flagctl"), Some(65534), Some(65534)).unwrap();
    let as_nobody = |task: &str| {
        // The binary stands where only root may look: it is run by a root that has dropped what makes it one.
        let drop = "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all";
        let writer = command(&place.folder, task);
        let copy = std::env::temp_dir().join(format!("flagctl-it-{}", std::process::id()));
        fs::copy(writer.get_program(), &copy).unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("exec {drop} \"$@\""), "-"]).arg(&copy).args(writer.get_args());
        shell.envs(writer.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir("/");
        let told = place.hide(told(start(shell)));
        fs::remove_file(copy).unwrap();
        told
    };
    assert_data_eq!(
        as_nobody("up alpha 25 1 0"),
        str![[r#"
failed alpha: failed (nothing changed): `[DIR]/flags.yaml` can't be replaced: permission denied
nothing to record

"#]]
    );
    assert_eq!(place.text(), TEXT);
    assert_data_eq!(
        as_nobody("down alpha 0 1 0"),
        str![[r#"
changed alpha 5 -> 0
note: `[DIR]/flags.yaml` was overwritten in place, since it can't be replaced: permission denied
recorded

"#]]
    );
    assert_eq!(place.rollout("alpha"), 0);
    place.assert_clean();
}

#[test]
fn an_immutable_file_is_told() {
    let place = Place::new();
    let set = |flag: &str| Command::new("chattr").arg(flag).arg(&place.file).status().unwrap().success();
    assert!(set("+i"), "the temporary folder's file system knows no `chattr +i`");
    let told = [said(&go(&place, &up("alpha", 25))), said(&go(&place, &down(&["alpha"])))].map(|said| place.hide(said));
    assert!(set("-i"));
    assert_data_eq!(
        told.join("---\n"),
        str![[r#"
failed alpha: failed (nothing changed): `[DIR]/flags.yaml` can't be replaced: permission denied
  help: run it as a user who may create files in `[DIR]`; is the file or its folder immutable?
nothing to record
---
failed alpha: failed (nothing changed): `[DIR]/flags.yaml` can't be replaced: permission denied
  help: run it as a user who may create files in `[DIR]`; is the file or its folder immutable?
nothing to record

"#]]
    );
    assert_eq!(place.text(), TEXT);
    place.assert_clean();
}

#[test]
fn a_full_disk_stops_a_step_up_and_no_rollback() {
    // Full to the last block, the flags file in it; the temporary folder is full with it.
    let fill = "mount -t tmpfs -o size=16k none /mnt && cp $AT/flags.yaml /mnt && export TMPDIR=/mnt FLAGCTL_TEST_IN=/mnt && \
        { cat /dev/zero >/mnt/fill 2>/dev/null || :; }";
    let place = Place::new();
    let run = |task: &str| mounted(&place, fill, task);
    assert_data_eq!(
        run("up alpha 25 1 0"),
        str![[r#"
failed alpha: failed (nothing changed): `/mnt/flags.yaml` can't be replaced: no space left
nothing to record

"#]]
    );
    assert_data_eq!(
        run("down alpha 0 1 0"),
        str![[r#"
changed alpha 5 -> 0
note: `/mnt/flags.yaml` was overwritten in place, since it can't be replaced: no space left
note: no copy of the old text could be saved before that
not recorded: the ledger `/mnt/.flagctl/ledger.jsonl` can't be written: no space left

"#]]
    );
}
