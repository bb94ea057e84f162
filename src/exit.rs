//! The one list of exit codes. Frozen by a test and documented in `docs/exit-codes.md`; no number stands elsewhere.

use std::process::ExitCode;

/// How a run of flagctl ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done, or nothing to do.
    Ok = 0,
    /// The world failed: I/O, permissions, network of a backend. Nothing half-written.
    Failed = 1,
    /// Wrong command line, unknown flag or environment, or an answer was needed and nobody could be asked.
    Usage = 2,
    /// A check found errors, or a flags file or `flagctl.toml` can't be used as it is.
    Invalid = 3,
    /// A gate said no.
    Breach = 4,
    /// A gate could not tell, or no gate is set up.
    Hold = 5,
    /// Policy: soak, freeze, latch, ladder.
    Refused = 6,
    /// The flag changed since it was planned, or the lock stayed busy.
    Conflict = 7,
    /// SIGINT, or "no" at the prompt.
    Stopped = 130,
    /// SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// Every exit, in the order of its number.
    pub const ALL: [Self; 10] = [
        Self::Ok,
        Self::Failed,
        Self::Usage,
        Self::Invalid,
        Self::Breach,
        Self::Hold,
        Self::Refused,
        Self::Conflict,
        Self::Stopped,
        Self::Terminated,
    ];

    /// Returns the process exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Returns the kebab-case name that JSON answers carry in `error.code`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::Invalid => "invalid",
            Self::Breach => "breach",
            Self::Hold => "hold",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
            Self::Stopped => "stopped",
            Self::Terminated => "terminated",
        }
    }

    /// Returns one line for the manual.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "done, or nothing to do",
            Self::Failed => "the world failed (I/O, permissions, network of a backend); nothing half-written",
            Self::Usage => {
                "wrong command line, unknown flag or environment, or an answer was needed and nobody could be asked"
            }
            Self::Invalid => {
                "errors were found by `validate`, `doctor` or `log --verify`, a document or a generated module is out of date (`doc --check`, `codegen --check`), or a flags file or `flagctl.toml` can't be used as it is"
            }
            Self::Breach => "a gate said no",
            Self::Hold => "a gate could not tell, or no gate is set up",
            Self::Refused => "policy: soak, freeze, latch, ladder, order of environments, drill",
            Self::Conflict => "the flag changed since it was planned, or the lock stayed busy",
            Self::Stopped => "SIGINT, or \"no\" at the prompt",
            Self::Terminated => "SIGTERM",
        }
    }

    /// Returns the code of an answer with several causes: the first that applies of 2, 3, 7, 1, 4, 5, 6.
    #[must_use]
    pub fn first_of(causes: impl IntoIterator<Item = Self>) -> Self {
        const ORDER: [Exit; 7] =
            [Exit::Usage, Exit::Invalid, Exit::Conflict, Exit::Failed, Exit::Breach, Exit::Hold, Exit::Refused];
        let causes: Vec<Self> = causes.into_iter().collect();
        ORDER.into_iter().find(|exit| causes.contains(exit)).unwrap_or(Self::Ok)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_frozen() {
        let listed: Vec<(u8, &str)> = Exit::ALL.iter().map(|exit| (exit.code(), exit.name())).collect();
        assert_eq!(
            listed,
            [
                (0, "ok"),
                (1, "failed"),
                (2, "usage"),
                (3, "invalid"),
                (4, "breach"),
                (5, "hold"),
                (6, "refused"),
                (7, "conflict"),
                (130, "stopped"),
                (143, "terminated")
            ]
        );
    }

    #[test]
    fn several_causes_give_the_first_that_applies() {
        assert_eq!(Exit::first_of([Exit::Refused, Exit::Hold]), Exit::Hold);
        assert_eq!(Exit::first_of([Exit::Refused, Exit::Breach, Exit::Failed]), Exit::Failed);
        assert_eq!(Exit::first_of([Exit::Failed, Exit::Conflict, Exit::Usage]), Exit::Usage);
        assert_eq!(Exit::first_of([]), Exit::Ok);
    }
}
