//! `esignet serve`: parse → keys → store → plugins → every acr satisfied → bind → ready; then drain and close.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::signal::unix::Signal;

use super::ConfigArgument;
use super::signals::Signals;
use crate::config::finding::{Finding, Severity, any_error};
use crate::config::{self, Config};
use crate::listen::{Listener, Served};
use crate::wire::plugins::Serving;
use crate::wire::{self, Outcome, Purpose, Wired};
use crate::{admin, descriptors, listen, schedule, telemetry};

/// How long the store may take to close.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// The arguments of `esignet serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    config: ConfigArgument,
}

/// Serves until a signal.
pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    let began = Instant::now();
    let mut signals = match signals() {
        Ok(signals) => signals,
        Err(code) => return code,
    };
    let hangups = signals.hangups();
    let mut config = match config::load(&arguments.config.config, super::variables()) {
        Ok((config, _)) => config,
        Err(findings) => {
            super::print(&findings);
            return ExitCode::from(2);
        }
    };
    telemetry::start(config.log);
    descriptors::provide_for(&mut config.server.connections);
    let wired = match wire(&config, &mut signals).await {
        Ok(wired) => wired,
        Err(reason) => return reason.code(),
    };
    let sockets = match Sockets::bind(&config).await {
        Ok(sockets) => sockets,
        Err(finding) => {
            super::print(&[finding]);
            close(&wired).await;
            return ExitCode::FAILURE;
        }
    };
    let running = Running { config: Arc::new(config), wired, sockets, signals, hangups };
    running.log_ready(began);
    running.until_stopped().await
}

/// Begins to listen for the signals that stop, or says why that cannot be.
pub(crate) fn signals() -> Result<Signals, ExitCode> {
    Signals::install().map_err(|error| {
        eprintln!("esignet: signals cannot be received: {error}");
        ExitCode::FAILURE
    })
}

/// Why there is nothing to serve with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotServing {
    /// The configuration, or what it names, is wrong.
    Refused,
    /// A signal came first, and the store is closed.
    Stopped,
    /// A signal came first, and the store did not close.
    StoppedUncleanly,
}

impl NotServing {
    /// What the process ends with.
    pub(crate) fn code(self) -> ExitCode {
        match self {
            Self::Refused => ExitCode::from(2),
            Self::Stopped => ExitCode::SUCCESS,
            Self::StoppedUncleanly => ExitCode::FAILURE,
        }
    }
}

/// Wires the server up unless a signal comes; prints what is wrong.
pub(crate) async fn wire(config: &Config, signals: &mut Signals) -> Result<Wired, NotServing> {
    for weakening in &config.weakenings {
        tracing::warn!(
            key = weakening.key,
            meaning = weakening.meaning,
            "a guard is weakened by configuration"
        );
    }
    let (outcome, findings) = wire::wire(config, Purpose::Serve, signals.received()).await;
    match outcome {
        Outcome::Ready(wired) => {
            for warning in findings.iter().filter(|finding| finding.severity == Severity::Warning) {
                tracing::warn!(
                    code = warning.code,
                    place = warning.place,
                    fix = warning.fix,
                    "{}",
                    warning.problem
                );
            }
            Ok(*wired)
        }
        Outcome::Refused => {
            super::print(&findings);
            Err(NotServing::Refused)
        }
        Outcome::Stopped => {
            super::print(&findings);
            tracing::info!("stopped before it was ready");
            Err(if any_error(&findings) { NotServing::StoppedUncleanly } else { NotServing::Stopped })
        }
    }
}

/// Where a server listens.
pub(crate) struct Sockets {
    /// `[server] listen`.
    pub(crate) main: TcpListener,
    /// `[tls] mtls_listen`.
    pub(crate) mtls: Option<TcpListener>,
    /// `[admin] listen`.
    pub(crate) admin: Option<TcpListener>,
}

impl Sockets {
    async fn bind(config: &Config) -> Result<Self, Finding> {
        let main = bind(config.server.listen, "[server] listen").await?;
        let mtls = match &config.tls.mtls_listen {
            Some(listen) => Some(bind(listen.value, "[tls] mtls_listen").await?),
            None => None,
        };
        let admin = match &config.admin {
            Some(admin) => Some(bind(admin.listen, "[admin] listen").await?),
            None => None,
        };
        Ok(Self { main, mtls, admin })
    }
}

async fn bind(address: SocketAddr, key: &str) -> Result<TcpListener, Finding> {
    TcpListener::bind(address).await.map_err(|error| {
        let problem = format!("cannot listen here: {error}");
        Finding::error("listen", address, problem, format!("free the port, or change {key}"))
    })
}

