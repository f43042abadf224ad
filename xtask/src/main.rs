//! The project's commands: `cargo xtask plugins` and its siblings.
//!
//! One file a command. A command is a function `run(arguments)`; what other commands need of it is a function beside it,
//! such as [`plugins::build`].

mod bench;
mod cargo;
mod demo;
mod fuzz;
mod nightly;
mod plugins;
mod test;
mod wit;
mod workspace;

use std::process::ExitCode;

/// A command: its name, its arguments as shown in the help, what it does, and the function that does it.
struct Command {
    name: &'static str,
    arguments: &'static str,
    summary: &'static str,
    run: fn(&[String]) -> anyhow::Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        arguments: demo::ARGUMENTS,
        summary: "build everything and start it with people to sign in as; --check signs in by itself",
        run: demo::run,
    },
    Command {
        name: "test",
        arguments: "",
        summary: "check everything that must hold before a change lands",
        run: test::run,
    },
    Command {
        name: "bench",
        arguments: bench::ARGUMENTS,
        summary: "measure complete logins against a release build",
        run: bench::run,
    },
    Command {
        name: "fuzz",
        arguments: fuzz::ARGUMENTS,
        summary: "give arbitrary bytes to whatever parses bytes from outside, 5 seconds a target",
        run: fuzz::run,
    },
    Command {
        name: "nightly",
        arguments: nightly::ARGUMENTS,
        summary: "do what takes too long for every change: fuzzing, 5 minutes a target",
        run: nightly::run,
    },
    Command {
        name: "plugins",
        arguments: "[--out DIR]",
        summary: "build every plugin and test component for WebAssembly",
        run: plugins::run,
    },
    Command {
        name: "wit",
        arguments: wit::ARGUMENTS,
        summary: "see whether the contract keeps what it promised; release a version of it; keep components of it",
        run: wit::run,
    },
    Command {
        name: "docs",
        arguments: "[--check]",
        summary: "write docs/plugins/reference from the contract",
        run: wit::docs,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{}", help());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprint!("cargo xtask has no command `{name}`.\n\n{}", help());
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cargo xtask {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let lines = COMMANDS.iter().map(|command| {
        let synopsis = format!("{} {}", command.name, command.arguments);
        format!("  {}\n      {}\n", synopsis.trim_end(), command.summary)
    });
    ["usage: cargo xtask COMMAND\n\n".to_owned()].into_iter().chain(lines).collect()
}
