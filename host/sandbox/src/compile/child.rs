//! The child that compiles: one component from standard input, its machine code to standard output.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use wasmtime::Engine;

use crate::component::FILE_BYTES;
use crate::engine::engine_config;

/// What the process ends with when the component is at fault; standard error says how.
pub(crate) const REFUSED: u8 = 3;

/// What a compilation may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChildLimits {
    /// Address space in MiB, beyond what the program has when it begins.
    pub memory_mib: u64,
    /// Processor time in seconds, of all threads together.
    pub cpu_seconds: u64,
    /// Time until it is killed.
    pub wall: Duration,
}

impl Default for ChildLimits {
    /// `CPython` is the largest that is known: 15 s and 1 GiB.
    fn default() -> Self {
        Self { memory_mib: 3_072, cpu_seconds: 120, wall: Duration::from_mins(3) }
    }
}

impl ChildLimits {
    pub(crate) fn arguments(self) -> [String; 2] {
        [format!("--memory-mib={}", self.memory_mib), format!("--cpu-seconds={}", self.cpu_seconds)]
    }
}

/// Compiles; for the hidden command of the program that [`Compiler::Child`](super::Compiler::Child) names.
pub fn run(memory_mib: u64, cpu_seconds: u64) -> ExitCode {
    match compile(memory_mib, cpu_seconds) {
        Ok(code) if std::io::stdout().write_all(&code).is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(refused) => {
            eprintln!("{refused}");
            ExitCode::from(REFUSED)
        }
    }
}

fn compile(memory_mib: u64, cpu_seconds: u64) -> Result<Vec<u8>, String> {
    // The engine of one instance compiles what the engine of many runs: their compatibility hash is the same.
    let engine = Engine::new(&engine_config(1)).map_err(|error| format!("{error:#}"))?;
    confine(memory_mib, cpu_seconds).map_err(|error| format!("the limits cannot be set: {error}"))?;
    let mut wasm = Vec::new();
    let read = std::io::stdin().take(FILE_BYTES + 1).read_to_end(&mut wasm);
    read.map_err(|error| format!("the component cannot be read: {error}"))?;
    engine.precompile_component(&wasm).map_err(|error| error.root_cause().to_string())
}

/// Takes away what a compilation does not need. None of it can be taken back.
fn confine(memory_mib: u64, cpu_seconds: u64) -> std::io::Result<()> {
    let only = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    let has = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = has.split(' ').next().and_then(|pages| pages.parse().ok()).unwrap_or_default();
    let page = rustix::param::page_size() as u64;
    let space = pages * page + (memory_mib << 20);
    for (resource, most) in
        [(Resource::As, space), (Resource::Cpu, cpu_seconds), (Resource::Fsize, 0), (Resource::Core, 0)]
    {
        let most = getrlimit(resource).maximum.map_or(most, |maximum| maximum.min(most));
        setrlimit(resource, only(most))?;
    }
    Ok(())
}
