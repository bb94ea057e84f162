//! The configuration: what it says, and what is said where it is wrong.

mod adhoc;
mod edit;
mod fleet;
mod lenient;
mod manual;
mod mistakes;
mod settings;
mod starter;

use flagctl::config::{Arguments, Surroundings};
use flagctl::error::Error;
use std::path::Path;
use std::rc::Rc;

/// A folder with files, and a user in it.
#[derive(Clone)]
struct Desk {
    folder: Rc<tempfile::TempDir>,
    variables: Vec<(&'static str, String)>,
    arguments: Arguments,
}

impl Desk {
    /// Makes a folder that is a Git root, with a `flagctl.toml` if `config` is not empty.
    fn new(config: &str) -> Self {
        let desk = Self {
            folder: Rc::new(tempfile::tempdir().unwrap()),
            variables: Vec::new(),
            arguments: Arguments::default(),
        };
        std::fs::create_dir(desk.folder.path().join(".git")).unwrap();
        if config.is_empty() { desk } else { desk.file("flagctl.toml", config) }
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn variable(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn arguments(mut self, arguments: Arguments) -> Self {
        self.arguments = arguments;
        self
    }

    fn with<T>(&self, below: &str, act: impl FnOnce(&Arguments, &Surroundings<'_>) -> T) -> T {
        let variable =
            |name: &str| self.variables.iter().find(|(known, _)| *known == name).map(|(_, text)| text.clone());
        let directory = self.folder.path().canonicalize().unwrap().join(below);
        act(&self.arguments, &Surroundings { directory, variable: &variable })
    }

    fn load(&self) -> flagctl::error::Result<flagctl::config::Settings> {
        self.with("", flagctl::config::load)
    }
}

/// Everything an error says, as text.
fn told(error: &Error) -> String {
    let mut text = format!("{}: {}\n", error.exit.name(), error.message);
    if let Some(spot) = &error.spot {
        text.push_str(&format!("  at {}:{}:{}\n", spot.file.display(), spot.line, spot.column));
        if let Some(source) = &spot.source {
            let under = "^".repeat(spot.width.max(1));
            text.push_str(&format!("  | {source}\n  | {}{under}\n", " ".repeat(spot.column - 1)));
        }
    }
    for line in &error.help {
        text.push_str(&format!("  help: {line}\n"));
    }
    text
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
