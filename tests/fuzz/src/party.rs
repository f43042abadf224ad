//! Who takes part: one client with one key, and the hour. All fixed, so that an input does the same every time.

use std::sync::LazyLock;

use esignet_jose::SigningKey;
use esignet_protocol::assurance::Assurance;
use esignet_protocol::client::{Client, Profile};
use esignet_protocol::id_systems::IdSystems;
use esignet_protocol::issue::subject::PairwiseKey;
use esignet_protocol::policy::{Bounds, Lifetimes, Policy};
use esignet_protocol::word::issuer::Issuer;
use esignet_protocol::word::time::Timestamp;
use serde_json::{Value, json};

/// When everything happens.
pub(crate) const NOW: Timestamp = Timestamp(1_700_000_000);

/// The name of the client.
pub(crate) const CLIENT_ID: &str = "rp";

/// The private key of RFC 7515 §A.3.
pub(crate) static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    SigningKey::from_private_jwk(&json!({
        "kty": "EC", "crv": "P-256", "kid": "rp-1", "alg": "ES256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    }))
    .expect("the key of the RFC")
});

/// The one client.
pub(crate) static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    serde_json::from_value(json!({
        "client_id": CLIENT_ID,
        "client_name": { "en": "Example Bank" },
        "relying_party_id": "bank",
        "redirect_uris": ["https://rp.example/cb"],
        "jwks": { "keys": [KEY.public_jwk().to_value()] },
        "claims": ["name", "email", "birthdate"],
    }))
    .expect("a registration")
});

/// The policy of the server.
pub(crate) static POLICY: LazyLock<Policy> = LazyLock::new(|| Policy {
    issuer: Issuer::parse("https://op.example").expect("an issuer"),
    floor: Profile::Fapi2,
    lifetimes: Lifetimes::default(),
    bounds: Bounds::default(),
    assurance: Assurance::default(),
    id_systems: IdSystems::default(),
    individual_kinds: Vec::new(),
    captcha: None,
    locales: vec!["en".to_owned()],
    mutual_tls: None,
    key_binding: None,
    pairwise_key: PairwiseKey([9; 32]),
    dpop_nonces: None,
});

/// The bytes as text, which is what a header or a parameter is by the time it is parsed.
pub(crate) fn text(input: &[u8]) -> Option<&str> {
    std::str::from_utf8(input).ok()
}

/// The first byte as a choice among ways to use the rest.
pub(crate) fn choice(input: &[u8]) -> Option<(bool, &[u8])> {
    input.split_first().map(|(first, rest)| (first % 2 == 0, rest))
}

/// The members of a JSON object.
pub(crate) fn members(payload: &[u8]) -> Value {
    serde_json::from_slice(payload).expect("what was verified is JSON")
}
