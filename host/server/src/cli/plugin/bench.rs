//! `esignet plugin bench`: what a call of a plugin costs, beside the same call without this host around it.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use esignet_sandbox::{Cost, Inspection, Measured};
use serde_json::{Value, json};

use super::trial::{self, GRANT};
use crate::config::finding::Finding;

/// The arguments of `esignet plugin bench`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The component
    #[arg(value_name = "WASM")]
    file: PathBuf,
    /// What the plugin is given, as in [plugins."ID"]; dev.toml beside the component if not named
    #[arg(long, value_name = "FILE")]
    grant: Option<PathBuf>,
    /// How many calls of each kind are measured
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    calls: u32,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// What this program was built as: figures of a debug build are no promise.
const BUILD: &str = if cfg!(debug_assertions) { "debug" } else { "release" };

/// Measures. Ends with 2 when the plugin is refused, and with 1 when a function of it could not be measured.
pub(crate) async fn run(arguments: &Arguments) -> ExitCode {
    match attempt(arguments).await {
        Ok((inspection, measured)) => {
            if arguments.json {
                println!("{:#}", as_json(&inspection, &measured));
            } else {
                print!("{}", as_text(&inspection, &measured));
            }
            ExitCode::from(u8::from(measured.iter().any(|one| one.failed.is_some())))
        }
        Err(findings) => {
            super::super::print(&findings);
            ExitCode::from(2)
        }
    }
}

async fn attempt(arguments: &Arguments) -> Result<(Inspection, Vec<Measured>), Vec<Finding>> {
    let refused =
        |found: esignet_sandbox::Finding| Finding::error("refused", found.place, found.rule, found.mend);
    let inspection = Inspection::of(&arguments.file).map_err(|found| vec![refused(found)])?;
    let grant = arguments.grant.clone().unwrap_or_else(|| arguments.file.with_file_name(GRANT));
    let granted = trial::granted(&grant, arguments.grant.is_some()).map_err(|finding| vec![finding])?;
    let (loaded, _) = trial::load(&arguments.file, &inspection.manifest, granted).await?;
    if let Err(findings) = loaded.report.outcome {
        return Err(findings.into_iter().map(refused).collect());
    }
    let Some(measure) = loaded.registry.measure(&inspection.manifest.plugin.id) else {
        let problem = "the plugin is loaded and cannot be found again";
        return Err(vec![Finding::error(
            "refused",
            arguments.file.display(),
            problem,
            "report this as an error of esignet",
        )]);
    };
    let calls = usize::try_from(arguments.calls).unwrap_or(usize::MAX);
    Ok((inspection, measure.run(calls).await))
}

fn as_text(inspection: &Inspection, measured: &[Measured]) -> String {
    let plugin = &inspection.manifest.plugin;
    let mut text = format!(
        "{} {}, {} KiB, by a {BUILD} build of esignet; microseconds\n\n{:<28}{:>10}{:>10}{:>10}{:>10}{:>12}\n",
        plugin.id,
        plugin.version,
        inspection.bytes.div_ceil(1024),
        "",
        "p50",
        "p95",
        "p99",
        "bare p50",
        "host adds"
    );
    for one in measured {
        let name = format!("{}.{}", one.role, one.function);
        // Writing to a string does not fail.
        let _ = if let Some(why) = &one.failed {
            writeln!(text, "{name:<28}not measured: {why}")
        } else {
            let [p50, p95, p99] = [50, 95, 99].map(|of| micros(&one.hosted, of));
            let (bare, adds) = (micros(&one.bare, 50), added(one));
            writeln!(text, "{name:<28}{p50:>10.1}{p95:>10.1}{p99:>10.1}{bare:>10.1}{adds:>12.1}")
        };
    }
    text.push_str(
        "\nEach call is a fresh instance. Bare is the same engine, code and imports without turn, budgets, threads and record;\n\
         what the host adds is the difference of the two p50.\n",
    );
    text
}

fn as_json(inspection: &Inspection, measured: &[Measured]) -> Value {
    let percentiles =
        |cost: &Cost| json!({ "p50": micros(cost, 50), "p95": micros(cost, 95), "p99": micros(cost, 99) });
    let functions = measured.iter().map(|one| {
        json!({
            "role": one.role,
            "function": one.function,
            "failed": one.failed,
            "calls": one.hosted.count(),
            "hosted_us": percentiles(&one.hosted),
            "bare_us": percentiles(&one.bare),
            "host_adds_us": added(one),
        })
    });
    json!({
        "id": inspection.manifest.plugin.id,
        "version": inspection.manifest.plugin.version.to_string(),
        "digest": format!("sha256:{}", inspection.digest),
        "build": BUILD,
        "functions": functions.collect::<Value>(),
    })
}

/// What the host adds, in microseconds.
fn added(measured: &Measured) -> f64 {
    ((micros(&measured.hosted, 50) - micros(&measured.bare, 50)) * 10.0).round() / 10.0
}

/// In microseconds, with one digit behind the point.
fn micros(cost: &Cost, of_hundred: usize) -> f64 {
    let took = cost.percentile(of_hundred).unwrap_or(Duration::ZERO);
    (took.as_secs_f64() * 10_000_000.0).round() / 10.0
}
