//! Step 5: the code becomes tokens that only our key can use (RFC 6749 §4.1.3, RFC 9449 §5).

use form_urlencoded::Serializer;
use serde::Deserialize;

use crate::callback::Attempt;
use crate::discovery::Metadata;
use crate::error::{SignInError, json_of};
use crate::sign_in::Client;
use crate::{client_assertion, dpop};

const STEP: &str = "token endpoint";

/// What comes back.
#[derive(Deserialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) token_type: String,
    pub(crate) id_token: String,
    pub(crate) expires_in: u64,
}

/// Redeems the code.
pub(crate) async fn redeem(
    client: &Client,
    provider: &Metadata,
    attempt: &Attempt,
    code: &str,
) -> Result<Tokens, SignInError> {
    let endpoint = &provider.token_endpoint;
    let body = Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &client.redirect_uri)
        .append_pair("code_verifier", &attempt.code_verifier)
        .append_pair("client_id", &client.id)
        .append_pair("client_assertion_type", client_assertion::TYPE)
        .append_pair(
            "client_assertion",
            &client_assertion::assertion(&client.key, &client.id, &provider.issuer)?,
        )
        .finish();
    let request = client
        .http
        .post(endpoint)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("dpop", dpop::proof(&attempt.key, "POST", endpoint, None)?)
        .body(body);
    let answer = json_of(STEP, request.send().await).await?;
    let tokens: Tokens = serde_json::from_value(answer)
        .map_err(|error| SignInError::Unreachable { step: STEP, reason: error.to_string() })?;
    // A token that is not bound to our key is worth less than what we asked for, so it is none (RFC 9449 §5).
    if !tokens.token_type.eq_ignore_ascii_case("DPoP") {
        return Err(SignInError::Untrusted("the access token is not bound to our key"));
    }
    Ok(tokens)
}
