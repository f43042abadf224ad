use std::sync::LazyLock;

use base64::Engine as _;
use jsonwebtoken::{DecodingKey, EncodingKey, Validation};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Header, KeyError, SignError, SigningKey};
use crate::algorithm::Algorithm;
use crate::base64url::decode_base64url;
use crate::jwk::{Jwk, JwkError};
use crate::jws::{JwsError, MaxLength, UnverifiedJws, verify_detached};

const LIMIT: MaxLength = MaxLength(8192);

/// One key for each algorithm; RSA keys are slow to make.
static KEYS: LazyLock<[SigningKey; 4]> =
    LazyLock::new(|| Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap()));

fn header_of(compact: &str) -> Value {
    let header = compact.split('.').next().unwrap();
    serde_json::from_slice(&decode_base64url(header).unwrap()).unwrap()
}

fn signature_of(compact: &str) -> Vec<u8> {
    decode_base64url(compact.rsplit('.').next().unwrap()).unwrap()
}

#[test]
fn what_a_key_signs_its_public_half_verifies_and_no_other() {
    let claims = json!({"iss": "https://op", "nested": {"amr": ["otp"]}});
    for key in KEYS.iter() {
        let compact = key.sign_claims("at+jwt", &claims).unwrap();
        let jws = UnverifiedJws::parse(&compact, LIMIT).unwrap();
        assert_eq!(jws.algorithm(), key.algorithm());
        assert_eq!(jws.key_id(), key.public_jwk().kid());
        let verified = jws.verify(key.public_jwk()).unwrap();
        assert_eq!(Value::Object(verified.into_claims()), claims);
        for other in KEYS.iter().filter(|other| other.algorithm() != key.algorithm()) {
            assert!(matches!(jws.verify(other.public_jwk()), Err(JwsError::KeyMismatch)));
        }
    }
}

#[test]
fn the_public_half_is_named_by_its_thumbprint_and_marked_for_signatures() {
    for key in KEYS.iter() {
        let public = key.public_jwk();
        assert_eq!(public.kid(), Some(public.thumbprint()));
        assert_eq!(public.to_value()["use"], "sig");
        assert_eq!(public.to_value()["alg"], key.algorithm().as_str());
        assert_eq!(public.algorithms(), [key.algorithm()]);
        assert!(Jwk::from_value(&public.to_value()).is_ok());
    }
}

#[test]
fn signatures_have_the_fixed_length_of_their_algorithm() {
    for key in KEYS.iter() {
        let expected = match key.algorithm() {
            Algorithm::Es256 | Algorithm::EdDsa => 64,
            Algorithm::Ps256 | Algorithm::Rs256 => 256,
        };
        for _ in 0..8 {
            let compact = key.sign_claims("JWT", &json!({})).unwrap();
            assert_eq!(signature_of(&compact).len(), expected, "{}", key.algorithm());
        }
    }
}

#[test]
fn keys_survive_pkcs8_and_private_jwk() {
    for key in KEYS.iter() {
        let pkcs8 = key.to_pkcs8_der().unwrap();
        let again = SigningKey::from_pkcs8_der(key.algorithm(), &pkcs8).unwrap();
        assert_eq!(again.public_jwk(), key.public_jwk());
        assert_eq!(*again.to_pkcs8_der().unwrap(), *pkcs8);

        let jwk: Value = serde_json::from_str(&key.to_private_jwk().unwrap()).unwrap();
        assert_eq!(Jwk::from_value(&jwk), Err(JwkError::PrivateMember));
        let again = SigningKey::from_private_jwk(&jwk).unwrap();
        assert_eq!(again.algorithm(), key.algorithm());
        assert_eq!(*again.to_pkcs8_der().unwrap(), *pkcs8);
        let compact = again.sign_claims("JWT", &json!({"a": 1})).unwrap();
        assert!(UnverifiedJws::parse(&compact, LIMIT).unwrap().verify(key.public_jwk()).is_ok());
    }
}

