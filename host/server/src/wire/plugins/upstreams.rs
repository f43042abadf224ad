//! The connections of plugins to their upstreams, from the operator's file and the files that it names.

use std::path::Path;
use std::sync::Arc;

use esignet_jose::signing_key::SigningKey;
use esignet_protocol::ports::clock::Clock;
use esignet_sandbox::{Credentials as Granted, Grant, UpstreamGrant};
use reqwest::Url;
use zeroize::Zeroizing;

use super::keys;
use crate::config::finding::Finding;
use crate::egress::access_token::AccessToken;
use crate::egress::assertion::{Claims, SignedToken};
use crate::egress::authorization::Authorization;
use crate::egress::channel::Channel;
use crate::egress::credentials::Credentials;
use crate::egress::token_endpoint::{
    ClientAuthentication, TokenEndpoint, assertion_claims, client_secret_basic,
};
use crate::egress::watched::Watched;
use crate::egress::{Connection, Connections};
use crate::secret_file;

mod trust;

/// How long a JWT is good for when nobody says, in seconds.
const JWT_TTL: u64 = 300;

/// A connection for each upstream that was granted and can be had. Whatever stands in the way is a finding.
pub(crate) fn connections<'a>(
    grants: impl IntoIterator<Item = (&'a String, &'a Grant)>,
    clock: &Arc<dyn Clock>,
    findings: &mut Vec<Finding>,
) -> Connections {
    let (mut connections, usual) = (Connections::default(), Channel::usual());
    for (plugin, grant) in grants {
        for (name, upstream) in &grant.upstreams {
            let mut section = Section { plugin, name, clock, findings: Vec::new() };
            let connection = section.connection(upstream, &usual);
            if let Some(connection) = connection {
                connections.add(plugin, name, connection);
            }
            findings.append(&mut section.findings);
        }
    }
    connections
}

/// The section of the operator's file that is read.
struct Section<'a> {
    plugin: &'a str,
    name: &'a str,
    clock: &'a Arc<dyn Clock>,
    findings: Vec<Finding>,
}

