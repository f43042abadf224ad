use serde_json::{Value, json};

use super::{JwsError, MaxLength, UnverifiedJws};
use crate::algorithm::Algorithm;
use crate::base64url::encode_base64url;
use crate::jwk::{Jwk, JwkSet};
use crate::signing_key::{Header, SigningKey};

const LIMIT: MaxLength = MaxLength(8192);

const RFC7515_PAYLOAD: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const RFC7515_ES256_SIGNATURE: &str =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

fn rfc7515_p256() -> Jwk {
    Jwk::from_value(&json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }))
    .unwrap()
}

fn key() -> SigningKey {
    SigningKey::generate(Algorithm::EdDsa).unwrap()
}

/// A JWS with any header and payload, rightly signed by the key.
fn signed(key: &SigningKey, header: &str, payload: &str) -> String {
    let input = format!("{}.{}", encode_base64url(header), encode_base64url(payload));
    let pkcs8 = key.to_pkcs8_der().unwrap();
    let signature = jsonwebtoken::crypto::sign(
        input.as_bytes(),
        &jsonwebtoken::EncodingKey::from_ed_der(&pkcs8),
        jsonwebtoken::Algorithm::EdDSA,
    )
    .unwrap();
    format!("{input}.{signature}")
}

fn outcome(key: &SigningKey, header: &str, payload: &str) -> Result<Value, JwsError> {
    let compact = signed(key, header, payload);
    let verified = UnverifiedJws::parse(&compact, LIMIT)?.verify(key.public_jwk())?;
    Ok(Value::Object(verified.into_claims()))
}

fn parse_refusal(compact: &str) -> JwsError {
    UnverifiedJws::parse(compact, LIMIT).err().expect("the JWS is refused")
}

#[test]
fn the_es256_example_of_rfc_7515_appendix_a_3_verifies() {
    let compact = format!("eyJhbGciOiJFUzI1NiJ9.{RFC7515_PAYLOAD}.{RFC7515_ES256_SIGNATURE}");
    let verified = UnverifiedJws::parse(&compact, LIMIT).unwrap().verify(&rfc7515_p256()).unwrap();
    assert_eq!(verified.claims()["iss"], "joe");
    assert_eq!(verified.claims()["exp"], 1_300_819_380);
}

#[test]
fn the_rs256_example_of_rfc_7515_appendix_a_2_verifies() {
    let key = Jwk::from_value(&json!({
        "kty": "RSA", "e": "AQAB",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    }))
    .unwrap();
    let signature = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let compact = format!("eyJhbGciOiJSUzI1NiJ9.{RFC7515_PAYLOAD}.{signature}");
    let jws = UnverifiedJws::parse(&compact, LIMIT).unwrap();
    assert_eq!(jws.verify(&key).unwrap().claims()["iss"], "joe");
    // The same key, once its owner has said PS256, is not for this token.
    let narrowed = key.with_alg(Algorithm::Ps256).unwrap();
    assert!(matches!(jws.verify(&narrowed), Err(JwsError::KeyMismatch)));
}

#[test]
fn the_ed25519_example_of_rfc_8037_appendix_a_4_verifies() {
    let key = Jwk::from_value(&json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }))
    .unwrap();
    let compact = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
    let jws = UnverifiedJws::parse(compact, LIMIT).unwrap();
    assert_eq!(jws.verify_octets(&key), Ok(&b"Example of Ed25519 signing"[..]));
    assert!(matches!(jws.verify(&key), Err(JwsError::PayloadNotJson)));
}

