//! Step 7: the claims that the person agreed to (OIDC Core §5.3, RFC 9449 §7).

use serde_json::{Map, Value};

use crate::callback::Attempt;
use crate::discovery::Metadata;
use crate::dpop;
use crate::error::{SignInError, json_of};

const STEP: &str = "userinfo endpoint";

/// Asks for the claims, and checks that they are about the person of the `id_token` (OIDC Core §5.3.2).
pub(crate) async fn claims(
    http: &reqwest::Client,
    provider: &Metadata,
    attempt: &Attempt,
    access_token: &str,
    id_token_claims: &Map<String, Value>,
) -> Result<Map<String, Value>, SignInError> {
    let endpoint = &provider.userinfo_endpoint;
    let request = http
        .get(endpoint)
        .header("authorization", format!("DPoP {access_token}"))
        .header("dpop", dpop::proof(&attempt.key, "GET", endpoint, Some(access_token))?);
    let answer = json_of(STEP, request.send().await).await?;
    let Value::Object(claims) = answer else {
        return Err(SignInError::Unreachable { step: STEP, reason: "it is not a JSON object".to_owned() });
    };
    let subject = claims.get("sub").filter(|sub| sub.is_string());
    if subject.is_none() || subject != id_token_claims.get("sub") {
        return Err(SignInError::Untrusted("the claims are about somebody else"));
    }
    Ok(claims)
}