#[test]
fn the_private_key_of_rfc_8037_appendix_a_signs_its_published_jws() {
    let key = SigningKey::from_private_jwk(&json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }))
    .unwrap();
    assert_eq!(key.public_jwk().kid(), Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
    // Ed25519 is deterministic; only our header differs from the example's by its `kid`.
    let signing_input = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = jsonwebtoken::signature::Signer::try_sign(&key.0.signer, signing_input).unwrap();
    assert_eq!(
        crate::base64url::encode_base64url(signature),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

#[test]
fn a_private_jwk_keeps_its_kid_and_must_belong_together() {
    let rfc7515 = json!({
        "kty": "EC", "crv": "P-256", "kid": "from-outside", "key_ops": ["sign"],
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    });
    let key = SigningKey::from_private_jwk(&rfc7515).unwrap();
    assert_eq!(key.public_jwk().kid(), Some("from-outside"));

    let mut other = rfc7515.clone();
    other["d"] = json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A");
    assert_eq!(SigningKey::from_private_jwk(&other).err(), Some(KeyError::Inconsistent));
    other["d"] = json!(1);
    assert_eq!(SigningKey::from_private_jwk(&other).err(), Some(KeyError::PrivateMember { member: "d" }));
    let mut public = rfc7515;
    public.as_object_mut().unwrap().remove("d");
    assert_eq!(SigningKey::from_private_jwk(&public).err(), Some(KeyError::PrivateMember { member: "d" }));
}

#[test]
fn a_pem_private_key_reads_for_its_own_algorithm_only() {
    for key in KEYS.iter() {
        let body = base64::engine::general_purpose::STANDARD.encode(key.to_pkcs8_der().unwrap().as_slice());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let again = SigningKey::from_pem(key.algorithm(), pem.as_bytes()).unwrap();
        assert_eq!(again.public_jwk(), key.public_jwk());
        let other = if key.algorithm() == Algorithm::Es256 { Algorithm::EdDsa } else { Algorithm::Es256 };
        assert_eq!(
            SigningKey::from_pem(other, pem.as_bytes()).err(),
            Some(KeyError::NotPem { algorithm: other })
        );
        assert_eq!(
            SigningKey::from_pkcs8_der(other, &key.to_pkcs8_der().unwrap()).err(),
            Some(KeyError::NotPrivateKey { algorithm: other })
        );
    }
}

#[test]
fn the_header_names_the_key_or_carries_its_public_half() {
    let key = &KEYS[0];
    let named = header_of(&key.sign_claims("at+jwt", &json!({})).unwrap());
    assert_eq!(named, json!({"typ": "at+jwt", "alg": "ES256", "kid": key.public_jwk().thumbprint()}));

    let proof = key.sign_claims_embedding_key("dpop+jwt", &json!({"jti": "a"})).unwrap();
    let header = header_of(&proof);
    assert_eq!(header["jwk"], key.public_jwk().to_bare_value());
    assert_eq!(header.get("kid"), None);
    let jws = UnverifiedJws::parse(&proof, LIMIT).unwrap();
    let embedded = Jwk::from_value(jws.jwk_header().unwrap()).unwrap();
    assert_eq!(embedded.thumbprint(), key.public_jwk().thumbprint());
    assert!(jws.verify(&embedded).is_ok());

    let extended = key.sign(&Header::untyped().with("cty", "JWT"), b"{}").unwrap();
    assert_eq!(header_of(&extended)["cty"], "JWT");
    assert_eq!(header_of(&extended).get("typ"), None);
}

#[test]
fn a_header_cannot_overrule_the_key() {
    for member in ["alg", "kid", "typ", "jwk", "crit", "b64", "jku", "x5u"] {
        let header = Header::typed("JWT").with(member, "x");
        assert_eq!(KEYS[0].sign(&header, b"{}"), Err(SignError::ReservedMember { member }));
    }
}

#[test]
fn claims_that_are_no_object_are_not_signed() {
    for claims in [json!([1]), json!("text"), json!(null), json!(1)] {
        assert_eq!(KEYS[0].sign_claims("JWT", &claims), Err(SignError::ClaimsNotObject), "{claims}");
    }
}

#[test]
fn a_detached_signature_holds_for_its_payload_only() {
    let key = &KEYS[0];
    let detached = key.sign_detached(&Header::typed("JOSE"), b"the payload").unwrap();
    assert!(detached.contains(".."));
    let public = key.public_jwk();
    assert_eq!(verify_detached(&detached, b"the payload", public, LIMIT), Ok(()));
    assert_eq!(verify_detached(&detached, b"the payloae", public, LIMIT), Err(JwsError::SignatureWrong));
    assert_eq!(verify_detached(&detached, b"the payload", public, MaxLength(10)), Err(JwsError::TooLong));
    let attached = key.sign(&Header::typed("JOSE"), b"the payload").unwrap();
    assert_eq!(verify_detached(&attached, b"the payload", public, LIMIT), Err(JwsError::NotCompact));
}

#[test]
fn plain_jsonwebtoken_verifies_what_we_sign_and_we_what_it_signs() {
    for key in KEYS.iter() {
        let public = key.public_jwk();
        let library_key: jsonwebtoken::jwk::Jwk = serde_json::from_value(public.to_value()).unwrap();
        let mut validation = Validation::new(key.algorithm().into());
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let compact = key.sign_claims("JWT", &json!({"sub": "a"})).unwrap();
        let read = jsonwebtoken::decode::<Value>(
            &compact,
            &DecodingKey::from_jwk(&library_key).unwrap(),
            &validation,
        )
        .unwrap();
        assert_eq!(read.claims["sub"], "a");

        let pkcs8 = key.to_pkcs8_der().unwrap();
        let body = base64::engine::general_purpose::STANDARD.encode(pkcs8.as_slice());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        let encoding_key = match key.algorithm() {
            Algorithm::Es256 => EncodingKey::from_ec_der(&pkcs8),
            Algorithm::EdDsa => EncodingKey::from_ed_der(&pkcs8),
            Algorithm::Ps256 | Algorithm::Rs256 => EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
        };
        let header = jsonwebtoken::Header::new(key.algorithm().into());
        let compact = jsonwebtoken::encode(&header, &json!({"sub": "b"}), &encoding_key).unwrap();
        let verified = UnverifiedJws::parse(&compact, LIMIT).unwrap().verify(public).unwrap();
        assert_eq!(verified.claims()["sub"], "b");
    }
}

#[test]
fn a_key_is_never_printed() {
    assert_eq!(format!("{:?}", KEYS[0]), "SigningKey { algorithm: Es256, .. }");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_payload_survives_signing(payload in proptest::collection::vec(any::<u8>(), 0..200), which in 0_usize..4) {
        let key = &KEYS[which];
        let compact = key.sign(&Header::typed("JOSE"), &payload).unwrap();
        let jws = UnverifiedJws::parse(&compact, LIMIT).unwrap();
        prop_assert_eq!(jws.verify_octets(key.public_jwk()).unwrap(), payload.as_slice());
    }

    #[test]
    fn a_changed_octet_anywhere_is_refused(at in any::<prop::sample::Index>(), by in 1_u8..128, which in 0_usize..2) {
        let key = &KEYS[which * 2];
        let compact = key.sign_claims("JWT", &json!({"iss": "https://rp", "exp": 1_700_000_000})).unwrap();
        let mut octets = compact.into_bytes();
        let at = at.index(octets.len());
        octets[at] = (octets[at] + by) % 128;
        let changed = String::from_utf8(octets).unwrap();
        let outcome = UnverifiedJws::parse(&changed, LIMIT).and_then(|jws| jws.verify(key.public_jwk()));
        prop_assert!(outcome.is_err());
    }
}
