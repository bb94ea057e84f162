//! Lines typed into real shells, with Tab, and what the program then gets.

use super::{World, stub};
use crate::terminal::Terminal;
use std::process::Command;

/// A shell that can be typed into.
struct Shell {
    name: &'static str,
    /// Starts it with a prompt `READY> `; `STUB` is the stub.
    start: &'static str,
    /// Files that it reads at its start.
    files: &'static [(&'static str, &'static str)],
    stub: &'static str,
    /// A completed word that needs quotes is first shown, and taken by a second Enter.
    confirms: bool,
}

const BASH: Shell = Shell {
    name: "bash",
    start: "exec bash --noprofile --rcfile home/bashrc -i",
    files: &[("home/bashrc", "PS1='READY> '\nsource 'STUB'\n")],
    stub: "flagctl.bash",
    confirms: false,
};

const ZSH: Shell = Shell {
    name: "zsh",
    start: "ZDOTDIR=\"$PWD/home\" exec zsh -i",
    files: &[("home/.zshrc", "PS1='READY> '\nautoload -U compinit\ncompinit -u -D\nsource 'STUB'\n")],
    stub: "_flagctl",
    confirms: false,
};

const FISH: Shell = Shell {
    name: "fish",
    start: "exec fish --no-config --interactive --init-command 'source home/init.fish'",
    files: &[(
        "home/init.fish",
        "function fish_prompt; echo -n 'READY> '; end\nfunction fish_greeting; end\nsource 'STUB'\n",
    )],
    stub: "flagctl.fish",
    confirms: false,
};

const ELVISH: Shell = Shell {
    name: "elvish",
    start: "exec elvish -rc home/rc.elv",
    files: &[(
        "home/rc.elv",
        "set edit:prompt = { put 'READY> ' }\nset edit:rprompt = { put '' }\neval (slurp < 'STUB')\n",
    )],
    stub: "flagctl.elv",
    confirms: true,
};

/// What is typed, and the arguments that the program then gets.
const LINES: [(&str, &str); 9] = [
    ("flagctl adv\t holo\t", "<advance><holograph_reality_enabled>"),
    ("flagctl advance my\t", "<advance><my flag: 50% of $HOME's>"),
    ("flagctl advance ns:\t", "<advance><ns:one:alpha>"),
    ("flagctl advance ns:one:a\t", "<advance><ns:one:alpha>"),
    ("flagctl advance sta\t", "<advance><star*?[x]>"),
    ("flagctl advance quo\t", "<advance><quo\"te`x`>"),
    ("flagctl advance Zo\t", "<advance><Zoë>"),
    ("flagctl -e sta\t advance stag\t", "<-e><staging><advance><staged_flag>"),
    ("flagctl advance x --override soak,err\t", "<advance><x><--override><soak,error-rate>"),
];

/// Words that are begun in quotes.
const QUOTED: [(&str, &str); 2] = [
    ("flagctl advance 'my f\t", "<advance><my flag: 50% of $HOME's>"),
    ("flagctl advance \"my f\t", "<advance><my flag: 50% of $HOME's>"),
];

/// What elvish spells in another way.
const BOURNE: [(&str, &str); 2] = [
    ("flagctl advance my\\ fl\t", "<advance><my flag: 50% of $HOME's>"),
    ("flagctl --env=sta\t advance stag\t", "<--env=staging><advance><staged_flag>"),
];

fn check(shell: &Shell, lines: &[(&str, &str)]) {
    let world = World::new();
    let stub = stub(shell.stub).into_os_string().into_string().unwrap();
    for (path, text) in shell.files {
        world.write(path, &text.replace("STUB", &stub));
    }
    let mut terminal = Terminal::open(&mut command(shell, &world), shell.start);
    for (typed, expected) in lines {
        terminal.wait_for("READY> ");
        terminal.press(typed);
        terminal.press(if shell.confirms { "\r\r" } else { "\r" });
        terminal.wait_for("@@");
        assert_eq!(&terminal.wait_for("@@"), expected, "{} after {typed:?}", shell.name);
    }
}

fn command(shell: &Shell, world: &World) -> Command {
    for (program, package) in [(shell.name, shell.name), ("script", "bsdutils")] {
        let found =
            std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|folder| folder.join(program).is_file());
        assert!(found, "no `{program}`: apt-get install {package}");
    }
    let path = format!("{}:{}", world.path("bin").display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("script");
    command.current_dir(world.folder.path()).env("PATH", path).env("HOME", world.path("home"));
    command.env("TERM", "xterm").env("LC_ALL", "C.UTF-8").env("SHELL", "/bin/sh");
    for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME", "FLAGCTL_CONFIG", "FLAGCTL_FILE", "FLAGCTL_ENV", "BASH_ENV", "ENV"]
    {
        command.env_remove(name);
    }
    command
}

#[test]
fn bash_completes() {
    check(&BASH, &[&LINES[..], &QUOTED, &BOURNE].concat());
}

#[test]
fn zsh_completes() {
    check(&ZSH, &[&LINES[..], &QUOTED, &BOURNE].concat());
}

#[test]
fn fish_completes() {
    check(&FISH, &[&LINES[..], &QUOTED, &BOURNE].concat());
}

#[test]
fn elvish_completes() {
    check(&ELVISH, &[&LINES[..], &QUOTED].concat());
}
