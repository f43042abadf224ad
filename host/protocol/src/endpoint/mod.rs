//! One file per endpoint, named as discovery names it. Each has `parse` and `decide`, which are pure, and `handle`,
//! which loads, decides and saves.

pub mod answer;
pub mod authorization;
pub mod discovery;
pub mod introspection;
pub mod jwks;
pub mod key_binding;
pub mod login;
pub mod pushed_authorization;
pub mod revocation;
pub mod token;
pub mod userinfo;

use std::sync::Arc;

use esignet_jose::digest;

use crate::word::parameters::{Parameters, ParametersError};

/// Paths below the issuer.
pub mod path {
    /// RFC 9126.
    pub const PUSHED_AUTHORIZATION: &str = "/oauth/par";
    /// OIDC Core §3.1.2.
    pub const AUTHORIZATION: &str = "/authorize";
    /// RFC 6749 §3.2.
    pub const TOKEN: &str = "/oauth/token";
    /// OIDC Core §5.3.
    pub const USERINFO: &str = "/oidc/userinfo";
    /// RFC 7517.
    pub const JWKS: &str = "/oauth/jwks";
    /// The login pages.
    pub const LOGIN: &str = "/login";
    /// RFC 7662.
    pub const INTROSPECTION: &str = "/oauth/introspect";
    /// Keys of wallets (ADR 104).
    pub const KEY_BINDING: &str = "/key-binding";
    /// RFC 7009.
    pub const REVOCATION: &str = "/oauth/revoke";
    /// Pages that explain error codes, one below this for each (RFC 6749 §5.2, `error_uri`).
    pub const ERRORS: &str = "/errors";
    /// Logos of clients as this server keeps them: `{id}.png` below it.
    pub const CLIENT_LOGOS: &str = "/clients/";
    /// OIDC Discovery §4, appended to the issuer.
    pub const OPENID_CONFIGURATION: &str = "/.well-known/openid-configuration";
    /// RFC 8414 §3, put between host and path of the issuer.
    pub const OAUTH_AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
}

impl ClientCertificate {
    /// Its SHA-256 hash as base64url, the `x5t#S256` of tokens bound to it (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> String {
        digest::sha256_base64url(&self.der)
    }
}

/// A request to a JSON endpoint, as it came.
pub struct RawRequest {
    /// The body.
    pub parameters: Result<Parameters, ParametersError>,
    /// Every `DPoP` header, in order; one that is no text is empty.
    pub dpop: Vec<String>,
    /// Every `Authorization` header, in order; one that is no text is empty.
    pub authorization: Vec<String>,
    /// Every `Accept` header, in order.
    pub accept: Vec<String>,
    /// The client's certificate, if its connection had one.
    pub client_certificate: Option<ClientCertificate>,
}

/// The certificate that a client showed when its TLS connection was made; whoever ended TLS has seen its key proved
/// (RFC 8705 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// X.509, DER.
    pub der: Arc<[u8]>,
    /// Whether its chain ends at an issuer that the operator trusts for clients, and holds now (RFC 8705 §2.1).
    pub is_trusted: bool,
}
