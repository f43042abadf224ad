//! `cargo xtask demo --check`: the demo on free ports, and a complete login through it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Built;
use crate::cargo;
use crate::workspace;
use esignet_build::progress;

/// How long the demo may take to write its file; the first start compiles the plugins.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Starts the demo, signs in, ends the demo. `json` is written for the caller too, if it is given.
pub(crate) fn check(built: &Built, json: Option<&Path>) -> Result<()> {
    let demo = Demo::start(built, json)?;
    let mut login = built.program("esignet-login");
    login.arg("--json").arg(&demo.json);
    cargo::run("a complete login, as a client", &mut login, "the step that failed is named above")
}

/// A running demo. It ends, and its files go, when this is dropped.
pub(crate) struct Demo {
    process: Child,
    directory: PathBuf,
    /// Who is there and how they sign in.
    pub(crate) json: PathBuf,
}

impl Demo {
    /// Starts the demo on free ports and waits until it has said who can sign in.
    pub(crate) fn start(built: &Built, json: Option<&Path>) -> Result<Self> {
        let step = progress::step("esignet dev, on free ports");
        let directory = workspace::target_dir().join(format!("demo-{}", std::process::id()));
        fs::create_dir_all(&directory).with_context(|| format!("{} cannot be made", directory.display()))?;
        let json = json.map_or_else(|| directory.join("demo.json"), Path::to_path_buf);
        if json.exists() {
            fs::remove_file(&json).with_context(|| format!("{} cannot be replaced", json.display()))?;
        }
        let log = fs::File::create(directory.join("log")).context("the log cannot be made")?;
        let [port, rp_port] = free_ports()?;
        let process = built
            .dev()
            .args(["--port", &port.to_string(), "--rp-port", &rp_port.to_string()])
            .arg("--json")
            .arg(&json)
            .arg("--data")
            .arg(directory.join("data"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("the log")?)
            .stderr(log)
            .spawn()
            .context("esignet cannot be run")?;
        let mut demo = Self { process, directory, json };
        demo.wait()?;
        step.done(&format!("the demo is up on the ports {port} and {rp_port}"));
        Ok(demo)
    }

    fn wait(&mut self) -> Result<()> {
        let since = Instant::now();
        loop {
            if fs::read(&self.json)
                .is_ok_and(|text| serde_json::from_slice::<serde_json::Value>(&text).is_ok())
            {
                return Ok(());
            }
            let log = || fs::read_to_string(self.directory.join("log")).unwrap_or_default();
            if let Some(status) = self.process.try_wait().context("esignet dev")? {
                bail!("`esignet dev` ended with {status}:\n{}", log());
            }
            if since.elapsed() > START_LIMIT {
                bail!("`esignet dev` has not written {} in {START_LIMIT:?}:\n{}", self.json.display(), log());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself, and its files may be gone: then there is nothing to do.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
        let _removed = fs::remove_dir_all(&self.directory);
    }
}

/// Ports of the loopback interface that nobody listens on, held together so that they differ.
fn free_ports() -> Result<[u16; 2]> {
    let listen = || TcpListener::bind("127.0.0.1:0").context("no free port");
    let held = [listen()?, listen()?];
    let [first, second] = held.each_ref().map(TcpListener::local_addr);
    Ok([first?.port(), second?.port()])
}
