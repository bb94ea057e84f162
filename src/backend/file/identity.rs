//! What a file is beside its bytes: owner, mode, names, attributes; and how a new file gets the same.

use std::fs::{File, Metadata};
use std::io;

/// What a file was when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// Length in bytes.
    pub(super) len: u64,
    /// How many names it has; 1 where that can't be told.
    pub(super) names: u64,
    #[cfg(unix)]
    unix: Unix,
}

#[cfg(unix)]
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unix {
    uid: u32,
    gid: u32,
    mode: u32,
}

/// What of the old file the new one could not be given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It has everything.
    All,
    /// Another owner or group, but everyone who could read the old one surely still can.
    Readable,
    /// Another owner or group, and somebody may be locked out.
    No,
}

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let unix = Unix { uid: metadata.uid(), gid: metadata.gid(), mode: metadata.mode() & 0o7777 };
        Self { len: metadata.len(), names: metadata.nlink(), unix }
    }

    #[cfg(not(unix))]
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self { len: metadata.len(), names: 1 }
    }

    /// Gives `new` the owner, group, mode and attributes (access lists among them) of `old`.
    #[cfg(unix)]
    pub(super) fn give(&self, old: &File, new: &File) -> io::Result<Kept> {
        use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
        let Unix { uid, gid, mode } = self.unix;
        let made = new.metadata()?;
        let mut owner = made.uid() == uid;
        let mut group = made.gid() == gid;
        if !owner || !group {
            owner = fchown(new, Some(uid), Some(gid)).is_ok();
            group = owner || group || fchown(new, None, Some(gid)).is_ok();
        }
        // After the owner: a change of owner clears mode bits.
        new.set_permissions(std::fs::Permissions::from_mode(mode))?;
        copy_attributes(old, new);
        let everyone_reads = mode & 0o004 != 0;
        let group_reads = mode & 0o040 != 0;
        Ok(match (owner, group) {
            (true, true) => Kept::All,
            (_, true) if group_reads || everyone_reads => Kept::Readable,
            (_, false) if everyone_reads => Kept::Readable,
            _ => Kept::No,
        })
    }

    #[cfg(not(unix))]
    pub(super) fn give(&self, old: &File, new: &File) -> io::Result<Kept> {
        new.set_permissions(old.metadata()?.permissions())?;
        Ok(Kept::All)
    }
}

/// Copies extended attributes as far as that is allowed: a label that only the system may set is set by it anyway.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn copy_attributes(old: &File, new: &File) {
    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fsetxattr};
    let mut names = vec![0_u8; 4096];
    let Ok(length) = flistxattr(old, names.as_mut_slice()) else { return };
    for name in names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let mut value = vec![0_u8; 65536];
        if let Ok(length) = fgetxattr(old, name, value.as_mut_slice()) {
            let _ = fsetxattr(new, name, &value[..length], XattrFlags::empty());
        }
    }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "macos"))))]
fn copy_attributes(_old: &File, _new: &File) {}
