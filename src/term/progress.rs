//! The line that shows how long a wait still takes.

use super::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::Cell;
use std::time::Duration;

/// Shows a wait: a bar on a terminal, one line elsewhere. Draws nothing before the first step.
#[derive(Debug)]
pub struct Progress {
    term: Term,
    bar: Option<ProgressBar>,
    said: Cell<bool>,
}

impl Progress {
    /// Makes a progress line on stderr.
    #[must_use]
    pub fn new(term: &Term) -> Self {
        let bar = term.draws_progress().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:20} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
            bar.set_style(style.progress_chars("█░░"));
            bar
        });
        Self { term: *term, bar, said: Cell::new(false) }
    }

    /// Shows that `waited` of `window` has gone by.
    pub fn show(&self, source: &str, waited: Duration, window: Duration) {
        let left = window.saturating_sub(waited).as_secs_f64().ceil();
        match &self.bar {
            Some(bar) => {
                bar.set_length(u64::try_from(window.as_millis()).unwrap_or(u64::MAX));
                bar.set_position(u64::try_from(waited.as_millis()).unwrap_or(u64::MAX));
                bar.set_message(format!("watching {source}, {left}s left"));
            }
            None if !self.said.replace(true) => {
                self.term.status(&format!("watching {source} for {}s", window.as_secs_f64()))
            }
            None => {}
        }
    }

    /// Removes the line.
    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
            if bar.position() > 0 {
                // Whoever typed during the wait did not answer the question after it.
                self.term.forget_typed();
            }
        }
    }
}
