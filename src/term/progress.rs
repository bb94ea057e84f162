//! The line that shows how long a wait still takes.

use super::Term;
use std::cell::Cell;
use std::time::Duration;

/// How many letters wide the bar is.
const WIDTH: u128 = 20;

/// Shows a wait: a bar on a terminal, one line elsewhere. Draws nothing before the first step.
#[derive(Debug)]
pub struct Progress {
    term: Term,
    said: Cell<bool>,
}

impl Progress {
    /// Makes a progress line on stderr.
    #[must_use]
    pub const fn new(term: &Term) -> Self {
        Self { term: *term, said: Cell::new(false) }
    }

    /// Shows that `waited` of `window` has gone by.
    pub fn show(&self, source: &str, waited: Duration, window: Duration) {
        if self.term.json {
            return;
        }
        let first = !self.said.replace(true);
        if self.term.draws_progress() {
            let done = WIDTH * waited.as_millis().min(window.as_millis()) / window.as_millis().max(1);
            let bar: String = (0..WIDTH).map(|at| if at < done { '█' } else { '░' }).collect();
            let left = window.saturating_sub(waited).as_secs_f64().ceil();
            Term::redraw(&format!("{bar} watching {source}, {left}s left"));
        } else if first {
            self.term.status(&format!("watching {source} for {}s", window.as_secs_f64()));
        }
    }

    /// Removes the line.
    pub fn end(&self) {
        if self.term.draws_progress() && self.said.get() {
            Term::redraw("");
            // Whoever typed during the wait did not answer the question after it.
            self.term.forget_typed();
        }
    }
}
