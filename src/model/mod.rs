//! The nouns, with invariants that their types hold. Touches no file, socket, clock or environment variable.

mod drill;
mod endpoint;
mod entry;
mod evidence;
mod flag;
mod ladder;
mod mapping;
mod mode;
mod percent;
pub mod placeholder;
mod reading;
mod remote;
mod shown;
mod source;
mod typed;
mod values;
mod verdict;

pub use drill::{BACK, Leftover, Part, UP, disturbed};
pub use endpoint::Endpoint;
pub use entry::{Action, Entry, History};
pub use evidence::{Answer, Evidence, Query};
pub use flag::{Beside, Exposure, Field, Flag, FlagName, Unreadable};
pub use ladder::{Ladder, LadderError};
pub use mapping::{EnabledKey, KeyPath, Mapping, OnOff, Scale};
pub use mode::Mode;
pub use percent::{Percent, PercentError};
pub use reading::{Reading, Series};
pub use remote::{Remote, RemoteKind, is_address};
pub use shown::{Shown, is_hidden, is_unseen};
pub use source::{AbsentErrors, Auth, Numbers, Question, Secret, SecretText, Source, SourceKind, Subject};
pub use typed::{Typed, TypedPath};
pub use values::Values;
pub use verdict::{Judgement, Verdict};
