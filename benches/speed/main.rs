//! Speed and memory of the whole process, side by side with what they are measured against.
//!
//! `cargo bench --bench speed` prints ratios; nothing asserts them, since a busy machine is no failure. `FLAGCTL` names
//! another binary to measure, `YQ` a yq 4 to compare with (no package registry that we know brings one), `DIR` the
//! folder to write in (a disk and a RAM disk tell different stories).
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is its own program")]
#![allow(clippy::disallowed_methods, reason = "it measures the product and is none of it")]

mod files;
mod floor;
mod measure;

use files::Folder;
use measure::{interleaved, peak_kilobytes};
use std::env;
use std::ffi::OsString;
use std::io;
use std::process::Command;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().collect();
    if let [_, word, file, log] = arguments.as_slice()
        && word == "floor"
    {
        return floor::run(file.as_ref(), log.as_ref());
    }
    // Without cargo's word for a real run this is a test of whether it builds.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let flagctl = env::var_os("FLAGCTL").unwrap_or_else(|| env!("CARGO_BIN_EXE_flagctl").into());
    println!("flagctl: {}", flagctl.display());
    let bench = Bench { flagctl };
    bench.rollback()?;
    bench.yq()?;
    bench.linear()?;
    bench.memory()?;
    bench.validate()?;
    bench.completions()
}

struct Bench {
    flagctl: OsString,
}

impl Bench {
    /// A rollback beside a bare program that does the same calls, on 100 flags.
    fn rollback(&self) -> io::Result<()> {
        let folder = Folder::new(100)?;
        let this = env::current_exe()?;
        let floor = || {
            let mut command = Command::new(&this);
            command.arg("floor").args([folder.flags(), folder.log()]);
            command
        };
        let [flagctl, floor] = interleaved(200, [&|| self.roll_back(&folder), &floor], || folder.reset())?;
        println!("\nrollback, 100 flags, whole process");
        println!("  flagctl {flagctl}\n  floor   {floor}");
        println!("  {:.2} x the floor (at most 1.25)", flagctl.over(&floor));
        Ok(())
    }

    /// A rollback beside yq 4, on 10,000 flags.
    fn yq(&self) -> io::Result<()> {
        println!("\nrollback, 10,000 flags, whole process");
        let folder = Folder::new(10_000)?;
        let Some(yq) = env::var_os("YQ") else {
            let [flagctl] = interleaved(20, [&|| self.roll_back(&folder)], || folder.reset())?;
            println!("  flagctl {flagctl}\n  yq 4    not measured: set YQ to the binary of github.com/mikefarah/yq");
            return Ok(());
        };
        let edit = format!(".{0}.rollout = 0 | .{0}.enabled = false", folder.middle());
        let yq = || {
            let mut command = Command::new(&yq);
            command.args(["-i", &edit]).arg(folder.flags());
            command
        };
        let [flagctl, yq] = interleaved(20, [&|| self.roll_back(&folder), &yq], || folder.reset())?;
        println!("  flagctl {flagctl}\n  yq 4    {yq}\n  {:.3} x yq (at most 0.10)", flagctl.over(&yq));
        Ok(())
    }

    /// The cost of a flag as files grow.
    fn linear(&self) -> io::Result<()> {
        println!("\nrollback as the file grows");
        for flags in [1_000, 10_000, 100_000] {
            let folder = Folder::new(flags)?;
            let [time] = interleaved(10, [&|| self.roll_back(&folder)], || folder.reset())?;
            println!("  {flags:>7} flags {time}, {:.2} us a flag", time.microseconds() / f64::from(flags));
        }
        Ok(())
    }

    /// Peak memory beside the file's size.
    fn memory(&self) -> io::Result<()> {
        println!("\npeak memory, at most 3 x the file + 8 MB");
        for flags in [100, 10_000, 100_000] {
            let folder = Folder::new(flags)?;
            let allowed = folder.size()? * 3 / 1024 + 8 * 1024;
            for (name, command) in [("rollback", self.roll_back(&folder)), ("validate", self.validation(&folder))] {
                match peak_kilobytes(&command)? {
                    Some(peak) => println!("  {flags:>7} flags {name}: {peak} kB of {allowed} kB"),
                    None => println!("  not measured: apt-get install time"),
                }
                folder.reset()?;
            }
        }
        Ok(())
    }

    fn validate(&self) -> io::Result<()> {
        println!("\nvalidate, whole process (100 flags within 3 ms, 25 MB/s beyond)");
        for flags in [100, 10_000, 100_000] {
            let folder = Folder::new(flags)?;
            let [time] = interleaved(20, [&|| self.validation(&folder)], || Ok(()))?;
            #[expect(clippy::cast_precision_loss, reason = "a file of the bench is far below 2^52 bytes")]
            let speed = folder.size()? as f64 / time.microseconds();
            println!("  {flags:>7} flags {time}, {speed:.1} MB/s");
        }
        Ok(())
    }

    fn completions(&self) -> io::Result<()> {
        println!("\ncandidates at Tab, whole process (within 20 ms)");
        for flags in [100, 10_000] {
            let folder = Folder::new(flags)?;
            let asked = || {
                let mut command = self.command(&folder);
                command.env("FLAGCTL_COMPLETE", "fish").args(["--", "flagctl", "advance", ""]);
                command
            };
            let [time] = interleaved(50, [&asked], || Ok(()))?;
            println!("  {flags:>7} flags {time}");
        }
        Ok(())
    }

    fn roll_back(&self, folder: &Folder) -> Command {
        let mut command = self.command(folder);
        command.args(["rollback", &folder.middle()]);
        command
    }

    fn validation(&self, folder: &Folder) -> Command {
        let mut command = self.command(folder);
        command.arg("validate");
        command
    }

    fn command(&self, folder: &Folder) -> Command {
        let mut command = Command::new(&self.flagctl);
        command.current_dir(folder.path());
        command
    }
}
