//! A small relying party: a sign-in button, the login, and a page that shows what came back and why it can be believed.
//!
//! It is written to be read by somebody who connects a service of their own. It uses nothing of e-Signet but its public
//! protocol, and each step of that protocol is one short file:
//!
//! | Step | Specification | File |
//! |---|---|---|
//! | 1. Where is everything? | OIDC Discovery 1.0, RFC 8414 | `discovery.rs` |
//! | 2. Tell the provider, server to server, what we want | RFC 9126, RFC 7636, RFC 9449 | `pushed_authorization.rs` |
//! | 3. Prove who we are | RFC 7523, OIDC Core §9 | `client_assertion.rs` |
//! | 4. Send the browser there, and take it back | RFC 6749 §4.1, RFC 9207 | `callback.rs` |
//! | 5. Trade the code for tokens | RFC 6749 §4.1.3, RFC 9449 | `token.rs` |
//! | 6. Check the `id_token` | OIDC Core §3.1.3.7 | `id_token.rs` |
//! | 7. Ask for the claims | OIDC Core §5.3 | `userinfo.rs` |
//! | Keys and proofs | RFC 7517, RFC 9449 §4 | `key.rs`, `dpop.rs` |
//! | The seven steps in order | | `sign_in.rs` |
//! | The site around them | | `site.rs`, `page.rs`, `session.rs` |
#![forbid(unsafe_code)]

mod callback;
mod client_assertion;
mod discovery;
mod dpop;
mod error;
mod id_token;
mod key;
mod page;
mod pushed_authorization;
mod session;
mod sign_in;
mod site;
mod token;
mod userinfo;

use anyhow::Context;
use serde::Deserialize;

pub use error::SignInError;

/// What a relying party has to know about itself and its provider.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelyingParty {
    /// The provider's issuer identifier, exactly as the provider publishes it.
    pub issuer: String,
    /// Our client identifier there.
    pub client_id: String,
    /// Our private key as a JWK (RFC 7517) for ES256. Its public half is registered with the provider.
    pub private_jwk: serde_json::Value,
    /// Where browsers reach us, such as `https://service.example`, without a slash at the end. The provider must have
    /// registered this with `/callback` added as a `redirect_uri`.
    pub base_url: String,
}

impl RelyingParty {
    /// The `redirect_uri` to register with the provider.
    pub fn redirect_uri(&self) -> String {
        format!("{}{}", self.base_url, site::CALLBACK)
    }
}

/// Serves the site on a listener until the future is dropped. Fails at once on a key that cannot sign ES256.
pub async fn serve(relying_party: RelyingParty, listener: tokio::net::TcpListener) -> anyhow::Result<()> {
    let router = site::router(&relying_party).context("the relying party's configuration")?;
    axum::serve(listener, router).await.context("the relying party's listener")
}
