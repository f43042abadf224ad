//! The binary `esignet`: reads the configuration, wires the crates together, serves.
//!
//! | What | File |
//! |---|---|
//! | the commands | `cli/`, a file for each |
//! | the operator's file and `ESIGNET__…` variables | `config/`, a file for each section |
//! | from a configuration to a server | `wire/` |
//! | connections, TLS, certificates of clients | `listen.rs` |
//! | the admin API | `admin/` |
//! | what becomes of registrations | `registrations/` |
//! | requests to upstreams of plugins | `egress.rs` |
//! | documents that registrations name | `egress/guarded.rs` |
//! | the log | `telemetry.rs` |
//! | what is done by the clock | `schedule.rs` |
//! | the audit log, brought to its sinks | `delivery.rs` |
//! | time and randomness | `system.rs` |
//! | file descriptors | `descriptors.rs` |
//! | files with secrets | `secret_file.rs` |
//!
//! This crate must never decide a question of the protocol, render a page, or log anything about a person.
#![forbid(unsafe_code)]

mod admin;
mod cli;
mod config;
mod delivery;
mod descriptors;
mod egress;
mod listen;
mod registrations;
mod schedule;
mod secret_file;
mod system;
mod telemetry;
#[cfg(test)]
mod testing;
mod wire;

use std::process::ExitCode;

use clap::Parser as _;

/// Fewer and shorter pauses than the system's allocator under many small requests, and less memory kept.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_name("esignet").enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(cli::run(arguments)),
        Err(error) => {
            eprintln!("esignet: the threads of the server did not start: {error}");
            ExitCode::FAILURE
        }
    }
}
