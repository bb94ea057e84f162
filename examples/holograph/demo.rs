//! The story: one flag goes all the way, another is stopped by its numbers and rolled back.

use crate::flagctl::Flagctl;
use crate::flags;
use crate::http;
use crate::service::{Page, Service};
use anyhow::{Context, ensure};
use flagctl::exit::Exit;
use flagctl::model::Percent;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const GOOD: &str = "holograph_reality_enabled";
const BAD: &str = "hyperspace_ui_enabled";
const FLAGS: &str = include_str!("config/feature_flags.yaml");
const SETTINGS: &str = include_str!("flagctl.toml");

/// The `soak` of the sample, and a little.
const SOAK: Duration = Duration::from_millis(2300);

struct Demo {
    flagctl: Flagctl,
    flags: PathBuf,
    service: Arc<Service>,
}

/// Plays the whole story; fails if anything goes another way than told.
pub(crate) fn play(flagctl: PathBuf) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("holograph-").tempdir().context("can't make a temporary folder")?;
    let demo = Demo::set_up(flagctl, folder.path())?;
    demo.first_flag()?;
    demo.second_flag()?;
    demo.epilogue()
}

impl Demo {
    fn set_up(flagctl: PathBuf, folder: &Path) -> anyhow::Result<Self> {
        let flags = folder.join("config/feature_flags.yaml");
        std::fs::create_dir(folder.join("config"))?;
        std::fs::write(&flags, FLAGS)?;
        std::fs::write(folder.join("flagctl.toml"), SETTINGS)?;
        let flagctl = Flagctl { binary: flagctl, folder: folder.to_owned() };
        let listener = TcpListener::bind("127.0.0.1:0").context("can't listen on 127.0.0.1")?;
        let address = listener.local_addr()?;
        let service = Service::start(&flags)?;
        let served = Arc::clone(&service);
        thread::spawn(move || http::listen(&listener, &served));

        chapter("A service with two features behind flags");
        tell(&format!(
            "A small service runs at http://{address}. A thousand users ask it for two pages,
500 times a second each. Who gets a feature stands in config/feature_flags.yaml,
a copy in {}.",
            folder.display()
        ));
        let demo = Self { flagctl, flags, service };
        let url = format!("http://{address}/metrics");
        demo.flagctl.run(&["config", "set", "sources.service.url", &url], Exit::Ok)?;
        demo.flagctl.run(&["status"], Exit::Ok)?;
        Ok(demo)
    }

    fn first_flag(&self) -> anyhow::Result<()> {
        chapter(&format!("`{GOOD}` goes up, step by step"));
        tell("Nobody has the feature yet, so there are no numbers to ask for: the first step is free.");
        self.advance(&["advance", GOOD, "--yes"], 5)?;
        tell("The next one is not: every step has to last a while, 2 seconds here. What is in the way now?");
        self.flagctl.run(&["plan", GOOD], Exit::Ok)?;
        thread::sleep(SOAK);
        tell(
            "Two seconds later. Before it goes on, flagctl looks at the failed requests of those who have the feature:",
        );
        self.advance(&["advance", GOOD, "--yes"], 25)?;
        self.last_second(GOOD)?;
        tell("None failed, so more users may have it (-q leaves out all but the answer).");
        for percent in [50, 100] {
            thread::sleep(SOAK);
            self.advance(&["-q", "advance", GOOD, "--yes"], percent)?;
            self.last_second(GOOD)?;
        }
        Ok(())
    }

    fn second_flag(&self) -> anyhow::Result<()> {
        chapter(&format!("`{BAD}` goes up, and goes wrong"));
        self.advance(&["-q", "advance", BAD, "--yes"], 5)?;
        thread::sleep(SOAK);
        self.advance(&["-q", "advance", BAD, "--yes"], 25)?;
        tell("Now the feature breaks: it fails for one request in four of those who have it.");
        self.page(BAD)?.misbehave(true);
        thread::sleep(SOAK);
        self.last_second(BAD)?;
        tell("Whoever tries to go on now is stopped. The file stays as it is:");
        self.flagctl.run(&["advance", BAD, "--yes"], Exit::Breach)?;
        self.expect(BAD, 25)?;
        tell("And back, in one word. Nothing is asked, nothing can block it:");
        self.flagctl.run(&["rollback", BAD], Exit::Ok)?;
        self.expect(BAD, 0)?;
        let failed = self.last_second(BAD)?;
        ensure!(failed == 0, "{failed} requests failed after the rollback");
        Ok(())
    }

    fn epilogue(&self) -> anyhow::Result<()> {
        chapter("What is left");
        self.flagctl.run(&["status"], Exit::Ok)?;
        tell("Every change is on record, with who, when, why and on which numbers:");
        self.flagctl.run(&["log"], Exit::Ok)?;
        tell("After a rollback a flag stays down until someone gives a reason to try again:");
        self.flagctl.run(&["-q", "advance", BAD, "--yes"], Exit::Refused)?;
        self.expect(GOOD, 100)?;
        self.expect(BAD, 0)?;
        chapter("That was all");
        tell(
            "All went as told. To try it on flags of your own: `flagctl init` in your repository.
To play with this service by hand: `cargo run --example holograph -- serve`, and then
flagctl in examples/holograph.",
        );
        Ok(())
    }

    /// Types an `advance`, and makes sure where its flag stands then.
    fn advance(&self, arguments: &[&str], percent: u32) -> anyhow::Result<()> {
        self.flagctl.run(arguments, Exit::Ok)?;
        let flag = if arguments.contains(&GOOD) { GOOD } else { BAD };
        self.expect(flag, percent)
    }

    /// Makes sure that the file says what the story says.
    fn expect(&self, flag: &str, percent: u32) -> anyhow::Result<()> {
        let stored = flags::read(&self.flags)?.get(flag).copied();
        ensure!(stored == Percent::from_whole(percent), "`{flag}` was to stand at {percent}% now, not at {stored:?}");
        Ok(())
    }

    /// Tells what the users of a page saw for a second, and returns how many requests failed.
    fn last_second(&self, flag: &str) -> anyhow::Result<u64> {
        let counters = self.page(flag)?.counters();
        // The service looks at its flags file ten times a second.
        thread::sleep(Duration::from_millis(300));
        let before = counters.so_far();
        thread::sleep(Duration::from_secs(1));
        let count = counters.so_far().since(before);
        tell(&format!(
            "[service] the last second: {} requests, {} of users who have the feature, {} failed",
            count.all, count.exposed, count.failed
        ));
        Ok(count.failed)
    }

    fn page(&self, flag: &str) -> anyhow::Result<&Page> {
        self.service.page_of(flag).with_context(|| format!("no page has the flag `{flag}`"))
    }
}

fn chapter(title: &str) {
    println!("\n== {title} ==");
}

fn tell(text: &str) {
    println!("\n{text}");
}
