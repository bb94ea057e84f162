//! A terminal with a shell in it.

use std::io::{Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A machine that is this slow has a problem of its own.
const PATIENCE: Duration = Duration::from_secs(120);

/// A program in a pseudo-terminal, made by `script`.
pub(crate) struct Terminal {
    child: Child,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    seen: String,
}

impl Terminal {
    /// Starts a command line in a terminal.
    pub(crate) fn open(command: &mut Command, line: &str) -> Self {
        let mut child = command
            .args(["--quiet", "--flush", "--return", "--command"])
            // Without `noflsh` a Ctrl-C throws away what was written and not read yet: the very answer to the one before.
            .arg(format!("stty rows 40 cols 160 noflsh; {line}"))
            .arg("/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let keyboard = child.stdin.take().unwrap();
        let mut output = child.stdout.take().unwrap();
        let (told, screen) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                if told.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keyboard, screen, seen: String::new() }
    }

    /// Waits for a text, and returns what came before it.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some((before, after)) = self.seen.split_once(text) {
                let before = before.to_owned();
                self.seen = after.to_owned();
                return before;
            }
            let left = end.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.seen.push_str(&String::from_utf8_lossy(&bytes)),
                Err(error) => panic!("{text:?} was not shown ({error}); on the screen:\n{:?}", self.seen),
            }
        }
    }

    /// Does something again and again until a text is shown.
    pub(crate) fn until(&mut self, text: &str, act: impl Fn(&mut Self)) {
        let end = Instant::now() + PATIENCE;
        while !self.seen.contains(text) {
            assert!(Instant::now() < end, "{text:?} was not shown; on the screen:\n{:?}", self.seen);
            act(self);
            if let Ok(bytes) = self.screen.recv_timeout(Duration::from_millis(100)) {
                self.seen.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
    }

    /// Presses keys. That nobody reads them any more shows on the screen, which is waited for.
    pub(crate) fn press(&mut self, keys: &str) {
        match self.keyboard.write_all(keys.as_bytes()).and_then(|()| self.keyboard.flush()) {
            // Who has ended takes no more keys; what was shown tells how it ended.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
            pressed => pressed.unwrap(),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
