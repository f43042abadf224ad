//! The real binary: started on a free loopback port with a configuration of its own, ended by its own process id.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;
use tempfile::TempDir;

use crate::artifacts;
use crate::key::Key;
use crate::publisher::{self, Publisher};
use crate::relying_party::{Registered, RelyingParty};
use crate::tls::{Authority, Shows};
use crate::wire::Wire;

/// How long a server may take to be ready; the first start compiles the plugins.
const START_LIMIT: Duration = Duration::from_mins(2);

/// A directory with a configuration, a store and clients: what outlives a server.
pub struct Site {
    /// The directory.
    pub directory: TempDir,
    /// Where it listens.
    pub port: u16,
    /// Its issuer.
    pub issuer: String,
    /// Its certificates, when it ends TLS.
    pub tls: Option<SiteTls>,
    /// Who signed its plugins.
    pub publisher: Publisher,
    keys: Vec<(String, Key)>,
}

/// The certificates of a site that ends TLS.
#[derive(Clone)]
pub struct SiteTls {
    /// Who issued the server's.
    pub servers: Authority,
    /// Who is trusted for clients'.
    pub clients: Authority,
    /// The port of the listener that asks for certificates.
    pub mtls_port: u16,
}

/// A running server.
pub struct Server {
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
    /// The way to it.
    pub wire: Wire,
    /// From the start of the process to the first positive `/ready`.
    pub ready_after: Duration,
}

impl Site {
    /// A new site with the store `sled` or `memory` and the clients `bank` and `clinic`.
    pub fn new(store: &str) -> Result<Self> {
        Self::made(store, None)
    }

    /// The same over TLS, with a second listener that asks for certificates.
    pub fn with_tls(store: &str) -> Result<Self> {
        let (servers, clients) = (Authority::new("servers"), Authority::new("clients"));
        let tls = SiteTls { servers, clients, mtls_port: free_port()? };
        let site = Self::made(store, Some(tls.clone()))?;
        let own = tls.servers.server();
        site.write_secret("tls.pem", &own.pem())?;
        site.write_secret("tls.key", &own.key_pem())?;
        site.write_secret("clients.pem", &tls.clients.pem())?;
        site.configure(&format!(
            "[tls]\ncertificate_file = \"tls.pem\"\nkey_file = \"tls.key\"\nmtls_listen = \"127.0.0.1:{}\"\n\
             client_ca_file = \"clients.pem\"\n",
            tls.mtls_port
        ))?;
        Ok(site)
    }

    fn made(store: &str, tls: Option<SiteTls>) -> Result<Self> {
        let directory = tempfile::tempdir().context("temporary directory")?;
        let port = free_port()?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let issuer = format!("{scheme}://127.0.0.1:{port}");
        let clients = directory.path().join("clients");
        std::fs::create_dir(&clients)?;
        std::fs::create_dir(directory.path().join("plugins"))?;
        let mut keys = Vec::new();
        for id in ["bank", "clinic"] {
            let key = Key::p256();
            let registration = registration(id, &key);
            std::fs::write(clients.join(format!("{id}.json")), registration.to_string())?;
            keys.push((id.to_owned(), key));
        }
        let publisher = Publisher::new(1);
        let compiled = artifacts::profile_dir()?.join("test-compiled-server");
        let config = format!(
            "[server]\nissuer = \"{issuer}\"\nlisten = \"127.0.0.1:{port}\"\ndrain_seconds = 2\n\n\
             [store]\nurl = \"{store}\"\n\n\
             [keys]\nmaster_key_file = \"master.key\"\n\n\
             [plugins]\ndirectory = \"plugins\"\ncompiled = {compiled:?}\nid_system = \"mock-identity\"\n\n\
             [plugins.publishers.tests]\npublic_key = \"{public_key}\"\n\n\
             [clients]\ndirectory = \"clients\"\n",
            public_key = publisher.public_key(),
            compiled = compiled.display().to_string(),
        );
        let site = Self { directory, port, issuer, tls, publisher, keys };
        site.ship("mock-identity")?;
        site.ship("otp")?;
        std::fs::write(site.config(), config)?;
        Ok(site)
    }

