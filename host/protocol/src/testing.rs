//! Stand-ins for ports that unit tests share.

use std::sync::atomic::{AtomicU64, Ordering};

use esignet_jose::algorithm::Algorithm;
use esignet_jose::signing_key::SigningKey;
use serde_json::json;

use crate::assurance::Assurance;
use crate::authorization_request::{AuthorizationRequest, validation};
use crate::client::{Client, Profile};
use crate::id_systems::IdSystems;
use crate::issue::AccessGrant;
use crate::issue::subject::PairwiseKey;
use crate::policy::{Bounds, Lifetimes, Policy};
use crate::ports::entropy::Entropy;
use crate::ports::plugins::Authenticated;
use crate::word::issuer::Issuer;
use crate::word::parameters::Parameters;

/// Bytes that differ from call to call and are the same in every run.
#[derive(Default)]
pub(crate) struct SeededEntropy(AtomicU64);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let call = self.0.fetch_add(1, Ordering::Relaxed);
        for (at, byte) in bytes.iter_mut().enumerate() {
            let mixed = call
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add(at as u64)
                .wrapping_mul(0xbf58_476d_1ce4_e5b9);
            *byte = mixed.to_be_bytes()[3];
        }
    }
}

/// A client of the `fapi2` profile with one ES256 key.
pub(crate) fn client(key: &SigningKey) -> Client {
    let registration = json!({
        "client_id": "rp",
        "client_name": { "en": "Example Bank", "fr": "Banque Exemple" },
        "relying_party_id": "bank",
        "redirect_uris": ["https://rp.example/cb"],
        "jwks": { "keys": [key.public_jwk().to_value()] },
        "claims": ["name", "email", "birthdate"],
    });
    serde_json::from_value(registration).expect("a valid registration")
}

/// A key for clients and proofs.
pub(crate) fn key() -> SigningKey {
    SigningKey::generate(Algorithm::Es256).expect("a key")
}

/// A person whom the ID system knows, who lacks some claims.
pub(crate) fn person(unavailable: &[&str]) -> Authenticated {
    Authenticated {
        subject: "p".to_owned(),
        partner_specific: false,
        continuation: Vec::new(),
        unavailable_claims: unavailable.iter().map(|claim| (*claim).to_owned()).collect(),
        unverified_claims: Vec::new(),
    }
}

/// Parameters from pairs.
pub(crate) fn parameters(pairs: &[(&str, &str)]) -> Parameters {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(pairs);
    Parameters::parse(body.finish().as_bytes()).expect("well formed")
}

/// What a token of the client `rp` is good for.
pub(crate) fn access_grant() -> AccessGrant {
    serde_json::from_value(json!({
        "grant": "g", "client_id": "rp", "scope": "openid", "confirmation": { "jkt": "t" },
        "login": { "subject": "s", "acr": "a", "amr": ["otp"], "auth_time": 1 },
        "jti": "j", "issued_at": 1, "sealed_claims": "", "expires_at": 301,
    }))
    .expect("a grant")
}

/// The policy of `https://id.example.org`, with nothing loaded.
pub(crate) fn policy() -> Policy {
    Policy {
        issuer: Issuer::parse("https://id.example.org").expect("an issuer"),
        floor: Profile::Interop,
        lifetimes: Lifetimes::default(),
        bounds: Bounds::default(),
        assurance: Assurance::default(),
        id_systems: IdSystems::default(),
        individual_kinds: Vec::new(),
        captcha: None,
        locales: vec!["en".to_owned()],
        pairwise_key: PairwiseKey([9; 32]),
        mutual_tls: None,
        key_binding: None,
        dpop_nonces: None,
    }
}

/// RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// RFC 7636 appendix B.
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A request that is taken, with some parameters changed: `None` leaves one out.
pub(crate) fn request_with(changes: &[(&str, Option<&str>)]) -> Parameters {
    let defaults = [
        ("response_type", "code"),
        ("redirect_uri", "https://rp.example/cb"),
        ("scope", "openid profile"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "af0ifjsldkj"),
        ("nonce", "n-0S6_WzA2Mj"),
    ];
    let kept = defaults.into_iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    let given = changes.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    parameters(&kept.chain(given).collect::<Vec<_>>())
}

/// A validated request.
pub(crate) fn request(changes: &[(&str, Option<&str>)]) -> AuthorizationRequest {
    request_of(&client(&key()), changes)
}

/// A validated request of a client.
pub(crate) fn request_of(client: &Client, changes: &[(&str, Option<&str>)]) -> AuthorizationRequest {
    validation::decide(&request_with(changes), client, None, |_| Ok("hinted".to_owned()))
        .expect("a good request")
}
