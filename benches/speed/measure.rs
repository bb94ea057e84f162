//! Running processes and timing them.

use std::fmt;
use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The times of many runs of one program.
pub(crate) struct Timed(Vec<Duration>);

impl Timed {
    fn at(&self, share: usize) -> Duration {
        self.0.get(self.0.len() * share / 100).copied().unwrap_or_default()
    }

    /// Returns the median.
    pub(crate) fn microseconds(&self) -> f64 {
        self.at(50).as_secs_f64() * 1e6
    }

    /// Returns how many times the median of `other` the median is.
    pub(crate) fn over(&self, other: &Self) -> f64 {
        self.microseconds() / other.microseconds()
    }
}

impl fmt::Display for Timed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |share| self.at(share).as_secs_f64() * 1e3;
        write!(f, "{:8.2} ms (p10 {:.2}, p90 {:.2})", milliseconds(50), milliseconds(10), milliseconds(90))
    }
}

/// Runs the programs in turn, `prepare` before each run, so that what else the machine does meets all of them.
pub(crate) fn interleaved<const N: usize>(
    runs: usize,
    programs: [&dyn Fn() -> Command; N],
    prepare: impl Fn() -> io::Result<()>,
) -> io::Result<[Timed; N]> {
    let mut times = [const { Vec::new() }; N];
    for run in 0..=runs {
        for (program, times) in programs.iter().zip(&mut times) {
            prepare()?;
            let mut command = program();
            silence(&mut command);
            let began = Instant::now();
            let status = command.status()?;
            let took = began.elapsed();
            if !status.success() {
                return Err(io::Error::other(format!("{command:?} ended with {status}")));
            }
            // The first run is there to warm the caches.
            if run > 0 {
                times.push(took);
            }
        }
    }
    Ok(times.map(|mut times| {
        times.sort();
        Timed(times)
    }))
}

/// Returns the most memory that a program held, as GNU time tells it; nothing without GNU time.
pub(crate) fn peak_kilobytes(command: &Command) -> io::Result<Option<u64>> {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "%M"]).arg(command.get_program()).args(command.get_args()).stdout(Stdio::null());
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    match timed.output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            Ok(text.lines().last().and_then(|line| line.trim().parse().ok()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn silence(command: &mut Command) {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
}