    /// The configuration file.
    pub fn config(&self) -> PathBuf {
        self.directory.path().join("esignet.toml")
    }

    /// The file of a plugin.
    pub fn plugin(&self, id: &str) -> PathBuf {
        self.directory.path().join("plugins").join(format!("{id}.wasm"))
    }

    /// Adds lines to the configuration.
    pub fn configure(&self, lines: &str) -> Result<()> {
        let before = std::fs::read_to_string(self.config())?;
        Ok(std::fs::write(self.config(), format!("{before}\n{lines}\n"))?)
    }

    /// Adds a plugin that is shipped, signed.
    pub fn ship(&self, plugin: &str) -> Result<()> {
        self.add(plugin, &artifacts::plugin(plugin)?)
    }

    /// Adds a component under an id, signed.
    pub fn add(&self, id: &str, component: &Path) -> Result<()> {
        let bytes = std::fs::read(component).with_context(|| component.display().to_string())?;
        Ok(std::fs::write(self.plugin(id), self.publisher.sign(&bytes, id, publisher::VERSION)?)?)
    }

    /// Adds an ID system that is shipped, and chooses it instead of the mock.
    pub fn choose_id_system(&self, plugin: &str) -> Result<()> {
        self.ship(plugin)?;
        self.answer_by(plugin)
    }

    /// Has another ID system answer than the mock.
    fn answer_by(&self, id_system: &str) -> Result<()> {
        let before = std::fs::read_to_string(self.config())?;
        let chosen = format!("id_system = {id_system:?}");
        Ok(std::fs::write(self.config(), before.replacen("id_system = \"mock-identity\"", &chosen, 1))?)
    }

    /// Takes these components instead of those that are shipped, each under its id; the first is the ID system.
    pub fn plugins(&self, components: &[(&str, PathBuf)]) -> Result<()> {
        for shipped in ["mock-identity", "otp"] {
            std::fs::remove_file(self.plugin(shipped))?;
        }
        for (id, component) in components {
            self.add(id, component)?;
        }
        self.answer_by(components.first().map(|(id, _)| *id).context("an ID system")?)
    }

    /// Adds lines to `[server]`.
    pub fn configure_server(&self, lines: &str) -> Result<()> {
        let before = std::fs::read_to_string(self.config())?;
        Ok(std::fs::write(self.config(), before.replacen("[server]", &format!("[server]\n{lines}"), 1))?)
    }

    /// Writes a file beside the configuration that only its owner may read.
    pub fn write_secret(&self, name: &str, content: &str) -> Result<()> {
        let path = self.directory.path().join(name);
        std::fs::write(&path, content)?;
        Ok(std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?)
    }

    /// The way to its servers, showing this to those who ask.
    pub fn wire(&self, shows: &Arc<Shows>) -> Result<Wire> {
        match &self.tls {
            None => Wire::network(),
            Some(tls) => Wire::over(tls.servers.trusting(shows, rustls::ALL_VERSIONS)?),
        }
    }

    /// Starts the server and waits until it is ready.
    pub async fn start(&self) -> Result<Server> {
        // Whoever runs the tests may have them ignore SIGHUP, as `nohup` does, and a server that inherits that goes on ignoring it.
        let mut command = Command::new("env");
        command.arg("--default-signal=HUP").arg(artifacts::program("esignet")?);
        command.arg("serve").arg("--config").arg(self.config()).current_dir(self.directory.path());
        Server::start(command, &self.issuer, self.wire(&Shows::nothing())?).await
    }

    /// Runs a command of the binary to its end: exit code, standard output and standard error.
    pub fn run(&self, arguments: &[&str]) -> Result<(i32, String, String)> {
        run(arguments, self.directory.path())
    }

