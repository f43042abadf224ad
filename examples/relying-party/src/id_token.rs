//! Step 6: is the `id_token` from our provider, for us, for this attempt, and still good (OIDC Core §3.1.3.7)?

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

use crate::callback::Attempt;
use crate::discovery::Metadata;
use crate::error::{SignInError, json_of};
use crate::token::Tokens;

/// Signatures we trust (FAPI 2.0 Security Profile §5.4.1). The list is ours: what the token says of itself only chooses.
const ALGORITHMS: [Algorithm; 3] = [Algorithm::ES256, Algorithm::PS256, Algorithm::EdDSA];
/// How far the provider's clock and ours may be apart, in seconds.
const LEEWAY: u64 = 10;

/// An `id_token` that passed all checks.
pub(crate) struct IdToken {
    pub(crate) algorithm: String,
    pub(crate) kid: String,
    pub(crate) claims: Map<String, Value>,
}

/// The provider's public keys.
pub(crate) async fn provider_keys(
    http: &reqwest::Client,
    provider: &Metadata,
) -> Result<JwkSet, SignInError> {
    const STEP: &str = "provider's keys";
    let document = json_of(STEP, http.get(&provider.jwks_uri).send().await).await?;
    serde_json::from_value(document)
        .map_err(|error| SignInError::Unreachable { step: STEP, reason: error.to_string() })
}

/// Verifies the `id_token` that came with an access token.
pub(crate) fn verify(
    tokens: &Tokens,
    keys: &JwkSet,
    issuer: &str,
    client_id: &str,
    attempt: &Attempt,
) -> Result<IdToken, SignInError> {
    let header =
        decode_header(&tokens.id_token).map_err(|_| SignInError::Untrusted("the id_token is not a JWT"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(SignInError::Untrusted("the id_token is signed with an algorithm we do not trust"));
    }
    let kid = header.kid.unwrap_or_default();
    let jwk = keys
        .find(&kid)
        .ok_or(SignInError::Untrusted("the id_token names a key the provider does not publish"))?;
    let key = DecodingKey::from_jwk(jwk)
        .map_err(|_| SignInError::Untrusted("the provider's key cannot be used"))?;

    let mut rules = Validation::new(header.alg);
    rules.leeway = LEEWAY;
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[client_id]);
    rules.set_required_spec_claims(&["iss", "sub", "aud", "exp"]);
    let claims: Map<String, Value> = decode(&tokens.id_token, &key, &rules)
        .map_err(|_| {
            SignInError::Untrusted("the id_token's signature, issuer, audience or expiry is not right")
        })?
        .claims;

    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("nonce") != Some(attempt.nonce.as_str()) {
        return Err(SignInError::Untrusted("the id_token's nonce is not that of this sign-in"));
    }
    // Optional by OIDC Core §3.1.3.6; where it is, the two tokens must belong together.
    if let Some(at_hash) = text("at_hash")
        && at_hash != access_token_hash(header.alg, &tokens.access_token)
    {
        return Err(SignInError::Untrusted("the id_token and the access token do not belong together"));
    }
    Ok(IdToken { algorithm: format!("{:?}", header.alg), kid, claims })
}

/// The left half of the access token's digest; which digest is a matter of the signature's algorithm.
fn access_token_hash(algorithm: Algorithm, access_token: &str) -> String {
    let digest =
        if algorithm == Algorithm::EdDSA { &aws_lc_rs::digest::SHA512 } else { &aws_lc_rs::digest::SHA256 };
    let hash = aws_lc_rs::digest::digest(digest, access_token.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    URL_SAFE_NO_PAD.encode(left)
}
