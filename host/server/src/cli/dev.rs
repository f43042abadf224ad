//! `esignet dev`: everything on this machine to try a login, with one command and no other service.
//!
//! It writes an ordinary deployment into a directory (a temporary one unless `--data` names it) and serves that by the
//! same steps as `esignet serve`, with the sample relying party beside it. Loopback only.

mod deployment;
mod people;
mod report;
mod under_work;

use std::fs::Permissions;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use esignet_relying_party::RelyingParty;
use tokio::net::TcpListener;

use super::serve::{self, NotServing, Running, Sockets};
use super::signals::Signals;
use crate::config::{self, Config};
use crate::wire::plugins::Serving;
use crate::{descriptors, telemetry};
use deployment::Deployment;
use report::Report;
pub(crate) use under_work::UnderWork;

/// The plugins built in, by the names of their files: `cargo xtask plugins` makes them, `build.rs` finds them.
const EMBEDDED_PLUGINS: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/embedded_plugins.rs"));

/// The arguments of `esignet dev`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    places: Places,
    /// Use the plugins in this directory instead of those built in
    #[arg(long, value_name = "DIR")]
    plugins: Option<PathBuf>,
}

/// Where it serves and what it writes.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Places {
    /// The provider's port on the loopback address; 0 for any
    #[arg(long, default_value_t = 8088)]
    port: u16,
    /// The sample relying party's port on the loopback address; 0 for any
    #[arg(long, value_name = "PORT", default_value_t = 8089)]
    rp_port: u16,
    /// Write what a script needs to this file once the server is ready: issuer, clients with private keys, people
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Keep keys and records in this directory instead of a temporary one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Something that goes on beside the server until it stops.
pub(crate) type Beside =
    Box<dyn FnOnce(Arc<Serving>, Arc<Config>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// A plugin that somebody is writing (`esignet plugin dev`).
pub(crate) struct Work {
    /// The plugin.
    pub(crate) plugin: UnderWork,
    /// Who watches what plugins do.
    pub(crate) watched: config::Watched,
    /// Exchanges it.
    pub(crate) beside: Beside,
}

/// How it ended.
pub(crate) enum Ended {
    /// It served until it was told to stop, or failed meanwhile.
    Stopped(ExitCode),
    /// There was nothing to serve with; why was printed.
    Refused(ExitCode),
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Stopped(code) | Ended::Refused(code) => code,
        }
    }
}

/// Serves until a signal; what is temporary is removed at the end.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    let signals = match serve::signals() {
        Ok(signals) => signals,
        Err(code) => return code,
    };
    match serve(arguments.places, arguments.plugins, signals, None).await {
        Ok(ended) => ended.into(),
        Err(error) => {
            eprintln!("esignet dev: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Serves until a signal, with the plugins of a directory or those built in and the one that somebody is writing.
pub(crate) async fn serve(
    arguments: Places,
    plugins: Option<PathBuf>,
    mut signals: Signals,
    work: Option<Work>,
) -> anyhow::Result<Ended> {
    let began = Instant::now();
    // Whoever waits for the file must not find the last server's.
    arguments.json.as_deref().map(report::remove).transpose().context("--json")?;
    if plugins.is_none() && EMBEDDED_PLUGINS.is_empty() {
        bail!(
            "this binary was built without plugins; run `cargo xtask plugins` and build it again, or pass --plugins DIR \
             with mock-identity.wasm and otp.wasm in it"
        );
    }
    let temporary = arguments.data.is_none().then(|| {
        let private = Permissions::from_mode(0o700);
        tempfile::Builder::new().prefix("esignet-dev-").permissions(private).tempdir()
    });
    let temporary = temporary.transpose().context("no temporary directory")?;
    let directory = match (&arguments.data, &temporary) {
        (Some(directory), _) => std::path::absolute(directory).context("--data")?,
        (None, Some(temporary)) => temporary.path().to_owned(),
        (None, None) => bail!("there is no directory to work in"),
    };
    let listener = bind(arguments.port, "--port").await?;
    let rp_listener = bind(arguments.rp_port, "--rp-port").await?;
    let deployment = Deployment {
        directory,
        plugins: plugins.map(std::path::absolute).transpose().context("--plugins")?,
        port: listener.local_addr()?.port(),
        rp_port: rp_listener.local_addr()?.port(),
        under_work: work.as_ref().map(|work| work.plugin.clone()),
    };
    let clients = deployment.write(EMBEDDED_PLUGINS)?;

    let mut config = match config::load(&deployment.config_file(), super::variables()) {
        Ok((config, _)) => config,
        Err(findings) => {
            super::print(&findings);
            return Ok(Ended::Refused(ExitCode::from(2)));
        }
    };
    config.plugins.observer = work.as_ref().map(|work| work.watched.clone());
    telemetry::start(config.log);
    descriptors::provide_for(&mut config.server.connections);
    let wired = match serve::wire(&config, &mut signals).await {
        Ok(wired) => wired,
        Err(reason) => {
            if reason == NotServing::Refused && temporary.is_none() {
                eprintln!(
                    "esignet dev: a directory of --data wants the --rp-port that it was made with; or remove it"
                );
            }
            return Ok(match reason {
                NotServing::Refused => Ended::Refused(reason.code()),
                NotServing::Stopped | NotServing::StoppedUncleanly => Ended::Stopped(reason.code()),
            });
        }
    };
    let relying_party = RelyingParty {
        issuer: deployment.issuer(),
        client_id: clients.sample.client_id.clone(),
        private_jwk: clients.sample.private_jwks.first().cloned().unwrap_or_default(),
        base_url: deployment.rp_url(),
    };
    let relying_party = tokio::spawn(async move {
        if let Err(error) = esignet_relying_party::serve(relying_party, rp_listener).await {
            tracing::error!(error = %error, "the sample relying party stopped");
        }
    });

    let running = Running {
        config: Arc::new(config),
        wired,
        sockets: Sockets { main: listener, mtls: None, admin: None },
        signals,
        // A terminal that closes ends it.
        hangups: None,
    };
    running.log_ready(began);
    let report =
        Report { deployment: &deployment, clients: &clients, people: &people::all(&deployment)?, began };
    if let Some(file) = &arguments.json {
        report.write_json(file).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    report.print()?;
    let (serving, config) = (Arc::clone(&running.wired.plugins), Arc::clone(&running.config));
    let beside = work.map(|work| tokio::spawn((work.beside)(serving, config)));
    let code = running.until_stopped().await;
    relying_party.abort();
    if let Some(beside) = beside {
        beside.abort();
    }
    if let Some(temporary) = temporary {
        // It tells of keys that are gone now.
        arguments.json.as_deref().map(report::remove).transpose().context("--json")?;
        temporary.close().context("the temporary directory was not removed")?;
    }
    Ok(Ended::Stopped(code))
}

async fn bind(port: u16, option: &str) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let bound = TcpListener::bind(address).await;
    bound.with_context(|| format!("cannot listen on {address}; choose another port with {option}, 0 for any"))
}
