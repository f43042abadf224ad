//! Where plugins are written: a folder, the real binary, and `esignet plugin dev` on ports of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::artifacts;
use crate::key::Key;
use crate::relying_party::{Registered, RelyingParty};
use crate::server::{self, Server};
use crate::wire::Wire;

/// How long a build and what comes after it may take; the first one fetches tools and compiles a standard library.
const BUILD_LIMIT: Duration = Duration::from_mins(8);

/// A folder to write plugins in.
pub struct Workshop {
    /// The folder.
    pub directory: TempDir,
}

/// What came of a command.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
}

impl Ran {
    /// Everything it said.
    pub fn said(&self) -> String {
        format!("{}{}", self.output, self.errors)
    }
}

/// A running `esignet plugin dev`.
pub struct Dev {
    /// The process.
    pub server: Server,
    /// What it wrote for scripts.
    json: PathBuf,
    issuer: String,
}

impl Workshop {
    /// An empty folder.
    pub fn new() -> Result<Self> {
        Ok(Self { directory: tempfile::tempdir().context("temporary directory")? })
    }

    /// A place in it.
    pub fn at(&self, below: &str) -> PathBuf {
        self.directory.path().join(below)
    }

    /// Runs `esignet` in a folder of it.
    pub fn esignet(&self, below: &str, arguments: &[&str]) -> Result<Ran> {
        let mut command = Command::new(artifacts::program("esignet")?);
        command.args(arguments).current_dir(self.at(below));
        ran(command)
    }

    /// Runs lines of a shell in a folder, with `esignet` on the path, and answers with the folder that they end in.
    pub fn shell(&self, folder: &Path, lines: &str) -> Result<(Ran, PathBuf)> {
        let ended = self.at(".ended-in");
        let mut command = Command::new("sh");
        command.args(["-ec", &format!("{lines}\npwd > \"$ENDED_IN\"")]).env("ENDED_IN", &ended);
        let ran = ran(on_the_path(command.current_dir(folder))?)?;
        ensure!(ran.code == 0, "these lines end with {}:\n{lines}\n{}", ran.code, ran.said());
        let folder = std::fs::read_to_string(&ended).context("where it ended")?;
        Ok((ran, PathBuf::from(folder.trim_end())))
    }

    /// Starts a command line that serves, `esignet plugin dev`, on ports of its own, and waits until it is ready.
    pub async fn dev(&self, folder: &Path, line: &str) -> Result<Dev> {
        let (port, json) = (server::free_port()?, self.at("dev.json"));
        let mut command = Command::new("sh");
        command.args(["-c", &format!("exec {line} --port {port} --rp-port 0 --json '{}'", json.display())]);
        let command = on_the_path(command.current_dir(folder))?;
        let issuer = format!("http://127.0.0.1:{port}");
        let server = Server::start_within(BUILD_LIMIT, command, &issuer, Wire::network()?).await?;
        Ok(Dev { server, json, issuer })
    }
}

impl Dev {
    /// Its client for scripts.
    pub async fn rp(&self) -> Result<RelyingParty> {
        let written =
            || std::fs::read_to_string(&self.json).ok().and_then(|text| serde_json::from_str(&text).ok());
        let since = Instant::now();
        let told: Value = loop {
            if let Some(told) = written() {
                break told;
            }
            ensure!(since.elapsed() < Duration::from_secs(20), "no file for scripts:\n{}", self.server.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let clients = told.get("clients").and_then(Value::as_array).into_iter().flatten();
        let is_ours = |client: &&Value| client.get("client_id").and_then(Value::as_str) == Some("script");
        let client = clients.into_iter().find(is_ours).context("no client for scripts")?;
        let text =
            |place: &str| client.pointer(place).and_then(Value::as_str).map(str::to_owned).context("a text");
        let key = Key::from_private_jwk(client.pointer("/jwks/keys/0").context("a key")?)?;
        let registered =
            Registered { client_id: text("/client_id")?, redirect_uri: text("/redirect_uris/0")?, key };
        RelyingParty::discover(
            self.server.wire.clone(),
            &self.issuer,
            registered,
            Arc::new(server::system_time),
        )
        .await
    }

    /// Waits until it has said something more often than `before`, and answers with how often.
    pub async fn says(&self, what: &str, before: usize) -> Result<usize> {
        let since = Instant::now();
        loop {
            let times = self.server.log().matches(what).count();
            if times > before {
                return Ok(times);
            }
            if since.elapsed() > BUILD_LIMIT {
                bail!("it does not say `{what}`:\n{}", self.server.log());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The command with what every one of them needs: no word of this machine's configuration, the tools of `cargo xtask plugins`.
fn prepared(command: &mut Command) -> Result<()> {
    let target =
        artifacts::profile_dir()?.parent().context("the profile's directory has no parent")?.to_path_buf();
    command.env("ESIGNET_BUILD_DIR", target.join("guests/scripts")).stdin(Stdio::null());
    // What cargo sets for a test must not reach the cargo that builds a plugin.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    Ok(())
}

fn on_the_path(command: &mut Command) -> Result<Command> {
    let mut path = artifacts::profile_dir()?.into_os_string();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let mut taken = std::mem::replace(command, Command::new("false"));
    prepared(taken.env("PATH", path))?;
    Ok(taken)
}

fn ran(mut command: Command) -> Result<Ran> {
    prepared(&mut command)?;
    let output = command.output().context("it cannot be run")?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ran {
        code: output.status.code().unwrap_or(-1),
        output: text(output.stdout),
        errors: text(output.stderr),
    })
}
