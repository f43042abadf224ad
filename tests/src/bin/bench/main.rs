//! Complete logins over loopback against the release build: what `cargo xtask bench` runs.
//!
//! The server has core 0 for itself and this client core 1. What counts is the server's processor time for a login, and
//! how far that is from the floor: the sum of the primitives that no implementation can do without, measured in the same
//! run on the same core (`performance.md`).

#![expect(clippy::cast_precision_loss, reason = "counts of a benchmark are far below 2^52")]

mod cpu;
mod floor;
mod load;
mod neighbours;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use esignet_tests::{Server, Site};
use serde_json::{Value, json};

use floor::Floor;
use load::Load;

/// Measures complete logins.
#[derive(Parser)]
struct Options {
    /// Write the figures to this file as JSON.
    #[arg(long)]
    json: Option<PathBuf>,
    /// How many logins are measured.
    #[arg(long, default_value_t = 2_000)]
    logins: usize,
    /// How many are under way at the same time.
    #[arg(long, default_value_t = 8)]
    concurrency: usize,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What is measured instead of logins, and what a copy of this program does for the one that measures.
#[derive(Subcommand)]
enum Part {
    /// Measures what four plugins that spin cost a plugin call of another login.
    Neighbours,
    /// Answers every request with nothing, to find out what HTTP alone costs.
    #[command(hide = true)]
    Echo,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let measured = match options.part {
        Some(Part::Echo) => floor::echo(),
        Some(Part::Neighbours) => neighbours::measure(),
        None => measure(&options),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("esignet-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().context("runtime")
}

fn measure(options: &Options) -> Result<()> {
    let cores = cpu::cores();
    if cores < 2 {
        println!("There is one core only: server and client share it, and logins/s say little.");
    }
    let site = Site::new("sled:store")?;
    // The same person signs in again and again, and is asked every time.
    site.configure(
        "[lifetimes]\nconsent_days = 0\n[bounds]\npushed_requests_per_minute = 10_000_000\notps_per_individual_per_hour = 10_000_000\nfailures_per_individual_per_hour = 100\n",
    )?;

    // Children inherit the core that is set when they are started.
    cpu::pin(0)?;
    let floor = Floor::measure()?;
    println!("Floor of a login, of primitives measured now:\n{}", floor.text());

    // The first start compiles the plugins; the second is what an operator sees every day.
    runtime()?.block_on(async { site.start().await?.stop().await })?;
    let mut server = runtime()?.block_on(site.start())?;
    let ready_ms = server.ready_after.as_secs_f64() * 1_000.0;
    cpu::pin(cores.min(2) - 1)?;

    let idle = cpu::resident_mb(server.pid())?;
    let load = runtime()?.block_on(measure_load(&site, &server, options))?;
    runtime()?.block_on(server.stop())?;

    let logins = load.durations.len() as f64;
    let per_login = load.server_cpu.as_secs_f64() * 1_000.0 / logins;
    println!("{}", load.text());
    println!("ready after            {ready_ms:>9.1} ms");
    println!("memory idle, load      {idle:>9.1} MB {:>9.1} MB", load.resident_mb);
    println!("logins per second      {:>9.1}", load.per_second());
    println!("server CPU per login   {per_login:>9.3} ms, {:.2} × the floor", per_login / floor.ms());
    if let Some(file) = &options.json {
        let figures = figures(&load, &floor, ready_ms, idle);
        std::fs::write(file, format!("{figures:#}\n")).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

async fn measure_load(site: &Site, server: &Server, options: &Options) -> Result<Load> {
    let rp = site.rp(server, "bank").await?;
    // Warm: connections, caches, the branch predictor.
    Load::run(&rp, server.pid(), options.concurrency.max(1) * 20, options.concurrency.max(1)).await?;
    Load::run(&rp, server.pid(), options.logins.max(1), options.concurrency.max(1)).await
}

fn figures(load: &Load, floor: &Floor, ready_ms: f64, idle: f64) -> Value {
    let round = |value: f64| (value * 1_000.0).round() / 1_000.0;
    let logins = load.durations.len() as f64;
    json!({
        "server_cpu_ms_per_login": round(load.server_cpu.as_secs_f64() * 1_000.0 / logins),
        "floor_ms_per_login": round(floor.ms()),
        "logins_per_second": round(load.per_second()),
        "p50_ms": round(load.percentile(50)),
        "p99_ms": round(load.percentile(99)),
        "ready_ms": round(ready_ms),
        "idle_rss_mb": round(idle),
        "load_rss_mb": round(load.resident_mb),
        "plugin_call_us_p50": round(floor.plugin_call),
    })
}