impl Section<'_> {
    fn place(&self) -> String {
        format!("[plugins.\"{}\".upstreams.\"{}\"]", self.plugin, self.name)
    }

    /// Keeps what is wrong with a file under the section that names it.
    fn file<T>(&mut self, key: &str, outcome: Result<T, Finding>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(found) => {
                let problem = format!("{key}, {}: {}", found.place, found.problem);
                self.findings.push(Finding { place: self.place(), problem, ..found });
                None
            }
        }
    }

    fn wrong(&mut self, problem: &str, fix: &str) {
        self.findings.push(Finding::error("bad-value", self.place(), problem, fix));
    }

    /// A URL that cannot be is a finding of the grant; nothing is connected then.
    fn connection(&mut self, upstream: &UpstreamGrant, usual: &Channel) -> Option<Connection> {
        let url = Url::parse(&upstream.url).ok().filter(|url| url.host_str().is_some());
        let channel = self.channel(upstream, usual);
        let credentials = upstream.credentials.as_ref();
        let credentials = credentials
            .map(|granted| self.credentials(granted, channel.as_ref().unwrap_or(usual)).ok_or(()))
            .transpose();
        let is_plain = url?.scheme() == "http";
        let needs_tls = upstream.ca_file.is_some()
            || upstream.client_key_file.is_some()
            || upstream.credentials.is_some();
        (!is_plain || !needs_tls).then_some(())?;
        Some(Connection { base_url: upstream.url.clone(), channel: channel?, credentials: credentials.ok()? })
    }

    fn credentials(&mut self, granted: &Granted, channel: &Channel) -> Option<Credentials> {
        match granted {
            Granted::Bearer { token_file } => {
                let opened = Watched::open(token_file, bearer);
                self.file("credentials.token_file", opened).map(Credentials::File)
            }
            Granted::Basic { user, password_file } => {
                if user.contains(':') || user.chars().any(char::is_control) {
                    self.wrong(
                        "credentials.user: a user name has no colon and no control character (RFC 7617)",
                        "correct the user name",
                    );
                    return None;
                }
                let user = user.clone();
                let opened = Watched::open(password_file, move |file| basic(&user, file));
                self.file("credentials.password_file", opened).map(Credentials::File)
            }
            Granted::Jwt { key_file, issuer, subject, audience, ttl_seconds } => {
                let key = self.file("credentials.key_file", Watched::open(key_file, signing_key))?;
                let claims = Claims {
                    issuer: issuer.clone(),
                    subject: subject.as_ref().unwrap_or(issuer).clone(),
                    audience: audience.clone(),
                    ttl: ttl_seconds.unwrap_or(JWT_TTL),
                };
                Some(Credentials::Signed(SignedToken::new(key, claims, Arc::clone(self.clock))))
            }
            Granted::ClientCredentials { token_url, client_id, client_secret_file, key_file, scope } => {
                let url = self.token_url(token_url);
                let client = self.client(client_id, client_secret_file.as_deref(), key_file.as_deref());
                let (url, client) = (url?, client?);
                let client = match client {
                    Client::Secret(secret) => ClientAuthentication::Secret(secret),
                    Client::Key(key) => {
                        ClientAuthentication::Key(key, assertion_claims(client_id, token_url))
                    }
                };
                let endpoint = TokenEndpoint {
                    channel: channel.clone(),
                    url,
                    client,
                    scope: scope.clone(),
                    name: format!("{}/{}", self.plugin, self.name),
                };
                Some(Credentials::Issued(AccessToken::new(endpoint, Arc::clone(self.clock))))
            }
        }
    }

    /// RFC 6749 §3.2: TLS, but on this machine; no fragment. User names belong elsewhere.
    fn token_url(&mut self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok().filter(|url| {
            let is_here = url.host_str().is_some_and(is_loopback);
            let is_safe = url.scheme() == "https" || url.scheme() == "http" && is_here;
            is_safe && url.fragment().is_none() && url.username().is_empty() && url.password().is_none()
        });
        if url.is_none() {
            self.wrong(
                "credentials.token_url: this is no https:// URL without user name, password and fragment",
                "write it like token_url = \"https://auth.example.org/token\"; http:// works on loopback addresses only",
            );
        }
        url
    }

    fn client(&mut self, client_id: &str, secret: Option<&Path>, key: Option<&Path>) -> Option<Client> {
        match (secret, key) {
            (Some(file), None) => {
                let client_id = client_id.to_owned();
                let opened = Watched::open(file, move |file| client_secret(&client_id, file));
                self.file("credentials.client_secret_file", opened).map(Client::Secret)
            }
            (None, Some(file)) => {
                self.file("credentials.key_file", Watched::open(file, signing_key)).map(Client::Key)
            }
            (Some(_), Some(_)) | (None, None) => {
                self.wrong(
                    "credentials: one of client_secret_file and key_file says how this server authenticates",
                    "add key_file (private_key_jwt), or client_secret_file where the server knows nothing better",
                );
                None
            }
        }
    }
}

/// How this server authenticates to a token endpoint, from its file.
enum Client {
    Secret(Watched<Authorization>),
    Key(Watched<SigningKey>),
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn bearer(file: &Path) -> Result<Authorization, Finding> {
    Authorization::bearer(secret(file)?.trim())
        .map_err(|_| unusable(file, "there is no token of visible ASCII without spaces in the file"))
}

fn basic(user: &str, file: &Path) -> Result<Authorization, Finding> {
    Authorization::basic(user, &secret(file)?)
        .map_err(|_| unusable(file, "a password has no control characters and one line"))
}

fn client_secret(client_id: &str, file: &Path) -> Result<Authorization, Finding> {
    client_secret_basic(client_id, &secret(file)?)
        .ok_or_else(|| unusable(file, "a client secret is one line of text"))
}

fn signing_key(file: &Path) -> Result<SigningKey, Finding> {
    keys::signing_key(file, &secret_file::read(file)?)
}

/// The text of a file, without the end of its line.
fn secret(file: &Path) -> Result<Zeroizing<String>, Finding> {
    let content = secret_file::read(file)?;
    let text = std::str::from_utf8(&content).map_err(|_| unusable(file, "the file is not UTF-8"))?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(unusable(file, "the file is empty"));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

fn unusable(file: &Path, problem: &str) -> Finding {
    Finding::error("file", file.display(), problem, "write the secret alone into the file")
}

#[cfg(test)]
mod tests;
