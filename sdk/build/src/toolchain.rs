//! Which toolchain can build for WebAssembly here.
//!
//! Two ways lead there: the standard library that rustup installs for the target, or, where rustup cannot download
//! (air-gapped, distribution Rust), Debian's compiler building the standard library from its own source package.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::BuildError;
use crate::progress;

/// The target every guest is built for: nothing ambient, no WASI.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
/// The first minor version of Rust 1 that the workspace takes (`rust-version` in the root `Cargo.toml`).
const OLDEST_MINOR: u32 = 95;

/// A toolchain that can build guests.
pub enum Toolchain {
    /// The cargo we run under, with the target's standard library installed.
    Installed,
    /// Debian's cargo and rustc, building the standard library from source; the path holds `rust-lld`.
    Debian {
        /// Where `rust-lld` is, if not on the path.
        linker_dir: Option<PathBuf>,
    },
}

impl Toolchain {
    /// Finds the way that is open; opens one if that needs no more than a download.
    pub fn find() -> Result<Self, BuildError> {
        if target_is_installed() {
            return Ok(Self::Installed);
        }
        if let Some(debian) = debian() {
            return Ok(debian);
        }
        if add_target() && target_is_installed() {
            return Ok(Self::Installed);
        }
        if install_debian_packages()
            && let Some(debian) = debian()
        {
            return Ok(debian);
        }
        Err(BuildError::Missing(format!(
            "there is no Rust standard library for {TARGET} here.\n\
             Install it with `rustup target add {TARGET}`, or, where rustup cannot download, on Debian with\n\
             `apt-get install {}` (Rust 1.{OLDEST_MINOR} or later), and run this again.",
            DEBIAN_PACKAGES.join(" ")
        )))
    }

    /// What to call it in one line of output.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Installed => "the installed target",
            Self::Debian { .. } => "Debian's Rust, standard library from source",
        }
    }

    /// A cargo command that builds for [`TARGET`]; packages, profile and directories are the caller's.
    pub fn cargo_build(&self) -> Command {
        let mut cargo = match self {
            Self::Installed => {
                let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
                cargo.arg("build");
                cargo
            }
            Self::Debian { linker_dir } => {
                let mut cargo = Command::new(DEBIAN_CARGO);
                cargo.args(["build", "-Zbuild-std=std,panic_abort"]);
                cargo.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
                // What `cargo xtask` set for its own toolchain must not reach this one.
                for inherited in ["CARGO", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH", "RUSTC_WRAPPER", "RUSTDOC"]
                {
                    cargo.env_remove(inherited);
                }
                if let Some(dir) = linker_dir {
                    cargo.env("PATH", path_beginning_with(dir));
                }
                cargo
            }
        };
        cargo.args(["--target", TARGET]);
        cargo
    }
}

fn path_beginning_with(dir: &Path) -> OsString {
    let mut path = OsString::from(dir);
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    path
}

fn target_is_installed() -> bool {
    sysroot("rustc").is_some_and(|sysroot| sysroot.join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

fn debian() -> Option<Toolchain> {
    if !Path::new(DEBIAN_CARGO).exists() || minor_version(&stdout_of(DEBIAN_RUSTC, &["-V"])?)? < OLDEST_MINOR
    {
        return None;
    }
    let source = sysroot(DEBIAN_RUSTC)?.join("lib/rustlib/src/rust/library/std/Cargo.toml");
    if !source.exists() {
        return None;
    }
    if stdout_of("rust-lld", &["-flavor", "wasm", "--version"]).is_some() {
        return Some(Toolchain::Debian { linker_dir: None });
    }
    let linker_dir = ["rustc", DEBIAN_RUSTC].into_iter().find_map(|rustc| {
        let dir = sysroot(rustc)?.join("lib/rustlib").join(host(rustc)?).join("bin");
        dir.join("rust-lld").exists().then_some(dir)
    })?;
    Some(Toolchain::Debian { linker_dir: Some(linker_dir) })
}

fn sysroot(rustc: &str) -> Option<PathBuf> {
    Some(PathBuf::from(stdout_of(rustc, &["--print", "sysroot"])?.trim()))
}

fn host(rustc: &str) -> Option<String> {
    let version = stdout_of(rustc, &["-vV"])?;
    version.lines().find_map(|line| line.strip_prefix("host: ")).map(str::to_owned)
}

/// The 96 of `rustc 1.96.0 (…)`.
fn minor_version(version: &str) -> Option<u32> {
    version.split_whitespace().nth(1)?.strip_prefix("1.")?.split('.').next()?.parse().ok()
}

fn add_target() -> bool {
    if stdout_of("rustup", &["--version"]).is_none() {
        return false;
    }
    let step = progress::step(&format!("rustup target add {TARGET}"));
    let added =
        succeeds(Command::new("rustup").args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "1"));
    step.done(if added { "target added" } else { "rustup cannot add the target; trying Debian's packages" });
    added
}

fn install_debian_packages() -> bool {
    let is_root = stdout_of("id", &["-u"]).is_some_and(|id| id.trim() == "0");
    if !is_root || stdout_of("apt-get", &["--version"]).is_none() {
        return false;
    }
    let step = progress::step(&format!("apt-get install {}", DEBIAN_PACKAGES.join(" ")));
    let apt_get = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(["-qq", "-y", "--no-install-recommends"]).args(arguments);
        succeeds(command.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
    };
    let install: Vec<&str> = std::iter::once("install").chain(DEBIAN_PACKAGES).collect();
    let installed = apt_get(&install) || (apt_get(&["update"]) && apt_get(&install));
    step.done(if installed { "packages installed" } else { "the packages cannot be installed" });
    installed
}

fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn stdout_of(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_line_of_rustc_gives_its_minor_version() {
        assert_eq!(
            minor_version("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"),
            Some(96)
        );
        assert_eq!(minor_version("rustc 1.63.0"), Some(63));
        assert_eq!(minor_version("not a compiler"), None);
    }
}
