//! `[server]`: who we are, where we listen, and how long we wait for slow peers.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use esignet_protocol::client::Profile;
use esignet_protocol::word::issuer::{Issuer, IssuerError};

use super::Weakening;
use super::proxied::{self, InFront, Proxied};
use super::section::Section;
use super::tls::Tls;

/// How the server meets the network.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    /// Our issuer identifier.
    pub(crate) issuer: Issuer,
    /// The weakest profile that a client may have.
    pub(crate) profile_floor: Profile,
    /// Whether DPoP proofs need a nonce of ours.
    pub(crate) dpop_nonces: bool,
    /// Where we listen: with TLS when `[tls]` has a certificate, else with plain HTTP, and TLS ends in front of us.
    pub(crate) listen: SocketAddr,
    /// What proxies tell of clients, when they are trusted with that.
    pub(crate) proxied: Option<Proxied>,
    /// How connections are bounded.
    pub(crate) connections: Connections,
}

/// Limits on connections: a slow or greedy peer costs itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connections {
    /// The most at the same time; more wait in the system's queue.
    pub(crate) max: usize,
    /// How long the head of a request may take to arrive.
    pub(crate) header_timeout: Duration,
    /// How long a connection may ask for nothing before it is closed.
    pub(crate) idle_timeout: Duration,
    /// How long a request may take from its head to its answer, its body included.
    pub(crate) request_timeout: Duration,
    /// How long requests under way may go on after the server was told to stop.
    pub(crate) drain: Duration,
}

pub(super) fn read(section: Section<'_>, tls: &Tls, weakenings: &mut Vec<Weakening>) -> Option<Server> {
    let issuer = issuer(&section);
    let profiles = Profile::ALL.map(|profile| (profile.as_str(), profile));
    let profile_floor = section.choice("profile_floor", &profiles, Profile::default());
    if profile_floor < Profile::default() {
        weakenings.push(Weakening {
            key: "server.profile_floor".to_owned(),
            meaning: "clients may be registered that push no requests, use no PKCE or get bearer tokens",
        });
    }
    let dpop_nonces = section.flag("dpop_nonces", false);
    let listen = section.address("listen", SocketAddr::from((Ipv4Addr::LOCALHOST, 8088)));
    let behind_tls_proxy = section.flag("behind_tls_proxy", false);
    let seconds = |key, range, default| Duration::from_secs(section.number(key, range, default));
    let connections = Connections {
        max: usize::try_from(section.number("max_connections", 1..=1_000_000, 4_096)).unwrap_or(4_096),
        header_timeout: seconds("header_timeout_seconds", 1..=120, 10),
        idle_timeout: seconds("idle_timeout_seconds", 1..=3_600, 75),
        request_timeout: seconds("request_timeout_seconds", 1..=300, 20),
        drain: seconds("drain_seconds", 0..=300, 10),
    };
    let reachable = !listen.ip().is_loopback();
    let plain = tls.certificate.is_none();
    if reachable && plain && !behind_tls_proxy {
        section.findings().error(
            "insecure",
            &section.place_of("listen"),
            format!("{listen} can be reached from other machines, and the server speaks plain HTTP"),
            "give the server a certificate in [tls], or listen on a loopback address, or set behind_tls_proxy = true in \
             [server] if TLS ends in front of it and nothing else reaches this address",
        );
    }
    if reachable && plain && behind_tls_proxy {
        weakenings.push(Weakening {
            key: "server.behind_tls_proxy".to_owned(),
            meaning: "plain HTTP is spoken on an address that other machines reach; only a TLS proxy may reach it",
        });
    }
    let in_front = if reachable && !behind_tls_proxy { InFront::Anybody } else { InFront::Proxies };
    let proxied = proxied::read(&section, in_front, weakenings);
    if issuer.as_ref().is_some_and(|issuer| !issuer.is_https()) {
        weakenings.push(Weakening {
            key: "server.issuer".to_owned(),
            meaning: "the issuer is http on a loopback host: for development only",
        });
    }
    section.finish();
    Some(Server { issuer: issuer?, profile_floor, dpop_nonces, listen, proxied, connections })
}

fn issuer(section: &Section<'_>) -> Option<Issuer> {
    let text = section.required_text("issuer", "\"https://id.example.org\"")?;
    let error = match Issuer::parse(&text.value) {
        Ok(issuer) => return Some(issuer),
        Err(error) => error,
    };
    let code = match error {
        IssuerError::NotHttps => "insecure",
        IssuerError::NotAUrl | IssuerError::ExtraParts | IssuerError::NotNormal => "bad-value",
    };
    let normal = text.value.trim_end_matches('/').to_ascii_lowercase();
    let fix = match Issuer::parse(&normal) {
        Ok(_) => format!("write issuer = \"{normal}\""),
        Err(_) => "write it like issuer = \"https://id.example.org\"".to_owned(),
    };
    section.findings().error(code, &text.place, error.to_string(), fix);
    None
}
