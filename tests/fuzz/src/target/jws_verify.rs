//! A compact JWS that somebody sends (RFC 7515).

use std::sync::LazyLock;

use esignet_jose::jws::MaxLength;
use esignet_jose::signing_key::Header;
use esignet_jose::{Algorithm, SigningKey, UnverifiedJws};

use crate::party::{KEY, choice, text};

const LIMIT: usize = 16 * 1024;

/// A key that is younger than every input.
static UNSEEN: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(Algorithm::Es256).expect("a key"));

/// As a text, nothing verifies with a key that nobody has used; as a payload, what was signed comes back.
pub(crate) fn run(input: &[u8]) {
    let Some((raw, rest)) = choice(input) else { return };
    if raw {
        let Some(compact) = text(rest) else { return };
        let Ok(jws) = UnverifiedJws::parse(compact, MaxLength(LIMIT)) else { return };
        assert!(compact.len() <= LIMIT, "the bound comes first");
        assert!(jws.verify(UNSEEN.public_jwk()).is_err(), "a forged signature");
        let _ = jws.verify(KEY.public_jwk());
        let _ = (jws.unverified_claims(), jws.is_typed("JWT"), jws.key_id());
        return;
    }
    let compact = KEY.sign(&Header::typed("JWT"), rest).expect("the key signs");
    let jws = UnverifiedJws::parse(&compact, MaxLength(usize::MAX)).expect("our own");
    assert_eq!(jws.verify_octets(KEY.public_jwk()), Ok(rest));
    if let Ok(verified) = jws.verify(KEY.public_jwk()) {
        let claims = serde_json::to_vec(verified.claims()).expect("JSON");
        let compact = KEY.sign(&Header::typed("JWT"), &claims).expect("the key signs");
        let again = UnverifiedJws::parse(&compact, MaxLength(usize::MAX)).expect("our own");
        let again = again.verify(KEY.public_jwk()).expect("our own");
        assert!(again.claims() == verified.claims(), "claims that read differently when written again");
    }
}