/// The address that a socket has, for the log.
fn address(socket: &TcpListener) -> Option<String> {
    socket.local_addr().ok().as_ref().map(SocketAddr::to_string)
}

/// A server with its listeners.
pub(crate) struct Running {
    /// What it was made of.
    pub(crate) config: Arc<Config>,
    /// The server.
    pub(crate) wired: Wired,
    /// Where it listens.
    pub(crate) sockets: Sockets,
    /// What stops it.
    pub(crate) signals: Signals,
    /// What has it read anew what the operator says of plugins.
    pub(crate) hangups: Option<Signal>,
}

impl Running {
    /// Says in the log that the server is ready.
    pub(crate) fn log_ready(&self, began: Instant) {
        let listen = address(&self.sockets.main);
        let mtls_listen = self.sockets.mtls.as_ref().and_then(address);
        let plugins = self.wired.plugins.report.plugins.len();
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let admin = self.sockets.admin.as_ref().and_then(address);
        if let Some(listen) = admin {
            tracing::info!(listen, "the admin API is on");
        }
        tracing::info!(
            issuer = self.config.server.issuer.as_str(),
            listen,
            mtls_listen,
            plugins,
            startup_ms = milliseconds,
            version = env!("CARGO_PKG_VERSION"),
            "ready"
        );
    }

    /// Serves until a signal, drains, and closes the store.
    pub(crate) async fn until_stopped(self) -> ExitCode {
        let mut signals = self.signals;
        let is_stopping = Arc::clone(&self.wired.is_stopping);
        let stop = async move {
            signals.received().await;
            is_stopping.store(true, Ordering::Release);
        };
        let sweep = tokio::spawn(schedule::sweep(
            Arc::clone(&self.wired.store),
            Arc::clone(&self.wired.clock),
            self.config.store.sweep_every,
            Arc::clone(&self.wired.store_is_healthy),
        ));
        let keys =
            tokio::spawn(schedule::turn_keys(Arc::clone(&self.wired.keys), self.wired.plugins.audit.clone()));
        let deliveries = self.wired.deliver(&self.config);
        let watching = self.config.plugins.watching;
        let hangups = tokio::spawn(reload(self.hangups, Arc::clone(&self.wired.plugins), watching.is_some()));
        let plugins = tokio::spawn(Arc::clone(&self.wired.plugins).watch(watching));
        let limits = self.config.server.connections;
        let admin = self.sockets.admin.zip(self.wired.admin.clone());
        let admin = admin.map(|(socket, router)| admin::Serving::start(socket, router, limits));
        let transports = &self.wired.transports;
        let main = Listener { socket: self.sockets.main, transport: transports.main.clone() };
        let mtls = self.sockets.mtls.zip(transports.mtls.clone());
        let mtls = mtls.map(|(socket, transport)| Listener { socket, transport });
        let served =
            Served { router: self.wired.router.clone(), proxied: transports.proxied.clone(), limits };
        listen::serve(std::iter::once(main).chain(mtls).collect(), served, stop).await;
        if let Some(admin) = admin {
            admin.stop().await;
        }
        if let (Some(notices), Some(config)) = (&self.wired.notices, &self.config.notifications) {
            notices.drain(config.drain).await;
        }
        sweep.abort();
        keys.abort();
        plugins.abort();
        if let Some(deliveries) = deliveries {
            deliveries.stop().await;
        }
        hangups.abort();
        if close(&self.wired).await { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Has the plugins read anew, with what the operator says of them, at each of these signals, for ever.
async fn reload(hangups: Option<Signal>, plugins: Arc<Serving>, is_watching: bool) {
    let Some(mut hangups) = hangups else { return };
    while hangups.recv().await.is_some() {
        if is_watching {
            tracing::warn!("SIGHUP: the plugins and what the configuration says of them are read anew");
            plugins.registry.reload();
        } else {
            tracing::warn!("SIGHUP: nothing is read anew where [plugins] watch is false");
        }
    }
}

/// Closes the store; false when it did not close cleanly.
pub(crate) async fn close(wired: &Wired) -> bool {
    if let Some(recording) = &wired.recording {
        recording.close().await;
    }
    match tokio::time::timeout(CLOSE_WITHIN, wired.store.close()).await {
        Ok(Ok(())) => {
            tracing::info!("stopped");
            true
        }
        Ok(Err(error)) => {
            tracing::error!(%error, "the store did not close cleanly: logins under way begin again after the next start");
            false
        }
        Err(_) => {
            tracing::error!(
                "the store did not close in time: logins under way begin again after the next start"
            );
            false
        }
    }
}
