//! Finds the plugins that `esignet dev` embeds, where `cargo xtask plugins` puts them: `<target directory>/plugins`.
//!
//! Without them the build goes on, and `esignet dev` says at run time how to get them.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The plugins of `esignet dev`, by the names of their files.
const EMBEDDED: [&str; 2] = ["mock-identity", "otp"];

fn main() -> io::Result<()> {
    let out =
        env::var_os("OUT_DIR").map(PathBuf::from).ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    let mut entries = Vec::new();
    for name in EMBEDDED {
        let file = component(&out, name);
        // As long as the file is not there, cargo comes back at every build to look again.
        println!("cargo::rerun-if-changed={}", file.display());
        if file.is_file() {
            entries.push(format!("({name:?}, include_bytes!({:?}))", file.display().to_string()));
        }
    }
    println!("cargo::rerun-if-changed=build.rs");
    fs::write(out.join("embedded_plugins.rs"), format!("&[{}]", entries.join(", ")))
}

/// `OUT_DIR` is `<target>[/<triple>]/<profile>/build/<package>/out`.
fn component(out: &Path, name: &str) -> PathBuf {
    let below = |directory: &Path| directory.join("plugins").join(format!("{name}.wasm"));
    let mut candidates = out.ancestors().skip(4).take(2).map(below);
    let usual = candidates.next().unwrap_or_default();
    if usual.is_file() { usual } else { candidates.find(|file| file.is_file()).unwrap_or(usual) }
}
