//! Commands to be typed next.

use crate::model::Typed;

/// Returns a command line of ours: the arguments that lead to the same place (each with a blank after it), the verb, the
/// flags, and its options (each with a blank before it).
///
/// A flag that would pass for an option stands behind `--`, at the end.
#[must_use]
pub fn command(again: &str, verb: &str, flags: &[&str], options: &str) -> String {
    let words: String = flags.iter().map(|flag| format!(" {}", Typed(flag))).collect();
    if flags.iter().any(|flag| flag.starts_with('-')) {
        format!("flagctl {again}{verb}{options} --{words}")
    } else {
        format!("flagctl {again}{verb}{words}{options}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_never_passes_for_an_option() {
        assert_eq!(command("-e a ", "advance", &["x"], " --to 5"), "flagctl -e a advance x --to 5");
        assert_eq!(command("", "rollback", &["x", "--all"], " --to 5"), "flagctl rollback --to 5 -- x '--all'");
    }
}
