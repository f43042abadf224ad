//! Step 1: the provider says where everything is (OIDC Discovery 1.0 §4).

use serde::Deserialize;

use crate::error::{SignInError, json_of};

const STEP: &str = "discovery document";

/// What we need of the provider's metadata.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) issuer: String,
    pub(crate) pushed_authorization_request_endpoint: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) userinfo_endpoint: String,
    pub(crate) jwks_uri: String,
}

/// Asks the provider. A document of another issuer is refused (OIDC Discovery §4.3).
pub(crate) async fn discover(http: &reqwest::Client, issuer: &str) -> Result<Metadata, SignInError> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let document = json_of(STEP, http.get(url).send().await).await?;
    let metadata: Metadata = serde_json::from_value(document)
        .map_err(|error| SignInError::Unreachable { step: STEP, reason: error.to_string() })?;
    if metadata.issuer != issuer {
        return Err(SignInError::Untrusted("the discovery document belongs to another issuer"));
    }
    Ok(metadata)
}
