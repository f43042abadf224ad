//! Step 2: what we want goes to the provider server to server, so that nobody can read or change it on its way through
//! the browser (RFC 9126).

use form_urlencoded::Serializer;
use serde_json::{Value, json};

use crate::callback::Attempt;
use crate::discovery::Metadata;
use crate::error::{SignInError, json_of};
use crate::sign_in::Client;
use crate::{client_assertion, dpop};

const STEP: &str = "pushed authorization request";

/// A claim we ask for, and what a person is told about it.
pub(crate) struct AskedClaim {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) essential: bool,
}

/// Everything we ask for. Ask for less and people will trust you more.
pub(crate) const ASKED: [AskedClaim; 4] = [
    AskedClaim { name: "name", label: "Name", reason: "to greet you", essential: true },
    AskedClaim { name: "email", label: "Email address", reason: "to send you a receipt", essential: false },
    AskedClaim {
        name: "birthdate",
        label: "Date of birth",
        reason: "to offer what fits your age",
        essential: false,
    },
    AskedClaim { name: "phone_number", label: "Phone number", reason: "to call you back", essential: false },
];

/// The `claims` parameter (OIDC Core §5.5). A claim that is not essential stands there as `null`.
fn claims() -> Value {
    let asked = |claim: &AskedClaim| {
        if claim.essential { json!({ "essential": true }) } else { Value::Null }
    };
    let userinfo: serde_json::Map<_, _> =
        ASKED.iter().map(|claim| (claim.name.to_owned(), asked(claim))).collect();
    json!({ "userinfo": userinfo })
}

/// Pushes the request and returns the URL to send the browser to.
pub(crate) async fn push(
    client: &Client,
    provider: &Metadata,
    attempt: &Attempt,
) -> Result<String, SignInError> {
    let endpoint = &provider.pushed_authorization_request_endpoint;
    let body = Serializer::new(String::new())
        .append_pair("client_id", &client.id)
        .append_pair("client_assertion_type", client_assertion::TYPE)
        .append_pair(
            "client_assertion",
            &client_assertion::assertion(&client.key, &client.id, &provider.issuer)?,
        )
        .append_pair("response_type", "code")
        .append_pair("redirect_uri", &client.redirect_uri)
        .append_pair("scope", "openid profile email")
        .append_pair("state", &attempt.state)
        .append_pair("nonce", &attempt.nonce)
        .append_pair("code_challenge", &attempt.code_challenge())
        .append_pair("code_challenge_method", "S256")
        .append_pair("claims", &claims().to_string())
        .finish();
    // With a proof here the code itself is bound to our key: nobody else can redeem it (RFC 9449 §10.1).
    let request = client
        .http
        .post(endpoint)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("dpop", dpop::proof(&attempt.key, "POST", endpoint, None)?)
        .body(body);
    let answer = json_of(STEP, request.send().await).await?;
    let request_uri = answer.get("request_uri").and_then(Value::as_str);
    let missing =
        || SignInError::Unreachable { step: STEP, reason: "there is no request_uri in it".to_owned() };
    let query = Serializer::new(String::new())
        .append_pair("client_id", &client.id)
        .append_pair("request_uri", request_uri.ok_or_else(missing)?)
        .finish();
    let joint = if provider.authorization_endpoint.contains('?') { '&' } else { '?' };
    Ok(format!("{}{joint}{query}", provider.authorization_endpoint))
}
