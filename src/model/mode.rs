//! How much a change may dare.

/// Whether a change rather stays undone, or rather gets done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Forward: what can't be proven safe is refused.
    Careful,
    /// A rollback: it degrades before it gives up, and says how.
    Urgent,
}