#[test]
fn ps256_verifies_with_a_salt_as_long_as_the_digest_and_no_other() {
    // Signed by OpenSSL, with a salt of 32 and of 20 octets (RFC 7518 §3.5 asks for 32).
    let key = Jwk::from_value(&json!({
        "kty": "RSA", "e": "AQAB",
        "n": "qMTmxKpuNdO71ET8keZ1FYzKV_bNYnqkOyEUCE1KNr6AWPSTKM0K5R13zposoaIVWdqczYMrlGJ7buvdQpP-17P0E0_ssjroUrT-vHulSltKiBkuPU-7fIrt_kK7ZeuycAGBDIRWBAPy4oG1PqFqp2mkDFiTOP-fXUFJizItL3wIY5mn7cRtC5vd0I6SVpuZapP1AXBg_iY2LoqkyoWROXhTd-AnNJcpiYNif4uLgEyU8ZkotqYcg8y6JcyRDFrmMjc5zkRFFsjNoZMYB6H_Upbv6puQd6Dm9gv8zjnT7isvnFRj-weS4Ix2PzKxsHQ15PMarOmIxBio-BC0pTF2ew",
    }))
    .unwrap();
    let full = "eyJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJvcGVuc3NsIn0.mqR8KrCs2jsUa6rCBUFGLSaiU0VnVOpMijHJyXDDa682y0Xk6uowDILPoIiklpiAlK5wAE3UbUnEv3p3JcxvBT2rQHWbzY7eAyKjLy-AYTZNGbLZA1XV4GukvwbA2KtoNJ9pG1m_O1BW2uXyoDb_kNX1qk3V5Uj6qkrd_lbeIa8rUK0GUh_s7ajdn4PzPfHnI2y28XCHDoghWPwsc_4psgiAjF40EbEQ1XOE-V3vy935As7jyHH7-IajqmBlhkhtSMIdsjLHUbIJZTI2WaPF_XBNOTwFpG3dvoYAWNyRIUbz6m2gzZzCXjVy7oIg0bnSv5LtjhKU3kdMdSwQCc81TQ";
    let short = "eyJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJvcGVuc3NsIn0.e4tbr6Id1RlCwqXcchiDTnpEKOrpYN1z72UDMLW7yGnBolnBUZqIdnouDpu866EowlcoJLEE3bL68XQXO2w7S8qe9y3TwLVQXCYq98aqPwwsEGA6YjkZ4b1LY756cxMVf0Qy8e2sNTmiew1YHMv__FIxnZsv3qRPN21Ll1oxiq_ug-FriXCrm1TYsI9WyX3PhhyeCW0bGJHpa2beL9x95zv51a-LPcNPs0Av2aQUiPs6DI1PyFxhG5RGvyj0nsDcimczgoLQbNvariZ-Ot8CCUknoYieUBcRBbVahZN4sAyMuvjSqnPyougllOzTd6b3M4b-oMGTrhpeKc6O4BV9hQ";
    assert_eq!(UnverifiedJws::parse(full, LIMIT).unwrap().verify(&key).unwrap().claims()["iss"], "openssl");
    assert!(matches!(
        UnverifiedJws::parse(short, LIMIT).unwrap().verify(&key),
        Err(JwsError::SignatureWrong)
    ));
}

