//! `[admin]`: where registrations can be changed while the server runs. Off unless `listen` is there.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::section::{Located, Section};

/// The admin API.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    /// A loopback address: the API speaks plain HTTP.
    pub(crate) listen: SocketAddr,
    /// The file with the token that every request must bring.
    pub(crate) token_file: Located<PathBuf>,
    /// The file with the token that opens the metrics and nothing else. Without it there are none.
    pub(crate) metrics_token_file: Option<Located<PathBuf>>,
}

pub(super) fn read(section: Section<'_>) -> Option<Admin> {
    let is_on = section.has("listen");
    let listen = section.address("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 8090)));
    let token_file = section.path("token_file");
    let metrics_token_file = section.path("metrics_token_file");
    if is_on && !listen.ip().is_loopback() {
        section.findings().error(
            "insecure",
            &section.place_of("listen"),
            format!("{listen} can be reached from other machines, and the admin API speaks plain HTTP"),
            "listen on a loopback address, and reach it through SSH or a proxy that authenticates",
        );
    }
    if is_on && !section.has("token_file") {
        section.findings().error(
            "missing-key",
            section.place(),
            "`token_file` is missing in [admin]",
            "add token_file = \"admin.token\", a file of mode 0600 with 32 random bytes: openssl rand -base64 32",
        );
    }
    if !is_on && (section.has("token_file") || section.has("metrics_token_file")) {
        section.findings().error(
            "missing-key",
            section.place(),
            "`listen` is missing in [admin]",
            "add listen = \"127.0.0.1:8090\", or remove the section: without it the admin API is off",
        );
    }
    section.finish();
    Some(Admin { listen, token_file: token_file?, metrics_token_file }).filter(|_| is_on)
}
