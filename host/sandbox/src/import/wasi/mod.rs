//! The tiny WASI: what the runtimes of JavaScript and Python insist on importing, answered by us and mostly with nothing.
//!
//! Linked are the interfaces of WASI 0.2 that `componentize-qjs` and `componentize-py` import, by hand and not with
//! `wasmtime-wasi`, which brings files and sockets along (ADR 0090):
//!
//! | What | Answer | File |
//! |---|---|---|
//! | `cli/stdout`, `cli/stderr`, `io/streams` | lines in the plugin's log, out of its budget | `output.rs` |
//! | `clocks`, `io/poll` | whole seconds; milliseconds since the call began; real waiting | `clocks.rs` |
//! | `random` | the host's entropy, out of the budget of `esignet:host/crypto` | here |
//! | `cli/environment`, `cli/terminal-*`, `cli/stdin` | empty | here |
//! | `cli/exit` | the end of the call | here |
//! | `filesystem`, `sockets` | an empty one; denied and counted | `absent.rs` |
//!
//! Handles carry all there is to know in their number, so there is no table to fill and nothing to leak.

mod absent;
mod clocks;
mod output;
#[cfg(test)]
mod tests;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceType};

use super::CallState;
use crate::failure::Stopped;
pub(crate) use output::Output;

/// What the interfaces are linked as. The linker takes any patch of 0.2 for it.
const VERSION: &str = "0.2.0";
/// The most random bytes at once: more than any runtime seeds itself with.
const RANDOM_BYTES: usize = 64 * 1024;
/// What a component may import when the tiny WASI is granted, without the version.
const INTERFACES: [&str; 26] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure-seed",
    "wasi:random/random",
    "wasi:sockets/instance-network",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/network",
    "wasi:sockets/tcp",
    "wasi:sockets/tcp-create-socket",
    "wasi:sockets/udp",
    "wasi:sockets/udp-create-socket",
];

/// A call as host functions get it.
type Call<'a> = StoreContextMut<'a, CallState>;
type Instance<'a> = LinkerInstance<'a, CallState>;

enum Pollable {}
enum InputStream {}
enum OutputStream {}
enum IoError {}
enum TerminalInput {}
enum TerminalOutput {}
enum Network {}

/// Whether an import is one of the tiny WASI, in a version that is served.
pub(crate) fn serves(import: &str) -> bool {
    import.split_once('@').is_some_and(|(interface, version)| {
        let patch = version.strip_prefix("0.2.").unwrap_or_default();
        INTERFACES.contains(&interface) && !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Links it. Whether a component may import it is the grant's to say.
pub(crate) fn add_to_linker(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    cli(linker)?;
    random(linker)?;
    clocks::add_to_linker(linker)?;
    output::add_to_linker(linker)?;
    absent::add_to_linker(linker)
}

fn instance<'a>(linker: &'a mut Linker<CallState>, interface: &str) -> wasmtime::Result<Instance<'a>> {
    linker.instance(&format!("wasi:{interface}@{VERSION}"))
}

/// A resource whose handles hold nothing: letting go of one is nothing to do.
fn handle<T: 'static>(instance: &mut Instance<'_>, name: &str) -> wasmtime::Result<()> {
    instance.resource(name, ResourceType::host::<T>(), |_, _| Ok(()))
}

/// No environment, no arguments, no directory, no terminal; `exit` ends the call.
fn cli(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    let mut environment = instance(linker, "cli/environment")?;
    environment.func_wrap("get-environment", |_: Call<'_>, ()| Ok((Vec::<(String, String)>::new(),)))?;
    environment.func_wrap("get-arguments", |_: Call<'_>, ()| Ok((Vec::<String>::new(),)))?;
    environment.func_wrap("initial-cwd", |_: Call<'_>, ()| Ok((None::<String>,)))?;

    let mut exit = instance(linker, "cli/exit")?;
    exit.func_wrap("exit", |_: Call<'_>, (_status,): (Result<(), ()>,)| -> wasmtime::Result<()> {
        Err(Stopped::Exit.into())
    })?;

    handle::<TerminalInput>(&mut instance(linker, "cli/terminal-input")?, "terminal-input")?;
    handle::<TerminalOutput>(&mut instance(linker, "cli/terminal-output")?, "terminal-output")?;
    let mut terminal = instance(linker, "cli/terminal-stdin")?;
    handle::<TerminalInput>(&mut terminal, "terminal-input")?;
    terminal.func_wrap("get-terminal-stdin", |_: Call<'_>, ()| Ok((None::<Resource<TerminalInput>>,)))?;
    for name in ["stdout", "stderr"] {
        let mut terminal = instance(linker, &format!("cli/terminal-{name}"))?;
        handle::<TerminalOutput>(&mut terminal, "terminal-output")?;
        terminal.func_wrap(&format!("get-terminal-{name}"), |_: Call<'_>, ()| {
            Ok((None::<Resource<TerminalOutput>>,))
        })?;
    }
    Ok(())
}

/// The host's entropy. What a runtime seeds itself with before it is shipped is the same in every call all the same.
fn random(linker: &mut Linker<CallState>) -> wasmtime::Result<()> {
    let mut random = instance(linker, "random/random")?;
    random.func_wrap("get-random-bytes", |mut call: Call<'_>, (length,): (u64,)| {
        Ok((call.data_mut().entropy(length)?,))
    })?;
    random.func_wrap("get-random-u64", |mut call: Call<'_>, ()| Ok((call.data_mut().random_word()?,)))?;
    let mut seed = instance(linker, "random/insecure-seed")?;
    seed.func_wrap("insecure-seed", |mut call: Call<'_>, ()| {
        let call = call.data_mut();
        Ok(((call.random_word()?, call.random_word()?),))
    })
}

impl CallState {
    fn entropy(&mut self, length: u64) -> Result<Vec<u8>, Stopped> {
        let length = usize::try_from(length).ok().filter(|length| *length <= RANDOM_BYTES);
        let length = length.ok_or(Stopped::Quota("wasi: randomness"))?;
        self.crypto.hash(length)?;
        let mut bytes = vec![0; length];
        self.plugin.sandbox.host.entropy.fill(&mut bytes);
        Ok(bytes)
    }

    fn random_word(&mut self) -> Result<u64, Stopped> {
        self.crypto.hash(8)?;
        let mut bytes = [0; 8];
        self.plugin.sandbox.host.entropy.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }
}
