//! What was found by looking whether a rollback would work.

use super::style::{BAD, CARE, DIM, GOOD, Styled};
use crate::model::Shown;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// It works.
    Ok,
    /// It works, and may surprise.
    Warning,
    /// It would not work.
    Error,
}

impl Grade {
    const fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub grade: Grade,
    /// In which environment; `None`: in all.
    pub environment: Option<String>,
    /// What was looked at: one word, and stable.
    pub what: &'static str,
    /// What was found, made safe to show.
    pub message: String,
    /// What to do, where it isn't well.
    pub fix: Vec<String>,
}

/// Returns a line for each finding, with its fix below.
#[must_use]
pub fn human(findings: &[Finding]) -> String {
    let wide = findings.iter().map(|finding| place(finding).chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for finding in findings {
        let style = match finding.grade {
            Grade::Ok => GOOD,
            Grade::Warning => CARE,
            Grade::Error => BAD,
        };
        let grade = Styled(style, format!("{:<7}", finding.grade.word()));
        let _ = writeln!(text, "{grade} {:<wide$}  {}", place(finding), Shown(&finding.message));
        for fix in &finding.fix {
            let _ = writeln!(text, "{:width$}{}", "", Styled(DIM, format!("→ {}", Shown(fix))), width = 10 + wide);
        }
    }
    text
}

fn place(finding: &Finding) -> String {
    match &finding.environment {
        Some(environment) => format!("{} {}", Shown(environment), finding.what),
        None => finding.what.to_owned(),
    }
}

/// Returns the findings for JSON.
#[must_use]
pub fn json(findings: &[Finding]) -> Vec<Value> {
    let of = |finding: &Finding| {
        json!({
            "severity": finding.grade.word(), "environment": finding.environment, "what": finding.what,
            "message": finding.message, "help": finding.fix,
        })
    };
    findings.iter().map(of).collect()
}
