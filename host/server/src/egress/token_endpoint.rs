//! One request to a token endpoint (RFC 6749 §4.4.2, §5), over the TLS of the upstream that the token is for.

use std::time::Duration;

use esignet_jose::signing_key::SigningKey;
use esignet_protocol::ports::fetch::FetchError;
use reqwest::header::{self, HeaderValue};
use reqwest::{Client, StatusCode, Url};
use serde_json::Value;
use zeroize::Zeroizing;

use super::assertion::Claims;
use super::authorization::Authorization;
use super::channel::Channel;
use super::exchange::{broke, limited};
use super::watched::Watched;

/// How long it may take.
const WITHIN: Duration = Duration::from_secs(10);
/// The largest answer.
const MAX_BYTES: usize = 16 * 1024;
/// The life of a token that says nothing of it, in seconds.
const LIFETIME: u64 = 60;
/// What may be said in a log of why there is no token (RFC 6749 §5.2); anything else may be what was sent.
const ERRORS: [&str; 6] = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
];

/// A token endpoint, and who we are to it.
pub(crate) struct TokenEndpoint {
    /// How it is reached.
    pub(crate) channel: Channel,
    /// Where it is.
    pub(crate) url: Url,
    /// What the token is for.
    pub(crate) scope: Option<String>,
    /// How this server authenticates.
    pub(crate) client: ClientAuthentication,
    /// `<plugin>/<upstream>`, for the log.
    pub(crate) name: String,
}

/// How this server authenticates to a token endpoint.
pub(crate) enum ClientAuthentication {
    /// `client_secret_basic` (RFC 6749 §2.3.1).
    Secret(Watched<Authorization>),
    /// `private_key_jwt` (RFC 7523 §2.2), by the claims of its assertions.
    Key(Watched<SigningKey>, Claims),
}

/// A token and the seconds it is good for.
pub(crate) struct Issued {
    pub(crate) authorization: Authorization,
    pub(crate) lifetime: u64,
}

/// Why there is none. No word of the other side is in it but a registered one.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Exchange(FetchError),
    #[error("it answered {} {}", status.as_u16(), error.unwrap_or("without a registered error"))]
    Refused { status: StatusCode, error: Option<&'static str> },
    #[error("its answer is not JSON with an access_token of type Bearer")]
    NoToken,
    #[error("the client's assertion was not signed")]
    NotSigned,
}

impl TokenEndpoint {
    /// Asks once. The log gets the reason of a failure; a plugin learns that there was one.
    pub(super) async fn ask(&self, now: u64) -> Result<Issued, FetchError> {
        let outcome = tokio::time::timeout(WITHIN, self.exchange(now)).await;
        match outcome.unwrap_or(Err(Failure::Exchange(FetchError::Timeout))) {
            Ok(issued) => {
                tracing::debug!(upstream = self.name, seconds = issued.lifetime, "egress: an access token");
                Ok(issued)
            }
            Err(failure) => {
                tracing::warn!(upstream = self.name, reason = %failure, "egress: no access token");
                Err(FetchError::Unreachable("no access token was obtained for the upstream".to_owned()))
            }
        }
    }

    async fn exchange(&self, now: u64) -> Result<Issued, Failure> {
        let client = self.channel.client().map_err(Failure::Exchange)?;
        let response = self.request(client, now)?.send().await;
        let response = response.map_err(|error| Failure::Exchange(broke(&error)))?;
        let status = response.status();
        let body = limited(response, MAX_BYTES).await.map_err(Failure::Exchange)?;
        let body = Zeroizing::new(body);
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        if status != StatusCode::OK {
            let said = answer.get("error").and_then(Value::as_str);
            let error = ERRORS.into_iter().find(|error| said == Some(error));
            return Err(Failure::Refused { status, error });
        }
        issued(&answer).ok_or(Failure::NoToken)
    }

    fn request(&self, client: &Client, now: u64) -> Result<reqwest::RequestBuilder, Failure> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = &self.scope {
            form.append_pair("scope", scope);
        }
        let mut request = client.post(self.url.clone());
        match &self.client {
            ClientAuthentication::Secret(secret) => {
                request = request.header(header::AUTHORIZATION, secret.current().header());
            }
            ClientAuthentication::Key(key, claims) => {
                let assertion = claims.signed(&key.current(), now).map_err(|_| Failure::NotSigned)?;
                form.append_pair("client_id", &claims.issuer);
                form.append_pair(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                );
                form.append_pair("client_assertion", &assertion);
            }
        }
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        let json = HeaderValue::from_static("application/json");
        let request = request.header(header::CONTENT_TYPE, form_type).header(header::ACCEPT, json);
        Ok(request.body(form.finish()))
    }
}

/// RFC 6749 §5.1. `expires_in` in quotes is a number to some servers.
fn issued(answer: &Value) -> Option<Issued> {
    let text = |member: &str| answer.get(member).and_then(Value::as_str);
    if !text("token_type")?.eq_ignore_ascii_case("Bearer") {
        return None;
    }
    let authorization = Authorization::bearer(text("access_token")?).ok()?;
    let number = answer.get("expires_in").and_then(Value::as_u64);
    let lifetime = number.or_else(|| text("expires_in")?.parse().ok()).unwrap_or(LIFETIME);
    Some(Issued { authorization, lifetime })
}

/// The value of `client_secret_basic`: both halves are encoded as in a form before they are joined (RFC 6749 §2.3.1).
pub(crate) fn client_secret_basic(client_id: &str, secret: &str) -> Option<Authorization> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let secret = Zeroizing::new(encoded(secret));
    Authorization::basic(&encoded(client_id), &secret).ok()
}

/// What says who we are, for the endpoint's own authentication of us.
pub(crate) fn assertion_claims(client_id: &str, token_url: &str) -> Claims {
    Claims {
        issuer: client_id.to_owned(),
        subject: client_id.to_owned(),
        audience: token_url.to_owned(),
        ttl: LIFETIME,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_taken_as_rfc_6749_says_and_no_other() {
        let token = |answer: Value| issued(&answer).map(|issued| issued.lifetime);
        let good = json!({"access_token": "t", "token_type": "bEARER", "expires_in": 90});
        assert_eq!(token(good), Some(90));
        assert_eq!(token(json!({"access_token": "t", "token_type": "Bearer"})), Some(60));
        assert_eq!(token(json!({"access_token": "t", "token_type": "Bearer", "expires_in": "7"})), Some(7));
        for bad in [
            json!({}),
            json!({"access_token": "t"}),
            json!({"access_token": "t", "token_type": "DPoP"}),
            json!({"access_token": "a b", "token_type": "Bearer"}),
            json!({"access_token": "", "token_type": "Bearer"}),
            json!(["access_token"]),
        ] {
            assert_eq!(token(bad.clone()), None, "{bad}");
        }
    }

    #[test]
    fn a_client_with_a_colon_in_its_name_is_encoded_before_it_is_joined() {
        let value = client_secret_basic("a:b", "c%d +").unwrap();
        let expected = Authorization::basic("a%3Ab", "c%25d+%2B").unwrap();
        assert_eq!(value.header(), expected.header());
    }
}
