//! From a component to machine code: in this process, or in one of its own that a crafted component may fill or hang without
//! harm to anybody else.
//!
//! A compiler works on whatever is in the directory before anything of it is checked, and takes as long and as much memory
//! as it likes. The child is this same program under limits that it sets itself before it reads a byte; it gets no
//! environment, no file and no key. What it writes is taken as what a compiler of ours wrote: it comes through a pipe
//! that this process made, and only this process makes the MAC that lets it be loaded again later.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::accept;
use crate::precompiled::deserialize;

pub(crate) mod child;

use child::ChildLimits;

/// Largest machine code that is taken from a child, in bytes.
const CODE_BYTES: u64 = 512 << 20;
/// What is read of what a child says when it fails, in bytes.
const WORDS_BYTES: u64 = 4_096;
/// How long a child may take to end after it has said everything.
const END_WITHIN: Duration = Duration::from_secs(5);

/// Where components are compiled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Compiler {
    /// In this process, for whoever uses this crate as a library.
    #[default]
    InProcess,
    /// In a process of this program, `PROGRAM plugin compile-child`, which calls [`child::run`].
    Child(PathBuf, ChildLimits),
}

/// Why there is no machine code.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotCompiled {
    /// The component is at fault.
    #[error("{0}")]
    Refused(String),
    /// The compiler went over a limit, or failed.
    #[error("the compiler was ended: {0}")]
    Ended(String),
    /// There is no compiler.
    #[error("the compiler cannot be started: {0}")]
    NotStarted(#[from] std::io::Error),
}

impl From<wasmtime::Error> for NotCompiled {
    fn from(error: wasmtime::Error) -> Self {
        Self::Refused(accept::cut(&error.root_cause().to_string(), 256))
    }
}

/// Machine code that may be run, and how to write it down.
pub(crate) struct Code {
    pub(crate) component: Component,
    pub(crate) serialized: Vec<u8>,
}

impl Compiler {
    pub(crate) fn compile(&self, engine: &Engine, wasm: &[u8]) -> Result<Code, NotCompiled> {
        match self {
            Self::InProcess => {
                let component = Component::from_binary(engine, wasm)?;
                let serialized = component.serialize()?;
                Ok(Code { component, serialized })
            }
            Self::Child(program, limits) => {
                let serialized = in_child(program, *limits, wasm)?;
                Ok(Code { component: deserialize(engine, &serialized)?, serialized })
            }
        }
    }
}

/// Runs the child to its end, or to the end of its time.
fn in_child(program: &Path, limits: ChildLimits, wasm: &[u8]) -> Result<Vec<u8>, NotCompiled> {
    let mut command = Command::new(program);
    command.args(["plugin", "compile-child"]).args(limits.arguments()).env_clear().current_dir("/");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let talked = talk(&mut child, limits, wasm);
    // Whatever came of it, nothing is left behind.
    let status = ended(&mut child);
    let (code, words) = talked?;
    match status? {
        status if status.success() => Ok(code),
        status if status.code() == Some(i32::from(child::REFUSED)) => {
            Err(NotCompiled::Refused(accept::cut(words.trim(), 256)))
        }
        status => Err(NotCompiled::Ended(format!(
            "{status}, with {} MiB of memory and {} s of processor time to use {}",
            limits.memory_mib,
            limits.cpu_seconds,
            accept::cut(words.trim(), 128)
        ))),
    }
}

/// Gives it the component and takes what it writes, each side on a thread: neither may wait for the other.
fn talk(child: &mut Child, limits: ChildLimits, wasm: &[u8]) -> Result<(Vec<u8>, String), NotCompiled> {
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(NotCompiled::Ended("it has no pipes".to_owned()));
    };
    let wasm = wasm.to_vec();
    let (send, receive) = mpsc::channel();
    // A child that ends early closes its pipe; its status says why. The threads end with the child.
    std::thread::spawn(move || drop(stdin.write_all(&wasm)));
    std::thread::spawn(move || {
        let (mut code, mut words) = (Vec::new(), Vec::new());
        let read = stdout.take(CODE_BYTES + 1).read_to_end(&mut code);
        let read = read.and_then(|_| stderr.take(WORDS_BYTES).read_to_end(&mut words));
        // Nobody hears it who has given up waiting.
        let _ = send.send(read.map(|_| (code, String::from_utf8_lossy(&words).into_owned())));
    });
    match receive.recv_timeout(limits.wall) {
        Ok(Ok((code, _))) if code.len() as u64 > CODE_BYTES => {
            Err(NotCompiled::Ended("its machine code is too large".to_owned()))
        }
        Ok(Ok(said)) => Ok(said),
        Ok(Err(error)) => Err(NotCompiled::Ended(error.to_string())),
        Err(_) => Err(NotCompiled::Ended(format!("it took more than {} s", limits.wall.as_secs()))),
    }
    .inspect_err(|_| {
        // It may have ended meanwhile.
        let _ = child.kill();
    })
}

/// Waits for its end a little, then makes it end.
fn ended(child: &mut Child) -> std::io::Result<ExitStatus> {
    let since = Instant::now();
    while since.elapsed() < END_WITHIN {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill()?;
    child.wait()
}

#[cfg(test)]
mod tests;