#[test]
fn the_dpop_proof_of_rfc_9449_section_4_1_verifies_with_its_embedded_key() {
    let compact = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let jws = UnverifiedJws::parse(compact, LIMIT).unwrap();
    assert!(jws.is_typed("dpop+jwt"));
    let key = Jwk::from_value(jws.jwk_header().unwrap()).unwrap();
    // The `jkt` of RFC 9449 §6.1.
    assert_eq!(key.thumbprint(), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    let verified = jws.verify(&key).unwrap();
    assert_eq!(verified.claims()["htu"], "https://server.example.com/token");
    assert_eq!(verified.claims()["jti"], "-BwC3ESc6acc2lTc");
}

#[test]
fn an_ecdsa_signature_in_der_or_of_another_length_is_refused() {
    let signature = crate::base64url::decode_base64url(RFC7515_ES256_SIGNATURE).unwrap();
    let mut der = vec![0x30, 0x45, 0x02, 0x20];
    der.extend(&signature[..32]);
    der.extend([0x02, 0x21, 0x00]);
    der.extend(&signature[32..]);
    for wrong in [der, signature[..63].to_vec(), [&signature[..], &[0]].concat(), vec![0; 64]] {
        let compact = format!("eyJhbGciOiJFUzI1NiJ9.{RFC7515_PAYLOAD}.{}", encode_base64url(&wrong));
        let jws = UnverifiedJws::parse(&compact, LIMIT).unwrap();
        assert!(matches!(jws.verify(&rfc7515_p256()), Err(JwsError::SignatureWrong)), "{}", wrong.len());
    }
}

#[test]
fn none_and_symmetric_algorithms_end_at_the_gate() {
    // With HS256 an attacker would use the RSA public key as the secret; no such algorithm exists here.
    for alg in ["none", "None", "nOnE", "HS256", "HS384", "HS512", "ES384", "dir", ""] {
        let header = encode_base64url(json!({ "alg": alg }).to_string());
        let compact = format!("{header}.{RFC7515_PAYLOAD}.AAAA");
        assert_eq!(parse_refusal(&compact), JwsError::AlgorithmNotAllowed, "{alg}");
    }
    for header in [r"{}", r#"{"alg":null}"#, r#"{"alg":["ES256"]}"#, r#"{"ALG":"ES256"}"#] {
        let compact = format!("{}.{RFC7515_PAYLOAD}.AAAA", encode_base64url(header));
        assert_eq!(parse_refusal(&compact), JwsError::AlgorithmNotAllowed, "{header}");
    }
    let unsigned = format!("{}.{RFC7515_PAYLOAD}.", encode_base64url(r#"{"alg":"none"}"#));
    assert_eq!(parse_refusal(&unsigned), JwsError::NotCompact);
}

#[test]
fn an_rs256_token_does_not_verify_as_ps256_nor_the_other_way() {
    let key = SigningKey::generate(Algorithm::Rs256).unwrap();
    let mut public = key.public_jwk().to_value();
    public.as_object_mut().unwrap().remove("alg");
    let either = Jwk::from_value(&public).unwrap();
    let compact = key.sign_claims("JWT", &json!({})).unwrap();
    let (_, rest) = compact.split_once('.').unwrap();
    let relabelled = format!("{}.{rest}", encode_base64url(r#"{"alg":"PS256"}"#));
    assert!(UnverifiedJws::parse(&compact, LIMIT).unwrap().verify(&either).is_ok());
    let jws = UnverifiedJws::parse(&relabelled, LIMIT).unwrap();
    assert!(matches!(jws.verify(&either), Err(JwsError::SignatureWrong)));
}

#[test]
fn a_rightly_signed_token_with_crit_or_b64_is_refused() {
    let key = key();
    let cases = [
        (r#"{"alg":"EdDSA","crit":["exp"],"exp":1}"#, JwsError::UnknownCritical),
        (r#"{"alg":"EdDSA","crit":[]}"#, JwsError::UnknownCritical),
        (r#"{"alg":"EdDSA","crit":null}"#, JwsError::UnknownCritical),
        (r#"{"alg":"EdDSA","crit":["b64"],"b64":false}"#, JwsError::UnencodedPayload),
        (r#"{"alg":"EdDSA","b64":true}"#, JwsError::UnencodedPayload),
    ];
    for (header, refusal) in cases {
        assert_eq!(outcome(&key, header, "{}"), Err(refusal), "{header}");
    }
    assert_eq!(outcome(&key, r#"{"alg":"EdDSA","unknown":1}"#, "{}"), Ok(json!({})));
}

#[test]
fn a_member_that_stands_twice_in_a_rightly_signed_token_is_refused() {
    let key = key();
    let plain = r#"{"alg":"EdDSA"}"#;
    assert_eq!(outcome(&key, r#"{"alg":"EdDSA","alg":"EdDSA"}"#, "{}"), Err(JwsError::DuplicateMember));
    assert_eq!(
        outcome(&key, r#"{"alg":"EdDSA","kid":"a","\u006bid":"b"}"#, "{}"),
        Err(JwsError::DuplicateMember)
    );
    assert_eq!(outcome(&key, plain, r#"{"sub":"a","sub":"b"}"#), Err(JwsError::DuplicateMember));
    assert_eq!(outcome(&key, plain, r#"{"cnf":{"jkt":"a","jkt":"b"}}"#), Err(JwsError::DuplicateMember));
}

#[test]
fn a_payload_that_is_no_shallow_object_is_refused_after_the_signature() {
    let key = key();
    let header = r#"{"alg":"EdDSA"}"#;
    for payload in ["", "[]", "null", "\"text\"", "{", "{} ,", r#"{"exp":1e400}"#] {
        assert_eq!(outcome(&key, header, payload), Err(JwsError::PayloadNotJson), "{payload}");
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(8), "]".repeat(8));
    assert_eq!(outcome(&key, header, &deep), Err(JwsError::TooDeep));
    let stranger = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let compact = signed(&key, header, "[]");
    let jws = UnverifiedJws::parse(&compact, LIMIT).unwrap();
    assert!(matches!(jws.verify(stranger.public_jwk()), Err(JwsError::SignatureWrong)));
}

#[test]
fn a_token_of_another_shape_is_refused() {
    let compact = key().sign_claims("JWT", &json!({})).unwrap();
    let header = encode_base64url(r#"{"alg":"EdDSA"}"#);
    for shape in ["", ".", "..", "a", "a.b", ".a.b", "a.b.", "a.b.c.d", "a.b.c.d.e", "a..b.c"] {
        assert_eq!(parse_refusal(shape), JwsError::NotCompact, "{shape}");
    }
    assert_eq!(parse_refusal(&format!("{compact}.AAAA")), JwsError::NotCompact);
    for header in ["", "[]", "null", "{", "{}{}"] {
        let compact = format!("{}.e30.AAAA", encode_base64url(header));
        let expected = if header.is_empty() { JwsError::NotCompact } else { JwsError::HeaderNotJson };
        assert_eq!(parse_refusal(&compact), expected, "{header}");
    }
    for (member, value) in [("kid", json!(1)), ("typ", json!(null)), ("jwk", json!("key"))] {
        let mut header = json!({"alg": "EdDSA"});
        header[member] = value;
        let compact = format!("{}.e30.AAAA", encode_base64url(header.to_string()));
        assert_eq!(parse_refusal(&compact), JwsError::HeaderMemberType { member });
    }
    assert_eq!(parse_refusal(&format!("{header}=.e30.AAAA")), JwsError::BadBase64);
    assert_eq!(parse_refusal(&format!("{header}.e3 0.AAAA")), JwsError::BadBase64);
    assert_eq!(parse_refusal(&format!("{header}.e30.AA+/")), JwsError::BadBase64);
}

#[test]
fn slack_bits_do_not_give_a_token_a_second_spelling() {
    let key = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let compact = key.sign_claims("JWT", &json!({"jti": "once"})).unwrap();
    // 64 octets end in a character that carries four unused bits: A, Q, g or w.
    let (body, last) = compact.split_at(compact.len() - 1);
    let second = match last {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    assert_eq!(parse_refusal(&format!("{body}{second}")), JwsError::BadBase64);
}

#[test]
fn a_token_longer_than_the_context_allows_is_refused_before_anything_else() {
    let compact = key().sign_claims("JWT", &json!({})).unwrap();
    assert!(UnverifiedJws::parse(&compact, MaxLength(compact.len())).is_ok());
    let refusal = UnverifiedJws::parse(&compact, MaxLength(compact.len() - 1)).err();
    assert_eq!(refusal, Some(JwsError::TooLong));
    assert_eq!(UnverifiedJws::parse("\u{0}", MaxLength(0)).err(), Some(JwsError::TooLong));
}

#[test]
fn an_embedded_key_counts_for_nothing_unless_the_caller_asks_for_it() {
    let [owner, attacker] = [key(), key()];
    let forged = attacker.sign_claims_embedding_key("JWT", &json!({"sub": "owner"})).unwrap();
    let jws = UnverifiedJws::parse(&forged, LIMIT).unwrap();
    assert!(matches!(jws.verify(owner.public_jwk()), Err(JwsError::SignatureWrong)));
    let keys = JwkSet::new(vec![owner.public_jwk().clone()]);
    let found = jws.verify_any(keys.find(jws.key_id(), jws.algorithm()));
    assert!(matches!(found, Err(JwsError::SignatureWrong)));
    assert!(jws.verify(&Jwk::from_value(jws.jwk_header().unwrap()).unwrap()).is_ok());
}

#[test]
fn among_several_keys_the_right_one_is_found_and_without_one_the_refusal_says_so() {
    let [old, new, stranger] = [key(), key(), key()];
    let other_type = rfc7515_p256();
    let compact = new.sign(&Header::typed("JWT"), b"{\"a\":1}").unwrap();
    let jws = UnverifiedJws::parse(&compact, LIMIT).unwrap();
    let all = [&other_type, old.public_jwk(), new.public_jwk()];
    assert_eq!(jws.verify_any(all).unwrap().claims()["a"], 1);
    let refusal = |keys: &[&Jwk]| jws.verify_any(keys.iter().copied()).err();
    assert_eq!(refusal(&[old.public_jwk(), stranger.public_jwk()]), Some(JwsError::SignatureWrong));
    assert_eq!(refusal(&[&other_type]), Some(JwsError::KeyMismatch));
    assert_eq!(refusal(&[old.public_jwk(), &other_type]), Some(JwsError::SignatureWrong));
    assert_eq!(refusal(&[]), Some(JwsError::KeyMismatch));
}

#[test]
fn a_type_is_compared_as_a_media_type() {
    let key = key();
    for (typ, matches) in [
        ("dpop+jwt", true),
        ("DPoP+JWT", true),
        ("application/dpop+jwt", true),
        ("Application/DPOP+jwt", true),
        ("application/application/dpop+jwt", false),
        ("text/dpop+jwt", false),
        ("dpop+jwt ", false),
        ("at+jwt", false),
        ("é", false),
        ("", false),
    ] {
        let compact = key.sign_claims(typ, &json!({})).unwrap();
        let jws = UnverifiedJws::parse(&compact, LIMIT).unwrap();
        assert_eq!(jws.is_typed("dpop+jwt"), matches, "{typ}");
    }
    let untyped = key.sign(&Header::untyped(), b"{}").unwrap();
    assert!(!UnverifiedJws::parse(&untyped, LIMIT).unwrap().is_typed("JWT"));
}

#[test]
fn unverified_claims_are_read_as_strictly_as_verified_ones() {
    let compact = key().sign_claims("JWT", &json!({"iss": "https://rp"})).unwrap();
    let jws = UnverifiedJws::parse(&compact, LIMIT).unwrap();
    assert_eq!(jws.unverified_payload(), br#"{"iss":"https://rp"}"#);
    assert_eq!(jws.unverified_claims().unwrap()["iss"], "https://rp");
    let twice = signed(&key(), r#"{"alg":"EdDSA"}"#, r#"{"iss":"a","iss":"b"}"#);
    let jws = UnverifiedJws::parse(&twice, LIMIT).unwrap();
    assert_eq!(jws.unverified_claims(), Err(JwsError::DuplicateMember));
}

#[test]
fn no_refusal_repeats_what_was_sent() {
    let sent = "sent-by-somebody";
    let header = encode_base64url(json!({"alg": sent, "kid": sent}).to_string());
    let error = parse_refusal(&format!("{header}.e30.AAAA"));
    assert!(!format!("{error} {error:?}").contains(sent));
}