    /// A client of a running server.
    pub async fn rp(&self, server: &Server, client_id: &str) -> Result<RelyingParty> {
        let key = self.keys.iter().find(|(id, _)| id == client_id).map(|(_, key)| key.clone());
        let key = key.with_context(|| format!("no client `{client_id}`"))?;
        let registered =
            Registered { client_id: client_id.to_owned(), redirect_uri: redirect_uri(client_id), key };
        RelyingParty::discover(server.wire.clone(), &self.issuer, registered, Arc::new(system_time)).await
    }
}

/// A registration with one public key.
pub fn registration(client_id: &str, key: &Key) -> serde_json::Value {
    json!({
        "client_id": client_id,
        "client_name": { "en": format!("The {client_id}") },
        "relying_party_id": format!("{client_id}-rp"),
        "redirect_uris": [redirect_uri(client_id)],
        "jwks": { "keys": [key.public_jwk()] },
        "claims": ["name", "email", "email_verified", "birthdate", "gender", "phone_number", "address"],
    })
}

fn redirect_uri(client_id: &str) -> String {
    format!("https://{client_id}.example/callback")
}

/// Runs the binary to its end.
pub fn run(arguments: &[&str], directory: &Path) -> Result<(i32, String, String)> {
    let output = Command::new(artifacts::program("esignet")?)
        .args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .output()
        .context("esignet cannot be run")?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr)))
}

/// Seconds since 1970 by the system's clock.
pub fn system_time() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A port of the loopback interface that nobody listens on.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0").context("no free port")?.local_addr()?.port())
}

impl Server {
    /// Starts a command that serves an issuer, and waits until it is ready.
    pub async fn start(command: Command, issuer: &str, wire: Wire) -> Result<Self> {
        Self::start_within(START_LIMIT, command, issuer, wire).await
    }

    /// The same for one that may take longer.
    pub async fn start_within(
        limit: Duration,
        mut command: Command,
        issuer: &str,
        wire: Wire,
    ) -> Result<Self> {
        let since = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("esignet cannot be started")?;
        let log = Arc::new(Mutex::new(Vec::new()));
        let stdout = child.stdout.take().map(|stdout| collect(stdout, &log));
        let stderr = child.stderr.take().map(|stderr| collect(stderr, &log));
        let readers = stdout.into_iter().chain(stderr).collect();
        let mut server = Self { child, log, readers, wire, ready_after: Duration::ZERO };
        let ready = format!("{issuer}/ready");
        loop {
            if server.wire.get(&ready).await.is_ok_and(|reply| reply.status == 200) {
                server.ready_after = since.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                // Its last lines may still be on their way.
                tokio::time::sleep(Duration::from_millis(100)).await;
                bail!("esignet ended with {status}:\n{}", server.log());
            }
            ensure!(since.elapsed() < limit, "esignet is not ready after {limit:?}:\n{}", server.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Everything it has written so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop as an init system does, waits for its end, and returns its exit code.
    pub async fn stop(&mut self) -> Result<Option<i32>> {
        signal(&self.child, libc::SIGTERM)?;
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                // Its last lines may still be on their way.
                for reader in self.readers.drain(..) {
                    let _read = reader.join();
                }
                return Ok(status.code());
            }
            ensure!(since.elapsed() < Duration::from_secs(20), "it does not stop:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Has it read anew what its operator says of plugins.
    pub fn hang_up(&self) -> Result<()> {
        signal(&self.child, libc::SIGHUP)
    }

    /// Ends it without any warning, as a loss of power does.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill().context("kill")?;
        self.child.wait().context("wait")?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nobody to end.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ended = self.child.kill();
            let _reaped = self.child.wait();
        }
    }
}

#[expect(unsafe_code, reason = "the standard library sends SIGKILL only")]
fn signal(child: &Child, signal: i32) -> Result<()> {
    let pid = i32::try_from(child.id()).context("process id")?;
    // SAFETY: `kill` has no memory effects; the process is our child and not yet waited for, so the id is its own.
    ensure!(unsafe { libc::kill(pid, signal) } == 0, "the signal was not sent");
    Ok(())
}

fn collect(stream: impl std::io::Read + Send + 'static, log: &Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    })
}
